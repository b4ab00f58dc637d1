"""Brings a PostgreSQL database's schema to the newest revision, one process at a time.

https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
"""

from typing import Final

import psycopg

from gateway.store.migrate import HEAD, upgrade
from gateway.store.postgres import wall
from gateway.store.postgres.address import conninfo, trouble

MIGRATING: Final = 0x6875746F6E670001
"""The advisory lock of migrations."""


def revision(url: str) -> str:
    """Return the revision that a database is at, "" where there is none."""
    with trouble(), psycopg.connect(conninfo(url)) as connection:
        return _revision(connection)


def migrate(url: str) -> None:
    """Apply what is missing; several processes may start at once."""
    with trouble(), psycopg.connect(conninfo(url), autocommit=True) as connection:
        if _revision(connection) == HEAD and wall.stands(connection):
            return
        connection.execute("SELECT pg_advisory_lock(%s)", (MIGRATING,))
        if _revision(connection) != HEAD or not wall.stands(connection):
            wall.make_reader(connection)
            upgrade("postgresql+psycopg://", lambda: psycopg.connect(conninfo(url)))
            wall.build(connection)
            # What the migrations filled is known to the planner at once.
            connection.execute("ANALYZE")


def _revision(connection: psycopg.Connection) -> str:
    there = connection.execute("SELECT to_regclass('alembic_version')").fetchone()
    if there is None or there[0] is None:
        return ""
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else ""
