"""A consortium with a runner of jobs."""

import pytest

from gateway.store.objects import LocalObjects
from tests.databases import check, place
from tests.gateway.interactions.consortium import Consortium


@pytest.fixture
async def house(schema, tmp_path, database):
    folder = place(tmp_path / "data", schema, database)
    opened = Consortium(folder)
    await opened.open()
    yield opened
    await opened.close()
    assert check(folder).findings == []


@pytest.fixture
def objects(house):
    return LocalObjects(house.folder)
