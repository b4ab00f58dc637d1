"""A writer that stops in the middle of its turn does not stop the others."""

import asyncio
import os

import psycopg
import pytest

from gateway.store.postgres.connection import Connection
from gateway.store.postgres.sender import WRITING
from gateway.store.postgres.writer import BEGIN
from gateway.store.records import Batch
from tests.databases import ON_POSTGRESQL, url_of
from tests.waiting import SLACK

TURN = int(WRITING["idle_in_transaction_session_timeout"]) / 1000


@ON_POSTGRESQL
async def test_the_turn_of_whoever_is_held_up_ends(store, folder):
    held_up = Connection(url_of(folder), **WRITING)
    held_up.pipeline(BEGIN)
    held_up.execute("INSERT INTO setting VALUES (?, ?)", ("told", "late"))
    put = Batch(os.urandom(16), statements=[("setting_put", ("told", "in time"))])
    async with asyncio.timeout(TURN + SLACK):
        await store.submit(put)
    with pytest.raises(psycopg.Error):
        held_up.script("COMMIT")
    assert held_up.lost
    assert store.fetch("setting", ("told",)) == [("in time",)]
    held_up.close()
