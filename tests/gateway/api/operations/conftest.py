"""A caller whose terminology has animals."""

import pytest

from tests.gateway.api.operations.test_terminology import PARTIAL, SYSTEM
from tests.gateway.api.samples import put


@pytest.fixture
async def kept(anna):
    for one in (SYSTEM, PARTIAL):
        await put(anna, one)
    return anna
