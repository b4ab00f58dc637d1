"""What has been found wrong with one resource, each thing once, and what it may still cost."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final

from gateway.errors import Issue
from gateway.fhir.fhirpath.engine import Budget

MOST: Final = 200
STEPS: Final = 500_000
"""Steps of all expressions for one resource."""


class Report:
    """Issues in the order in which they were found."""

    def __init__(self) -> None:
        self._issues: dict[tuple[str, str, str], Issue] = {}
        self._silent = 0
        self._hushed = 0
        self.budget = Budget(STEPS)

    @property
    def issues(self) -> list[Issue]:
        """What was found."""
        return list(self._issues.values())[:MOST]

    def add(self, severity: str, code: str, text: str, place: str) -> None:
        """Take down an issue, unless something is only being tried."""
        if self._silent:
            self._hushed += severity == "error"
        elif len(self._issues) <= MOST:
            self._issues.setdefault((code, text, place), Issue(severity, code, text, place))

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
