"""What a decision's answers come to: pure, the same in whatever order they arrived.

The newest answer counts, by the moment at which it was given; older ones are kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from gateway.recognition.ledger.model import Entry

RANK: Final = {"viewed": 0, "recognised": 1, "not-recognised": 2, "quoted": 3, "revoked": 4}
"""Which of two answers of the same microsecond is the later one."""
CHOICES: Final = frozenset({"recognised", "not-recognised", "revoked"})


@dataclass(frozen=True, slots=True)
class State:
    """Where a decision stands. `choice` is recognised, not-recognised, revoked or "" for none."""

    viewed: bool = False
    choice: str = ""
    quoted: bool = False

    @property
    def relied(self) -> bool:
        """Whether somebody goes by the result."""
        return self.viewed or self.quoted or self.choice == "recognised"


def order(entry: Entry) -> tuple[int, int, str]:
    """Return what sorts answers by when they were given."""
    return entry.said, RANK.get(entry.kind, -1), entry.ticket


def state(entries: Iterable[Entry]) -> State:
    """Return where a decision stands after its answers."""
    viewed, choice, quoted = False, "", False
    for one in sorted(entries, key=order):
        if one.kind == "viewed":
            viewed = True
        elif one.kind in CHOICES:
            choice = one.kind
        # Quoting is a fact of its own: it neither is nor undoes a recognition.
        if one.kind in {"quoted", "revoked"}:
            quoted = one.kind == "quoted"
    return State(viewed, choice, quoted)


def same_as(entries: Iterable[Entry], kind: str) -> Entry | None:
    """Return the answer that stands where one of this kind would: what a second click repeats."""
    track = CHOICES if kind in CHOICES else {kind, "revoked"} if kind == "quoted" else {kind}
    standing = [one for one in sorted(entries, key=order) if one.kind in track]
    return standing[-1] if standing else None
