"""A gateway without sockets: a real store in a temporary folder, its sink and its worker."""

import shutil

import pytest

from gateway.store.migrate import migrate
from tests.gateway.ingest.county import County


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory):
    """A folder with the schema in it, to be copied: making it takes a second."""
    folder = tmp_path_factory.mktemp("schema")
    migrate(folder)
    return folder


@pytest.fixture
async def county(empty_store, tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(empty_store, folder)
    async with County.opened(folder) as county:
        yield county
