"""A gateway's HTTP face with a runner of jobs behind it."""

import pytest

from tests.gateway.bulk.county import County
from tests.gateway.interactions.consortium import HIV, observation, patient
from tests.gateway.jobs.conftest import house, objects

__all__ = ["county", "house", "objects"]


@pytest.fixture
async def county(house, objects):
    opened = County(house, objects)
    yield opened
    await opened.close()


@pytest.fixture
async def filled(county):
    """Two campuses with a few resources each."""
    house = county.house
    for code in ("A", "B"):
        low = code.lower()
        await house.put(code, patient(f"{low}1"))
        await house.put(code, patient(f"{low}2"))
        await house.put(code, observation(f"{low}o1", f"Patient/{low}1"))
        await house.put(code, observation(f"{low}o2", f"Patient/{low}2", code="1-1"))
        await house.put(code, observation(f"{low}h", f"Patient/{low}1", code=HIV))
        await house.put(code, {"resourceType": "Location", "id": f"{low}l", "name": "三楼"})
    return county
