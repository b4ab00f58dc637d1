"""The second wall: who reads for a campus is shown no version that the campus may not read.

The first is the predicate in each search (`clauses.visible`). Reading for a viewer goes over a
connection of the role READER, under row security, with the viewer in the session's settings; where
they are not set nothing is shown (https://www.postgresql.org/docs/current/ddl-rowsecurity.html).
"""

from collections.abc import Sequence
from typing import Any, Final

import psycopg

from gateway.errors import UnavailableError
from gateway.store.records import Viewer

READER: Final = "hutong_reader"

_CAMPUS: Final = "(SELECT nullif(current_setting('hutong.campus', true), '')::bigint)"
_LABELS: Final = """(
        (SELECT string_to_array(current_setting('hutong.labels', true), ',')))::smallint[]"""
_INACTIVE: Final = """(
        (SELECT string_to_array(current_setting('hutong.inactive', true), ',')))::bigint[]"""


def _may(alias: str) -> str:
    """Return what lets the viewer read a version by its own columns; nothing where none is set."""
    return f"""
    {alias}.campus = {_CAMPUS}
    OR ({alias}.label = ANY ({_LABELS}) AND {alias}.campus <> ALL ({_INACTIVE}))
    OR EXISTS (SELECT 1 FROM HERE.audience a
               WHERE a.key = {alias}.key AND a.campus = {_CAMPUS} OFFSET 0)"""


# PL/pgSQL keeps the plans of what its functions ask, SQL would make them for each call. An old
# version that was shown to less than the resource is now belongs to its history.
SCRIPT: Final = f"""
    CREATE OR REPLACE FUNCTION last_row() RETURNS bigint
        LANGUAGE plpgsql STABLE SECURITY DEFINER
        AS $$ BEGIN RETURN (SELECT max(row) FROM HERE.res); END $$;
    CREATE OR REPLACE FUNCTION may_read_now(asked bigint) RETURNS boolean
        LANGUAGE plpgsql STABLE SECURITY DEFINER
        AS $$ BEGIN RETURN EXISTS (
            SELECT 1 FROM HERE.res c
            WHERE c.key = asked AND c.dead IS NULL AND ({_may("c")})); END $$;
    ALTER TABLE res ENABLE ROW LEVEL SECURITY;
    DROP POLICY IF EXISTS campus ON res;
    CREATE POLICY campus ON res FOR SELECT TO {READER} USING (
        {_may("res")} OR (res.dead IS NOT NULL AND may_read_now(res.key)));
    DO $$
    DECLARE name text;
    BEGIN
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO {READER}', current_schema());
        FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema()
            AND (tablename LIKE 'sp\\_%' OR tablename IN (
                'res', 'key', 'system', 'term', 'word', 'passage', 'sound', 'clinical', 'indexed',
                'audience', 'certain'))
        LOOP EXECUTE format('GRANT SELECT ON %I TO {READER}', name); END LOOP;
    END $$"""
SHOWN_TO: Final = """
    SELECT set_config('hutong.campus', ?, false), set_config('hutong.labels', ?, false),
           set_config('hutong.inactive', ?, false)"""
STANDS: Final = (
    "SELECT 1 FROM pg_policies WHERE schemaname = current_schema() AND tablename = 'res'"
)


def settings(viewer: Viewer) -> Sequence[str]:
    """Return a viewer in the session's words."""
    inactive = ",".join(str(campus) for campus in viewer.inactive)
    return str(viewer.campus), "0,2" if viewer.break_glass else "0", inactive


def stands(connection: psycopg.Connection[Any]) -> bool:
    """Return whether the wall is there."""
    return connection.execute(STANDS).fetchone() is not None


def make_reader(connection: psycopg.Connection[Any]) -> None:
    """Make the role, unless an administrator has; UnavailableError where neither may be."""
    found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (READER,)).fetchone()
    try:
        if found is None:
            connection.execute(f"CREATE ROLE {READER} NOLOGIN")
        ours = "SELECT pg_has_role(current_user, %s, 'MEMBER')"
        if connection.execute(ours, (READER,)).fetchone() != (True,):
            connection.execute(f"GRANT {READER} TO CURRENT_USER")
    except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
        # Made this moment, for another database of the same server.
        make_reader(connection)
    except psycopg.errors.InsufficientPrivilege as error:
        raise UnavailableError(
            f"The database's user may not make the role {READER}: an administrator does,"
            f" and grants it (docs/reference/postgresql.md)."
        ) from error


def build(connection: psycopg.Connection[Any]) -> None:
    """Build the wall, or build it anew after a migration."""
    with connection.transaction():
        found = connection.execute("SELECT quote_ident(current_schema())").fetchone()
        schema = str(found[0]) if found else "public"
        connection.execute(SCRIPT.replace("HERE.", f"{schema}.").encode())
