"""Resources to the small facts that rules judge: pure, one function a type.

https://hl7.org/fhir/R4/observation.html, diagnosticreport.html, imagingstudy.html, specimen.html
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from gateway.fhir.dates import interval
from gateway.recognition.catalogue.specimens import SPECIMENS
from gateway.recognition.decide.model import ISSUED, Anchor
from gateway.recognition.decide.units import kind
from gateway.recognition.signs import UNFIT, signs
from mappers.names import EXT_R5_REPORT_NOTE, LOINC, TAG, UCUM
from mappers.units import ucum

Resource = Mapping[str, Any]
TICKS: Final = 10
"""Ticks of 100 ns in a microsecond."""
FIRST, LAST = -3_786_912_000_000_000, 7_258_118_400_000_000
"""1850 and 2200: what lies beyond is a slip, and no time at all."""
DAY_LENGTH: Final = 10
"""Characters of a date: what is no longer has no zone of its own."""
COLLECTION: Final = "collection"
PERFORMED: Final = "performed"
TEXT_LENGTH: Final = 120
"""Characters of a result in words that a decision shows."""


class Specimen(msgspec.Struct, frozen=True):
    """What a Specimen says."""

    patient: str
    codes: tuple[str, ...]
    collected: Anchor | None
    signs: tuple[str, ...]


class Measured(msgspec.Struct, frozen=True):
    """What an Observation says, its specimen and its reports apart."""

    title: str
    focus: frozenset[str]
    status: str
    tags: tuple[str, ...]
    loinc: tuple[str, ...]
    effective: Anchor | None
    issued: Anchor | None
    specimen: str
    specimen_codes: tuple[str, ...]
    value: str
    numeric: bool
    unit: str
    absent: str
    signs: tuple[str, ...]
    flags: tuple[str, ...]
    method: str
    instrument: str


class Reported(msgspec.Struct, frozen=True):
    """What a DiagnosticReport says, its results and images apart."""

    title: str
    patient: str
    status: str
    tags: tuple[str, ...]
    effective: Anchor | None
    issued: Anchor | None
    signs: tuple[str, ...]
    results: tuple[str, ...]
    studies: tuple[str, ...]
    orders: frozenset[str]
    accessions: frozenset[tuple[str, str]]


class Imaged(msgspec.Struct, frozen=True):
    """What an ImagingStudy says."""

    title: str
    status: str
    tags: tuple[str, ...]
    started: Anchor | None
    instances: int
    orders: frozenset[str]
    accessions: frozenset[tuple[str, str]]


def specimen(resource: Resource, zone: ZoneInfo) -> Specimen:
    """Return what a Specimen says."""
    collection = resource.get("collection", {})
    span = collection.get("collectedPeriod", {})
    taken = collection.get("collectedDateTime") or span.get("start") or span.get("end")
    found = [sign for text in _notes(resource) for sign in signs(text)]
    for concept in resource.get("condition", ()):
        found += [UNFIT[code] for _, code in _codings(concept) if code in UNFIT]
        found += [sign for text in _texts(concept) for sign in signs(text)]
    if resource.get("status") in {"unsatisfactory", "entered-in-error"}:
        found.append("rejected")
    return Specimen(
        patient=_patient(resource),
        codes=specimen_codes(resource.get("type", {})),
        collected=anchor(taken, COLLECTION, zone),
        signs=tuple(dict.fromkeys(found)),
    )


def specimen_codes(concept: Resource) -> tuple[str, ...]:
    """Return the codes of table 0487 that a specimen is of, its word where none is known."""
    said = [code for _, code in _codings(concept)] + list(_texts(concept))
    names = [name.strip().upper() for name in said if name.strip()]
    known = next((SPECIMENS[name] for name in names if name in SPECIMENS), None)
    return tuple(sorted(known)) if known else tuple(names[:1])


def _named_specimen(words: str) -> tuple[str, ...]:
    """Return the codes of a specimen that is only named, none for words that are unknown."""
    return tuple(sorted(SPECIMENS.get(words.strip().upper(), ())))


def observation(resource: Resource, zone: ZoneInfo) -> Measured:
    """Return what an Observation says."""
    absent = resource.get("dataAbsentReason", {})
    flags = resource.get("interpretation", ())
    said = [*_notes(resource), *_texts(absent), *(text for one in flags for text in _texts(one))]
    value, numeric, unit = _value(resource)
    if not numeric:
        # A laboratory may write in the value's place that there is none: 标本溶血.
        said += [value, *_texts(resource.get("valueCodeableConcept", {}))]
        said.append(str(resource.get("valueString", "")))
    signs_of_flags = (UNFIT[code] for one in flags for _, code in _codings(one) if code in UNFIT)
    return Measured(
        title=_title(resource),
        focus=frozenset(one.removeprefix("Patient/") for one in _targets(resource, "focus")),
        status=_status(resource),
        tags=_tags(resource),
        loinc=tuple(code for system, code in _codings(resource.get("code", {})) if system == LOINC),
        effective=_effective(resource, COLLECTION, zone),
        issued=anchor(resource.get("issued"), ISSUED, zone),
        specimen=_target(resource.get("specimen", {})),
        specimen_codes=_named_specimen(resource.get("specimen", {}).get("display", "")),
        value=value,
        numeric=numeric,
        unit=unit,
        absent=next((code for _, code in _codings(absent)), absent.get("text", "")),
        signs=tuple(
            dict.fromkeys((*signs_of_flags, *(sign for text in said for sign in signs(text))))
        ),
        flags=tuple(code for one in flags for _, code in _codings(one)),
        method=next(iter(_texts(resource.get("method", {}))), ""),
        instrument=_device(resource.get("device", {})),
    )


def remark(resource: Resource, _zone: ZoneInfo) -> tuple[str, ...]:
    """Return what an Observation in words says against its whole report: 备注: 标本溶血."""
    return signs(str(resource.get("valueString", "")))


def remarks(resource: Resource) -> tuple[str, ...]:
    """Return what the notes of a result say against it."""
    found = (sign for text in _notes(resource) for sign in signs(text))
    return tuple(dict.fromkeys(found))


def report(resource: Resource, zone: ZoneInfo) -> Reported:
    """Return what a DiagnosticReport says."""
    notes = [
        one["valueAnnotation"].get("text", "")
        for one in resource.get("extension", ())
        if one.get("url") == EXT_R5_REPORT_NOTE and "valueAnnotation" in one
    ]
    said = [*notes, resource.get("conclusion", "")]
    return Reported(
        title=_title(resource),
        patient=_patient(resource),
        status=_status(resource),
        tags=_tags(resource),
        effective=_effective(resource, COLLECTION, zone),
        issued=anchor(resource.get("issued"), ISSUED, zone),
        signs=tuple(dict.fromkeys(sign for text in said for sign in signs(text))),
        results=_targets(resource, "result"),
        studies=_targets(resource, "imagingStudy"),
        orders=frozenset(_targets(resource, "basedOn")),
        accessions=frozenset(_accessions(resource)),
    )


def study(resource: Resource, zone: ZoneInfo) -> Imaged:
    """Return what an ImagingStudy says; images are retrievable where each is named."""
    series = resource.get("series", ())
    procedures = (text for one in resource.get("procedureCode", ()) for text in _texts(one))
    return Imaged(
        title=str(resource.get("description", "")) or next(procedures, ""),
        status=_status(resource),
        tags=_tags(resource),
        started=anchor(resource.get("started"), PERFORMED, zone),
        instances=sum(len(one.get("instance", ())) for one in series),
        orders=frozenset(_targets(resource, "basedOn")),
        accessions=frozenset(_accessions(resource)),
    )


def anchor(text: Any, kind: str, zone: ZoneInfo) -> Anchor | None:
    """Return the span that a date, dateTime or instant covers, None where it can be none."""
    if not isinstance(text, str) or not text:
        return None
    try:
        low, high = interval(text, zone)
    except ValueError:
        return None
    start, end = low // TICKS, high // TICKS
    if not FIRST < start < LAST:
        return None
    assumed = zone.key if len(text) <= DAY_LENGTH else ""
    return Anchor(start, max(end, start + 1), kind, assumed)


def earliest(*anchors: Anchor | None) -> Anchor | None:
    """Return the earliest of several times; a day gives way to a time within it."""
    known = [one for one in anchors if one is not None]
    if not known:
        return None
    first = min(known, key=lambda one: (one.start, one.end))
    within = [one for one in known if first.start <= one.start and one.end <= first.end]
    return min(within, key=lambda one: one.end - one.start)


def _effective(resource: Resource, kind: str, zone: ZoneInfo) -> Anchor | None:
    span = resource.get("effectivePeriod", {})
    text = resource.get("effectiveDateTime") or resource.get("effectiveInstant")
    return anchor(text or span.get("start") or span.get("end"), kind, zone)


def _status(resource: Resource) -> str:
    """Return a status, "" where something that is not understood may change what it all means.

    https://hl7.org/fhir/R4/extensibility.html#modifierExtension
    """
    return "" if resource.get("modifierExtension") else str(resource.get("status", ""))


def _value(resource: Resource) -> tuple[str, bool, str]:
    """Return a value as it is shown, whether it is a number with a unit, and the unit."""
    if "valueQuantity" in resource:
        quantity = resource["valueQuantity"]
        if "value" not in quantity:
            return "", False, ""
        number = _digits(quantity["value"])
        return f"{quantity.get('comparator', '')}{number}", True, unit_of(quantity)
    if concept := resource.get("valueCodeableConcept"):
        codes = (code for _, code in _codings(concept))
        return next(iter((*_texts(concept), *codes)), "")[:TEXT_LENGTH], False, ""
    for name, value in resource.items():
        if name.startswith("value"):
            return _shown(value), False, ""
    shown = [_value(one)[0] for one in resource.get("component", ())]
    return "; ".join(filter(None, shown))[:TEXT_LENGTH], False, ""


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        parts = (_shown(one) for one in value.values())
        return " ".join(filter(None, parts))[:TEXT_LENGTH]
    return _digits(value)[:TEXT_LENGTH]


def _digits(value: Any) -> str:
    """Return a number as it was written."""
    return bytes(value).decode() if isinstance(value, msgspec.Raw) else str(value)


def unit_of(quantity: Resource) -> str:
    """Return the UCUM code of a quantity, what was written where that is not sure."""
    code, written = str(quantity.get("code", "")), str(quantity.get("unit", ""))
    if code and quantity.get("system", UCUM) == UCUM:
        told = ucum(written)
        kinds = {kind(code), kind(told)} if told else set()
        # The code is one unit and what people read is another: then it is in neither.
        return f"{code} | {written}" if len(kinds - {None}) > 1 else code
    return ucum(written) or written or code


def _title(resource: Resource) -> str:
    code = resource.get("code", {})
    return str(next(iter((*_texts(code), *(one for _, one in _codings(code)))), ""))


def _texts(concept: Resource) -> Iterator[str]:
    if text := concept.get("text"):
        yield text
    for one in concept.get("coding", ()):
        if display := one.get("display"):
            yield display


def _codings(concept: Resource) -> Iterable[tuple[str, str]]:
    return [
        (one.get("system", ""), one["code"]) for one in concept.get("coding", ()) if "code" in one
    ]


def _tags(resource: Resource) -> tuple[str, ...]:
    tags = resource.get("meta", {}).get("tag", ())
    return tuple(one["code"] for one in tags if one.get("system") == TAG and "code" in one)


def _notes(resource: Resource) -> list[str]:
    return [str(one.get("text", "")) for one in resource.get("note", ())]


def _target(reference: Resource) -> str:
    """Return what a reference names, without base and version: Specimen/123."""
    text = str(reference.get("reference", "")).partition("/_history/")[0]
    return "/".join(text.split("/")[-2:])


def _patient(resource: Resource) -> str:
    return _target(resource.get("subject", {})).removeprefix("Patient/")


def _targets(resource: Resource, name: str) -> tuple[str, ...]:
    """Return what an element refers to, as far as it says by reference."""
    return tuple(filter(None, map(_target, resource.get(name, ()))))


def _device(device: Resource) -> str:
    return str(device.get("display", "") or device.get("identifier", {}).get("value", ""))


def _accessions(resource: Resource) -> Iterator[tuple[str, str]]:
    for one in resource.get("identifier", ()):
        if one.get("system", "").endswith(":accession") and one.get("value"):
            yield one["system"], one["value"]
