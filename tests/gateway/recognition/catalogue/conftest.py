"""A consortium in a temporary folder."""

import shutil

import pytest

from tests.gateway.interactions.consortium import Consortium


@pytest.fixture
async def house(schema, tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(schema, folder)
    opened = Consortium(folder)
    await opened.open()
    yield opened
    await opened.close()
