"""What subscribers took, kept before they are told of more: so order holds over a kill, too.

Those that come while a commit is under way are kept together by the next one. A kill between a
message and its receipt has that message told again, under its number.
"""

import asyncio
import os
from contextlib import suppress
from typing import Final

from gateway.errors import UnavailableError
from gateway.events.subscriber import Subscriber
from gateway.interactions.door import Door
from gateway.store.records import Batch, Statement

PATIENCE: Final = 1.0


class Receipts:
    """The receipts of one courier that are not durable yet.

    `were_refused`: the store did not write when they were to be kept.
    """

    def __init__(self, door: Door) -> None:
        self._door = door
        self._waiting: dict[str, list[Statement]] = {}
        self._lock = asyncio.Lock()
        self.were_refused = False

    async def take(self, one: Subscriber, last: int, *also: Statement) -> None:
        """Return once it is durable that a subscriber took its events up to a number."""
        now = self._door.clock()
        one.delivered, one.sent, one.error = last, now, ""
        one.failures, one.failing, one.due = 0, None, None
        receipt = "subscription_sent", (last, now, one.id)
        # It says all that the one before it said.
        self._waiting[one.id] = [receipt, *self._waiting.get(one.id, ())[1:], *also]
        await self.flush()

    async def flush(self) -> None:
        """Return once all of them are durable; UnavailableError, and they wait for the next."""
        async with self._lock:
            waiting, self._waiting = self._waiting, {}
            statements = [one for some in waiting.values() for one in some]
            if not statements:
                return
            try:
                await self._door.store.submit(Batch(os.urandom(16), statements=statements))
            except BaseException:
                self._waiting = waiting | self._waiting
                self.were_refused = True
                raise
            self.were_refused = False

    async def close(self) -> None:
        """Keep what there is."""
        with suppress(UnavailableError, TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self.flush()
