"""How a process hands batches to the writer: over the store role's socket, or in the process.

A batch that was not answered because the store role died is sent again; its ticket tells the
writer whether it had been committed (DESIGN §3, "Group commit").
"""

import asyncio
import logging
import time
from pathlib import Path
from typing import Protocol

from gateway.errors import UnavailableError
from gateway.store.notices import Listener, Notices
from gateway.store.records import Batch, Commit, StaleError
from gateway.store.service import Commits
from gateway.store.wire import Request, Response, decode_response, frame, read_frame, short_path

PATIENCE = 10.0
"""Seconds that a batch waits for a store role that is not there."""
LONG_PATIENCE = 60.0
"""Seconds that it waits for one that is."""

log = logging.getLogger(__name__)


class Sender(Protocol):
    """Takes batches; tells notices."""

    @property
    def notices(self) -> Notices:
        """Who listens in this process."""

    async def submit(self, batch: Batch) -> Commit:
        """Return once the batch is durable; StaleError, UnavailableError."""

    def subscribe(self, topic: str, listener: Listener) -> None:
        """Call the listener with each notice of a topic."""

    async def close(self) -> None:
        """Let go of the connection."""


def unwrap(response: Response) -> Commit:
    """Return the commit, or raise what stands in its place."""
    if response.commit is not None:
        return response.commit
    if response.stale is not None:
        raise StaleError(response.stale)
    if response.retry:
        raise UnavailableError(response.error)
    raise RuntimeError(response.error)


class LocalSender:
    """Writes in this process: for commands without a running gateway, and for tests."""

    def __init__(self, folder: Path) -> None:
        self._commits = Commits(folder)
        self.notices = Notices()
        self._commits.listeners.add(self.notices.committed)

    async def submit(self, batch: Batch) -> Commit:
        """Return once the batch is durable."""
        future: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        # Whoever asked may have been cancelled; the batch is written all the same.
        self._commits.add(batch, lambda told: None if future.done() else future.set_result(told))
        return unwrap(await future)

    def subscribe(self, topic: str, listener: Listener) -> None:
        """Call the listener with each notice of a topic."""
        self.notices.subscribe(topic, listener)

    async def close(self) -> None:
        """Give up the folder."""
        self._commits.close()


class SocketSender:
    """Writes through the store role, over one connection that is made anew when it breaks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0
        self._open: dict[int, tuple[Request, asyncio.Future[Response]]] = {}
        self.notices = Notices()
        self._writer: asyncio.StreamWriter | None = None
        self._task: asyncio.Task[None] | None = None

    async def submit(self, batch: Batch) -> Commit:
        """Return once the batch is durable."""
        self._start()
        self._number += 1
        request = Request(self._number, batch)
        future: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        self._open[request.number] = request, future
        self._send(request)
        try:
            return unwrap(await self._answer(future))
        finally:
            self._open.pop(request.number, None)

    async def _answer(self, future: asyncio.Future[Response]) -> Response:
        """Return the answer. A store role that is there and slow is waited for: it may be done."""
        end = time.monotonic() + LONG_PATIENCE
        while True:
            await asyncio.wait({future}, timeout=PATIENCE)
            if future.done():
                return future.result()
            if self._writer is None:
                raise UnavailableError("The store does not answer; send the request again.")
            if time.monotonic() > end:
                raise UnavailableError("The store is too slow; look whether it was stored.")

    def subscribe(self, topic: str, listener: Listener) -> None:
        """Call the listener with each notice of a topic."""
        self.notices.subscribe(topic, listener)
        self._start()
        self._send(Request(0, topics=[topic]))

    async def close(self) -> None:
        """Hang up."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _start(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._converse())

    def _send(self, request: Request) -> None:
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(frame(request))

    async def _converse(self) -> None:
        """Keep a connection, and after each break send again what is unanswered."""
        while True:
            try:
                with short_path(self._folder) as path:
                    reader, self._writer = await asyncio.open_unix_connection(path)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            self._send(Request(0, topics=self.notices.topics))
            for request, _ in tuple(self._open.values()):
                self._send(request)
            try:
                while True:
                    self._take(decode_response(await read_frame(reader)))
            except (asyncio.IncompleteReadError, ConnectionError):
                log.warning("store: the store role hung up, connecting again")
            finally:
                self._writer.close()
                self._writer = None

    def _take(self, response: Response) -> None:
        self.notices.tell(response.notices)
        waiting = self._open.get(response.number)
        if waiting and not waiting[1].done():
            waiting[1].set_result(response)
