"""The mark of a result: what was proven of its laboratory when it was made, and is frozen since."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from gateway.recognition.catalogue.model import QUALITIES
from gateway.recognition.quality.evidence import (
    NATIONAL,
    Evidence,
    Made,
    failed,
    last_day,
    passed,
)
from gateway.store.protocol import Store
from gateway.store.records import Statement
from gateway.store.statements.quality import WIDTH

NONE: Final = "none"
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
    level: str = NONE


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
    result, item, scope, told, evidence, expires, recalled, claimed, level = row
    return Mark(result, item, scope, evidence, expires, recalled, claimed, told, level or NONE)


def level_of(one: Evidence) -> str:
    """Return which requirement of the catalogue evidence meets."""
    if one.scheme == "eqa":
        return "national-eqa" if one.scope == NATIONAL else "provincial-eqa"
    return LEVELS.get(one.scheme, NONE)


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
    against, proofs = failed(evidence, made), passed(evidence, made)
    grounds = proofs or ([against] if against else [])
    if not grounds and not claim:
        return None
    return "mark_freeze", (
        result,
        made.item,
        grounds[0].id if grounds else 0,
        grounds[0].scope if grounds else "",
        "，".join(dict.fromkeys(one.told for one in grounds)),
        claim,
        *(made.campus, made.laboratory, made.instrument, made.at),
        max((when.over(last_day(one, made)) for one in grounds), default=None),
        when.now if against else None,
        against.id if against else None,
        max(map(level_of, grounds), key=QUALITIES.index, default=NONE),
    )
