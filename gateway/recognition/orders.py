"""Orders as every door gets them: a ServiceRequest, as the engine is asked.

https://hl7.org/fhir/R4/servicerequest.html. A draft need not be whole; what is there must be of the
right kind, and is named by its place if it is not.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from gateway.errors import InvalidRequestError
from gateway.fhir.dates import interval
from gateway.recognition.catalogue import exams
from gateway.recognition.catalogue.model import Code
from gateway.recognition.elements import Coding, Concept, Period, Reference, read
from gateway.recognition.model import Asked
from mappers.names import SNOMED, v2_table

Json = bytes | msgspec.Raw
Lookup = Callable[[str], Json | None]
"""Gives the resource behind a relative reference, None where there is none to see."""

SPECIMEN_TYPES: Final = v2_table("0487")
SIDED: Final = "laterality"
"""What the addresses of extensions that give a side end in, with or without `-qualifier`."""
MAX_ORDERS: Final = 200
"""How many orders one question may hold."""
TICKS: Final = 10
"""Ticks of 100 ns in a microsecond."""
ENDED: Final = frozenset({"completed", "entered-in-error", "revoked"})


class Named(msgspec.Struct, frozen=True):
    """Any extension."""

    url: str = ""


class Sided(Named, frozen=True, rename="camel"):
    """An extension that gives a side."""

    value_code: str = ""
    value_string: str = ""
    value_coding: Coding | None = None
    value_codeable_concept: Concept | None = None


class Site(Concept, frozen=True):
    """A body site, with the extensions that qualify it."""

    extension: tuple[msgspec.Raw, ...] = ()


class Timing(msgspec.Struct, frozen=True):
    """https://hl7.org/fhir/R4/datatypes.html#Timing."""

    event: tuple[str, ...] = ()
    repeat: dict[str, msgspec.Raw] = {}
    code: Concept | None = None


class ServiceRequest(msgspec.Struct, frozen=True, rename="camel"):
    """The elements of an order that say what is wanted, where, when and of whom."""

    id: str = ""
    status: str = ""
    do_not_perform: bool = False
    code: Concept | None = None
    body_site: tuple[Site, ...] = ()
    order_detail: tuple[Concept, ...] = ()
    specimen: tuple[Reference, ...] = ()
    contained: tuple[msgspec.Raw, ...] = ()
    subject: Reference | None = None
    encounter: Reference | None = None
    requester: Reference | None = None
    occurrence_date_time: str = ""
    occurrence_period: Period | None = None
    occurrence_timing: Timing | None = None
    extension: tuple[msgspec.Raw, ...] = ()

    @property
    def is_wanted(self) -> bool:
        """Whether the order asks that something be done, or still to be done."""
        return self.status not in ENDED and not self.do_not_perform


class Held(msgspec.Struct, frozen=True, rename="camel"):
    """Any resource within another."""

    id: str = ""
    resource_type: str = ""


class Specimen(msgspec.Struct, frozen=True):
    """What a specimen is of."""

    type: Concept | None = None


def order(body: Json, place: str) -> ServiceRequest:
    """Return an order; InvalidRequestError names what in it is of the wrong kind."""
    return read(body, ServiceRequest, place)


class Reading:
    """How orders become questions at one moment. `lookup` finds what an order refers to."""

    def __init__(self, zone: ZoneInfo, now: int, lookup: Lookup = lambda _: None) -> None:
        self._zone = zone
        self._now = now
        self._lookup = lookup

    def asked(self, one: ServiceRequest, place: str, *, ref: str = "", subject: str = "") -> Asked:
        """Return the question that an order puts; `subject` is one of our Patients' ids."""
        code = one.code or Concept()
        side, how = _details(one.order_detail)
        return Asked(
            ref=ref or (f"ServiceRequest/{one.id}" if one.id else ""),
            codes=tuple(
                dict.fromkeys(Code(each.system, each.code) for each in code.coding if each.code)
            ),
            text=code.words,
            specimen=self._specimen(one, place),
            body_site=_one(map(_site, one.body_site)),
            laterality=_one((*_sides(one, place), *side)),
            technique=" ".join(how),
            occurrence=self._occurrence(one, place),
            repeating=_repeats(one.occurrence_timing),
            subject=subject,
        )

    # When.

    def _occurrence(self, one: ServiceRequest, place: str) -> int | None:
        """Return the last moment of the time for which it is ordered, None for now.

        A day lasts until its end, and a result must last as long.
        """
        texts = tuple(_times(one, place))
        if not texts:
            return None
        spans = [self._span(text, where) for text, where in texts]
        low, high = min(span[0] for span in spans), max(span[1] for span in spans)
        now = self._now * TICKS
        return None if low <= now < high else (high - 1) // TICKS

    def _span(self, text: str, place: str) -> tuple[int, int]:
        try:
            return interval(text, self._zone)
        except ValueError as error:
            raise InvalidRequestError("This is no FHIR date.", expression=place) from error

    # Of what.

    def _specimen(self, one: ServiceRequest, place: str) -> str:
        held = {
            f"#{each.id}": raw
            for index, raw in enumerate(one.contained)
            if (each := read(raw, Held, f"{place}.contained[{index}]")).resource_type == "Specimen"
        }
        return _one(
            self._kind(each, held, f"{place}.specimen[{index}]")
            for index, each in enumerate(one.specimen)
        )

    def _kind(self, reference: Reference, held: dict[str, msgspec.Raw], place: str) -> str:
        body = held.get(reference.reference) or self._lookup(reference.reference)
        kind = read(body, Specimen, place).type if body is not None else None
        if kind is None:
            return reference.display
        codes = {each.system: each.code for each in kind.coding if each.code}
        return codes.get(SPECIMEN_TYPES) or kind.words or next(iter(codes.values()), "")


