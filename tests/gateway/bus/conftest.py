"""A store that several gateways could write in, as PostgreSQL is one, and a redis-server."""

import pytest

from gateway.bus.limits import TAKE
from gateway.bus.link import Link
from gateway.store.migrate import migrate
from gateway.store.sender import LocalSender
from gateway.store.sqlite import SQLiteStore
from tests.redis_server import redis_server


class SharedStore(SQLiteStore):
    """SQLite, but nothing keeps a second gateway out."""

    single = False


@pytest.fixture
async def store(tmp_path):
    migrate(tmp_path)
    opened = SharedStore(tmp_path, LocalSender(tmp_path))
    yield opened
    await opened.close()


@pytest.fixture
def redis(tmp_path):
    with redis_server(tmp_path) as server:
        yield server


@pytest.fixture
async def linked(redis):
    """Makes links to the server that run, and ends them."""
    links = []

    def link(name="county", script=TAKE):
        made = Link(redis.url, name, script)
        links.append(made)
        made.start()
        return made

    yield link
    for one in links:
        await one.close()
