"""A store that several gateways could write in, as PostgreSQL is one."""

import pytest

from gateway.store.migrate import migrate
from gateway.store.sender import LocalSender
from gateway.store.sqlite import SQLiteStore


class SharedStore(SQLiteStore):
    """SQLite, but nothing keeps a second gateway out."""

    single = False


@pytest.fixture
async def store(tmp_path):
    migrate(tmp_path)
    opened = SharedStore(tmp_path, LocalSender(tmp_path))
    yield opened
    await opened.close()
