"""What has outlived its use goes, what is in use stays."""

import asyncio
import sqlite3
import time

import pytest

from gateway.fhir.definitions import TYPE_IDS
from gateway.store.connection import DATABASE, to_write
from gateway.store.janitor import HOUR, OUTBOX_LIFE, PAGE_LIFE, Janitor
from gateway.store.postgres.connection import Connection
from gateway.store.postgres.janitor import SharedJanitor
from gateway.store.query import Patients, Query
from gateway.store.records import Viewer
from tests.databases import ON_SQLITE, url_of
from tests.gateway.store.samples import DATE, NAME, STATUS, SUBJECT, batch, erase, rows, write

PATIENT = TYPE_IDS["Patient"]
TABLES = ("sp_token", "sp_reference", "sp_string", "sp_date", "clinical")


def full(id_, number):
    """A version with a row in every index table."""
    return write(
        "Observation",
        id_,
        rest=b',"n":%d' % number,
        tokens=[(STATUS, "", f"code{number}"), (STATUS, "", "same")],
        references=[(SUBJECT, PATIENT, "p")],
        strings=[(NAME, f"Text {number}", f"text {number}")],
        dates=[(DATE, number, number + 10)],
        patients=[(PATIENT, "p"), (PATIENT, "q")],
        codes=[("", f"code{number}")],
        date=(number, number + 10),
    )


def index(folder):
    return {table: sorted(rows(folder, f"SELECT * FROM {table}")) for table in TABLES}  # noqa: S608


@pytest.fixture
def janitor(store, folder):
    if url := url_of(folder):
        connection = Connection(url)
        yield SharedJanitor(connection)
    else:
        connection = to_write(folder)
        yield Janitor(connection)
    connection.close()
    assert store.current("Patient", "none") is None


def work(janitor, now):
    steps = 0
    while janitor.step(now):
        steps += 1
    return steps


async def test_index_rows_of_old_versions_go_when_no_page_can_need_them(store, folder, janitor):
    await store.submit(batch(full("o", 3), full("other", 4)))
    only_new = await store.submit(batch(full("o", 5)))
    before = index(folder)
    moment = only_new.written[0][1]
    work(janitor, moment + PAGE_LIFE)
    assert index(folder) == before
    assert work(janitor, moment + PAGE_LIFE + 1)
    after = index(folder)
    current = {row for (row,) in rows(folder, "SELECT row FROM res WHERE dead IS NULL")}
    for table in TABLES:
        at = {"clinical": 4}.get(table, 2)
        assert after[table] == [one for one in before[table] if one[at] in current]
        assert after[table]
    assert len(after["clinical"]) == 2 * 2 * 2


async def test_a_fresh_index_and_a_tidied_one_are_the_same(store, folder, janitor):
    for number in range(4):
        await store.submit(batch(full("o", number)))
    await store.submit(batch(erase("Observation", "o")))
    work(janitor, time.time_ns() // 1000 + 2 * PAGE_LIFE)
    assert index(folder) == {table: [] for table in TABLES}
    # The bodies of all versions are history and stay.
    assert [store.version("Observation", "o", number + 1).resource()["n"] for number in range(4)]
    assert rows(folder, "SELECT count(*) FROM res WHERE keys IS NOT NULL") == [(0,)]


async def test_more_than_one_portion_is_cleared_step_by_step(store, folder, janitor):
    for number in range(2):
        await store.submit(batch(*(full(f"o{each}", number) for each in range(250))))
    assert work(janitor, time.time_ns() // 1000 + 2 * PAGE_LIFE) >= 2
    assert rows(folder, "SELECT count(DISTINCT row) FROM sp_token") == [(250,)]
    clause = Patients((SUBJECT,), ("p",), PATIENT)
    assert await store.count(Query(TYPE_IDS["Observation"], Viewer(1), (clause,))) == 250


@ON_SQLITE
async def test_a_janitor_that_cannot_write_tries_again_later(store, folder, janitor):
    commit = await store.submit(batch(full("o", 1), ticket=b"one"))
    other = sqlite3.connect(folder / DATABASE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    blocked = to_write(folder)
    blocked.execute("PRAGMA busy_timeout = 0")
    later = commit.written[0][1] + 2 * HOUR
    assert not Janitor(blocked).step(later)
    other.execute("ROLLBACK")
    assert Janitor(blocked).step(later)
    assert not janitor.step(later)
    for connection in (other, blocked):
        connection.close()


def reader(name, row):
    """How far somebody who reads the outbox came."""
    return batch(ticket=b"", statements=[("setting_put", (name, str(row)))])


def subscribed():
    """A subscription that is told of changes."""
    put = ("subscription_put", ("s", 1, 1, 1, 1))
    return batch(ticket=b"", statements=[put, ("subscription_turn", (1, 1, 0, "", "s"))])


async def test_tickets_and_outbox_rows_expire(store, folder, janitor):
    commit = await store.submit(batch(full("o", 1), ticket=b"one"))
    await store.submit(reader("followed", commit.written[0][1] + 2 * OUTBOX_LIFE))
    moment = commit.written[0][1]
    work(janitor, moment + HOUR // 2)
    assert rows(folder, "SELECT id FROM ticket") == [(b"one",)]
    work(janitor, moment + OUTBOX_LIFE // 2)
    assert rows(folder, "SELECT id FROM ticket") == []
    assert len(store.fetch("outbox_after", (0, 9))) == 1
    work(janitor, moment + OUTBOX_LIFE + 1)
    await asyncio.sleep(0)  # a turn reads one moment
    assert store.fetch("outbox_after", (0, 9)) == []
    assert store.current("Observation", "o").version == 1


async def test_an_outbox_row_stays_until_every_reader_has_it(store, janitor):
    moment = (await store.submit(batch(full("o", 1), ticket=b"one"))).written[0][1]
    later = moment + OUTBOX_LIFE + 1
    work(janitor, later)
    assert len(store.fetch("outbox_after", (0, 9))) == 1
    await store.submit(reader("followed", later))
    await store.submit(reader("told", moment - 1))
    await store.submit(subscribed())
    work(janitor, later)
    assert len(store.fetch("outbox_after", (0, 9))) == 1
    await store.submit(reader("told", moment + 1))
    work(janitor, later)
    assert store.fetch("outbox_after", (0, 9)) == []


async def test_index_rows_stay_until_subscriptions_were_matched_with_them(store, folder, janitor):
    first = (await store.submit(batch(full("o", 1), ticket=b"one"))).written[0][1]
    second = (await store.submit(batch(full("o", 2), ticket=b"two"))).written[0][1]
    await store.submit(subscribed())
    await store.submit(reader("told", first))
    statement = "SELECT count(*) FROM sp_token WHERE row = ?"
    work(janitor, second + 2 * HOUR)
    assert rows(folder, statement, (first,)) != [(0,)]
    await store.submit(reader("told", second + 1))
    work(janitor, second + 2 * HOUR)
    assert rows(folder, statement, (first,)) == [(0,)]
