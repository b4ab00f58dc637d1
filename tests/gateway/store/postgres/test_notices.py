"""Notices between processes: here, between stores that have each their own connections."""

import json

import pytest

from gateway.store.postgres.connection import Connection
from gateway.store.postgres.writer import CHANNEL, NOTICE_BYTES, told
from tests.databases import joined
from tests.gateway.store.samples import batch, write
from tests.waiting import until

pytestmark = pytest.mark.needs("postgresql")


async def test_another_store_hears_what_it_listens_to(store, folder):
    other, heard = joined(folder), []
    other.subscribe("resource", lambda *notice: heard.append(notice))
    other.subscribe("later", lambda *notice: heard.append(notice))

    async def comes():
        await store.submit(batch(notices=[("resource", "1"), ("unheard", "2"), ("later", "3")]))
        return len(heard) >= 2

    await until(comes)
    assert set(heard) == {("resource", "1"), ("later", "3")}
    await other.close()


async def test_who_commits_hears_it_once(store):
    heard = []
    store.subscribe("resource", lambda *notice: heard.append(notice))
    for number in range(20):
        await store.submit(batch(write("Patient", "p"), notices=[("resource", str(number))]))
    await until(lambda: heard)
    assert heard == [("resource", str(number)) for number in range(20)]


async def test_a_line_that_breaks_is_made_anew(store, folder, url):
    other, heard = joined(folder), []
    other.subscribe("resource", lambda *notice: heard.append(notice))

    async def comes():
        await store.submit(batch(notices=[("resource", "")]))
        return heard

    await until(comes)
    ears = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
    Connection(url).run(f"{ears} AND datname = current_database()")
    heard.clear()
    await until(comes)
    await other.close()


def test_many_notices_are_told_in_parts():
    notices = [("topic", "x" * 100 + str(number)) for number in range(500)]
    parts = [values for _, values in told([*notices, *notices, ("other", "1")])]
    assert {channel for channel, _ in parts} == {f"{CHANNEL}topic", f"{CHANNEL}other"}
    assert all(len(words) <= NOTICE_BYTES for _, words in parts)
    assert [one for _, words in parts for one in json.loads(words)] == [
        *(payload for _, payload in notices),
        "1",
    ]
