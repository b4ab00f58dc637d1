"""Statements that a connection keeps prepared, more than it has room for among them."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from psycopg import OperationalError
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


def test_a_line_that_broke_while_nothing_was_sent_is_known_to_be_lost(db, url):
    assert db.pipeline(asked(1)) == [[(2,)]]
    other = Connection(url)
    other.run("SELECT pg_terminate_backend(?::integer, 10000)", (db.backend,))
    other.close()
    with pytest.raises(OperationalError):
        db.pipeline(asked(1, 2))
    assert db.lost


GROUP = (
    ("BEGIN", ()),
    *[("INSERT INTO written SELECT * FROM generate_series(?, ?::bigint)", (1, 200))] * 6,
    ("COMMIT", ()),
)


def send(db):
    while True:
        db.pipeline(GROUP)


def test_a_line_that_is_ended_anywhere_within_what_is_sent_is_known_to_be_lost(url):
    other = Connection(url)
    with ThreadPoolExecutor(1) as pool:
        for number in range(60):
            db = Connection(url)
            db.run("CREATE TEMPORARY TABLE written (number bigint)")
            sent = pool.submit(send, db)
            time.sleep(number / 10_000)
            other.run("SELECT pg_terminate_backend(?::integer)", (db.backend,))
            assert isinstance(sent.exception(), OperationalError)
            # Who sent it sends it again over another line; where it were not lost, it gives up.
            assert db.lost
    other.close()
