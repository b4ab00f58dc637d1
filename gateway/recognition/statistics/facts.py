"""What is counted in a period, read from the ledger in one statement (§2.8).

Each fact is counted where its own moment falls: a recognition of this month may answer a reminder
of the last one. A reminder that nobody answered is counted at the reminder.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from gateway.interactions.door import Door
from gateway.recognition.ledger.model import UNANSWERED_AFTER

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Period:
    """Microseconds since 1970, the end exclusive."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Fact:
    """So many facts of one kind, and what they have in common. `day` counts days since 1970."""

    campus: int
    source: int
    department: str
    doctor: str
    item: str
    reason: str
    day: int
    kind: str
    count: int
    saved: int


async def facts(door: Door, period: Period) -> list[Fact]:
    """Return what happened in a period, sorted into days of the door's zone."""
    both = period.start, period.end
    values = (*both, *both, door.clock() - UNANSWERED_AFTER, _offset(door, period.start), *both)
    rows = await door.store.scan("statistics_facts", values)
    return [Fact(*(*row[:-1], int(row[-1]))) for row in rows]


def day(number: int) -> str:
    """Return the date of a day since 1970."""
    return (_EPOCH + timedelta(days=number)).date().isoformat()


def _offset(door: Door, us: int) -> int:
    """Return by how much the door's zone is ahead of UTC."""
    at = (_EPOCH + timedelta(microseconds=us)).astimezone(door.zone)
    return int((at.utcoffset() or timedelta()) / timedelta(microseconds=1))
