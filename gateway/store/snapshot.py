"""One state of the whole database, for who checks all of it beside the gateway."""

import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, ClassVar, Protocol

from gateway.store.connection import to_read


class Snapshot(Protocol):
    """One state of a database, read in portions."""

    troubles: ClassVar[tuple[type[Exception], ...]]
    """What it raises where a row cannot be read."""

    def execute(self, sql: str) -> Iterable[tuple[Any, ...]]:
        """Return the rows of a statement, as they come."""

    def damage(self) -> Iterable[str]:
        """Return what the database itself finds wrong with its files."""

    def close(self) -> None:
        """Let go of it."""


class SQLiteSnapshot:
    """A data folder's own database."""

    troubles: ClassVar[tuple[type[Exception], ...]] = (sqlite3.DatabaseError,)

    def __init__(self, folder: Path) -> None:
        connection = self._connection = to_read(folder)
        connection.execute("BEGIN")
        self.execute: Callable[[str], Iterable[tuple[Any, ...]]] = connection.execute
        self.close = connection.close

    def damage(self) -> Iterable[str]:
        """Return what SQLite finds wrong with the file."""
        for (text,) in self.execute("PRAGMA quick_check(100)"):
            if text != "ok":
                yield text


def open_snapshot(folder: Path, database: str) -> Snapshot:
    """Return what stands in a folder's database, or in the one of an address."""
    if not database:
        return SQLiteSnapshot(folder)
    # Imported here: who has SQLite loads no driver.
    from gateway.store.postgres.snapshot import PostgresSnapshot  # noqa: PLC0415

    return PostgresSnapshot(database)
