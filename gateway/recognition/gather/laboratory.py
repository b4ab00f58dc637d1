"""Measurements as facts: each with its specimen and the reports it is in, panels by report."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from gateway.fhir.searchparams import search_params
from gateway.recognition import reading
from gateway.recognition.books import Book
from gateway.recognition.catalogue.model import Item
from gateway.recognition.decide.model import Fact
from gateway.recognition.gather.critical import OwnTable
from gateway.recognition.gather.index import Index
from gateway.recognition.gather.zones import Zones, assume
from gateway.store.stored import Stored

RESULT: Final = search_params("DiagnosticReport")["result"].stores[0]
REMARKS: Final = 100
"""How many lines of a report are looked at for remarks."""


Found = dict[str, list[tuple[Fact, list[Stored]]]]
"""By item: measurements, each with the reports that it is in."""


Coded = Sequence[tuple[str, Stored]]
"""Reports, with whose they are."""


class Read(msgspec.Struct, frozen=True):
    """An Observation as it was read, and the one item that it is of, "" for none."""

    said: reading.Measured
    item: str


class Laboratory:
    """The measurements of a link set, by one version of the catalogue."""

    def __init__(self, index: Index, book: Book, table: OwnTable) -> None:
        self._index = index
        self._table = table
        self._book = book
        self._by = index.number(book)
        self._said: dict[int, reading.Reported] = {}
        self._met: set[str] = set()

    def facts(self, items: Iterable[Item]) -> dict[str, tuple[Fact, ...]]:
        """Return what there is of each item, by its code."""
        ordered = {item.code: item for item in items}
        parts = {code: self._book.parts(item) for code, item in ordered.items()}
        single = {one.code: one for code, item in ordered.items() for one in parts[code] or (item,)}
        found = self._measured(single)
        coded = self._coded(ordered.values())
        return {
            code: self._panel(item, parts[code], found, coded.get(code, ()))
            if parts[code]
            else self._test(item, found, coded.get(code, ()))
            for code, item in ordered.items()
        }

    def _measured(self, items: Mapping[str, Item]) -> Found:
        """Return the measurements of items, each with the reports that it is in."""
        terms = self._index.terms(
            code for item in items.values() for code in self._book.codes_of(item)
        )
        met: list[tuple[str, Stored, Read]] = []
        for whose, stored in self._index.candidates("Observation", terms):
            read = self._index.read(stored, self._by, self._read)
            if read.item in items:
                met.append((whose, stored, read))
        self._met = {f"Observation/{stored.id}" for _, stored, _ in met}
        keys = [stored.key for _, stored, _ in met]
        naming = self._index.naming(RESULT, keys)
        marks = self._index.marks(sorted(self._met))
        zoneless = Zones(self._index, self._index.store).assumed(keys)
        found: Found = {}
        for whose, stored, read in met:
            reports = naming.get(stored.key, [])
            fact = self._fact(whose, stored, read, reports)
            if mark := marks.get((fact.name, fact.item)):
                fact = replace(fact, mark=mark)
            if stored.key in zoneless:
                zone = self._index.zone(stored.campus).key
                fact = replace(fact, anchor=assume(fact.anchor, zone))
            found.setdefault(read.item, []).append((fact, reports))
        return found

    def _read(self, resource: dict[str, Any], zone: ZoneInfo) -> Read:
        item = self._book.of_result(resource)
        return Read(reading.observation(resource, zone), item.code if item else "")

    def _fact(self, whose: str, stored: Stored, read: Read, reports: Sequence[Stored]) -> Fact:
        said = read.said
        told = [self._report(one) for one in reports]
        specimen = self._index.specimen(said.specimen) if said.specimen else None
        taken = reading.earliest(specimen.collected if specimen else None, said.effective)
        taken = taken or reading.earliest(*(one.effective for one in told))
        taken = taken or said.issued or reading.earliest(*(one.issued for one in told))
        signs = dict.fromkeys((*said.signs, *(specimen.signs if specimen else ())))
        signs |= dict.fromkeys(sign for one in told for sign in one.signs)
        others = {one.patient for one in (*told, *((specimen,) if specimen else ()))} | said.focus
        return Fact(
            reference=versioned(stored),
            campus=stored.campus,
            code=self._index.code(stored.campus),
            patient=whose,
            item=read.item,
            title=said.title,
            status=said.status,
            reports=tuple(
                (versioned(one), its.status) for one, its in zip(reports, told, strict=True)
            ),
            tags=tuple(dict.fromkeys((*said.tags, *(tag for one in told for tag in one.tags)))),
            anchor=taken,
            loinc=self._fixes(said.loinc, read.item),
            specimen=(specimen.codes if specimen else ()) or said.specimen_codes,
            value=said.value,
            numeric=said.numeric,
            unit=said.unit,
            absent=said.absent,
            signs=tuple(signs),
            flags=said.flags,
            method=said.method,
            instrument=said.instrument,
            beside=tuple(sorted(others - {whose, ""})),
            critical=self._table.level(stored, taken),
        )

    def _fixes(self, codes: Sequence[str], item: str) -> bool:
        """Return whether it has a LOINC code of its item, which names the specimen too."""
        known = self._book.item(item)
        return known is not None and not set(codes).isdisjoint(known.loinc)

    def _report(self, stored: Stored) -> reading.Reported:
        if stored.row not in self._said:
            said = self._index.read(stored, 0, reading.report)
            if found := tuple(self._remarks(said)):
                said = replace(said, signs=tuple(dict.fromkeys((*said.signs, *found))))
            self._said[stored.row] = said
        return self._said[stored.row]

    def _remarks(self, said: reading.Reported) -> Iterator[str]:
        """Yield what lines of a report in words say against all of it."""
        by = self._index.number(reading.remark)
        for name in said.results[:REMARKS]:
            if name not in self._met and (stored := self._index.observation(name)) is not None:
                yield from self._index.read(stored, by, reading.remark)

    def _coded(self, items: Iterable[Item]) -> dict[str, list[tuple[str, Stored]]]:
        """Return the reports that bear a code of an item itself, by item."""
        terms = {item.code: self._index.terms(self._book.codes_of(item)) for item in items}
        every = [term for its in terms.values() for term in its]
        met = list(self._index.coded("DiagnosticReport", list(dict.fromkeys(every))))
        return {
            code: list({one.row: (whose, one) for term, whose, one in met if term in its}.values())
            for code, its in terms.items()
            if its
        }

    def _panel(
        self, item: Item, parts: Sequence[Item], found: Found, coded: Coded
    ) -> tuple[Fact, ...]:
        """Return the reports that hold any of the panel's analytes, or are of the panel itself."""
        reports: dict[int, tuple[str, Stored, list[Fact]]] = {}
        alone: list[Fact] = []
        for part in parts:
            for fact, whole in found.get(part.code, ()):
                for stored in whole:
                    reports.setdefault(stored.row, (fact.patient, stored, []))[2].append(fact)
                if not whole:
                    alone.append(fact)
        for whose, stored in coded:
            reports.setdefault(stored.row, (whose, stored, []))
        facts = (self._whole(*one, item) for one in reports.values())
        return (*facts, *alone)

    def _test(self, item: Item, found: Found, coded: Coded) -> tuple[Fact, ...]:
        """Return the measurements of a single test, and reports of it that hold none yet."""
        measured = found.get(item.code, ())
        known = {stored.row for _, whole in measured for stored in whole}
        empty = [one for one in coded if one[1].row not in known]
        return (
            *(fact for fact, _ in measured),
            *(self._whole(whose, stored, [], item) for whose, stored in empty),
        )

    def _whole(self, whose: str, stored: Stored, parts: list[Fact], item: Item) -> Fact:
        said = self._report(stored)
        taken = reading.earliest(*(one.anchor for one in parts))
        return Fact(
            reference=versioned(stored),
            campus=stored.campus,
            code=self._index.code(stored.campus),
            patient=said.patient or whose,
            item=item.code,
            title=said.title,
            status=said.status,
            tags=said.tags,
            anchor=taken or said.effective or said.issued,
            loinc=True,
            signs=said.signs,
            parts=tuple(sorted(parts, key=lambda one: (one.item, one.reference))),
        )


def versioned(stored: Stored) -> str:
    """Return a reference with its version."""
    return f"{stored.type}/{stored.id}/_history/{stored.version}"
