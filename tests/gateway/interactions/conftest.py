"""A consortium in a temporary folder."""

import shutil

import pytest

from gateway.store.migrate import migrate
from gateway.store.verify import verify
from tests import databases
from tests.gateway.interactions.consortium import Consortium


@pytest.fixture(scope="session")
def schema(tmp_path_factory):
    """A folder with the schema in it, to be copied: making it takes a second."""
    folder = tmp_path_factory.mktemp("schema")
    migrate(folder)
    return folder


@pytest.fixture(scope="module")
def schema_copy(schema, tmp_path_factory):
    folder = tmp_path_factory.mktemp("shared") / "data"
    shutil.copytree(schema, folder)
    return folder


@pytest.fixture
async def house(schema, tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(schema, folder)
    opened = Consortium(folder)
    await opened.open()
    yield opened
    await opened.close()
    # Whatever a test did, what the store promises holds.
    assert verify(folder).findings == []


@pytest.fixture
async def house_on(schema, tmp_path, database):
    """The same on each of the two databases in turn."""
    folder = tmp_path / "data"
    if database:
        databases.name(folder, database)
    else:
        shutil.copytree(schema, folder)
    opened = Consortium(folder, databases.opened)
    await opened.open()
    yield opened
    await opened.close()
    if not database:
        assert verify(folder).findings == []
