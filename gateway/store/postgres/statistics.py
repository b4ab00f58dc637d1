"""Keeps what the planner knows of a growing database true.

Plans are made once for all values, from what the last ANALYZE saw. Autovacuum looks each minute and
waits for a tenth of a table to be new; a database that is being filled has changed its shape by
then (https://www.postgresql.org/docs/current/routine-vacuuming.html#VACUUM-FOR-STATISTICS).
"""

from typing import Final

import psycopg

from gateway.store.postgres.connection import Connection

GROWN: Final = 2.0
FEW: Final = 100
"""Rows of a table that is looked at first. What was planned while it was empty walks it as a whole,
and for each of its rows another: with a thousand rows that took 0.1 s a Patient."""
ENOUGH: Final = 2_000_000
"""Rows of a table from which on autovacuum alone sees to it."""

# How many rows each table had when it was looked at last, and how many were added since.
TABLES: Final = """
    SELECT c.relname, greatest(c.reltuples, 0)::bigint, s.n_mod_since_analyze
    FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
    WHERE s.schemaname = current_schema()"""


class Statistics:
    """Looks at the tables now and then."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def step(self) -> int:
        """Look anew at each table that has doubled; return how many there were."""
        done = 0
        try:
            for table, known, added in self._db.run(TABLES):
                if added > max(known * (GROWN - 1), FEW) and known < ENOUGH:
                    self._db.script(f'ANALYZE "{table}"')
                    done += 1
        except psycopg.Error:
            return done
        return done
