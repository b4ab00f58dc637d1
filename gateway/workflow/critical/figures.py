"""How well critical values are told and answered (recognition.md §6, NCCL's quality indicators).

Unreported, untimely and unacknowledged, as counts and rates, and the time from validation to
communication. A rate with nothing to divide is None, not 0.
"""

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.access.actor import Actor
from gateway.errors import ForbiddenError
from gateway.interactions.door import Door
from gateway.workflow.critical.drafts import MINUTE
from gateway.workflow.critical.registry import tables_of

P90: Final = 0.9
SECOND: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Figures:
    """Values of one campus that must answer, or of all (campus ""); times in seconds."""

    campus: str
    values: int
    """Critical values shown; corrections and withdrawals that were told among them."""
    came_late: int
    """Values that the laboratory sent long after it had released them."""
    unreported: int
    """Nobody was told within the limit, nor since."""
    untimely: int
    """Somebody was told, after the limit."""
    unacknowledged: int
    """Nobody has answered, and the deadline has passed."""
    unreported_rate: float | None
    untimely_rate: float | None
    unacknowledged_rate: float | None
    median: float | None
    """From validation to communication."""
    p90: float | None


@dataclass(frozen=True, slots=True)
class One:
    """What became of one value."""

    campus: int
    came_late: bool
    is_unreported: bool
    is_untimely: bool
    is_unacknowledged: bool
    seconds: float | None


async def figures(door: Door, actor: Actor, start: int, end: int) -> list[Figures]:
    """Return the figures of all, then by campus, of the values shown from start until before end.

    An administrator sees every campus, a campus its own: as who must answer or as who performed.
    """
    if actor.campus == 0 and not actor.has("admin"):
        raise ForbiddenError("Figures are a campus's own, or an administrator's.")
    rows = await door.store.scan("critical_figures", (start, end))
    if not actor.has("admin"):
        rows = [row for row in rows if actor.campus in row[:2]]
    ones = [_one(door, row) for row in rows]
    codes = {one.id: one.code for one in door.directory.campuses()}
    by_campus: dict[str, list[One]] = {}
    for one in ones:
        by_campus.setdefault(codes.get(one.campus, ""), []).append(one)
    return [summed("", ones), *(summed(code, of) for code, of in by_campus.items() if of)]


def _one(door: Door, row: Sequence[Any]) -> One:
    _, campus, validated, shown, told, acknowledged, late, deadline, category, ward = row
    now = door.clock()
    limit = tables_of(door).setting(campus, category, ward).notify * MINUTE
    return One(
        campus=campus,
        came_late=bool(late),
        is_unreported=told is None and now - shown > limit,
        is_untimely=told is not None and told - validated > limit,
        is_unacknowledged=acknowledged is None and now > deadline,
        seconds=(told - validated) / SECOND if told is not None else None,
    )


def summed(campus: str, ones: Iterable[One]) -> Figures:
    """Return the figures over some values."""
    found = list(ones)
    times = sorted(one.seconds for one in found if one.seconds is not None)
    unreported = sum(one.is_unreported for one in found)
    untimely = sum(one.is_untimely for one in found)
    unacknowledged = sum(one.is_unacknowledged for one in found)
    return Figures(
        campus=campus,
        values=len(found),
        came_late=sum(one.came_late for one in found),
        unreported=unreported,
        untimely=untimely,
        unacknowledged=unacknowledged,
        unreported_rate=_rate(unreported, len(found)),
        untimely_rate=_rate(untimely, len(found)),
        unacknowledged_rate=_rate(unacknowledged, len(found)),
        median=statistics.median(times) if times else None,
        p90=times[math.ceil(P90 * len(times)) - 1] if times else None,
    )


def _rate(part: int, whole: int) -> float | None:
    return part / whole if whole else None
