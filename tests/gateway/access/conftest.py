import pytest

from gateway.store.opening import open_store


@pytest.fixture
async def store(tmp_path):
    store = open_store(tmp_path)
    yield store
    await store.close()
