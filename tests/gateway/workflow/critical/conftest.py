"""A door that follows critical values, on a real store in a temporary folder."""

import shutil

import pytest

from gateway.store.migrate import migrate
from tests.gateway.workflow.critical.ward import Ward


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("schema")
    migrate(folder)
    return folder


@pytest.fixture
async def ward(empty_store, tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(empty_store, folder)
    house = Ward(folder)
    await house.open()
    await house.patient("B", "p1")
    yield house
    await house.close()
