"""Bulk data on a gateway that runs, whose processes are killed while it is at it."""

import json
import os
import random
import signal
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from tests.running import Gateway
from tests.waiting import eventually

LINES = 12_000
ASYNC = {"Prefer": "respond-async"}


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    started = Gateway(
        tmp_path_factory.mktemp("bulk") / "data", HUTONG_ALLOWED_TARGETS="127.0.0.0/8"
    )
    started.start()
    for code in ("A", "B"):
        started.campus(code)
    yield started
    assert started.stop() == 0


def role(gateway, name):
    """The process of a role, 0 while there is none."""
    for pids in gateway.roles().values():
        for pid in pids:
            try:
                comm = Path(f"/proc/{pid}/comm").read_text().strip()
            except OSError:
                continue
            if comm == f"hutong-{name}":
                return pid
    return 0


def line(number):
    """A line; every third has no id: written twice, it would be two resources."""
    found = {
        "resourceType": "Basic",
        "code": {"text": f"n{number}"},
        "created": "2026-11-22",
    }
    return json.dumps(found if number % 3 == 0 else {"id": f"b{number}", **found})


def numbers(lines):
    return sorted(json.loads(one)["code"]["text"] for one in lines)


def manifest(gateway, campus, address, seconds=240.0):
    def asked():
        try:
            response = httpx.get(address, headers=gateway.as_campus(campus), timeout=60)
        except httpx.TransportError:
            return None
        assert response.status_code in {200, 202, 503}, response.text
        return response.json() if response.status_code == 200 else None

    return eventually(asked, seconds)


def exported(gateway, campus, type_, meanwhile=lambda: None):
    started = httpx.get(
        f"{gateway.url}/fhir/$export",
        params={"_type": type_},
        headers={**gateway.as_campus(campus), **ASYNC},
        timeout=60,
    )
    assert started.status_code == 202, started.text
    meanwhile()
    found = []
    for entry in manifest(gateway, campus, started.headers["content-location"])["output"]:
        assert entry["type"] == type_
        response = httpx.get(entry["url"], headers=gateway.as_campus(campus), timeout=60)
        found += response.content.splitlines()
    return found


def test_no_line_is_lost_and_none_written_twice_whoever_is_killed(running):
    body = "\n".join(line(number) for number in range(LINES)).encode()
    headers = {**running.as_campus("A"), **ASYNC, "Content-Type": "application/fhir+ndjson"}
    started = httpx.post(f"{running.url}/fhir/$import", content=body, headers=headers, timeout=60)
    assert started.status_code == 202, started.text
    address = started.headers["content-location"]
    for name in ("worker", "worker", "store"):
        at = progress(running, address)
        eventually(lambda at=at: progress(running, address) > at, 120)
        time.sleep(random.random() / 10)  # noqa: S311 - anywhere within a portion
        pid = eventually(lambda name=name: role(running, name))
        os.kill(pid, signal.SIGKILL)
        running.wait_until_ready()
    told = manifest(running, "A", address)["extension"]["imported"][0]
    assert (told["created"], told["refused"]) == (LINES, 0)
    assert numbers(exported(running, "A", "Basic")) == sorted(f"n{one}" for one in range(LINES))
    assert exported(running, "B", "Basic") == []

    def kill():
        time.sleep(random.random() / 2)  # noqa: S311 - anywhere within the export
        os.kill(eventually(lambda: role(running, "worker")), signal.SIGKILL)

    for _ in range(2):
        lines = exported(running, "A", "Basic", kill)
        assert numbers(lines) == sorted(f"n{one}" for one in range(LINES))
    running.command("verify")


def progress(gateway, address):
    """How many lines are told to be done."""
    try:
        response = httpx.get(address, headers=gateway.as_campus("A"), timeout=60)
    except httpx.TransportError:
        return 0
    if response.status_code == 200:
        return LINES
    words = response.headers.get("x-progress", "0").split()
    return int(words[0]) if words and words[0].isdigit() else 0


class Serving(BaseHTTPRequestHandler):
    """Gives files of NDJSON."""

    files: dict[str, bytes] = {}  # noqa: RUF012 - set by the test

    def do_GET(self):
        body = self.files.get(self.path)
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_):
        pass


@pytest.fixture
def files():
    with ThreadingHTTPServer(("127.0.0.1", 0), Serving) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def order(*inputs):
    return {
        "resourceType": "Parameters",
        "parameter": [
            {
                "name": "input",
                "part": [{"name": "type", "valueCode": type_}, {"name": "url", "valueUrl": url}],
            }
            for type_, url in inputs
        ],
    }


def kick_off(gateway, campus, parameters):
    return httpx.post(
        f"{gateway.url}/fhir/$import",
        json=parameters,
        headers={**gateway.as_campus(campus), **ASYNC},
        timeout=60,
    )


def test_files_are_fetched_and_told_of_by_their_address(running, files):
    Serving.files["/p"] = b'{"resourceType":"Patient","id":"f1"}\n{}\n'
    Serving.files["/o"] = b'{"resourceType":"Patient","id":"f2"}\n'
    started = kick_off(
        running, "B", order(("Patient", f"{files}/p"), ("Observation", f"{files}/o"))
    )
    assert started.status_code == 202, started.text
    told = manifest(running, "B", started.headers["content-location"])
    assert [
        (one["inputUrl"], one["created"], one["refused"]) for one in told["extension"]["imported"]
    ] == [
        (f"{files}/p", 1, 1),
        (f"{files}/o", 0, 1),
    ]
    assert [one["inputUrl"] for one in told["error"]] == [f"{files}/p", f"{files}/o"]
    assert running.get("B", "/fhir/Patient/f1").status_code == 200
    other = running.get("A", told["error"][0]["url"].removeprefix(running.url))
    assert other.status_code == 404


def test_a_file_that_is_not_there_fails_the_job_by_its_place(running, files):
    started = kick_off(running, "B", order(("Patient", f"{files}/none")))
    address = started.headers["content-location"]

    def failed():
        response = httpx.get(address, headers=running.as_campus("B"), timeout=60)
        return response if response.status_code != 202 else None

    response = eventually(failed)
    assert response.status_code == 422
    assert response.json()["issue"][0]["expression"] == ["input[0].url"]


def test_the_command_imports_beside_the_gateway(running, tmp_path):
    file = tmp_path / "patients.ndjson"
    file.write_text('{"resourceType":"Patient","id":"c1"}\n')
    said = running.command("import", str(file), "--campus", "A")
    assert said == "patients.ndjson: 1 created, 0 updated, 0 unchanged, 0 refused"
    assert running.get("B", "/fhir/Patient/c1").status_code == 200
