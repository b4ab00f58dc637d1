"""Reading while lines to the database break: once is not told, twice is no defect of ours."""

from contextlib import contextmanager

import pytest

from gateway.errors import UnavailableError
from gateway.store.postgres.connection import Connection
from gateway.store.postgres.store import Line
from tests.gateway.interactions.consortium import Consortium

pytestmark = pytest.mark.needs("postgresql")

ENDS = "SELECT pg_terminate_backend(pg_backend_pid())"
SOURCE = "SELECT pg_get_functiondef('last_row'::regproc)"
TRAP = """
    CREATE OR REPLACE FUNCTION last_row() RETURNS bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN 0; END $$"""


@pytest.fixture
async def house(folder):
    opened = Consortium(folder)
    await opened.open()
    yield opened
    await opened.close()


@contextmanager
def trap(url):
    """Let whoever asks for the newest row lose its line."""
    db = Connection(url)
    ((source,),) = db.run(SOURCE)
    db.script(TRAP)
    try:
        yield
    finally:
        db.script(source)
        db.close()


def test_a_line_that_breaks_whenever_it_is_used_is_told_as_absent(url):
    line = Line(url, 10.0)
    assert line.run("SELECT 1", ()) == [(1,)]
    with pytest.raises(UnavailableError):
        line.run(ENDS, ())
    assert line.run("SELECT 1", ()) == [(1,)]
    line.close()


async def test_a_search_whose_lines_break_says_that_the_database_is_not_there(house, url):
    query = "Patient?name=x&_sort=birthdate"
    with trap(url), pytest.raises(UnavailableError):
        await house.search("A", query)
    assert (await house.search("A", query)).total == 0
