"""Opens the store of a data folder, beside a running gateway or without one.

With the address of a PostgreSQL database the data lie there; every process writes by itself.
"""

import asyncio
import os
import time
from pathlib import Path
from typing import Final

from gateway.errors import UnavailableError
from gateway.store import migrate
from gateway.store.protocol import Store
from gateway.store.sender import LocalSender, SocketSender
from gateway.store.service import BusyError, lock
from gateway.store.sqlite import SQLiteStore
from gateway.store.wire import short_path

PATIENCE: Final = 30.0
"""Seconds that a command waits for another that writes by itself in the same folder."""


def open_store(folder: Path, database: str = "") -> Store:
    """Return a store that writes itself if nobody else does, else through the store role."""
    if database:
        return _shared(folder, database)
    try:
        migrate.migrate(folder)
        return SQLiteStore(folder, LocalSender(folder))
    except BusyError:
        return SQLiteStore(folder, SocketSender(folder))


def join_store(folder: Path, database: str = "") -> Store:
    """Return a store beside those that have it open: on SQLite it writes through the store role."""
    if database:
        from gateway.store.postgres.store import PostgresStore  # noqa: PLC0415

        return PostgresStore(database)
    return SQLiteStore(folder, SocketSender(folder))


async def open_to_change(folder: Path, database: str = "") -> Store:
    """Return a store as `open_store` does; several commands at once take turns."""
    if database:
        return _shared(folder, database)
    end = time.monotonic() + PATIENCE
    while True:
        try:
            migrate.migrate(folder)
            return SQLiteStore(folder, LocalSender(folder))
        except BusyError:
            if await _answers(folder):
                return SQLiteStore(folder, SocketSender(folder))
        if time.monotonic() > end:
            raise UnavailableError("Another command writes in this data folder; try again.")
        await asyncio.sleep(0.05)


def claim(folder: Path, database: str = "") -> None:
    """Bring the schema to the newest revision; BusyError where somebody writes in the folder."""
    if database:
        _prepare(folder, database)
        return
    migrate.migrate(folder)
    os.close(lock(folder))


async def tidy(database: str) -> None:
    """Clear away what has expired in a database, until cancelled; one of all gateways does."""
    from gateway.store.postgres.janitor import run  # noqa: PLC0415

    await run(database)


def _prepare(folder: Path, database: str) -> None:
    # Objects and what monitoring counts stay in the folder.
    folder.mkdir(parents=True, exist_ok=True)
    # Imported here, as elsewhere: who has SQLite loads no driver.
    from gateway.store.postgres import migrate as postgres  # noqa: PLC0415

    postgres.migrate(database)


def _shared(folder: Path, database: str) -> Store:
    _prepare(folder, database)
    return join_store(folder, database)


async def _answers(folder: Path) -> bool:
    """Return whether a store role listens in the folder."""
    try:
        with short_path(folder) as path:
            _, writer = await asyncio.open_unix_connection(path)
    except OSError:
        return False
    writer.close()
    return True
