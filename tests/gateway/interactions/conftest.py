"""A consortium in a temporary folder."""

from contextlib import nullcontext

import pytest

from tests.databases import check, place
from tests.gateway.interactions.consortium import Consortium
from tests.gateway.store.samples import serving


@pytest.fixture(scope="module")
def schema_copy(schema, tmp_path_factory, shared_database):
    return place(tmp_path_factory.mktemp("shared") / "data", schema, shared_database)


@pytest.fixture
async def house(schema, tmp_path, database):
    folder = place(tmp_path / "data", schema, database)
    opened = Consortium(folder)
    await opened.open()
    yield opened
    await opened.close()
    # Whatever a test did, what the store promises holds.
    assert check(folder).findings == []


@pytest.fixture
async def served(schema, tmp_path, database):
    """A folder with three campuses; on SQLite a store role serves it."""
    folder = place(tmp_path / "data", schema, database)
    house = Consortium(folder)
    await house.open()
    await house.close()
    with nullcontext() if database else serving(folder):
        yield folder
    assert check(folder).findings == []
