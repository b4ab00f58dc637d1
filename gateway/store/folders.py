"""Makes new names in folders durable: an fsync of a folder that all who wait for it share.

While folders are synced the next ones gather, so no timer is needed; on a journalled filesystem the
first fsync of a round writes the names of all.
"""

import asyncio
import os
from collections.abc import Iterable
from concurrent.futures import Executor
from pathlib import Path


class Folders:
    """Folders with new names; one for a process and its event loop."""

    def __init__(self, threads: Executor) -> None:
        self._threads = threads
        self._waiting: list[tuple[frozenset[Path], asyncio.Future[None]]] = []
        self._task: asyncio.Task[None] | None = None

    async def synced(self, folders: Iterable[Path]) -> None:
        """Return once the names in these folders are on disk; OSError."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((frozenset(folders), future))
        if self._task is None:
            self._task = asyncio.create_task(self._rounds())
        await future

    async def _rounds(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                group, self._waiting = self._waiting, []
                folders = frozenset().union(*(folders for folders, _ in group))
                error: BaseException | None = None
                try:
                    await loop.run_in_executor(self._threads, _sync, folders)
                except OSError as failure:
                    error = failure
                for _, future in group:
                    if future.done():
                        continue
                    if error is None:
                        future.set_result(None)
                    else:
                        future.set_exception(error)
        finally:
            self._task = None


def _sync(folders: Iterable[Path]) -> None:
    for folder in folders:
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
