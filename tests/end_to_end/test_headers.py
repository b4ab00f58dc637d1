"""What only a socket shows: headers, empty bodies, packed bodies, parts."""

import gzip
import json
from collections.abc import Iterator

import httpx
import pytest

from tests.running import ANSWER_SECONDS, Gateway, gateway

HIS = "https://his.example.org"
PATIENT = {
    "resourceType": "Patient",
    "id": "p1",
    "name": [{"text": f"王秀英 {number}"} for number in range(200)],
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("headers") / "data"
    with gateway(folder, HUTONG_CORS_ORIGINS=HIS, HUTONG_API_PROCESSES="1") as running:
        running.campus("A")
        yield running


@pytest.fixture
def client(served: Gateway) -> Iterator[httpx.Client]:
    url, headers = f"{served.url}/fhir", served.as_campus("A")
    with httpx.Client(base_url=url, headers=headers, timeout=ANSWER_SECONDS) as opened:
        body = gzip.compress(json.dumps(PATIENT).encode())
        made = opened.put("/Patient/p1", content=body, headers={"Content-Encoding": "gzip"})
        assert made.status_code in {200, 201}, made.text
        yield opened


def test_a_head_has_the_headers_of_a_get(client: httpx.Client) -> None:
    for headers in (
        {"Accept-Encoding": "identity"},
        {"Accept-Encoding": "gzip"},
        {"Accept": "application/fhir+xml", "Accept-Encoding": "identity"},
    ):
        whole, head = (
            client.request(method, "/Patient/p1", headers=headers) for method in ("GET", "HEAD")
        )
        assert head.content == b""
        for name in ("ETag", "Last-Modified", "Content-Type", "Content-Length"):
            assert head.headers[name] == whole.headers[name]
    # The connection is still in step.
    assert client.get("/Patient/p1").json()["id"] == "p1"


def test_a_packed_answer_is_what_a_plain_one_is(client: httpx.Client) -> None:
    plain = client.get("/Patient/p1", headers={"Accept-Encoding": "identity"})
    packed = client.get("/Patient/p1", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) < int(plain.headers["Content-Length"])
    assert packed.content == plain.content


def test_a_page_of_a_listed_origin_may_call(client: httpx.Client) -> None:
    asked = {"Origin": HIS, "Access-Control-Request-Method": "PATCH"}
    before = client.options("/Patient/p1", headers=asked)
    assert (before.status_code, before.headers["Access-Control-Allow-Origin"]) == (204, HIS)
    assert "PATCH" in before.headers["Access-Control-Allow-Methods"]
    answer = client.get("/Patient/p1", headers={"Origin": HIS})
    assert answer.headers["Access-Control-Allow-Origin"] == HIS
    other = client.get("/Patient/p1", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in other.headers


def test_a_part_of_a_binary(client: httpx.Client) -> None:
    kind = {"Content-Type": "application/octet-stream"}
    made = client.post("/Binary", content=bytes(range(100)), headers=kind)
    address = made.headers["Location"].partition("/_history")[0]
    headers = {"Accept": "application/octet-stream", "Range": "bytes=10-19"}
    part = client.get(address, headers=headers)
    assert (part.status_code, part.content) == (206, bytes(range(10, 20)))
    assert part.headers["Content-Range"] == "bytes 10-19/100"
    beyond = client.get(address, headers=headers | {"Range": "bytes=100-"})
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, "bytes */100")


def test_what_is_known_is_not_sent_again(client: httpx.Client) -> None:
    # Of one version: of two in one second a date alone does not tell which is known.
    assert client.put("/Patient/once", json=PATIENT | {"id": "once"}).status_code == 201
    first = client.get("/Patient/once")
    for headers in (
        {"If-None-Match": first.headers["ETag"]},
        {"If-Modified-Since": first.headers["Last-Modified"]},
    ):
        answer = client.get("/Patient/once", headers=headers)
        assert (answer.status_code, answer.content) == (304, b"")
    there = client.put(
        "/Patient/once", json=PATIENT | {"id": "once"}, headers={"If-None-Match": "*"}
    )
    assert there.status_code == 412


def test_a_write_tells_what_is_preferred(client: httpx.Client) -> None:
    steps = [{"op": "add", "path": "/gender", "value": "female"}]
    kind = {"Content-Type": "application/json-patch+json", "Prefer": "return=minimal"}
    answer = client.patch("/Patient/p1", content=json.dumps(steps), headers=kind)
    assert (answer.status_code, answer.content) == (200, b"")
    assert client.get("/Patient/p1").json()["gender"] == "female"
