"""The store on SQLite: reads from its own connection, writes through a sender.

Point reads run in the event loop (DESIGN §3: 3.3 µs inline, 126 µs through a thread).
"""

import asyncio
import math
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from typing_extensions import override

from gateway.errors import CostlyError
from gateway.store.connection import to_read
from gateway.store.reading import Reading, Work
from gateway.store.records import Viewer
from gateway.store.sender import LocalSender, Sender

INLINE_SECONDS: Final = 0.02
SCAN_SECONDS: Final = 30.0
OPCODES: Final = 1_000
NEVER: Final = math.inf
INTERRUPTED: Final = "interrupted"

T = TypeVar("T")


class SQLiteStore(Reading):
    """Implements `gateway.store.protocol.Store`."""

    def __init__(self, folder: Path, sender: Sender) -> None:
        super().__init__(sender)
        self._folder = folder
        self._db = to_read(folder)
        self._execute = self._db.execute
        # Set once: to set and unset it around each search takes longer than to ask it.
        self._end = NEVER
        self._db.set_progress_handler(self._is_late, OPCODES)
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="scan")
        self._local = threading.local()

    @property
    def alone(self) -> bool:
        """Whether this process is the one that writes: no gateway runs on the folder."""
        return isinstance(self._sender, LocalSender)

    @property
    def single(self) -> bool:
        """Whether one process writes for all: the lock on the folder sees to it."""
        return True

    async def close(self) -> None:
        """Close connections and threads."""
        await self._sender.close()
        self._threads.shutdown(wait=True)
        self._db.close()

    @override
    def _run(self, sql: str, values: Sequence[object]) -> list[Any]:
        return self._execute(sql, values).fetchall()

    @override
    async def _timed(self, work: Work[T], viewer: Viewer) -> T:
        self._end = time.perf_counter() + INLINE_SECONDS
        try:
            return work(self._run)
        except sqlite3.OperationalError as error:
            if INTERRUPTED not in str(error):
                raise
        finally:
            self._end = NEVER
        return await self._aside(work)

    def _is_late(self) -> bool:
        return time.perf_counter() > self._end

    @override
    async def _aside(self, work: Work[T]) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._scan, work)

    def _scan(self, work: Work[T]) -> T:
        connection: sqlite3.Connection | None = getattr(self._local, "db", None)
        if connection is None:
            connection = self._local.db = to_read(self._folder)
        execute = connection.execute
        with _deadline(connection, SCAN_SECONDS):
            try:
                return work(lambda sql, values: execute(sql, values).fetchall())
            except sqlite3.OperationalError as error:
                if INTERRUPTED not in str(error):
                    raise
                raise CostlyError("The search takes too long; narrow it.") from error


@contextmanager
def _deadline(connection: sqlite3.Connection, seconds: float) -> Iterator[None]:
    """Interrupt the connection's statements after a time."""
    end = time.perf_counter() + seconds
    connection.set_progress_handler(lambda: time.perf_counter() > end, OPCODES)
    try:
        yield
    finally:
        connection.set_progress_handler(None, 0)
