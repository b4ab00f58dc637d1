"""Removes files that belong to nothing: a process died between file and row.

DESIGN §3, "Durable before acknowledged": what was acknowledged has a row, so nothing of it is here.
"""

import asyncio
import logging
import time
from typing import Final

from gateway.interactions.door import Door
from gateway.store.objects import Objects

AGE: Final = 3600.0
"""Seconds that a file may wait for its row: no request lasts so long."""
PAUSE: Final = 30.0
"""Seconds between two of the 256 portions."""
PORTIONS: Final = 256

log = logging.getLogger(__name__)


class Janitor:
    """Goes through the object store, a portion at a time."""

    def __init__(self, door: Door, objects: Objects, *, age: float = AGE) -> None:
        self._door = door
        self._objects = objects
        self._age = age

    async def run(self) -> None:
        """Clean until cancelled."""
        self._objects.sweep()
        while True:
            for first in range(PORTIONS):
                await asyncio.sleep(PAUSE)
                await self.clean(first)

    async def clean(self, first: int) -> int:
        """Remove the orphans of a portion; return how many there were."""
        before = time.time() - self._age
        found = await asyncio.to_thread(lambda: list(self._objects.older(first, before)))
        known = self._door.store.fetch
        orphans = [one for one in found if not known("object_known", (one, one, one))]
        for one in orphans:
            self._objects.delete(one)
        if orphans:
            log.info("objects: %d files belonged to nothing", len(orphans))
        return len(orphans)
