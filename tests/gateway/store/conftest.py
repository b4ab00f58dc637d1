"""A store in a temporary folder, which writes by itself or through a store role."""

import pytest

from tests import databases
from tests.gateway.store import samples


@pytest.fixture
def folder(schema, tmp_path, database):
    return databases.place(tmp_path / "data", schema, database)


@pytest.fixture
async def store(folder):
    opened = databases.opened(folder)
    yield opened
    await opened.close()


@pytest.fixture
def role(folder):
    if databases.url_of(folder):
        # There every process writes by itself.
        yield None
        return
    with samples.serving(folder) as running:
        yield running


@pytest.fixture(params=["local", "role"])
async def either(request, folder):
    """The same store twice: written in this process, and through the role's socket."""
    if request.param == "role":
        request.getfixturevalue("role")
    as_role = request.param == "role"
    opened = databases.joined(folder) if as_role else databases.opened(folder)
    yield opened
    await opened.close()
