"""Only like with like: which earlier results stand in one row or on one line with a result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.web.display.campus import Mark
from gateway.web.display.element import Resource, codings, part, text
from gateway.web.display.flag import Flag, flags
from gateway.web.display.interval import intervals
from gateway.web.display.reader import Reader
from gateway.web.display.specimen import fluid, is_same
from gateway.web.display.time import brief, instant
from gateway.web.display.unit import same_unit
from gateway.web.display.value import Value, value
from gateway.web.sources import Measurement
from mappers.names import LOINC


@dataclass(frozen=True, slots=True)
class Previous:
    """The last comparable value: what, when, where, and whether its interval is another."""

    value: Value
    flags: tuple[Flag, ...]
    day: str
    mark: Mark
    other_interval: tuple[str, ...]


Coding = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Past:
    """What was measured and when, by code."""

    by_code: Mapping[Coding, Sequence[tuple[datetime, Measurement]]]
    now: datetime


def when(observation: Resource) -> str:
    """Return when the sample was taken; when it was reported if that is all there is."""
    start = text(part(observation, "effectivePeriod"), "start")
    taken = text(observation, "effectiveDateTime") or text(observation, "effectiveInstant")
    return taken or start or text(observation, "issued")


def comparable(one: Measurement, other: Measurement) -> bool:
    """Return whether two results are of one item, specimen and unit.

    A LOINC code implies the specimen, whatever each laboratory calls it; a campus's own code may
    serve serum and urine alike.
    """
    shared = set(codings(part(one.observation, "code"))) & set(
        codings(part(other.observation, "code"))
    )
    if not shared:
        return False
    if not _of_one_specimen(one.specimen, other.specimen, {system for system, _ in shared}):
        return False
    quantities = [part(each.observation, "valueQuantity") for each in (one, other)]
    return not all(quantities) or same_unit(*quantities)


def past(measurements: Sequence[Measurement], now: datetime) -> Past:
    """Return what was measured by code, so that each result finds its like without a walk."""
    by_code: dict[Coding, list[tuple[datetime, Measurement]]] = {}
    for one in measurements:
        at = instant(when(one.observation), now)
        if at is not None:
            for coding in codings(part(one.observation, "code")):
                by_code.setdefault(coding, []).append((at, one))
    return Past(by_code, now)


def earlier(of: Measurement, among: Past) -> list[Measurement]:
    """Return the comparable results before this one, newest first."""
    at = instant(when(of.observation), among.now)
    known: dict[str, tuple[datetime, Measurement]] = {}
    for coding in codings(part(of.observation, "code")):
        for then, one in among.by_code.get(coding, ()):
            id_ = text(one.observation, "id")
            if id_ not in known and (at is None or then < at) and comparable(of, one):
                known[id_] = then, one
    known.pop(text(of.observation, "id"), None)
    return [one for _, one in sorted(known.values(), key=lambda pair: pair[0], reverse=True)]


def previous(of: Measurement, before: Sequence[Measurement], reader: Reader) -> Previous | None:
    """Return the newest of the earlier results that has a value."""
    for one in before:
        shown = value(reader.say, one.observation)
        if shown.kind in {"number", "text"}:
            theirs, ours = intervals(one.observation), intervals(of.observation)
            return Previous(
                shown,
                flags(reader.say, one.observation),
                brief(reader.say, when(one.observation), reader.now),
                reader.mark_of(one.observation),
                theirs if theirs and ours and theirs != ours else (),
            )
    return None


def _of_one_specimen(one: Resource, other: Resource, systems: set[str]) -> bool:
    if LOINC not in systems:
        return is_same(one, other)
    fluids = {fluid(one), fluid(other)} - {""}
    return len(fluids) <= 1
