"""HEAD and OPTIONS, alike on every address of the route table."""

import re

import pytest

from gateway.api.routes import ROUTES
from tests.gateway.api.samples import PATIENT, put, refusal

SITE = "http://gateway.test"
PATHS = sorted({path for _, path, *_ in ROUTES})
VALUES = {"type": "Patient", "id": "p1", "version": "1", "member": "Observation", "campus": "A"}
TOLD = ("content-type", "content-length", "etag", "last-modified", "cache-control")


def address(path):
    return SITE + re.sub(r"{(\w+)}", lambda found: VALUES.get(found[1], "1"), path)


async def test_options_tells_what_an_address_takes(gateway):
    client = gateway.client()
    for path in PATHS:
        answer = await client.options(address(path))
        own = {method for method, one, *_ in ROUTES if one == path}
        expected = own | ({"HEAD"} if "GET" in own else set())
        assert answer.status_code in {200, 204}, path
        if "OPTIONS" not in own:
            # What every type offers is offered by each.
            assert expected <= set(answer.headers["allow"].split(", ")), path
        assert answer.content == b""


@pytest.mark.parametrize("path", ["/fhir/Nonsense", "/fhir/Patient/p1/Observations"])
async def test_what_is_no_type_is_told_by_every_method(anna, path):
    await put(anna, PATIENT)
    for method in ("OPTIONS", "GET", "PUT", "DELETE"):
        issue = refusal(await anna.request(method, SITE + path), 404, "not-supported")
        assert f"no resource type '{path.rpartition('/')[2]}'" in issue["details"]["text"]


@pytest.mark.parametrize(
    "path",
    [
        *("/fhir/metadata", "/fhir/Patient", "/fhir/Patient/p1", "/fhir/Patient/p1/_history"),
        *("/fhir/Patient/p1/_history/1", "/fhir/Patient/p1/$meta", "/fhir/Patient/p1/$everything"),
        *("/fhir/$versions", "/fhir/Patient/none", "/fhir/Patient?colour=red", "/openapi.json"),
        *("/docs", "/fhir/.well-known/smart-configuration", "/fhir/Patient?_format=xml"),
    ],
)
async def test_head_tells_what_get_would(anna, path):
    await put(anna, PATIENT)
    get, head = await anna.get(SITE + path), await anna.head(SITE + path)
    assert (head.status_code, head.content) == (get.status_code, b"")
    told = [{name: one.headers.get(name) for name in TOLD} for one in (get, head)]
    assert told[0] == told[1]


async def test_a_method_that_an_operation_lacks_is_named(anna):
    for path in ("/Patient/p1/$meta-add", "/Task/t1/$acknowledge"):
        for method in ("GET", "HEAD", "DELETE", "PUT"):
            answer = await anna.request(method, path)
            assert (answer.status_code, answer.headers["allow"]) == (405, "POST"), (method, path)
