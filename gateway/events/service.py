"""Subscriptions at work: one reader of the outbox, one courier, for all subscribers."""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from gateway.access.campus import Network
from gateway.access.targets import Targets
from gateway.errors import UnavailableError
from gateway.events.book import Book
from gateway.events.courier import PATIENT, Courier, Patience
from gateway.events.follow import TOPIC
from gateway.events.post import Post, lookups, trust
from gateway.events.scan import Scanner
from gateway.interactions.door import Door
from gateway.store.records import Batch

POLL: Final = 1.0
"""Seconds after which is looked even if no notice came."""
PAUSE: Final = 0.01
"""Seconds in which changes gather: one look at many costs less than many looks."""
HOUR: Final = 3_600.0
EVENT_LIFE: Final = 30 * 24 * 3_600_000_000
"""How long events are kept, in µs."""
EXPIRED: Final = 1_000
LOOKUPS: Final = 256
"""Names that are looked up at once: more than those of one campus that nobody answers for, each of
which keeps its thread for half a minute."""

log = logging.getLogger(__name__)


class Events:
    """Serves the subscriptions of one gateway, or of several whose lease is ours."""

    def __init__(self, door: Door, base: str, post: Post, patience: Patience = PATIENT) -> None:
        self._door = door
        self.book = Book(door)
        self._scanner = Scanner(door, self.book, base)
        self._courier = Courier(door, self.book, base, post, patience)
        self._wake = self._courier.done
        self._written: set[str] = set()
        self._versions: dict[str, int] = {}
        self._looked = 0.0
        self._in_doubt = False
        self._tidied = 0.0
        door.store.subscribe("resource", self._changed)
        door.store.subscribe(TOPIC, self._take)

    def _changed(self, _topic: str, _text: str) -> None:
        if self.book.is_recording:
            self._wake.set()

    def _take(self, _topic: str, id_: str) -> None:
        self._written.add(id_)
        self._wake.set()

    async def run(self) -> None:
        """Serve until cancelled."""
        await self._ready()
        try:
            while True:
                self._wake.clear()
                try:
                    busy = await self.step()
                except UnavailableError:
                    log.warning("subscriptions: the store does not write; events wait")
                    # What was sent to it last may be stored, or not.
                    busy, self._in_doubt = False, True
                if not busy:
                    with suppress(TimeoutError):
                        async with asyncio.timeout(self._courier.pause(POLL)):
                            await self._wake.wait()
                await asyncio.sleep(PAUSE)
        finally:
            await self._courier.close()

    async def _ready(self) -> None:
        async with self.book.lock:
            self._unheard()
            await self.book.load()

    async def step(self) -> bool:
        """Do what there is to do; return whether there may be more."""
        # What was taken while the store did not write is said first: it is not told again.
        if self._courier.receipts.were_refused:
            await self._courier.receipts.flush()
        if self._in_doubt:
            await self._ready()
            self._in_doubt = False
        await self._refresh()
        busy = await self._scanner.step()
        self._courier.start()
        await self._tidy()
        return busy

    async def _refresh(self) -> None:
        """Read anew what was written, also what no notice told of."""
        self._written |= self._unheard() | self._courier.replaced
        self._courier.replaced.clear()
        if not self._written:
            return
        await self._courier.receipts.flush()
        written, self._written = self._written, set()
        for id_ in written:
            async with self.book.lock:
                await self.book.refresh(id_)
            if known := self.book.subscribers.get(id_):
                self._versions[id_] = known.version

    def _unheard(self) -> set[str]:
        """Return what was written, or deleted, since the last look; a notice may be lost."""
        now = asyncio.get_running_loop().time()
        if now - self._looked < POLL:
            return set()
        self._looked = now
        before = self._versions
        self._versions = dict(self._door.store.fetch("subscription_versions"))
        changed = {id_ for id_, version in self._versions.items() if before.get(id_) != version}
        return changed | (before.keys() - self._versions.keys())

    async def _tidy(self) -> None:
        """Forget events that are old, a portion at a time."""
        now = asyncio.get_running_loop().time()
        if now - self._tidied < HOUR and self._tidied:
            return
        expired = self._door.clock() - EVENT_LIFE
        rows = self._door.store.fetch("subscription_events_expired", (expired, EXPIRED))
        if len(rows) < EXPIRED:
            self._tidied = now
        if rows:
            drops = [("subscription_event_drop", tuple(row)) for row in rows]
            await self._door.store.submit(Batch(os.urandom(16), statements=drops))


def serving(
    base: str, targets: tuple[Sequence[Network], Path | None], patience: float
) -> Callable[[Door], Awaitable[None]]:
    """Return the work of a gateway reached at `base`, which tries `patience` seconds at most.

    `targets` are the networks that may be called besides, and the authorities that are believed.
    """
    allowed, authorities = targets
    found = lookups(LOOKUPS)
    post = Post(Targets(tuple(allowed), found), trust(authorities))

    def run(door: Door) -> Awaitable[None]:
        return Events(door, door.base or base, post, Patience(most=patience)).run()

    return run
