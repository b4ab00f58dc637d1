"""A store in a temporary folder, which writes by itself or through a store role."""

import shutil

import pytest

from gateway.store.migrate import migrate
from gateway.store.opening import join_store, open_store
from tests.gateway.store import samples


@pytest.fixture(scope="session")
def schema(tmp_path_factory):
    """A folder with the schema in it, to be copied: making it takes a second."""
    folder = tmp_path_factory.mktemp("schema")
    migrate(folder)
    return folder


@pytest.fixture
def folder(schema, tmp_path):
    path = tmp_path / "data"
    shutil.copytree(schema, path)
    return path


@pytest.fixture
async def store(folder):
    opened = open_store(folder)
    yield opened
    await opened.close()


@pytest.fixture
def role(folder):
    with samples.serving(folder) as running:
        yield running


@pytest.fixture(params=["local", "role"])
async def either(request, folder):
    """The same store twice: written in this process, and through the role's socket."""
    if request.param == "role":
        request.getfixturevalue("role")
    opened = join_store(folder) if request.param == "role" else open_store(folder)
    yield opened
    await opened.close()
