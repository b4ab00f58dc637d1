"""The mark of a result: what was proven of its laboratory when it was made, and is frozen since."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from gateway.recognition.quality.evidence import Evidence, Made, failed, passed
from gateway.store.protocol import Store
from gateway.store.records import Statement
from gateway.store.statements.quality import WIDTH

LEVELS: Final = {"accreditation": "iso-15189", "iqc": "iqc", "image-quality": "iqc"}


class Mark(msgspec.Struct, frozen=True):
    """A mark. `told` is its print (全国HR), `scope` a scope of the catalogue, times microseconds.

    `claimed` is what the sender wrote: with `evidence` 0 it is a claim that nobody verified.
    `level` is the requirement of the catalogue that the evidence meets.
    """

    result: str
    item: str
    scope: str
    evidence: int
    expires: int | None = None
    recalled: int | None = None
    claimed: str = ""
    told: str = ""
    level: str = "none"


def marks_of(store: Store, results: Sequence[str]) -> dict[tuple[str, str], Mark]:
    """Return marks by (result without version, code of the item)."""
    found = {}
    for start in range(0, len(results), WIDTH):
        names = [*results[start : start + WIDTH]]
        names += [""] * (WIDTH - len(names))
        for row in store.fetch("marks_of", names):
            mark = _mark(row)
            found[mark.result, mark.item] = mark
    return found


def _mark(row: Sequence[Any]) -> Mark:
    result, item, scope, told, evidence, expires, recalled, claimed, scheme = row
    return Mark(
        result, item, scope, evidence, expires, recalled, claimed, told, level(scheme, scope)
    )


def level(scheme: str, scope: str) -> str:
    """Return which requirement of the catalogue evidence meets."""
    if scheme == "eqa":
        return "national-eqa" if scope == "national" else "provincial-eqa"
    return LEVELS.get(scheme, "none")


class When(NamedTuple):
    """The moment at which a mark is looked for, and where days begin."""

    now: int
    zone: ZoneInfo

    def begin(self, day: str) -> int:
        """Return the moment at which a day begins."""
        first = datetime.combine(date.fromisoformat(day), time(), self.zone)
        return round(first.timestamp()) * 1_000_000

    def over(self, day: str) -> int:
        """Return the moment at which a day is over."""
        return self.begin((date.fromisoformat(day) + timedelta(days=1)).isoformat())


def frozen(
    result: str, made: Made, evidence: Sequence[Evidence], claim: str, when: When
) -> Statement | None:
    """Return what keeps the mark of a result, None where nothing is proven, failed or claimed."""
    against, proof = failed(evidence, made), passed(evidence, made)
    ground = proof or against
    if ground is None:
        if not claim:
            return None
        nothing = (None, None, None)
        return "mark_freeze", (result, made.item, 0, "", "", claim, *_of(made), *nothing)
    return "mark_freeze", (
        result,
        made.item,
        ground.id,
        ground.scope,
        ground.told,
        claim,
        *_of(made),
        when.over(ground.ends),
        when.now if against else None,
        against.id if against else None,
    )


def _of(made: Made) -> tuple[object, ...]:
    return made.campus, made.laboratory, made.instrument, made.at
