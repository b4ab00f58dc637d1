"""What is tested here is PostgreSQL's: the folder's data lie there."""

import pytest

from tests import databases


@pytest.fixture
def database(postgres):
    url = postgres.take()
    yield url
    postgres.give_back(url)


@pytest.fixture
def url(database):
    return database


@pytest.fixture
def folder(database, tmp_path):
    return databases.place(tmp_path / "data", tmp_path, database)


@pytest.fixture
async def store(folder):
    opened = databases.opened(folder)
    yield opened
    await opened.close()
