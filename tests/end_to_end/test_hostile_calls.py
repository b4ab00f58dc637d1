"""What a hostile client sends to the FHIR API, row by row: refused by name, in bounds.

https://hl7.org/fhir/R4/http.html#Status-Codes. 503 is for what is not the caller's fault
(`tests/gateway/api/test_dispatch.py`).
"""

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.end_to_end.hostile_bodies import BODY_ROWS, JSON_ROWS, XML_ROWS
from tests.end_to_end.hostile_queries import BUNDLE_ROWS, QUERY_ROWS, STATE_ROWS
from tests.end_to_end.hostile_rows import Row, entry, patient, transaction
from tests.end_to_end.test_kill import pid_of
from tests.running import Gateway, gateway
from tests.waiting import eventually

SECONDS = 20.0
"""For any row, on whatever busy machine; most take milliseconds."""
GROWTH = 300 * 1024 * 1024
ROWS = (*JSON_ROWS, *XML_ROWS, *BODY_ROWS, *BUNDLE_ROWS, *QUERY_ROWS, *STATE_ROWS)


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("hostile") / "data"
    with gateway(folder, HUTONG_API_PROCESSES="1") as running:
        running.campus("A")
        running.campus("B")
        number = {"system": "urn:hutong:A:pid", "value": "7"}
        twin = {"system": "urn:example:twin", "value": "1"}
        for id_, more in (("there", number), ("gone", {}), ("twin-a", twin), ("twin-b", twin)):
            told = call(
                running,
                "PUT",
                f"/Patient/{id_}",
                {**patient(), "id": id_, "identifier": [more]}
                if more
                else {**patient(), "id": id_},
            )
            assert told.status_code == 201, told.text
        call(running, "DELETE", "/Patient/gone")
        yield running


def call(county: Gateway, method: str, path: str, body: Any = None) -> httpx.Response:
    content = json.dumps(body).encode() if body is not None else b""
    return httpx.request(
        method,
        f"{county.url}/fhir{path}",
        content=content,
        headers=county.as_campus("A"),
        timeout=SECONDS,
    )


def memory(process: int) -> int:
    """The bytes that a process has for itself."""
    rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
    (line,) = [one for one in rollup.splitlines() if one.startswith("Pss:")]
    return int(line.split()[1]) * 1024


@pytest.fixture(scope="module", autouse=True)
def _bounded(county: Gateway) -> Iterator[None]:
    """The same process answers to the end, and has not grown."""
    process = pid_of(county, "api-1")
    before = memory(process)
    yield
    assert pid_of(county, "api-1") == process
    assert call(county, "GET", "/Patient/there").status_code == 200
    assert memory(process) - before < GROWTH
    assert call(county, "GET", "/Patient/there/_history").json()["total"] == 1


@pytest.mark.parametrize("row", ROWS, ids=[one.name for one in ROWS])
def test_it_is_refused_by_name(county: Gateway, row: Row) -> None:
    headers = {"Authorization": f"Bearer {county.tokens['A']}", **row.headers}
    begun = time.monotonic()
    with httpx.Client(timeout=SECONDS, trust_env=False) as client:
        address = f"{county.url}/fhir{row.path}"
        answer = client.request(row.method, address, content=row.body, headers=headers)
    assert time.monotonic() - begun < SECONDS
    assert answer.status_code == row.status, answer.text
    told = answer.json()
    assert told["resourceType"] == "OperationOutcome"
    issue = told["issue"][0]
    assert (issue["severity"], issue["code"]) == ("error", row.code)
    assert issue["details"]["text"]
    assert "root:" not in answer.text
    assert issue.get("expression", [""])[0].startswith(row.place), issue


def test_names_are_each_once() -> None:
    assert len({one.name for one in ROWS}) == len(ROWS)


def test_every_status_is_among_them() -> None:
    assert {one.status for one in ROWS} == {400, 404, 405, 406, 409, 410, 412, 413, 415, 422}


def test_references_in_a_circle_are_no_harm(county: Gateway) -> None:
    urns = [f"urn:uuid:00000000-0000-4000-8000-00000000000{one}" for one in range(3)]
    circle = [
        entry(
            "POST",
            "Patient",
            {
                "resourceType": "Patient",
                "link": [{"other": {"reference": urns[(one + 1) % 3]}, "type": "seealso"}],
            },
            fullUrl=urns[one],
        )
        for one in range(3)
    ]
    answer = call(county, "POST", "", json.loads(transaction(*circle)))
    assert answer.status_code == 200, answer.text
    id_ = answer.json()["entry"][0]["response"]["location"].split("/")[-3]
    for path in (f"/Patient/{id_}/$everything", "/Patient?_include:iterate=Patient:link"):
        found = call(county, "GET", path)
        assert found.status_code == 200, found.text
        ids = [one["fullUrl"] for one in found.json()["entry"]]
        assert len(ids) == len(set(ids))


def put_head(county: Gateway, *lengths: str) -> bytes:
    lines = [
        "PUT /fhir/Patient/h1 HTTP/1.1",
        "Host: x",
        f"Authorization: Bearer {county.tokens['A']}",
        "Content-Type: application/fhir+json",
        *lengths,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def test_bodies_that_come_slowly_keep_nobody_waiting(county: Gateway) -> None:
    head = put_head(county, "Content-Length: 1000") + b"{"
    slow = [socket.create_connection(("127.0.0.1", county.http_port)) for _ in range(100)]
    try:
        for one in slow:
            one.sendall(head)
        begun = time.monotonic()
        for _ in range(20):
            assert call(county, "GET", "/Patient/there").status_code == 200
        assert time.monotonic() - begun < SECONDS
    finally:
        for one in slow:
            one.close()


def test_a_body_longer_than_it_says_is_no_second_request(county: Gateway) -> None:
    smuggled = b"GET /fhir/Patient/there HTTP/1.1\r\nHost: x\r\n\r\n"
    head = put_head(county, "Content-Length: 2", "Transfer-Encoding: chunked")
    with socket.create_connection(("127.0.0.1", county.http_port), timeout=SECONDS) as one:
        one.sendall(head + b"0\r\n\r\n" + smuggled)
        answer = one.recv(65_536)
    assert answer.startswith(b"HTTP/1.1 400")
    assert b'"id":"there"' not in answer


def test_who_asks_too_often_is_told_when_to_come_again(county: Gateway) -> None:
    county.command("campus", "set", "B", "--rate", "5/s")

    def throttled() -> httpx.Response | None:
        address = f"{county.url}/fhir/Patient/there"
        for _ in range(30):
            answer = httpx.get(address, headers=county.as_campus("B"), timeout=SECONDS)
            if answer.status_code == 429:
                return answer
        return None

    answer = eventually(throttled)
    assert answer is not None
    assert answer.json()["issue"][0]["code"] == "throttled"
    assert int(answer.headers["Retry-After"]) >= 1
    assert call(county, "GET", "/Patient/there").status_code == 200
    county.command("campus", "set", "B", "--rate", "")
