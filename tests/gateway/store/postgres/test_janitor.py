"""The janitor of a shared database: its connection is not taken from under it."""

import asyncio

import pytest

from gateway.store.postgres.connection import Connection
from gateway.store.postgres.janitor import run
from tests.waiting import until

pytestmark = [pytest.mark.needs("postgresql"), pytest.mark.usefixtures("store")]

TABLES = (
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
)
WAITING = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'"


async def test_who_is_cancelled_in_the_middle_of_a_step_waits_for_its_end(url):
    blocker, watcher = Connection(url), Connection(url)
    tables = ", ".join(f'"{name}"' for (name,) in watcher.run(TABLES))
    blocker.script("BEGIN")
    blocker.script(f"LOCK TABLE {tables}")
    tidying = asyncio.create_task(run(url))
    await until(lambda: watcher.run(WAITING))
    tidying.cancel()
    _, pending = await asyncio.wait((tidying,), timeout=0.1)
    assert pending
    blocker.script("ROLLBACK")
    with pytest.raises(asyncio.CancelledError):
        await tidying
    assert watcher.run(WAITING) == []
    blocker.close()
    watcher.close()
