"""What subscribers took, kept soon: the receipts of a moment are one commit.

A message need not wait until the receipt of the one before is durable. A kill in that moment has
events told again, each under its own number.
"""

import asyncio
import os
from contextlib import suppress
from typing import Final

from gateway.errors import UnavailableError
from gateway.events.subscriber import Subscriber
from gateway.interactions.door import Door
from gateway.store.records import Batch, Statement

SOON: Final = 0.05
AGAIN: Final = 1.0


class Receipts:
    """The receipts of one courier that are not durable yet."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._waiting: dict[str, list[Statement]] = {}
        self._lock = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    def take(self, one: Subscriber, last: int, *also: Statement) -> None:
        """Keep that a subscriber took its events up to a number, and what follows from that."""
        now = self._door.clock()
        one.delivered, one.sent, one.error = last, now, ""
        one.failures, one.failing, one.due = 0, None, None
        receipt = "subscription_sent", (last, now, one.id)
        # It says all that the one before it said.
        self._waiting[one.id] = [receipt, *self._waiting.get(one.id, ())[1:], *also]
        if self._task is None:
            self._task = asyncio.create_task(self._soon())

    async def flush(self) -> None:
        """Return once all of them are durable; UnavailableError."""
        async with self._lock:
            waiting, self._waiting = self._waiting, {}
            statements = [one for some in waiting.values() for one in some]
            if not statements:
                return
            try:
                await self._door.store.submit(Batch(os.urandom(16), statements=statements))
            except BaseException:
                self._waiting = waiting | self._waiting
                raise

    async def _soon(self) -> None:
        pause = SOON
        try:
            while self._waiting:
                await asyncio.sleep(pause)
                try:
                    await self.flush()
                except UnavailableError:
                    pause = AGAIN
        finally:
            self._task = None

    async def close(self) -> None:
        """Keep what there is, and let go."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        with suppress(UnavailableError, TimeoutError):
            async with asyncio.timeout(AGAIN):
                await self.flush()
