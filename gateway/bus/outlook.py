"""Raises an alert while Redis is away; the gateway stays ready, for it can do without."""

import asyncio
import os
from collections.abc import Callable
from typing import Final

from gateway.bus.bus import Bus
from gateway.errors import UnavailableError
from gateway.store.protocol import Store
from gateway.store.records import Batch, Statement

KIND: Final = "redis"
EVERY: Final = 1.0
PATIENCE: Final = 5
"""Looks in a row that must find it away: a restart is nothing to tell of."""
AWAY: Final = "Redis is not reached: limits count on each machine by itself, others hear later."


class Outlook:
    """Looks whether Redis is there; one for a gateway, whose machine is the alert's place."""

    def __init__(self, store: Store, bus: Bus, gateway: str, clock: Callable[[], int]) -> None:
        self._store = store
        self._bus = bus
        self._place = gateway.partition(" ")[0]
        self._clock = clock

    async def run(self, every: float = EVERY) -> None:
        """Look until cancelled."""
        missed, told = 0, None
        while self._bus.connected is not None:
            missed = 0 if self._bus.connected else missed + 1
            away = missed >= PATIENCE
            if away != told and (away or self._bus.connected):
                told = await self._told(away=away)
            await asyncio.sleep(every)
        await asyncio.Event().wait()

    async def _told(self, *, away: bool) -> bool | None:
        """Tell, and return what the store knows then; None where it may have taken it or not."""
        try:
            await self._tell(away=away)
        except UnavailableError:
            return None  # it is told again
        return away

    async def _tell(self, *, away: bool) -> None:
        now = self._clock()
        raised: Statement = ("alert_raise", (KIND, self._place, 0, AWAY, now, now))
        closed: Statement = ("alert_close", (now, KIND, self._place))
        told = raised if away else closed
        await self._store.submit(Batch(os.urandom(16), statements=[told]))