def _times(one: ServiceRequest, place: str) -> Iterator[tuple[str, str]]:
    """Yield the times for which an order is meant, each with its place."""
    if one.occurrence_date_time:
        yield one.occurrence_date_time, f"{place}.occurrenceDateTime"
    if (period := one.occurrence_period) is not None:
        for name, text in (("start", period.start), ("end", period.end)):
            if text:
                yield text, f"{place}.occurrencePeriod.{name}"
    if (timing := one.occurrence_timing) is not None:
        for index, text in enumerate(timing.event[:1]):
            yield text, f"{place}.occurrenceTiming.event[{index}]"


def _repeats(timing: Timing | None) -> bool:
    """Return whether it is ordered more than once, or may be: only a plain `once` is not."""
    if timing is None:
        return False
    bounds = {name for name in timing.repeat if not name.startswith("bounds")}
    once = bounds <= {"count"} and bytes(timing.repeat.get("count", msgspec.Raw(b"1"))) == b"1"
    return timing.code is not None or len(timing.event) > 1 or not once


# Where, and how.


def _one(values: Iterable[str]) -> str:
    """Return what all say; where they differ, what nothing in a catalogue is."""
    said = {value for value in values if value}
    return exams.DOUBT if len(said) > 1 else said.pop() if said else ""


def _words(concept: Concept) -> list[str]:
    """Return the codes and words of a concept."""
    codings = concept.coding
    shown = [each.display for each in codings if each.display]
    return [text for text in (*(each.code for each in codings), concept.text, *shown) if text]


def _site(concept: Concept) -> str:
    """Return the body site in the catalogue's words; what it does not know is told as it came."""
    words = _words(concept)
    known = {found for word in words if (found := exams.site(word)) not in {"", exams.DOUBT}}
    return _one(known) if known else words[0] if words else ""


def _sides(one: ServiceRequest, place: str) -> Iterator[str]:
    yield from _extended(one.extension, f"{place}.extension")
    for index, site in enumerate(one.body_site):
        yield from _extended(site.extension, f"{place}.bodySite[{index}].extension")
        yield from map(_side, _codes(site))
        yield from (exams.read(word).side for word in _words(site))


def _extended(extensions: Iterable[msgspec.Raw], place: str) -> Iterator[str]:
    """Yield the sides that extensions give: one of mCODE, one of our own, another of its kind."""
    for index, raw in enumerate(extensions):
        if SIDED not in read(raw, Named, f"{place}[{index}]").url.lower():
            continue
        one = read(raw, Sided, f"{place}[{index}]")
        concept = one.value_codeable_concept or Concept()
        codings = (*concept.coding, *((one.value_coding,) if one.value_coding else ()))
        codes = [each.code for each in codings if each.code]
        words = [each for each in (one.value_code, one.value_string, concept.text) if each]
        # A side that nobody here understands is a side all the same.
        yield from ({exams.side(each) for each in codes or words} or {exams.DOUBT})


def _codes(concept: Concept) -> list[str]:
    return [each.code for each in concept.coding if each.system == SNOMED]


def _side(code: str) -> str:
    return exams.SIDES.get(code, "")


def _details(details: Iterable[Concept]) -> tuple[list[str], list[str]]:
    """Return the sides, and the words on the technique, that details of an order give."""
    sides: list[str] = []
    how: list[str] = []
    for concept in details:
        said = [exam.side for word in _words(concept) if _is_side(exam := exams.read(word))]
        found = [side for code in _codes(concept) if (side := _side(code))] or said
        if found:
            sides += found
        elif words := concept.words or next(iter(_words(concept)), ""):
            how.append(words)
    return sides, how


def _is_side(exam: exams.Exam) -> bool:
    return bool(exam.side) and not (exam.technique or exam.rest)
