"""A catalogue ready to be asked: what item an order, a code or a result is of.

Where several items could be meant none is: an item is found, never guessed
(reference/recognition.md §2.9, case 4).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from gateway.recognition.catalogue import exams, specimens
from gateway.recognition.catalogue.exams import DOUBT, Exam
from gateway.recognition.catalogue.model import Catalogue, Code, Item
from gateway.recognition.model import Asked
from mappers.names import CATALOGUE_ITEM, LOINC

EXAMINATIONS: Final = frozenset({"imaging", "ecg"})
Resource = Mapping[str, Any]


class Book:
    """One version of the catalogue. It is never changed once made."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._items = {item.code: item for item in catalogue.items}
        self._by_code: dict[tuple[str, str], tuple[Item, ...]] = {}
        self._by_exam: dict[tuple[str, str, str, str], tuple[Item, ...]] = {}
        for item in catalogue.items:
            # An order may name the item itself: one that has no other code cannot be named else.
            for code in (*self.codes_of(item), Code(CATALOGUE_ITEM, item.code)):
                place = code.system, code.code
                self._by_code[place] = (*self._by_code.get(place, ()), item)
            for exam in _exams(item):
                self._by_exam[exam.key] = (*self._by_exam.get(exam.key, ()), item)

    def item(self, code: str) -> Item | None:
        """Return the item of a code of the catalogue."""
        return self._items.get(code)

    def parts(self, item: Item) -> tuple[Item, ...]:
        """Return the analytes of a panel, () for a single test."""
        return tuple(found for code in item.parts if (found := self._items.get(code)))

    def codes_of(self, item: Item) -> tuple[Code, ...]:
        """Return all codes under which orders and results of the item itself are stored."""
        return (*(Code(LOINC, code) for code in item.loinc), *item.codes)

    def of_code(self, system: str, code: str) -> tuple[Item, ...]:
        """Return the items that a code may mean: one, or the sides of one examination."""
        return self._by_code.get((system, code), ())

    def of_order(self, asked: Asked) -> Item | None:
        """Return the one item that is ordered, None where it is in no catalogue or in doubt."""
        exam = exams.together(
            (
                exams.read(asked.text),
                exams.of_fields(asked.body_site, asked.laterality, asked.technique),
                *(exams.of_coding(code.system, code.code) for code in asked.codes),
            )
        )
        return self._one(((code.system, code.code) for code in asked.codes), exam, asked.specimen)

    def of_result(self, resource: Resource) -> Item | None:
        """Return the one item that an Observation, DiagnosticReport or ImagingStudy is of."""
        is_study = resource.get("resourceType") == "ImagingStudy"
        concepts = _procedures(resource) if is_study else [resource.get("code") or {}]
        codes = [code for concept in concepts for code in _codings(concept)]
        meant = self._meant(codes)
        if meant and all(item.category not in EXAMINATIONS for item in meant):
            # The words of a laboratory test decide nothing, and most results are one.
            return meant[0] if len(meant) == 1 else None
        said = [_study(resource)] if is_study else [*map(exams.read, _texts(concepts))]
        said += [exams.of_coding(*code) for code in codes]
        return self._one(codes, exams.together(said))

    def _one(self, codes: Iterable[tuple[str, str]], exam: Exam, specimen: str = "") -> Item | None:
        found = self._meant(codes)
        if found is None:
            # Words name no laboratory test; and a word that is not known may change everything.
            found = () if exam.rest else self._by_exam.get(exam.key, ())
        fit = [item for item in found if _fits(item, exam, specimen)]
        return fit[0] if len(fit) == 1 else None

    def _meant(self, codes: Iterable[tuple[str, str]]) -> Sequence[Item] | None:
        """Return the items that all known codes may mean, None where none is known."""
        known = [items for code in codes if (items := self._by_code.get(code))]
        if not known:
            return None
        return [item for item in known[0] if all(item in items for items in known[1:])]


def _fits(item: Item, exam: Exam, specimen: str) -> bool:
    """Return whether nothing that is stated speaks against the item."""
    if item.category not in EXAMINATIONS:
        return specimens.fits(specimen, item.specimens)
    stated = exam.key
    return any(
        all(said in {"", own} for said, own in zip(stated, one.key, strict=True))
        for one in _exams(item)
    )


def _exams(item: Item) -> Iterator[Exam]:
    """Return the examinations that the item is, one for each apparatus that may make it."""
    if item.category in EXAMINATIONS:
        kinds = dict.fromkeys(exams.modality(one) for one in item.modality)
        for kind in kinds:
            said = exams.of_fields(item.body_site, item.laterality, item.technique)
            yield exams.together((Exam(modality=kind), said))


def _codings(concept: Resource) -> list[tuple[str, str]]:
    return [(one.get("system", ""), one.get("code", "")) for one in concept.get("coding", ())]


def _texts(concepts: Iterable[Resource]) -> list[str]:
    """Return what stands there for people; the same words in several places are one."""
    return [
        text
        for concept in concepts
        for text in (
            concept.get("text", ""),
            *(one.get("display", "") for one in concept.get("coding", ())),
        )
        if text
    ]


def _procedures(study: Resource) -> list[Resource]:
    return list(study.get("procedureCode", ()))


def _study(study: Resource) -> Exam:
    """Return what a study says of itself: its modalities, its series, what was asked for."""
    said = [
        exams.of_coding(one.get("system", ""), one["code"]) for one in study.get("modality", ())
    ]
    for series in study.get("series", ()):
        place, turned = series.get("bodySite", {}), series.get("laterality", {})
        said.append(
            Exam(
                site=exams.site(place.get("code", "") or place.get("display", "")),
                side=exams.side(turned.get("code", "")),
            )
        )
    texts = _texts(_procedures(study)) or [study.get("description", "")]
    return exams.together([*said, *map(exams.read, texts)])


def doubtful(item: Item) -> tuple[str, ...]:
    """Return the names of the fields of an examination that are not understood."""
    said = exams.of_fields(item.body_site, item.laterality, item.technique)
    pairs = (("body_site", said.site), ("laterality", said.side), ("technique", said.technique))
    return tuple(name for name, value in pairs if value == DOUBT)
