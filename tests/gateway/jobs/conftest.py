"""A consortium with a runner of jobs."""

import pytest

from gateway.store.migrate import migrate
from gateway.store.objects import LocalObjects
from tests.databases import check, place
from tests.gateway.interactions.consortium import Consortium


@pytest.fixture(scope="session")
def schema(tmp_path_factory):
    """A folder with the schema in it, to be copied: making it takes a second."""
    folder = tmp_path_factory.mktemp("schema")
    migrate(folder)
    return folder


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
