"""The janitor on PostgreSQL: of all processes and machines one works at a time."""

import asyncio
import logging
from collections.abc import Callable
from typing import ClassVar, Final, TypeVar

import psycopg
from typing_extensions import override

from gateway.store.janitor import Janitor
from gateway.store.postgres.connection import Connection
from gateway.store.postgres.statistics import Statistics

TIDYING: Final = 0x6875746F6E670003
"""The advisory lock of whoever tidies."""
BUSY_PAUSE: Final = 0.05
IDLE_PAUSE: Final = 2.0
LIMITS: Final = {
    "lock_timeout": "5000",
    "statement_timeout": "60000",
    "idle_in_transaction_session_timeout": "5000",
}

T = TypeVar("T")

log = logging.getLogger(__name__)


class SharedJanitor(Janitor):
    """Works on a connection of its own, beside the writers."""

    troubles: ClassVar[type[Exception]] = psycopg.Error

    @override
    def _begin(self) -> bool:
        asked = "SELECT pg_try_advisory_xact_lock(?)", (TIDYING,)
        _, ((ours,),) = self._db.pipeline([("BEGIN", ()), asked])
        if not ours:
            self._db.script("ROLLBACK")
        return bool(ours)


async def run(url: str) -> None:
    """Tidy until cancelled, in a thread; where the database is not there, later."""
    loop = asyncio.get_running_loop()
    while True:
        try:
            connection = await loop.run_in_executor(None, lambda: Connection(url, **LIMITS))
        except psycopg.Error:
            await asyncio.sleep(IDLE_PAUSE)
            continue
        try:
            await _work(connection)
        finally:
            connection.close()


async def _work(connection: Connection) -> None:
    """Tidy while the connection holds."""
    janitor, statistics = SharedJanitor(connection), Statistics(connection)
    while not connection.lost:
        busy = await _finished(janitor.step)
        if not busy:
            await _finished(statistics.step)
        await asyncio.sleep(BUSY_PAUSE if busy else IDLE_PAUSE)
    log.warning("store: the janitor's connection broke, connecting again")


async def _finished(work: Callable[[], T]) -> T:
    """Do the work in a thread; who is cancelled waits for its end, as the connection is in use."""
    running = asyncio.get_running_loop().run_in_executor(None, work)
    try:
        return await asyncio.shield(running)
    finally:
        await asyncio.wait((running,))
