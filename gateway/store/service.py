"""The store role: takes batches from all other processes and commits them in groups.

While a group is committed the next one gathers in the sockets; so the slower the disk, the larger
the groups, and no timer is needed.
"""

import asyncio
import fcntl
import logging
import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import msgspec

from gateway.store.connection import to_write
from gateway.store.janitor import Janitor
from gateway.store.records import Batch, Commit, Stale
from gateway.store.wire import Request, Response, decode_request, frame, read_frame, short_path
from gateway.store.writer import Reply, Writer

GROUP = 128
LOCK = "store.lock"
BUSY_PAUSE, IDLE_PAUSE = 0.05, 0.5
QUIET = 0.3
PATIENCE = 10.0

log = logging.getLogger(__name__)


class BusyError(Exception):
    """Another process already writes in this folder."""


def lock(folder: Path) -> int:
    """Return the descriptor that holds the writer's lock on the folder, or raise BusyError."""
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise BusyError(str(folder)) from error
    return descriptor


class Commits:
    """Gathers batches and applies them in groups; each gets its reply through a callback."""

    def __init__(self, folder: Path) -> None:
        self._lock = lock(folder)
        self._db = to_write(folder)
        self._writer = Writer(self._db)
        self._janitor = Janitor(self._db)
        self._waiting: list[tuple[Batch, Callable[[Response], None]]] = []
        self._scheduled = False
        self._flushed = 0.0
        self.listeners: set[Callable[[list[tuple[str, str]]], None]] = set()

    def add(self, batch: Batch, answer: Callable[[Response], None]) -> None:
        """Take a batch; its answer comes once it is durable, or refused."""
        self._waiting.append((batch, answer))
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        group, self._waiting = self._waiting[:GROUP], self._waiting[GROUP:]
        self._scheduled = bool(self._waiting)
        if self._scheduled:
            asyncio.get_running_loop().call_soon(self._flush)
        batches = [batch for batch, _ in group]
        self._flushed = time.monotonic()
        try:
            replies = self._writer.apply(batches)
        except sqlite3.Error as error:
            # A full disk or a broken file: nothing was kept, and every sender is told.
            log.exception("store: a group of %d was not kept", len(group))
            refusal = Response(0, error=f"The store cannot write: {error}.", retry=True)
            for _, answer in group:
                answer(refusal)
            return
        notices: list[tuple[str, str]] = []
        for (batch, answer), reply in zip(group, replies, strict=True):
            answer(_response(reply))
            if isinstance(reply, Commit):
                notices += batch.notices
        if notices:
            for listener in tuple(self.listeners):
                listener(notices)

    async def tidy(self) -> None:
        """Clear away what has expired, in small steps between commits, until cancelled."""
        while True:
            pause = BUSY_PAUSE if self._janitor.step() else IDLE_PAUSE
            if time.monotonic() - self._flushed > QUIET:
                # Readers then find pages in the database itself, not by way of the log. While
                # there is much to write that waits until the log is long: it costs two syncs.
                self._db.execute("PRAGMA wal_checkpoint(PASSIVE)")
            await asyncio.sleep(pause)

    def close(self) -> None:
        """Give up the lock; what was answered is on disk already."""
        self._db.close()
        os.close(self._lock)


def _response(reply: Reply) -> Response:
    if isinstance(reply, Commit):
        return Response(0, commit=reply)
    if isinstance(reply, Stale):
        return Response(0, stale=reply)
    return Response(0, error=reply)


class Service:
    """Serves `Commits` on the socket in the data folder."""

    def __init__(self, folder: Path, ready: Callable[[], None]) -> None:
        self._folder = folder
        self._ready = ready

    async def run(self) -> None:
        """Serve until cancelled; BusyError if another gateway writes in the folder."""
        commits = await self._alone()
        with short_path(self._folder) as path:
            with suppress(FileNotFoundError):
                # The lock is ours, so a socket that is still there belongs to no living process.
                os.unlink(path)  # noqa: PTH108 - the path leads through /proc
            server = await asyncio.start_unix_server(
                lambda reader, writer: _converse(commits, reader, writer), path
            )
            tidying = asyncio.create_task(commits.tidy())
            try:
                self._ready()
                await server.serve_forever()
            finally:
                tidying.cancel()
                server.close()
                commits.close()

    async def _alone(self) -> Commits:
        """Return once the folder is ours: a command that writes in it just now is soon done."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return Commits(self._folder)
            except BusyError:
                if time.monotonic() > end:
                    raise
            await asyncio.sleep(0.05)


async def _converse(
    commits: Commits, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    peer = _Peer(commits, writer)
    commits.listeners.add(peer.tell)
    try:
        while True:
            peer.take(decode_request(await read_frame(reader)))
    except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
        # The peer is gone, or we are going; streams would log a conversation that was cancelled.
        pass
    finally:
        commits.listeners.discard(peer.tell)
        writer.close()


class _Peer:
    """One other process: its batches, and the topics it listens to."""

    def __init__(self, commits: Commits, writer: asyncio.StreamWriter) -> None:
        self._commits = commits
        self._writer = writer
        self._topics: set[str] = set()

    def take(self, request: Request) -> None:
        self._topics.update(request.topics)
        if request.batch is not None:
            self._commits.add(request.batch, partial(self._answer, request.number))

    def tell(self, notices: list[tuple[str, str]]) -> None:
        wanted = [notice for notice in notices if notice[0] in self._topics]
        if wanted:
            self._send(Response(0, notices=wanted))

    def _answer(self, number: int, response: Response) -> None:
        self._send(msgspec.structs.replace(response, number=number))

    def _send(self, response: Response) -> None:
        if not self._writer.is_closing():
            self._writer.write(frame(response))
