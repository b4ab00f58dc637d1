"""Counts and rates: pure. A rate is nothing where nothing is to be divided, never 0 %.

Four definitions of the rate are in use and disagree; each is given under its name.
"""

from dataclasses import dataclass
from typing import Final

from gateway.recognition.reasons import UNCOUNTED

COUNTS: Final = (
    "reminded",
    "viewed",
    "recognised",
    "notRecognised",
    "exempt",
    "quoted",
    "unanswered",
    "revoked",
)
RATES: Final = ("official", "perReminder", "perView", "perResult")
DIGITS: Final = 4
_FIELDS: Final = {"not-recognised": "notRecognised"}


@dataclass(frozen=True, slots=True)
class Basis:
    """What the rates divide besides the counts, None where it is not known for a group.

    `recognised` and `existing` are reports, `reported` those that the receiving side made itself.
    """

    recognised: int = 0
    existing: int = 0
    reported: int = 0

    def __add__(self, other: "Basis") -> "Basis":
        return Basis(
            self.recognised + other.recognised,
            self.existing + other.existing,
            self.reported + other.reported,
        )


class Figures:
    """Counts of one group; `saved` is fen."""

    __slots__ = ("counts", "saved")

    def __init__(self) -> None:
        self.counts = dict.fromkeys(COUNTS, 0)
        self.saved = 0

    def add(self, kind: str, reason: str, count: int, saved: int) -> None:
        """Count facts of a kind. Reasons 98 and 99 are no refusals."""
        name = _FIELDS.get(kind, kind)
        if name == "notRecognised" and reason in UNCOUNTED:
            name = "exempt"
        self.counts[name] += count
        self.saved += saved

    @property
    def refusal(self) -> float | None:
        """Return the share of refusals among the answers that count."""
        refused = self.counts["notRecognised"]
        return rate(refused, refused + self.counts["recognised"])

    def rates(self, basis: Basis | None) -> dict[str, float | None]:
        """Return the four rates by name."""
        counts = self.counts
        found = {
            "perReminder": rate(counts["recognised"], counts["reminded"]),
            "perView": rate(counts["recognised"], counts["viewed"]),
        }
        if basis is not None:
            found["official"] = rate(basis.recognised, basis.existing)
            found["perResult"] = rate(counts["recognised"], basis.reported + counts["recognised"])
        return {name: found.get(name) for name in RATES}


def rate(part: int, whole: int) -> float | None:
    """Return a part of a whole, None where there is no whole."""
    return round(part / whole, DIGITS) if whole else None


def yuan(fen: int) -> str:
    """Return an amount of money as it is written."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"
