"""The worker role: takes messages from the inbox in order and applies them, several at a time."""

import asyncio
import gc
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from gateway.errors import UnavailableError
from gateway.ingest.apply import apply
from gateway.ingest.defect import where
from gateway.ingest.follow import Follower
from gateway.ingest.lanes import Lanes, lanes_of
from gateway.ingest.message import Message
from gateway.ingest.waiting import Waiting
from gateway.ingest.watch import Watch
from gateway.interactions.door import Door
from mappers.base import Mapped

FLIGHTS: Final = 64
"""Messages taken and not finished; those that wait in a lane count too."""
PORTION: Final = 16
"""Messages read at a time: a message may have many megabytes."""
GARBAGE: Final = 100_000
"""Objects after which the collector looks: drafts come and go by thousands, and hardly any of them
is part of a cycle (measured: a fifth of the worker's time at the default)."""
POLL: Final = 0.5
"""Seconds after which the inbox is looked at even if no notice came."""

Taker = Callable[[Message], Awaitable[None]]
"""Finishes a message of a format that is not mapped from its bytes alone."""
NOBODY: Final[Mapping[str, Taker]] = MappingProxyType({})

log = logging.getLogger(__name__)


class Worker:
    """Empties the inbox of one gateway. `takers` are asked for messages of their formats."""

    def __init__(self, door: Door, takers: Mapping[str, Taker] = NOBODY) -> None:
        self._door = door
        self._takers = takers
        self._lanes = Lanes()
        self._follower = Follower(door)
        self._watch = Watch(door)
        self._waiting = Waiting(door)
        self._wake = asyncio.Event()
        self._flying: dict[int, asyncio.Task[None]] = {}
        self._last = 0
        door.store.subscribe("inbox", lambda *_: self._wake.set())

    async def run(self) -> None:
        """Work until cancelled; what is in hand is finished first."""
        gc.set_threshold(GARBAGE, *gc.get_threshold()[1:])
        others = [asyncio.create_task(self._follower.run()), asyncio.create_task(self._watch.run())]
        try:
            while True:
                self._wake.clear()
                if self._take():
                    await asyncio.sleep(0)  # those taken begin before more are
                else:
                    with suppress(TimeoutError):
                        async with asyncio.timeout(POLL):
                            await self._wait()
        finally:
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            if self._flying:
                await asyncio.wait(self._flying.values(), timeout=POLL)
            for flight in tuple(self._flying.values()):
                flight.cancel()

    async def drain(self) -> None:
        """Return once nothing waits and all that follows from it is done."""
        while True:
            while self._take() or self._flying:
                if self._flying:
                    await asyncio.wait(self._flying.values(), return_when="FIRST_COMPLETED")
            if not await self._follower.step():
                return

    async def _wait(self) -> None:
        """Return when a message came or one was finished."""
        wake = asyncio.create_task(self._wake.wait())
        try:
            await asyncio.wait({wake, *self._flying.values()}, return_when="FIRST_COMPLETED")
        finally:
            wake.cancel()

    def _take(self) -> bool:
        """Take what fits; return whether there was anything."""
        room = min(FLIGHTS - len(self._flying), PORTION)
        if room <= 0:
            return False
        rows = self._door.store.fetch("inbox_next", (self._last, room))
        if not rows:
            rows = self._left_behind(room)
        started = False
        for row in rows:
            self._last = max(self._last, row[0])
            started |= self._start(row)
        return started

    def _left_behind(self, room: int) -> list[Any]:
        """Return older messages that wait again: taken out of quarantine."""
        ids = self._door.store.fetch("inbox_waiting_ids", (self._last, FLIGHTS + room))
        chosen = [id_ for (id_,) in ids if id_ not in self._flying][:room]
        return [row for id_ in chosen for row in self._door.store.fetch("inbox_next", (id_ - 1, 1))]

    def _start(self, row: Any) -> bool:
        message = _message(self._door, row)
        if message is None:
            # A campus that was added a moment ago; the directory will know it soon.
            return False
        if taker := self._takers.get(message.format):
            self._let_fly(message.id, self._hand_over(taker, message))
            return True
        try:
            mapped: Mapped | Exception = message.mapped(self._door.directory)
        except UnavailableError:
            # That is no reason of the message's: it is taken again when the database is back.
            raise
        except Exception as error:  # noqa: BLE001 - the message is set aside, with its reason
            mapped = error
        lanes = set() if isinstance(mapped, Exception) else lanes_of(message.campus.id, mapped)
        before = self._lanes.before(lanes)
        task = self._let_fly(message.id, self._fly(message, mapped, before))
        self._lanes.enter(lanes, task)
        return True

    def _let_fly(self, id_: int, flight: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(flight)
        self._flying[id_] = task
        task.add_done_callback(lambda _: self._flying.pop(id_, None))
        return task

    async def _hand_over(self, taker: Taker, message: Message) -> None:
        try:
            await taker(message)
        except Exception as error:  # noqa: BLE001 - the message waits; the others go on
            log.error("ingest: message %d is left waiting: %s", message.id, where(error))  # noqa: TRY400

    async def _fly(
        self, message: Message, mapped: Mapped | Exception, before: set[asyncio.Task[None]]
    ) -> None:
        if before:
            await asyncio.wait(before)
        try:
            await apply(self._door, message, mapped, self._waiting)
        except Exception as error:  # noqa: BLE001 - the message waits; the others go on
            log.error("ingest: message %d is left waiting: %s", message.id, where(error))  # noqa: TRY400


def _message(door: Door, row: Any) -> Message | None:
    id_, received, campus_id, channel_name, format_, namespace, hash_, body = row
    campus = door.directory.campus_by_id(campus_id)
    if campus is None:
        return None
    channel = door.directory.channel(campus_id, channel_name)
    if namespace != campus.code:
        campus = replace(campus, namespace=namespace)
    return Message(id_, received, campus, channel, format_, hash_, body)
