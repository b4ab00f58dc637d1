"""What a result says, for people and for comparing: its number, its time, whom it is about."""

from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from gateway.fhir.codec import encode
from gateway.fhir.dates import interval
from mappers.base import Resource
from mappers.names import EXT_ANALYSIS_TIME, EXT_CLOCK

TICKS: Final = 10
"""Of 100 ns in a microsecond."""
TOLD: Final = ("valueQuantity", "valueInteger", "valueString", "valueRange", "valueRatio")
CODED: Final = ("valueCodeableConcept",)
SAID: Final = (*TOLD, *CODED, "valueBoolean", "component", "conclusionCode")
LONGEST: Final = 200
WITHDRAWN: Final = frozenset({"entered-in-error", "cancelled"})


def reference_of(element: Any, base: str = "") -> str:
    """Return `Type/id` of a Reference, without server and version, "" if it names no resource."""
    text = str(element.get("reference", "")) if isinstance(element, dict) else ""
    return text.removeprefix(f"{base}/").partition("/_history/")[0]


def patient_of(resource: Resource, base: str = "") -> str:
    """Return the FHIR id of the Patient that a resource is about, "" if it names none."""
    type_, _, id_ = reference_of(resource.get("subject"), base).partition("/")
    return id_ if type_ == "Patient" else ""


def released(resource: Resource, zone: ZoneInfo) -> int | None:
    """Return when a result was released (µs), as late as it may have been; None if unknown."""
    told = [resource.get("issued"), resource.get("effectiveDateTime")]
    told.append((resource.get("effectivePeriod") or {}).get("end"))
    extensions = [*resource.get("extension", ()), *resource.get("meta", {}).get("extension", ())]
    told += [
        one.get("valueDateTime") or one.get("valueInstant")
        for one in extensions
        if one.get("url") in {EXT_ANALYSIS_TIME, EXT_CLOCK}
    ]
    moments = [_end(str(one), zone) for one in told if one]
    return max((one for one in moments if one is not None), default=None)


def day_of(resource: Resource, zone: ZoneInfo, now: int) -> date:
    """Return the day on which the patient's age counts."""
    text = str(resource.get("effectiveDateTime", ""))[:10]
    try:
        return date.fromisoformat(text)
    except ValueError:
        return datetime.fromtimestamp((released(resource, zone) or now) / 1_000_000, zone).date()


def _end(text: str, zone: ZoneInfo) -> int | None:
    try:
        return interval(text, zone)[1] // TICKS
    except ValueError:
        return None


def part_of(resource: Resource, part: int) -> Resource:
    """Return the Observation, or one of its components."""
    if part < 0:
        return resource
    found: Resource = resource["component"][part]
    return found


def text_of(element: Resource) -> str:
    """Return a value as people read it, "" if there is none; a long text is cut."""
    text = " ".join(_text(element).split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _text(element: Resource) -> str:
    if quantity := element.get("valueQuantity"):
        return text_of_quantity(quantity)
    if "valueRange" in element:
        ends = element["valueRange"]
        return "~".join(text_of_quantity(ends[name]) for name in ("low", "high") if name in ends)
    if concept := element.get("valueCodeableConcept"):
        return _concept(concept)
    for name in ("valueString", "valueInteger"):
        if name in element:
            return plain(element[name])
    concluded = [_concept(one) for one in element.get("conclusionCode", ())]
    return "; ".join(concluded)


def plain(value: Any) -> str:
    """Return a JSON number or text with the digits that were written."""
    return bytes(value).decode() if isinstance(value, msgspec.Raw) else str(value)


def is_withdrawn(resource: Resource | None) -> bool:
    """Return whether a result is gone, cancelled or in error."""
    return resource is None or resource.get("status") in WITHDRAWN


def essence(resource: Resource | None) -> bytes:
    """Return what makes a result another one: whose it is, what it says, whether it stands."""
    if resource is None or is_withdrawn(resource):
        return b"withdrawn"
    said = {name: resource[name] for name in SAID if name in resource}
    flags = [one.get("coding", one.get("text")) for one in resource.get("interpretation", ())]
    return encode({"of": patient_of(resource), "said": said, "flags": flags})


def text_of_quantity(quantity: Resource) -> str:
    """Return a Quantity as people read it."""
    sign, unit = quantity.get("comparator", ""), quantity.get("unit") or quantity.get("code", "")
    return f"{sign}{plain(quantity.get('value', ''))} {unit}".strip()


def _concept(concept: Resource) -> str:
    codings = concept.get("coding", ())
    named = [str(one.get("display") or one.get("code", "")) for one in codings]
    return str(concept.get("text") or next(iter(named), ""))
