"""Leases: of several gateways on one database, one does what one alone may do.

The lease in the database is the truth. Its term is counted up by each new holder, and every write
of a holder is conditional on the term that it began in; so one that was held up and believes to be
the holder still can do no harm (a fencing token, https://doi.org/10.1145/74850.74870).
"""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final, cast

import msgspec

from gateway.errors import UnavailableError
from gateway.store.notices import Listener
from gateway.store.protocol import Store
from gateway.store.records import Batch, Commit, StaleError

TOPIC: Final = "lease"
"""Notices of leases that became free, by name."""
SECONDS: Final = 10.0
"""How long a lease holds without being renewed."""
SECOND: Final = 1_000_000

Work = Callable[[Store], Awaitable[None]]
"""What a holder does until it is cancelled, on a store that refuses once the lease is lost."""

log = logging.getLogger(__name__)


class Leases:
    """The leases of one process. `holder` names its gateway, anew at each start.

    Of one gateway one process at most may ask for a lease: it takes over from the one before it.
    """

    def __init__(
        self, store: Store, holder: str, clock: Callable[[], int], *, seconds: float = SECONDS
    ) -> None:
        self._store = store
        self._holder = holder
        self._clock = clock
        self._seconds = seconds
        self._freed: dict[str, asyncio.Event] = {}
        if not store.single:
            store.subscribe(TOPIC, self._notice)

    async def hold(self, name: str, work: Work) -> None:
        """Do the work while the lease is ours, until cancelled; whatever the work raises."""
        if self._store.single:
            await work(self._store)
            return
        freed = self._freed.setdefault(name, asyncio.Event())
        while True:
            freed.clear()
            try:
                term = await self._take(name)
                if term is not None:
                    log.info("lease: %s is ours", name)
                    await self._work(name, term, work)
                    log.warning("lease: %s is lost", name)
                    continue
            except UnavailableError:
                log.warning("lease: the database does not answer, %s rests", name)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._seconds / 4):
                    await freed.wait()

    async def _take(self, name: str) -> int | None:
        """Return the term in which the lease is ours, None if it is another's."""
        now = self._clock()
        found = self._store.fetch("lease", (name,))
        if found and found[0][0] != self._holder and found[0][2] >= now:
            return None
        until = now + round(self._seconds * SECOND)
        take = ("lease_take", (name, self._holder, until, now))
        await self._store.submit(Batch(os.urandom(16), statements=[take]))
        ((holder, term, _),) = self._store.fetch("lease", (name,))
        return int(term) if holder == self._holder else None

    async def _work(self, name: str, term: int, work: Work) -> None:
        """Work until the lease is lost."""
        lost = asyncio.Event()
        fenced = Fenced(self._store, name, term, lost.set)
        working = asyncio.ensure_future(work(cast("Store", fenced)))
        keeping = asyncio.create_task(self._keep(name, term))
        losing = asyncio.create_task(lost.wait())
        tasks = (working, keeping, losing)
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if working.done() and not lost.is_set():
                working.result()
        finally:
            for task in tasks:
                task.cancel()
            # What the work has in hand is finished under the fence, before another takes over.
            await asyncio.gather(*tasks, return_exceptions=True)
            fenced.closed = True
            await self._free(name, term)

    async def _keep(self, name: str, term: int) -> None:
        """Renew the lease; return when it is lost, or may be."""
        loop = asyncio.get_running_loop()
        renewed = loop.time()
        while loop.time() - renewed < self._seconds:
            await asyncio.sleep(self._seconds / 4)
            begun, until = loop.time(), self._clock() + round(self._seconds * SECOND)
            keep = ("lease_keep", (until, name, self._holder, term))
            batch = Batch(os.urandom(16), statements=[keep], unchanged=[fence(name, term)])
            try:
                async with asyncio.timeout(self._seconds / 2):
                    await self._store.submit(batch)
            except StaleError:
                return
            except (UnavailableError, TimeoutError):
                continue
            renewed = begun

    async def _free(self, name: str, term: int) -> None:
        """Give the lease back, so that another need not wait until it is over."""
        free = ("lease_free", (name, self._holder, term))
        batch = Batch(os.urandom(16), statements=[free], notices=[(TOPIC, name)])
        with suppress(UnavailableError, TimeoutError):
            async with asyncio.timeout(self._seconds / 4):
                await self._store.submit(batch)

    def _notice(self, _topic: str, name: str) -> None:
        if name in self._freed:
            self._freed[name].set()


def fence(name: str, term: int) -> tuple[str, tuple[object, ...], object]:
    """Return what must hold for a holder's write to count, as `Batch.unchanged` asks for it."""
    return "lease_term", (name,), term


class Fenced:
    """A store whose writes count only in one term of a lease."""

    def __init__(self, store: Store, name: str, term: int, lost: Callable[[], None]) -> None:
        self._store = store
        self._fence = fence(name, term)
        self._lost = lost
        self.closed = False

    def __getattr__(self, name: str) -> Any:
        """Do all else as the store does it."""
        return getattr(self._store, name)

    def subscribe(self, topic: str, listener: Listener) -> None:
        """Call the listener with each notice of a topic, as long as the term lasts."""

        def told(topic: str, payload: str) -> None:
            if not self.closed:
                listener(topic, payload)

        self._store.subscribe(topic, told)

    async def submit(self, batch: Batch) -> Commit:
        """Return once the batch is durable; UnavailableError where the lease is another's."""
        fenced = msgspec.structs.replace(batch, unchanged=[*batch.unchanged, self._fence])
        try:
            return await self._store.submit(fenced)
        except StaleError as error:
            name, values, term = self._fence
            if self._store.fetch(name, values) == [(term,)]:
                raise
            self._lost()
            raise UnavailableError("Another gateway has taken this over.") from error
