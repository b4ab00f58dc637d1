"""Opens the store of a data folder, beside a running gateway or without one."""

from pathlib import Path

from gateway.store.migrate import migrate
from gateway.store.sender import LocalSender, SocketSender
from gateway.store.service import BusyError
from gateway.store.sqlite import SQLiteStore


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
