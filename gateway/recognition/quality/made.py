"""What a result says of how it came about: when, in which laboratory, on which instrument."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from gateway.fhir.dates import interval
from mappers.names import EXT_CLAIMED_MARK

Resource = Mapping[str, Any]
FINAL: Final = {
    "Observation": frozenset({"final", "amended", "corrected"}),
    "DiagnosticReport": frozenset({"final", "amended", "corrected", "appended"}),
    "ImagingStudy": frozenset({"available"}),
}
"""Types that may bear a mark, and when they do: before that nobody may rely on them."""
TICKS: Final = 10
DEVICE: Final = "DEV"


def is_final(resource: Resource) -> bool:
    """Return whether a resource is a result that will bear its mark."""
    return resource.get("status") in FINAL.get(resource.get("resourceType", ""), frozenset())


def moment(resource: Resource, zone: ZoneInfo) -> int | None:
    """Return when a result was made, in microseconds, None where it does not say."""
    period = resource.get("effectivePeriod", {})
    for text in (
        resource.get("effectiveDateTime"),
        resource.get("effectiveInstant"),
        period.get("start"),
        period.get("end"),
        resource.get("started"),
        resource.get("issued"),
    ):
        if text:
            return interval(str(text), zone)[0] // TICKS
    return None


def day_of(us: int, zone: ZoneInfo) -> str:
    """Return the day of a moment."""
    return datetime.fromtimestamp(us / 1_000_000, UTC).astimezone(zone).date().isoformat()


def laboratory(resource: Resource) -> str:
    """Return the laboratory by name, "" where none is named."""
    for one in resource.get("performer", ()):
        if one.get("type") == "Organization" and one.get("display"):
            return str(one["display"])
    return ""


def instrument(resource: Resource) -> str:
    """Return the instrument by number or name, "" where none is, or several are, named."""
    device = resource.get("device", {})
    named = device.get("identifier", {}).get("value") or device.get("display")
    if named:
        return str(named)
    found = set(_apparatus(resource))
    return found.pop() if len(found) == 1 else ""


def _apparatus(resource: Resource) -> Iterator[str]:
    for series in resource.get("series", ()):
        for performer in series.get("performer", ()):
            codings = performer.get("function", {}).get("coding", ())
            if any(one.get("code") == DEVICE for one in codings):
                yield str(performer["actor"].get("display", ""))


def claimed(resource: Resource) -> str:
    """Return the mark that its sender wrote into the name; it proves nothing."""
    for one in resource.get("extension", ()):
        if one.get("url") == EXT_CLAIMED_MARK:
            return str(one.get("valueString", ""))
    return ""
