"""A consortium in which decisions were given."""

import shutil

import pytest

from gateway.store.verify import verify
from tests.gateway.recognition.county import Ward
from tests.gateway.recognition.decided import County


@pytest.fixture
async def county(schema, tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(schema, folder)
    opened = County(folder)
    await opened.open()
    await opened.people()
    yield opened
    await opened.close()
    assert verify(folder).findings == []


@pytest.fixture
async def ward(schema, tmp_path):
    folder = tmp_path / "ward"
    shutil.copytree(schema, folder)
    opened = Ward(folder)
    await opened.open()
    yield opened
    await opened.close()
