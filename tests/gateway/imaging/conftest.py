"""An archive on an empty store."""

import itertools
import shutil
from contextlib import AsyncExitStack

import pytest

from gateway.store.migrate import migrate
from tests.gateway.imaging.archive import Archive


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory):
    """A folder with the schema in it, to be copied: making it takes a second."""
    folder = tmp_path_factory.mktemp("schema")
    migrate(folder)
    return folder


@pytest.fixture
async def opened(empty_store, tmp_path):
    """A function that opens an archive on a folder of its own, or on one that is given."""
    numbers = itertools.count()
    async with AsyncExitStack() as stack:

        async def fresh(**options):
            folder = tmp_path / f"data{next(numbers)}"
            shutil.copytree(empty_store, folder)
            return await stack.enter_async_context(Archive.opened(folder, **options))

        yield fresh


@pytest.fixture
async def archive(opened):
    return await opened()
