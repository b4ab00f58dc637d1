"""A consortium with subscribers, and endpoints on sockets."""

import pytest

from gateway.store.migrate import migrate
from tests.databases import check, place
from tests.gateway.events.house import House
from tests.gateway.events.receiver import Receiver


@pytest.fixture(scope="session")
def schema(tmp_path_factory):
    """A folder with the schema in it, to be copied: making it takes a second."""
    folder = tmp_path_factory.mktemp("schema")
    migrate(folder)
    return folder


@pytest.fixture
async def house(schema, tmp_path, database):
    folder = place(tmp_path / "data", schema, database)
    opened = House(folder)
    await opened.open()
    yield opened
    await opened.close()
    assert check(folder).findings == []


@pytest.fixture
async def receiver():
    opened = await Receiver().start()
    yield opened
    await opened.stop()


@pytest.fixture
async def other():
    opened = await Receiver().start()
    yield opened
    await opened.stop()
