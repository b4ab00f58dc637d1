"""Watches what nobody reports by itself: channels that fell silent, an inbox that is not emptied.

DESIGN §3, "An alert".
"""

import asyncio
import json
import os
from typing import Final

from gateway.errors import UnavailableError
from gateway.ingest.alert import alert, settled
from gateway.interactions.door import Door
from gateway.store.records import Batch, Statement

EVERY: Final = 5.0
SECOND: Final = 1_000_000
UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
LATE: Final = 30 * SECOND
"""Age of the oldest message at which the inbox counts as full."""


class Watch:
    """Looks at channels and inbox every few seconds."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._open: set[tuple[str, str]] = set()

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            await asyncio.sleep(EVERY)
            try:
                await self.look()
            except UnavailableError:
                continue

    async def look(self) -> None:
        """Raise the alerts that are due now, and close those whose cause is gone."""
        now = self._door.clock()
        due = {**self._silent(now), **self._full(now)}
        statements: list[Statement] = [
            alert(kind, place, campus, text, now)
            for (kind, place), (campus, text) in due.items()
            if (kind, place) not in self._open
        ]
        statements += [settled(*one, now) for one in self._open - due.keys()]
        if statements:
            await self._door.store.submit(Batch(os.urandom(16), statements=statements))
        self._open = set(due)

    def _silent(self, now: int) -> dict[tuple[str, str], tuple[int, str]]:
        found = {}
        for _, campus_id, name, options, _, last_seen in self._door.store.fetch("channels"):
            limit = seconds(json.loads(options).get("silent-after", ""))
            campus = self._door.directory.campus_by_id(campus_id)
            if limit and campus and campus.active and now - last_seen > limit * SECOND:
                place = f"{campus.code}/{name}"
                found["silent", place] = campus.id, "A channel has fallen silent."
        return found

    def _full(self, now: int) -> dict[tuple[str, str], tuple[int, str]]:
        ((_, oldest, _),) = self._door.store.fetch("inbox_pressure")
        if oldest is None or now - oldest < LATE:
            return {}
        return {("full-queue", "inbox"): (0, "Messages wait longer than promised.")}


def seconds(text: str) -> int:
    """Return a duration such as "30m" in seconds, 0 for none."""
    return int(text[:-1]) * UNITS[text[-1]] if text else 0
