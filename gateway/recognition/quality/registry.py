"""All evidence, held in memory by campus and item.

Read anew when a "config" notice arrived or half a second has passed and something was imported.
"""

import time
from collections.abc import Callable, Sequence
from typing import Final

from gateway.recognition.catalogue.registry import Versions
from gateway.recognition.quality.evidence import Evidence, of_row

STALE_AFTER: Final = 0.5


class Evidences:
    """Answers what evidence there is; one a process."""

    def __init__(self, store: Versions, ticks: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._ticks = ticks
        self._due = 0.0
        self._state: list[object] = []
        self._found: dict[tuple[int, str], tuple[Evidence, ...]] = {}
        store.subscribe("config", self._changed)

    def of(self, campus: int, item: str) -> Sequence[Evidence]:
        """Return all evidence on an item at a campus, passed and failed."""
        self._fresh()
        return self._found.get((campus, item), ())

    def any(self) -> bool:
        """Return whether there is any at all."""
        self._fresh()
        return bool(self._found)

    def _changed(self, _topic: str, _payload: str) -> None:
        self._due = 0.0

    def _fresh(self) -> None:
        now = self._ticks()
        if now < self._due:
            return
        state = self._store.fetch("evidence_state")
        if state != self._state:
            # Together: where the database is away in between, both are as they were.
            self._found, self._state = self._read(), state
        self._due = now + STALE_AFTER

    def _read(self) -> dict[tuple[int, str], tuple[Evidence, ...]]:
        found: dict[tuple[int, str], tuple[Evidence, ...]] = {}
        for one in map(of_row, self._store.fetch("evidence_all")):
            place = one.campus, one.item
            found[place] = (*found.get(place, ()), one)
        return found
