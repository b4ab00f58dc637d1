"""SQLite connections: one to write, others to read (https://www.sqlite.org/wal.html)."""

import sqlite3
from pathlib import Path

DATABASE = "hutong.sqlite"


def to_write(folder: Path) -> sqlite3.Connection:
    """Return the write connection: each commit is on disk when it returns."""
    connection = sqlite3.connect(folder / DATABASE, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    # 16 MB: a page that many commits touch is then copied into the database once for all of them.
    connection.execute("PRAGMA wal_autocheckpoint = 4000")
    connection.execute("PRAGMA journal_size_limit = 67108864")
    # 48 MB: with 64 the processes took 508 MB together after an import of a million resources.
    connection.execute("PRAGMA cache_size = -49152")
    connection.execute("PRAGMA busy_timeout = 10000")
    # What a savepoint would have to undo stays in memory, not in a file.
    connection.execute("PRAGMA temp_store = MEMORY")
    return connection


def to_read(folder: Path) -> sqlite3.Connection:
    """Return a connection that cannot write."""
    connection = sqlite3.connect(
        f"{(folder / DATABASE).resolve().as_uri()}?mode=ro",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=512,
    )
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA cache_size = -32768")
    # No mmap: mapped pages are looked up anew for each statement, cached ones only after a commit
    # (measured: reads at 0.65 of a bare route instead of 0.45).
    connection.execute("PRAGMA busy_timeout = 5000")
    return connection
