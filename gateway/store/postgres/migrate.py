"""Brings a PostgreSQL database's schema to the newest revision, one process at a time.

https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
"""

from typing import Final

import psycopg
from psycopg import sql

from gateway.store.migrate import HEAD, upgrade
from gateway.store.postgres import wall
from gateway.store.postgres.address import conninfo, trouble

MIGRATING: Final = 0x6875746F6E670001
"""The advisory lock of migrations."""
FILLED: Final = """
    SELECT relname FROM pg_stat_user_tables
    WHERE schemaname = current_schema() AND pg_relation_size(relid) > 0"""


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
            _look_at_filled(connection)


def _look_at_filled(connection: psycopg.Connection) -> None:
    """Let the planner know at once what the migrations filled.

    An empty table must stay unknown to it: it takes that for some pages (`estimate_rel_size` in
    plancat.c), but one that was seen to be empty for a row, and walks it as a whole when it is not.
    """
    for (table,) in connection.execute(FILLED).fetchall():
        connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))


def _revision(connection: psycopg.Connection) -> str:
    there = connection.execute("SELECT to_regclass('alembic_version')").fetchone()
    if there is None or there[0] is None:
        return ""
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else ""
