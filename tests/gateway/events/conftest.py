"""A consortium with subscribers, and endpoints on sockets."""

import pytest

from tests.databases import check, place
from tests.gateway.events.house import House
from tests.gateway.events.receiver import Receiver


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
