"""The store on SQLite: reads from its own connection, writes through a sender.

Point reads run in the event loop (DESIGN §3: 3.3 µs inline, 126 µs through a thread). What is read
in one turn of the loop is read in one transaction: a statement then costs 1.8 µs, by itself 6.8,
most of which is taking the log's lock and giving it back. It ends where the turn does and before a
notice. Callbacks run in the order in which they came, so whoever is woken by something reads no
moment before it.
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
        self._turn: asyncio.AbstractEventLoop | None = None
        self._end_of_turn: asyncio.Handle | None = None
        sender.notices.first(self._leave)
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
        self._leave()
        self._db.close()

    @override
    def _run(self, sql: str, values: Sequence[object]) -> list[Any]:
        loop = _running_loop()
        if loop is not self._turn:
            self._enter(loop)
        return self._execute(sql, values).fetchall()

    def _enter(self, loop: asyncio.AbstractEventLoop | None) -> None:
        """Begin a turn's transaction; without a loop each statement is alone."""
        self._leave()
        if loop is not None:
            self._execute("BEGIN")
            self._turn = loop
            self._end_of_turn = loop.call_soon(self._leave)

    def _leave(self) -> None:
        """End the turn's transaction, if one was begun; a loop that has ended did not do it."""
        if self._end_of_turn is not None:
            self._end_of_turn.cancel()
            self._turn = self._end_of_turn = None
            # A fault of the disk or of memory has ended it already.
            if self._db.in_transaction:
                self._execute("COMMIT")

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


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


@contextmanager
def _deadline(connection: sqlite3.Connection, seconds: float) -> Iterator[None]:
    """Interrupt the connection's statements after a time."""
    end = time.perf_counter() + seconds
    connection.set_progress_handler(lambda: time.perf_counter() > end, OPCODES)
    try:
        yield
    finally:
        connection.set_progress_handler(None, 0)
