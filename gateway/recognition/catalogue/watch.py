"""Whether a catalogue is in force: while none is nothing is recognised, and someone must know.

Part of the worker role.
"""

import asyncio
import os
from typing import Final

from gateway.interactions.door import Door
from gateway.recognition.catalogue.publish import started
from gateway.recognition.catalogue.registry import Catalogues
from gateway.store.records import Batch, Statement

KIND: Final = "catalogue"
SECONDS: Final = 60.0
EXPIRED: Final = "No catalogue is in force: nothing is recognised. hutong catalogue import"
OVERLAPPING: Final = "Two catalogues claim this day: nothing is recognised. hutong catalogue list"


class Watch:
    """Looks once a minute, and says each change once."""

    def __init__(self, door: Door, catalogues: Catalogues) -> None:
        self._door = door
        self._catalogues = catalogues
        self._said: str | None = None

    async def run(self) -> None:
        """Look until cancelled; first keep the proposals, so that decisions have their version."""
        start = started(self._door.clock())
        await self._door.store.submit(Batch(os.urandom(16), statements=[start]))
        while True:
            await self.look()
            await asyncio.sleep(SECONDS)

    async def look(self) -> None:
        """Raise an alert where there is cause for one, and close it where there is none."""
        now = self._door.clock()
        text = trouble(self._catalogues, now)
        if text == self._said:
            return
        self._said = text
        raised: Statement = ("alert_raise", (KIND, KIND, 0, text, now, now))
        closed: Statement = ("alert_close", (now, KIND, KIND))
        statements = [raised if text else closed]
        await self._door.store.submit(Batch(os.urandom(16), statements=statements))


def trouble(catalogues: Catalogues, us: int) -> str:
    """Return why no catalogue is in force at a moment, "" where one is."""
    found = catalogues.in_force(catalogues.day(us))
    return "" if len(found) == 1 else OVERLAPPING if found else EXPIRED
