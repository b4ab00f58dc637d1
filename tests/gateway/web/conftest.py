"""The pages over the sample, and readers of them."""

import httpx
import pytest
from starlette.applications import Starlette

from gateway.web.acts import Acts
from gateway.web.routes import routes
from tests.gateway.web.sample import NOW, PERSON, TOKEN, SampleResults, SampleSessions
from tests.gateway.web.sample_criticals import SampleCriticals
from tests.gateway.web.sample_rates import SampleRates
from tests.gateway.web.sample_recognitions import SampleRecognitions


class Clock:
    """The time, which a test may move."""

    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def results():
    return SampleResults()


@pytest.fixture
def sessions():
    return SampleSessions()


@pytest.fixture
def criticals():
    return SampleCriticals()


@pytest.fixture
def recognitions():
    return SampleRecognitions()


@pytest.fixture
def rates():
    return SampleRates()


@pytest.fixture
def acts(criticals, recognitions, rates):
    return Acts(criticals, recognitions, rates)


@pytest.fixture
def visitor(results, sessions, acts, clock):
    """Makes browsers: each has its own cookies."""

    def make():
        app = Starlette(routes=routes(results, sessions, acts, clock))
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://pages.test", follow_redirects=False
        )

    return make


@pytest.fixture
async def stranger(visitor):
    async with visitor() as browser:
        yield browser


@pytest.fixture
async def doctor(visitor):
    """Someone of campus A who is signed in."""
    async with visitor() as browser:
        await browser.post("/sign-in", data={"token": TOKEN, "person": PERSON})
        yield browser
