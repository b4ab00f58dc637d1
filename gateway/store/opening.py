"""Opens the store of a data folder, beside a running gateway or without one."""

import asyncio
import time
from pathlib import Path
from typing import Final

from gateway.errors import UnavailableError
from gateway.store.migrate import migrate
from gateway.store.sender import LocalSender, SocketSender
from gateway.store.service import BusyError
from gateway.store.sqlite import SQLiteStore
from gateway.store.wire import short_path

PATIENCE: Final = 30.0
"""Seconds that a command waits for another that writes by itself in the same folder."""


def open_store(folder: Path) -> SQLiteStore:
    """Return a store that writes itself if nobody else does, else through the store role."""
    try:
        migrate(folder)
        return SQLiteStore(folder, LocalSender(folder))
    except BusyError:
        return SQLiteStore(folder, SocketSender(folder))


def join_store(folder: Path) -> SQLiteStore:
    """Return a store that writes through the store role."""
    return SQLiteStore(folder, SocketSender(folder))


async def open_to_change(folder: Path) -> SQLiteStore:
    """Return a store as `open_store` does; several commands at once take turns."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            migrate(folder)
            return SQLiteStore(folder, LocalSender(folder))
        except BusyError:
            if await _answers(folder):
                return SQLiteStore(folder, SocketSender(folder))
        if time.monotonic() > end:
            raise UnavailableError("Another command writes in this data folder; try again.")
        await asyncio.sleep(0.05)


async def _answers(folder: Path) -> bool:
    """Return whether a store role listens in the folder."""
    try:
        with short_path(folder) as path:
            _, writer = await asyncio.open_unix_connection(path)
    except OSError:
        return False
    writer.close()
    return True
