"""Examinations as facts: reports with their images or waveforms, and images without a report."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from gateway.recognition import reading
from gateway.recognition.books import Book
from gateway.recognition.catalogue.model import Code, Item
from gateway.recognition.decide.model import Anchor, Fact
from gateway.recognition.gather.critical import OwnTable
from gateway.recognition.gather.index import Index
from gateway.recognition.gather.laboratory import versioned
from gateway.store.stored import Stored
from mappers.names import MDC

LATEST: Final = 40
"""How many of somebody's newest reports are looked through by words."""
STUDIES: Final = 20
WAVEFORM: Final = Code(MDC, "131328")
ECG: Final = "ecg"
SEEN: Final = frozenset({"imaging", "ecg", "pathology", "function"})
"""Categories whose results are reports, not measurements."""


class Read(msgspec.Struct, frozen=True):
    """A report or a study as it was read, and the one item that it is of, "" for none."""

    said: reading.Reported | reading.Imaged
    item: str


Met = tuple[str, Stored, Read]


class Examinations:
    """The examinations of a link set, by one version of the catalogue."""

    def __init__(self, index: Index, book: Book, table: OwnTable) -> None:
        self._index = index
        self._table = table
        self._book = book
        self._by = index.number(book)

    def facts(self, items: Iterable[Item]) -> dict[str, tuple[Fact, ...]]:
        """Return what there is of each item, by its code."""
        wanted = {item.code: item for item in items}
        if not wanted:
            return {}
        studies = list(self._studies())
        waveforms = self._waveforms(wanted.values())
        found: dict[str, list[Fact]] = {code: [] for code in wanted}
        used: set[int] = set()
        for met in self._reports(wanted.values()):
            its = _fitting(met, [study for study in studies if _joined(met, study)])
            item = met[2].item or next((one[2].item for one in its if one[2].item), "")
            used |= {study[1].row for study in its}
            if item in found:
                found[item].append(self._fact(met, item, its, waveforms))
        for study in studies:
            if study[1].row not in used and study[2].item in found:
                found[study[2].item].append(self._images(study))
        return self._marked(found)

    def _marked(self, found: Mapping[str, Sequence[Fact]]) -> dict[str, tuple[Fact, ...]]:
        """Return the facts with the marks of reports and studies."""
        names = [one.name for facts in found.values() for one in facts]
        marks = self._index.marks(names)
        return {
            code: tuple(
                msgspec.structs.replace(one, mark=marks.get((one.name, code))) for one in facts
            )
            for code, facts in found.items()
        }

    def _reports(self, items: Iterable[Item]) -> Iterator[Met]:
        terms = self._index.terms(code for item in items for code in self._book.codes_of(item))
        seen: set[int] = set()
        for source in (
            self._index.candidates("DiagnosticReport", terms),
            self._index.latest("DiagnosticReport", LATEST),
        ):
            for whose, stored in source:
                if stored.row not in seen:
                    seen.add(stored.row)
                    yield whose, stored, self._index.read(stored, -self._by, self._of_report)

    def _studies(self) -> Iterator[Met]:
        for whose, stored in self._index.latest("ImagingStudy", STUDIES):
            yield whose, stored, self._index.read(stored, -self._by, self._of_study)

    def _of_report(self, resource: dict[str, Any], zone: ZoneInfo) -> Read:
        return Read(reading.report(resource, zone), self._item(resource))

    def _of_study(self, resource: dict[str, Any], zone: ZoneInfo) -> Read:
        return Read(reading.study(resource, zone), self._item(resource))

    def _item(self, resource: Mapping[str, Any]) -> str:
        item = self._book.of_result(resource)
        return item.code if item else ""

    def _waveforms(self, items: Iterable[Item]) -> set[str]:
        """Return the ids of the link set's recordings, without reading their samples."""
        if all(item.category != ECG for item in items):
            return set()
        return self._index.carried("Observation", WAVEFORM)

    def _fact(self, met: Met, item: str, studies: Sequence[Met], waveforms: set[str]) -> Fact:
        whose, stored, read = met
        said = read.said
        assert isinstance(said, reading.Reported)  # noqa: S101 - what `_reports` reads
        imaged = [one[2].said for one in studies if isinstance(one[2].said, reading.Imaged)]
        images = sum(one.instances for one in imaged)
        recordings = [one for one in said.results if one.removeprefix("Observation/") in waveforms]
        started = (one.started for one in imaged)
        other = next((one[2].item for one in studies if one[2].item not in {"", item}), "")
        differing = self._book.item(other) if other else None
        return Fact(
            reference=versioned(stored),
            campus=stored.campus,
            code=self._index.code(stored.campus),
            patient=whose,
            item=item,
            title=said.title,
            status=said.status,
            tags=said.tags,
            anchor=_performed(reading.earliest(said.effective, *started)) or said.issued,
            instances=images + len(recordings),
            images_of=differing.code if differing else "",
            beside=tuple(sorted({one[0] for one in studies} - {whose})),
            critical=self._table.level(stored, said.effective),
        )

    def _images(self, met: Met) -> Fact:
        whose, stored, read = met
        said = read.said
        assert isinstance(said, reading.Imaged)  # noqa: S101 - what `_studies` reads
        return Fact(
            reference=versioned(stored),
            campus=stored.campus,
            code=self._index.code(stored.campus),
            patient=whose,
            item=read.item,
            title=said.title,
            status=said.status,
            tags=said.tags,
            anchor=said.started,
            instances=said.instances,
        )


def _performed(anchor: Anchor | None) -> Anchor | None:
    return msgspec.structs.replace(anchor, kind=reading.PERFORMED) if anchor else None


def _fitting(report: Met, studies: Sequence[Met]) -> Sequence[Met]:
    """Return the studies of the report's own item: one order may be for several examinations."""
    own = [one for one in studies if one[2].item and one[2].item == report[2].item]
    return own or studies


def _joined(report: Met, study: Met) -> bool:
    """Return whether a report is of a study: it says so, or both answer one order."""
    said, its = report[2].said, study[2].said
    named = isinstance(said, reading.Reported) and f"ImagingStudy/{study[1].id}" in said.studies
    return (
        named
        or not said.orders.isdisjoint(its.orders)
        or not said.accessions.isdisjoint(its.accessions)
    )
