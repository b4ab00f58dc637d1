"""One state of a PostgreSQL database, for who checks all of it.

https://www.postgresql.org/docs/current/sql-declare.html
"""

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, Final

import psycopg

from gateway.store.postgres.connection import PLANNED, Connection

PORTION: Final = 10_000
WHOLE: Final = PLANNED | {"work_mem": "256MB", "idle_in_transaction_session_timeout": "0"}


class PostgresSnapshot:
    """Reads in one transaction, a portion of rows at a time."""

    troubles: ClassVar[tuple[type[Exception], ...]] = (psycopg.Error,)

    def __init__(self, url: str) -> None:
        self._db = Connection(url, **WHOLE)
        self._db.script("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        self._cursors = 0

    def execute(self, sql: str) -> Iterable[tuple[Any, ...]]:
        """Return the rows of a statement, as they come."""
        self._cursors += 1
        name = f"c{self._cursors}"
        self._db.run(f"DECLARE {name} NO SCROLL CURSOR FOR {sql}")
        return self._rows(name)

    def _rows(self, name: str) -> Iterator[tuple[Any, ...]]:
        while rows := self._db.run(f"FETCH {PORTION} FROM {name}"):
            yield from rows
        self._db.run(f"CLOSE {name}")

    def damage(self) -> Iterable[str]:
        """Return nothing: PostgreSQL says what is damaged when it is read (`data_checksums`)."""
        return ()

    def close(self) -> None:
        """Hang up."""
        self._db.close()
