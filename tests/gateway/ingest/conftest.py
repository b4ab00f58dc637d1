"""A gateway without sockets: a real store in a temporary folder, its sink and its worker."""

import itertools
import shutil

import pytest

from gateway.store.migrate import migrate
from tests.databases import place
from tests.gateway.ingest.county import County


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory):
    """A folder with the schema in it, to be copied: making it takes a second."""
    folder = tmp_path_factory.mktemp("schema")
    migrate(folder)
    return folder


@pytest.fixture
def fresh_folder(empty_store, tmp_path):
    """A function that gives data folders with nothing but the schema."""
    numbers = itertools.count()

    def fresh():
        folder = tmp_path / f"data{next(numbers)}"
        shutil.copytree(empty_store, folder)
        return folder

    return fresh


@pytest.fixture
async def county(empty_store, tmp_path, database):
    async with County.opened(place(tmp_path / "county", empty_store, database)) as county:
        yield county
