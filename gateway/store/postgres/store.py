"""The store on PostgreSQL: reads on its own connections, writes through a sender of its own.

Point reads run in the event loop, as on SQLite: a round trip costs less than a thread. What takes
longer than a moment the server cancels, and it runs once more in a thread.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, TypeVar

import psycopg
from typing_extensions import override

from gateway.errors import CostlyError, UnavailableError
from gateway.store.postgres import wall
from gateway.store.postgres.connection import PLANNED, Connection
from gateway.store.postgres.sender import DirectSender
from gateway.store.reading import Reading, Work
from gateway.store.records import Viewer
from gateway.store.walks import Run

INLINE_SECONDS: Final = 0.05
SCAN_SECONDS: Final = 30.0
THREADS: Final = 2
WINDOWS: Final = 3
"""Campuses that a process keeps a window open for."""
ABSENT: Final = "The database is not there; send the request again."
PAUSE: Final = 0.5
"""Seconds in which a database that was not there is not asked again."""

T = TypeVar("T")


class Line:
    """A connection that is made when it is needed, and anew when it broke."""

    def __init__(self, url: str, seconds: float, **settings: str) -> None:
        self._url = url
        self._settings = settings | {
            "default_transaction_read_only": "on",
            "statement_timeout": str(int(seconds * 1000)),
        }
        self._db: Connection | None = None
        self._refused = 0.0

    def run(self, sql: str, values: Sequence[object]) -> list[Any]:
        """Return the rows of a statement; UnavailableError where the database is not there."""
        try:
            return self._connected().run(sql, values)
        except psycopg.OperationalError:
            if not self.lost:
                raise
            self.close()
        with _told(self):
            return self._connected().run(sql, values)

    @property
    def lost(self) -> bool:
        """Whether it broke."""
        return self._db is not None and self._db.lost

    def _connected(self) -> Connection:
        if self._db is None:
            if time.monotonic() - self._refused < PAUSE:
                raise UnavailableError(ABSENT)
            try:
                self._db = Connection(self._url, **self._settings)
            except psycopg.Error as error:
                self._refused = time.monotonic()
                raise UnavailableError(ABSENT) from error
        return self._db

    def close(self) -> None:
        """Hang up."""
        if self._db is not None:
            self._db.close()
            self._db = None


@contextmanager
def _told(line: Line) -> Iterator[None]:
    """Tell of a line that broke, made anew already, that the database is not there."""
    try:
        yield
    except psycopg.OperationalError as error:
        if not line.lost:
            raise
        line.close()
        raise UnavailableError(ABSENT) from error


class Window(Line):
    """A line behind the wall: it shows what one viewer may read."""

    def __init__(self, url: str, seconds: float) -> None:
        super().__init__(url, seconds, role=wall.READER)
        self._viewer: Viewer | None = None

    def for_viewer(self, viewer: Viewer) -> Run:
        """Return what runs statements for a viewer."""

        def run(sql: str, values: Sequence[object]) -> list[Any]:
            if self._viewer != viewer or self._db is None:
                self._viewer = None
                super(Window, self).run(wall.SHOWN_TO, wall.settings(viewer))
                self._viewer = viewer
            return self._connected().run(sql, values)

        return run

    @override
    def close(self) -> None:
        self._viewer = None
        super().close()


class Windows:
    """A window for each of the viewers that came last: changing the viewer is a statement more."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._windows: dict[int, Window] = {}

    def of(self, viewer: Viewer) -> Window:
        """Return the window that a campus looks through."""
        window = self._windows.pop(viewer.campus, None)
        if window is None:
            if len(self._windows) >= WINDOWS:
                window = self._windows.pop(next(iter(self._windows)))
            else:
                window = Window(self._url, INLINE_SECONDS)
        self._windows[viewer.campus] = window
        return window

    def close(self) -> None:
        """Hang up."""
        for window in self._windows.values():
            window.close()


class PostgresStore(Reading):
    """Implements `gateway.store.protocol.Store`."""

    def __init__(self, url: str) -> None:
        super().__init__(DirectSender(url))
        self._url = url
        self._line = Line(url, INLINE_SECONDS)
        self._windows = Windows(url)
        self._patient = Line(url, SCAN_SECONDS)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="scan")
        self._local = threading.local()
        self._lines: list[Line] = []

    @property
    def alone(self) -> bool:
        """Whether this process is the one that writes: never, others may."""
        return False

    @property
    def single(self) -> bool:
        """Whether one process writes for all: here every one writes by itself."""
        return False

    async def close(self) -> None:
        """Close connections and threads."""
        await self._sender.close()
        self._threads.shutdown(wait=True)
        self._windows.close()
        for line in (self._line, self._patient, *self._lines):
            line.close()

    @override
    def _run(self, sql: str, values: Sequence[object]) -> list[Any]:
        try:
            return self._line.run(sql, values)
        except psycopg.errors.QueryCanceled:
            # It must be had at once, however long it takes.
            return self._patient.run(sql, values)

    @override
    async def _timed(self, work: Work[T], viewer: Viewer) -> T:
        window = self._windows.of(viewer)
        try:
            return work(window.for_viewer(viewer))
        except psycopg.errors.QueryCanceled:
            pass
        except psycopg.OperationalError:
            # The line broke; the thread has another.
            window.close()
        return await self._in_thread(partial(self._view, work, viewer))

    @override
    async def _aside(self, work: Work[T]) -> T:
        return await self._in_thread(partial(self._scan, work))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._threads, work)
        except psycopg.errors.QueryCanceled as error:
            raise CostlyError("The search takes too long; narrow it.") from error

    def _scan(self, work: Work[T]) -> T:
        if not hasattr(self._local, "line"):
            self._local.line = Line(self._url, SCAN_SECONDS, **PLANNED)
            self._lines.append(self._local.line)
        return work(self._local.line.run)

    def _view(self, work: Work[T], viewer: Viewer) -> T:
        if not hasattr(self._local, "window"):
            self._local.window = Window(self._url, SCAN_SECONDS)
            self._lines.append(self._local.window)
        window: Window = self._local.window
        try:
            return work(window.for_viewer(viewer))
        except psycopg.errors.QueryCanceled:
            raise
        except psycopg.OperationalError:
            window.close()
        with _told(window):
            return work(window.for_viewer(viewer))
