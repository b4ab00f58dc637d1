"""Hands batches to this process's own writer, in groups, beside the event loop.

While a group is committed the next one gathers. A group whose connection broke is sent again on a
new one: its tickets tell what had been committed. What others changed is heard over a connection
of its own (https://www.postgresql.org/docs/current/sql-listen.html).
"""

import asyncio
import json
import logging
import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final

import psycopg

from gateway.errors import UnavailableError
from gateway.store.notices import Listener, Notices
from gateway.store.postgres.connection import Connection
from gateway.store.postgres.writer import CHANNEL, SharedWriter
from gateway.store.records import Batch, Commit, Stale, StaleError
from gateway.store.writer import Reply

GROUP: Final = 128
ATTEMPTS: Final = 3
"""How often a group is begun that lost against another transaction."""
PATIENCE: Final = 10.0
"""Seconds that a batch waits for a database that is not there."""
PAUSE: Final = 0.1
AGAIN: Final = (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected)
WRITING: Final = {
    # A row's order on disk is nobody's business; that it is there when we say so, is ours.
    "synchronous_commit": "on",
    "lock_timeout": "30000",
    "statement_timeout": "60000",
    # Whoever is held up in the middle of a transaction, or cut off, must not hold up the others:
    # its turn is over then, and its group is sent again by its tickets.
    "idle_in_transaction_session_timeout": "5000",
}

log = logging.getLogger(__name__)


class DirectSender:
    """Writes by itself, beside other processes that do."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._waiting: list[tuple[Batch, asyncio.Future[Reply]]] = []
        self._task: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="write")
        self._db: Connection | None = None
        self._writer: SharedWriter | None = None
        self.notices = Notices()
        self._ear: Connection | None = None
        self._hearing: asyncio.Task[None] | None = None

    async def submit(self, batch: Batch) -> Commit:
        """Return once the batch is durable; StaleError, UnavailableError."""
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting.append((batch, future))
        if self._task is None:
            self._task = asyncio.create_task(self._flush())
        reply = await future
        if isinstance(reply, Commit):
            return reply
        if isinstance(reply, Stale):
            raise StaleError(reply)
        raise RuntimeError(reply)

    async def _flush(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                group, self._waiting = self._waiting[:GROUP], self._waiting[GROUP:]
                batches = [batch for batch, _ in group]
                try:
                    replies = await loop.run_in_executor(self._thread, self._commit, batches)
                except Exception as error:  # noqa: BLE001 - whoever waits is told
                    for _, future in group:
                        if not future.done():
                            future.set_exception(error)
                    continue
                for (batch, future), reply in zip(group, replies, strict=True):
                    if isinstance(reply, Commit):
                        self.notices.committed(batch.notices)
                    if not future.done():
                        future.set_result(reply)
        finally:
            self._task = None

    # In the writing thread.

    def _commit(self, batches: Sequence[Batch]) -> list[Reply]:
        """Return the replies to a group; UnavailableError where nothing was kept."""
        end = time.monotonic() + PATIENCE
        attempts = 0
        while True:
            try:
                return self._writing().apply(batches)
            except AGAIN as error:
                attempts += 1
                if attempts >= ATTEMPTS:
                    raise UnavailableError("Others write the same; send it again.") from error
                time.sleep(random.uniform(0, PAUSE))  # noqa: S311 - no secret
            except psycopg.Error as error:
                lost = self._db is None or self._db.lost
                self._hang_up()
                if not lost or time.monotonic() > end:
                    log.exception("store: a group of %d was not kept", len(batches))
                    raise UnavailableError(_words(error)) from error
                time.sleep(PAUSE)

    def _writing(self) -> SharedWriter:
        if self._writer is None or self._db is None:
            self._db = Connection(self._url, **WRITING)
            self._writer = SharedWriter(self._db, carried=lambda: self.notices.carried)
        return self._writer

    def _hang_up(self) -> None:
        if self._db is not None:
            self._db.close()
        self._db = self._writer = None

    # Notices.

    def subscribe(self, topic: str, listener: Listener) -> None:
        """Call the listener with each notice of a topic."""
        fresh = topic not in self.notices.topics
        self.notices.subscribe(topic, listener)
        if fresh and self._ear is not None:
            self._listen(self._ear, [topic])
        if self._hearing is None:
            with suppress(RuntimeError):
                # A command without an event loop hears nobody.
                self._hearing = asyncio.get_running_loop().create_task(self._hear())

    async def _hear(self) -> None:
        """Pass on what others say, and connect again where the line breaks."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                ear = await loop.run_in_executor(None, Connection, self._url)
                self._listen(ear, self.notices.topics)
            except psycopg.Error:
                await asyncio.sleep(PAUSE)
                continue
            self._ear = ear
            heard, socket = asyncio.Event(), ear.socket
            loop.add_reader(socket, heard.set)
            try:
                while not ear.lost:
                    self._pass_on(ear)
                    await heard.wait()
                    heard.clear()
            except psycopg.Error:
                log.warning("store: the line for notices broke, connecting again")
            finally:
                self._ear = None
                loop.remove_reader(socket)
                ear.close()
            await asyncio.sleep(PAUSE)

    def _listen(self, ear: Connection, topics: Sequence[str]) -> None:
        with suppress(psycopg.OperationalError):
            # A line that broke is made anew, with all topics.
            for topic in topics:
                ear.script(f'LISTEN "{CHANNEL}{topic}"')

    def _pass_on(self, ear: Connection) -> None:
        own = self._db.backend if self._db is not None else 0
        for backend, channel, words in ear.notices():
            if backend != own:
                topic = channel.removeprefix(CHANNEL)
                self.notices.tell([(topic, payload) for payload in json.loads(words)])

    async def close(self) -> None:
        """Let go of the connections; what was taken is written first."""
        if self._hearing is not None:
            self._hearing.cancel()
            await asyncio.gather(self._hearing, return_exceptions=True)
        if self._task is not None:
            await self._task
        await asyncio.get_running_loop().run_in_executor(self._thread, self._hang_up)
        self._thread.shutdown(wait=True)


def _words(error: psycopg.Error) -> str:
    """Return what may be told of a trouble: its name, never a value."""
    name = type(error).__name__
    if isinstance(error, psycopg.OperationalError):
        return f"The database cannot write now ({name}); send the request again."
    return f"The database refused a group of writes ({name})."
