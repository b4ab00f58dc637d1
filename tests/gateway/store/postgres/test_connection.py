"""Statements that a connection keeps prepared, more than it has room for among them."""

import pytest
from psycopg.errors import DivisionByZero

from gateway.store.postgres import connection
from gateway.store.postgres.connection import Connection

pytestmark = pytest.mark.needs("postgresql")


@pytest.fixture
def db(url, monkeypatch):
    monkeypatch.setattr(connection, "PREPARED", 4)
    opened = Connection(url)
    yield opened
    opened.close()


def asked(*numbers):
    return [(f"SELECT ? + {number}", (1,)) for number in numbers]


def test_statements_sent_at_once_stay_themselves_where_room_is_made(db):
    for number in range(3):
        db.run(*asked(number)[0])
    # Each of these takes the name that one of the first had.
    assert db.pipeline(asked(0, 1, 2, 3, 4, 5, 6)) == [[(number,)] for number in range(1, 8)]


def test_more_at_once_than_there_is_room_for(db):
    for _ in range(3):
        assert db.pipeline(asked(*range(9))) == [[(number,)] for number in range(1, 10)]
        assert db.pipeline(asked(0, 0, 20)) == [[(1,)], [(1,)], [(21,)]]


def test_a_transaction_that_failed_is_ended_whatever_is_prepared(db):
    db.run("BEGIN")
    db.run("SAVEPOINT one")
    for number in range(4):
        db.run(*asked(number)[0])
    with pytest.raises(DivisionByZero):
        db.run("SELECT 1 / ?", (0,))
    db.run("ROLLBACK TO one")
    assert db.run(*asked(7)[0]) == [(8,)]
    db.run("COMMIT")
