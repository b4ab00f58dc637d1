"""What has been found wrong with one resource, each thing once, and what it may still cost."""

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final

from gateway.errors import Issue
from gateway.fhir.fhirpath.engine import Budget

MOST: Final = 200
RANKS: Final = ("error", "warning", "information")
CUT: Final = Issue(
    "information", "incomplete", f"More was found: of all that, the worst {MOST} are told."
)
STEPS: Final = 500_000
"""Steps of all expressions for one resource."""


class Report:
    """Issues in the order in which they were found."""

    def __init__(self) -> None:
        self._issues: dict[tuple[str, str, str], Issue] = {}
        self._counts: Counter[str] = Counter()
        self._is_cut = False
        self._silent = 0
        self._hushed = 0
        self.budget = Budget(STEPS)

    @property
    def issues(self) -> list[Issue]:
        """What was found."""
        return [*self._issues.values(), *([CUT] if self._is_cut else [])]

    def add(self, severity: str, code: str, text: str, place: str) -> None:
        """Take down an issue, unless something is only being tried."""
        if self._silent:
            self._hushed += severity == "error"
        elif (code, text, place) not in self._issues and self._has_room(severity):
            self._issues[code, text, place] = Issue(severity, code, text, place)
            self._counts[severity] += 1

    def _has_room(self, severity: str) -> bool:
        """Return whether one more may be taken down: what is worse takes the place of advice."""
        if len(self._issues) < MOST:
            return True
        self._is_cut = True
        milder = RANKS[RANKS.index(severity) + 1 :]
        if not any(self._counts[one] for one in milder):
            return False
        kept = reversed(self._issues.items())
        last = next(name for name, one in kept if one.severity in milder)
        self._counts[self._issues.pop(last).severity] -= 1
        return True

    @contextmanager
    def trying(self) -> Generator[Any, None, None]:
        """Count errors without taking them down."""
        before = self._hushed
        self._silent += 1
        trial = Trial()
        try:
            yield trial
        finally:
            self._silent -= 1
            trial.errors = self._hushed - before
            self._hushed = before


class Trial:
    """How many errors something that was tried would have had."""

    errors = 0
