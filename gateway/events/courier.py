"""Tells subscribers: each in the order of its events, all at the same time.

An event counts as told once its receiver took it, and that is durable; a kill in between tells it
again, under the same number. Whoever does not answer is tried again later and later, and after a
time put in error; its events stay. A subscriber has one message on its way, and what it holds is
settled when it has a place to go (`gateway.events.places`): rights may have gone while it waited.
"""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from typing import Final

from gateway.errors import UnavailableError
from gateway.events.book import NOWHERE, TOLD, Book
from gateway.events.facts import Facts
from gateway.events.follow import ACTIVE, ERROR, OFF, REQUESTED
from gateway.events.guard import TYPE
from gateway.events.notification import Event, Message, Teller
from gateway.events.places import Places
from gateway.events.post import Post
from gateway.events.receipts import Receipts
from gateway.events.subscriber import NO_RIGHT, Rights, Subscriber, rights
from gateway.events.topics import WITHDRAWN
from gateway.events.turn import alert, settled, turn
from gateway.interactions.door import Door
from gateway.interactions.record import record
from gateway.store.records import Batch, Statement
from gateway.store.stored import Stored

SECOND: Final = 1_000_000
BROKEN_SECONDS: Final = 60
"""How long one that a defect holds up is left alone."""
GRACE_SECONDS: Final = 1.0
WORRYING: Final = 5
"""Failures in a row after which somebody should see to it, long before it is given up."""
MOST_BYTES: Final = 4 * 1024 * 1024
"""Bytes of the resources in one notification, unless its first is larger."""
OVER: Final = "The subscription has ended."

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How soon a message is tried again, how long, and from when an answer is slow, in seconds."""

    first: float = 1.0
    longest: float = 600.0
    most: float = 86_400.0
    slow: float = 1.0

    def pause(self, failures: int) -> float:
        """Return the pause after so many failures in a row."""
        return float(min(self.first * 2 ** min(failures - 1, 32), self.longest))


PATIENT: Final = Patience()


class Courier:
    """Tells the subscribers of a book. `base` is our own address.

    `replaced` are those whose Subscription was read anew while they were told.
    """

    def __init__(
        self, door: Door, book: Book, base: str, post: Post, patience: Patience = PATIENT
    ) -> None:
        self._door = door
        self._book = book
        self._base = base
        self._post = post
        self._patience = patience
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._waiting: list[tuple[int, int, Subscriber]] = []
        self._turns = count()
        self._is_closing = False
        self._places = Places()
        self.receipts = Receipts(door)
        self.done = asyncio.Event()
        self.replaced: set[str] = set()

    def start(self) -> None:
        """Begin with all that is due."""
        for one in self._book.touched:
            if (due := self._due(one)) is not None:
                heappush(self._waiting, (due, next(self._turns), one))
        self._book.touched.clear()
        now = self._door.clock()
        while self._waiting and self._waiting[0][0] <= now:
            *_, one = heappop(self._waiting)
            if one.id in self._tasks or self._book.subscribers.get(one.id) is not one:
                continue
            due = self._due(one)
            if due is not None and due > now:
                heappush(self._waiting, (due, next(self._turns), one))
            elif due is not None:
                self._tasks[one.id] = asyncio.create_task(self._serve(one))

    def pause(self, most: float) -> float:
        """Return the seconds until something is due, at most so many."""
        if not self._waiting:
            return most
        left = (self._waiting[0][0] - self._door.clock()) / SECOND
        return min(most, max(0.0, left))

    async def close(self) -> None:
        """Let what is on its way arrive, and begin with nothing else."""
        self._is_closing = True
        tasks = list(self._tasks.values())
        if tasks:
            await asyncio.wait(tasks, timeout=GRACE_SECONDS)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.receipts.close()
        await self._post.close()

    # One subscriber.

    def _due(self, one: Subscriber) -> int | None:
        """Return when something is to be done for a subscriber, None if never."""
        if one.state == REQUESTED:
            return one.due or 0
        if one.state != ACTIVE:
            return None
        if one.fault:
            return 0
        found = [one.wanted.end] if one.wanted.end is not None else []
        if one.pending:
            found.append(one.due or 0)
        elif one.wanted.heartbeat:
            found.append(max(one.due or 0, one.sent + one.wanted.heartbeat * SECOND))
        return min(found, default=None)

    def _next(self, one: Subscriber, now: int) -> Callable[[Subscriber], Awaitable[bool]] | None:
        """Return what is to be done for a subscriber now."""
        due = self._due(one)
        is_known = self._book.subscribers.get(one.id) is one and not self._is_closing
        if due is None or due > now or not is_known:
            return None
        if one.wanted.end is not None and one.wanted.end <= now:
            return self._end
        if one.state == REQUESTED:
            return self._activate
        if one.fault:
            return self._give_up
        return self._tell if one.pending else self._beat

    async def _serve(self, one: Subscriber) -> None:
        try:
            while self._next(one, self._door.clock()):
                async with self._places.of(one):
                    work = self._next(one, self._door.clock())
                    if work is None or not await work(one):
                        return
        except UnavailableError:
            one.due = self._door.clock() + SECOND
        except Exception as error:  # noqa: BLE001 - whatever broke, the others are told
            log.error("subscriptions: %s/%s waits: %s", TYPE, one.id, type(error).__name__)  # noqa: TRY400
            one.due = self._door.clock() + BROKEN_SECONDS * SECOND
        finally:
            self._tasks.pop(one.id, None)
            self._book.touched.add(one)
            if self._book.subscribers.get(one.id) is not one:
                self.replaced.add(one.id)
            self.done.set()

    async def _end(self, one: Subscriber) -> bool:
        """Turn a subscription off whose time is over."""
        async with self._book.lock:
            await turn(self._door, one, OFF, error=OVER)
        return False

    async def _give_up(self, one: Subscriber) -> bool:
        """Put a subscription in error that cannot be told of anything."""
        lost = rights(self._door, one) is None
        fault, one.fault = NO_RIGHT if lost else one.fault, ""
        if fault and (lost or fault != NO_RIGHT):
            async with self._book.lock:
                await self._refuse(one, fault)
        return False

    async def _activate(self, one: Subscriber) -> bool:
        """Look whether there is somebody who wants to be told, and begin."""
        error = NO_RIGHT
        if rights(self._door, one) is not None:
            message = None
            if one.wanted.content:
                message = self._teller(one).message("handshake", one.number)
            error = await self._attempt(one, message)
        async with self._book.lock:
            return await (self._refuse(one, error) if error else self._begin(one))

    async def _begin(self, one: Subscriber) -> bool:
        store, also = self._door.store, list[Statement]()
        place = self._book.place
        if place == NOWHERE:
            ((place,),) = store.fetch("last_row")
            also.append(("setting_put", (TOLD, str(place))))
        start, delivered = one.start, one.delivered
        if not start:
            # From when it was asked for, or taken up again after it was off.
            stored = store.current(TYPE, one.id)
            start, delivered = max(place, stored.row if stored else 0), one.number
            also.append(("subscription_forget", (one.id,)))
        if not await turn(self._door, one, ACTIVE, also, start=start):
            return False
        self._book.place, one.delivered = place, delivered
        return True

    async def _refuse(self, one: Subscriber, error: str) -> bool:
        await turn(self._door, one, ERROR, error=error)
        return False

    async def _tell(self, one: Subscriber) -> bool:
        """Tell of the next events; return whether they were taken."""
        allowed = rights(self._door, one)
        if allowed is None:
            return await self._give_up(one)
        most = one.wanted.most if one.wanted.content else 1
        asked = (one.id, one.delivered + 1, one.number, most)
        rows = self._door.store.fetch("subscription_events", asked)
        events, size = list[Event](), 0
        async for event in self._events(one, allowed, rows):
            size += event.size(one.wanted.content)
            if events and size > MOST_BYTES:
                break
            events.append(event)
        last = events[-1].number if events else one.number
        shown = [event for event in events if event.stored is not None]
        if shown:
            error = await self._attempt(one, self._message(one, shown))
            if error:
                return await self._failed(one, error)
            await self._record(one, allowed, shown)
        await self._delivered(one, last)
        return True

    async def _beat(self, one: Subscriber) -> bool:
        """Show that we live, and see whether the other side does."""
        if rights(self._door, one) is None:
            return await self._give_up(one)
        kind = self._teller(one).message("heartbeat", one.number)
        message = kind if one.wanted.content else Message("POST", one.wanted.endpoint)
        error = await self._attempt(one, message)
        if error:
            return await self._failed(one, error)
        await self._delivered(one, one.delivered)
        return True

    async def _events(
        self, one: Subscriber, allowed: Rights, rows: Iterable[tuple[int, int]]
    ) -> AsyncIterator[Event]:
        """Yield events, each with its version where that may be told at this moment."""
        for number, row in rows:
            found = self._door.store.fetch("current_by_row", (row,))
            stored = Stored(*found[0][:-1]) if found else None
            if stored is not None and not await self._may_tell(one, allowed, stored):
                stored = None
            yield Event(number, row, stored)

    async def _may_tell(self, one: Subscriber, allowed: Rights, stored: Stored) -> bool:
        if not allowed.may_read(self._door, stored):
            return False
        if stored.deleted or await self._is_about(one, allowed, stored):
            return True
        if one.wanted.topic != WITHDRAWN:
            return False
        # It is another patient's now: that is what there is to tell.
        before = self._door.store.version(stored.type, stored.id, stored.version - 1)
        return before is not None and await self._is_about(one, allowed, before)

    async def _is_about(self, one: Subscriber, allowed: Rights, stored: Stored) -> bool:
        """Return whether a version is about whom the criteria for its type name."""
        facts = Facts(self._door, stored, self._base)
        return all(
            [
                await criterion.is_about(self._book.door(criterion), allowed.actor, facts)
                for criterion in one.criteria
                if criterion.type == stored.type
            ]
        )

    def _message(self, one: Subscriber, events: list[Event]) -> Message:
        teller = self._teller(one)
        if not one.wanted.content:
            return teller.plain(events[0])
        return teller.message("event-notification", events[-1].number, events)

    def _teller(self, one: Subscriber) -> Teller:
        return Teller(self._base, self._door.clock(), one, one.wanted)

    async def _attempt(self, one: Subscriber, message: Message | None) -> str:
        """Return "" if a message was taken, or there is somebody where none is sent."""
        campus = self._door.directory.campus_by_id(one.campus)
        if campus is None:
            return NO_RIGHT
        seconds, now = one.wanted.timeout, asyncio.get_running_loop().time
        began = now()
        if message is None:
            error = await self._post.reach(campus, one.wanted.endpoint, seconds)
        else:
            error = await self._post.send(campus, message, one.wanted.headers, seconds)
        one.is_slow = now() - began > self._patience.slow
        return error

    # What becomes of an attempt.

    async def _delivered(self, one: Subscriber, last: int) -> None:
        also = [settled(one, "", self._door.clock())] if one.failures >= WORRYING else []
        await self.receipts.take(one, last, *also)

    async def _failed(self, one: Subscriber, error: str) -> bool:
        now = self._door.clock()
        failing = one.failing or now
        if now - failing >= self._patience.most * SECOND:
            async with self._book.lock:
                return await self._refuse(one, error)
        failures = one.failures + 1
        due = now + round(self._patience.pause(failures) * SECOND)
        kept = ("subscription_failed", (failures, failing, due, error, one.id))
        statements: list[Statement] = [kept]
        if failures == WORRYING:
            statements.append(alert(one, error, now))
        await self.receipts.flush()
        await self._door.store.submit(Batch(os.urandom(16), statements=statements))
        one.failures, one.failing, one.due, one.error = failures, failing, due, error
        return False

    async def _record(self, one: Subscriber, allowed: Rights, events: list[Event]) -> None:
        """Have the audit say who was told of what."""
        if one.wanted.content == "empty":
            return
        shown = [event.stored for event in events if event.stored is not None]
        await record(self._door, allowed.actor, "R", shown, f"{TYPE}/{one.id}")
