"""Calls from the pages of other servers."""

import httpx
import pytest

from gateway.api.application import application
from tests.gateway.api.conftest import BASE
from tests.gateway.api.samples import PATIENT, put, read, refusal

HIS = "https://his.example.org"
ASKED = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "if-match"}


@pytest.fixture
async def listed(door, anna):
    """A caller of campus A through an application that lists an origin."""
    await put(anna, PATIENT)
    app = application(door, [], None, None, origins=frozenset({HIS}))
    headers = {"Authorization": anna.headers["Authorization"]}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=BASE, headers=headers) as client:
        yield client


async def test_a_listed_origin_may_read_answers(listed):
    for address in ("/Patient/p1", "/Patient/nobody"):
        answer = await listed.get(address, headers={"Origin": HIS})
        assert answer.headers["Access-Control-Allow-Origin"] == HIS
        exposed = answer.headers["Access-Control-Expose-Headers"].split(", ")
        assert {"etag", "x-progress", "content-location"} <= set(exposed)
        assert answer.headers["Vary"] == "origin"


async def test_a_listed_origin_may_ask_before_it_writes(listed):
    del listed.headers["Authorization"]
    answer = await listed.options("/Patient/p1", headers={"Origin": HIS, **ASKED})
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == HIS
    assert "PUT" in answer.headers["Access-Control-Allow-Methods"]
    for name in ("if-match", "if-none-exist", "prefer", "authorization", "content-type"):
        assert name in answer.headers["Access-Control-Allow-Headers"]


async def test_another_origin_may_not(listed):
    for origin in ("https://his.example.org.evil.test", "null", "https://his.example.org:8443"):
        for answer in (
            await listed.get("/Patient/p1", headers={"Origin": origin}),
            await listed.options("/Patient/p1", headers={"Origin": origin, **ASKED}),
        ):
            assert not [name for name in answer.headers if name.startswith("access-control")]
            assert answer.headers["Vary"] == "origin"


async def test_it_is_off_where_no_origin_is_listed(anna):
    await put(anna, PATIENT)
    answer = await anna.get("/Patient/p1", headers={"Origin": HIS})
    assert not {"access-control-allow-origin", "vary"} & set(answer.headers)


async def test_options_tell_the_methods(gateway):
    answer = await gateway.client().options("/Patient/p1")
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Allow"] == "DELETE, GET, HEAD, PATCH, PUT"
    unknown = await gateway.client().options("/Bogus")
    assert "Bogus" in refusal(unknown, 404, "not-supported")["details"]["text"]
    assert read(await gateway.client().options("/nothing/at/all/here"), 401)
