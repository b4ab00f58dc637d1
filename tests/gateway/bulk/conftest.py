"""A gateway's HTTP face with a runner of jobs behind it."""

import pytest

from tests.gateway.bulk.county import County
from tests.gateway.jobs.conftest import house, objects

__all__ = ["county", "house", "objects"]


@pytest.fixture
async def county(house, objects):
    opened = County(house, objects)
    yield opened
    await opened.close()
