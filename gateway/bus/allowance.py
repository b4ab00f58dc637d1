"""How often a campus may ask: a token bucket, which holds `most` and fills up within `period`.

Kept as one number, the moment at which the bucket is full again: the generic cell rate algorithm
(ITU-T I.371, Annex A), which needs no clock to fill anything.
"""

import re
from dataclasses import dataclass
from typing import Final

PATTERN: Final = re.compile(r"([1-9]\d{0,6})/([sm])", re.ASCII)
PERIODS: Final = {"s": 1_000_000, "m": 60_000_000}


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many requests at once and in each period (µs), of one campus by its number."""

    campus: int
    most: int
    period: int

    @property
    def interval(self) -> float:
        """Microseconds after which another request is allowed."""
        return self.period / self.most


def allowance(campus: int, text: str) -> Allowance | None:
    """Return what a text such as 50/s or 600/m allows; None where it says nothing."""
    found = PATTERN.fullmatch(text)
    return Allowance(campus, int(found[1]), PERIODS[found[2]]) if found else None


def taken(full: float, now: float, asked: Allowance) -> tuple[float, float]:
    """Return how long to wait (µs, 0: allowed), and when the bucket is full after that."""
    # A clock that was put back must not shut anybody out.
    full = min(max(full, now), now + asked.period)
    wait = round(full - now - (asked.period - asked.interval))
    return (wait, full) if wait > 0 else (0, full + asked.interval)
