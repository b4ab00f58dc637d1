"""The store role: killed, restarted, out of space, its clock set back."""

import asyncio
import hashlib
import resource
import sqlite3

import pytest

from gateway.errors import UnavailableError
from gateway.store import sender
from gateway.store.connection import DATABASE, to_write
from gateway.store.opening import join_store, open_store
from gateway.store.records import Batch
from gateway.store.writer import Writer
from tests.gateway.store.samples import batch, kill, rows, serving, start_role, write
from tests.waiting import PATIENCE, until


@pytest.fixture
def database():
    """What is tested here is SQLite's."""
    return ""


TEN_YEARS = 10 * 365 * 86_400 * 1_000_000


async def test_a_ticket_that_was_committed_answers_as_it_did(either, folder):
    sent = batch(write("Patient", "p"), statements=[("setting_put", ("a", "1"))])
    first = await either.submit(sent)
    again = await either.submit(sent)
    assert again == first
    assert rows(folder, "SELECT version FROM res") == [(1,)]


async def test_a_commit_whose_answer_was_lost_is_answered_by_the_next_role(folder):
    """Killed between commit and answer: the sender asks the new role, by the same ticket."""
    sent = batch(write("Patient", "p"), ticket=b"lost-answer")
    writer = open_store(folder)
    committed = await writer.submit(sent)
    await writer.close()
    store = join_store(folder)
    asked = asyncio.create_task(store.submit(sent))
    await asyncio.sleep(0.1)
    assert not asked.done()
    with serving(folder):
        assert await asked == committed
        await store.close()
    assert rows(folder, "SELECT count(*) FROM res") == [(1,)]


async def test_kills_lose_nothing_and_double_nothing(folder, monkeypatch):
    monkeypatch.setattr(sender, "PATIENCE", PATIENCE)
    store = join_store(folder)
    role = start_role(folder)
    answered, enough = [], asyncio.Event()

    async def writing(name):
        number = 0
        while not enough.is_set():
            body = b',"n":%d' % number
            commit = await store.submit(batch(write("Patient", name, rest=body)))
            answered.append((name, number, *commit.written[0]))
            number += 1

    writers = [asyncio.create_task(writing(f"p{name}")) for name in range(8)]
    for _ in range(5):
        before = len(answered)
        await until(lambda before=before: len(answered) > before)
        await asyncio.sleep(0.05)
        kill(role)
        role = start_role(folder)
    enough.set()
    await asyncio.gather(*writers)
    for name, number, version, row in answered:
        stored = store.version("Patient", name, version)
        assert (stored.row, stored.resource()["n"], version) == (row, number, number + 1)
    assert rows(folder, "SELECT count(*) FROM res") == [(len(answered),)]
    assert rows(folder, "SELECT count(*) FROM ticket") == [(len(answered),)]
    await store.close()
    kill(role)


async def test_a_listener_hears_again_after_the_role_was_restarted(folder):
    store, heard = join_store(folder), []
    store.subscribe("config", lambda _, payload: heard.append(payload))
    for payload in ("1", "2"):
        with serving(folder):
            await store.submit(Batch(ticket=payload.encode(), notices=[("config", payload)]))
            await until(lambda payload=payload: payload in heard)
    assert heard == ["1", "2"]
    await store.close()


async def test_a_full_disk_keeps_nothing_and_says_so(folder):
    """The role's files may not grow over a limit, which is lifted later."""
    with serving(folder, limit=1_000_000) as role:
        store = join_store(folder)
        written = refused = 0
        for number in range(200):
            big = write("Patient", f"p{number}", rest=b',"x":"%s"' % _noise(number))
            try:
                await store.submit(batch(big))
                written += 1
            except UnavailableError:
                refused += 1
                if refused == 3:
                    break
        assert refused == 3
        assert written == number - 2
        there = [n for n in range(number + 1) if store.current("Patient", f"p{n}")]
        assert there == list(range(written))
        hard = resource.prlimit(role.pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(role.pid, resource.RLIMIT_FSIZE, (hard, hard))
        commit = await store.submit(batch(write("Patient", "after")))
        assert commit.written[0][0] == 1
        assert role.poll() is None
        await store.close()
    assert rows(folder, "PRAGMA integrity_check") == [("ok",)]
    assert rows(folder, "SELECT count(*) FROM res") == [(written + 1,)]


def _noise(number):
    """Twenty thousand characters that cannot be compressed much."""
    return hashlib.shake_256(bytes([number])).hexdigest(10_000).encode()


async def test_a_database_that_may_not_grow_keeps_nothing(folder):
    connection = to_write(folder)
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    writer = Writer(connection)
    big = batch(write("Patient", "big", rest=b',"x":"%s"' % _noise(1)))
    with pytest.raises(sqlite3.OperationalError):
        writer.apply([batch(write("Patient", "small")), big])
    assert rows(folder, "SELECT count(*) FROM res") == [(0,)]
    assert rows(folder, "SELECT count(*) FROM key") == [(0,)]
    (reply,) = writer.apply([batch(write("Patient", "small"))])
    assert reply.written[0][0] == 1
    connection.close()


async def test_a_clock_that_is_set_back_does_not_turn_the_order(folder):
    moments = iter([5 * TEN_YEARS, 4 * TEN_YEARS, 3 * TEN_YEARS, 0])
    connection = to_write(folder)
    writer = Writer(connection, clock=lambda: next(moments))
    first = batch(write("Patient", "p"), write("Patient", "q"), ticket=b"")
    (commit,) = writer.apply([first])
    assert [row for _, row in commit.written] == [5 * TEN_YEARS, 5 * TEN_YEARS + 1]
    (commit,) = writer.apply([batch(write("Patient", "p"), ticket=b"")])
    assert commit.written == [(2, 5 * TEN_YEARS + 2)]
    connection.close()
    connection = to_write(folder)
    writer = Writer(connection, clock=lambda: next(moments))
    (commit,) = writer.apply([batch(write("Patient", "p"), ticket=b"")])
    assert commit.written == [(3, 5 * TEN_YEARS + 3)]
    connection.close()
    assert (folder / DATABASE).exists()
