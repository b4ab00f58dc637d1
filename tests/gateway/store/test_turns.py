"""What is read in one turn of the event loop is of one moment, on SQLite in one transaction."""

import asyncio
import os

import pytest

from gateway.fhir.definitions import TYPE_IDS
from gateway.store import sqlite
from gateway.store.connection import to_write
from gateway.store.query import Query
from gateway.store.records import Batch, Viewer
from gateway.store.statements import STATEMENTS
from tests import databases
from tests.databases import ON_SQLITE

PUT = "INSERT OR REPLACE INTO setting VALUES ('said', ?)"


pytestmark = ON_SQLITE
"""PostgreSQL reads each statement by itself: a transaction there would cost two more."""


@pytest.fixture
def elsewhere(folder):
    """Another process's connection."""
    connection = to_write(folder)
    yield connection
    connection.close()


def said(store):
    return [value for (value,) in store.fetch("setting", ("said",))]


def saying(word, **more):
    return Batch(os.urandom(16), statements=[("setting_put", ("said", word))], **more)


async def test_a_turn_reads_one_moment_and_the_next_one_what_came_since(store, elsewhere):
    assert said(store) == []
    elsewhere.execute(PUT, ("meanwhile",))
    assert said(store) == []
    await asyncio.sleep(0)
    assert said(store) == ["meanwhile"]


async def test_who_waits_finds_nothing_held(store, elsewhere):
    """A transaction left open would keep the log from being emptied, and show old rows."""
    assert said(store) == []
    await asyncio.sleep(0)
    elsewhere.execute(PUT, ("now",))
    busy, frames, copied = elsewhere.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    assert (busy, frames, copied) == (0, 0, 0)


async def test_what_was_written_is_read_even_without_a_turn_between(store):
    for word in ("a", "b", "c"):
        assert said(store) != [word]
        await store.submit(saying(word))
        assert said(store) == [word]


async def test_a_listener_reads_what_it_is_told_of(store, elsewhere):
    """It may fill a cache that the notice emptied: with old rows it would stay wrong."""
    heard = []
    store.subscribe("said", lambda *_: heard.append(said(store)))
    assert said(store) == []
    elsewhere.execute(PUT, ("told",))
    store.notices.tell([("said", "")])
    assert heard == [["told"]]
    assert said(store) == ["told"]


async def test_a_listener_in_the_turn_of_a_commit_reads_it(store):
    heard = []
    store.subscribe("said", lambda *_: heard.append(said(store)))
    writing = asyncio.ensure_future(store.submit(saying("b", notices=[("said", "")])))
    # Each of these may be the turn in which the commit comes.
    while not writing.done():
        said(store)
        await asyncio.sleep(0)
    assert heard == [["b"]]
    assert said(store) == ["b"]


async def test_what_takes_long_leaves_the_turn_as_it_was(folder, elsewhere, monkeypatch):
    """A statement that the deadline ends is no end of the transaction, and does no harm to it."""
    monkeypatch.setattr(sqlite, "OPCODES", 1)
    monkeypatch.setattr(sqlite, "INLINE_SECONDS", -1)
    store = databases.opened(folder)
    counting = asyncio.ensure_future(store.count(Query(TYPE_IDS["Patient"], Viewer(1))))
    await asyncio.sleep(0)
    assert not counting.done()
    assert said(store) == []
    elsewhere.execute(PUT, ("after",))
    assert said(store) == []
    assert await counting == 0
    assert said(store) == ["after"]
    await store.close()


async def test_what_sqlite_undid_by_itself_is_not_ended_again(store, elsewhere, monkeypatch):
    """A fault of the disk or of memory ends a transaction; whoever is told next must not fail."""
    monkeypatch.setitem(STATEMENTS, "undone", "ROLLBACK")
    heard = []
    store.subscribe("said", lambda *_: heard.append(said(store)))
    assert said(store) == []
    store.fetch("undone")
    elsewhere.execute(PUT, ("after",))
    store.notices.tell([("said", "")])
    assert heard == [["after"]]


def test_a_loop_that_ended_holds_nothing(folder, elsewhere):
    """A command runs one loop after another, and reads between them."""
    store = databases.opened(folder)

    async def stopped():
        assert said(store) == []
        asyncio.get_running_loop().stop()

    async def again():
        return said(store)

    loop = asyncio.new_event_loop()
    task = loop.create_task(stopped())
    loop.run_forever()
    loop.close()
    assert task.done()
    elsewhere.execute(PUT, ("one",))
    assert said(store) == ["one"]
    elsewhere.execute(PUT, ("two",))
    assert said(store) == ["two"]
    assert asyncio.run(again()) == ["two"]
    elsewhere.execute(PUT, ("three",))
    assert asyncio.run(again()) == ["three"]
    asyncio.run(store.close())


async def test_a_store_is_closed_in_the_turn_in_which_it_was_read(folder, caplog):
    store = databases.opened(folder)
    assert said(store) == []
    await store.close()
    await asyncio.sleep(0)
    assert not caplog.records
