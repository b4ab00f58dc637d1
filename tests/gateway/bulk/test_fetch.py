"""Files that an import fetches: from where it may, as much as it may, and once."""

import gzip
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from gateway.bulk import load
from tests.gateway.bulk.test_import import ndjson, source
from tests.gateway.interactions.consortium import patient


class Files(BaseHTTPRequestHandler):
    """Gives what the test has put there, and keeps account of who asked."""

    def do_GET(self):
        self.server.asked.append(self.path)
        status, headers, body = self.server.files.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Files) as running:
        running.files, running.asked = {}, []
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def url(server, path):
    return f"http://127.0.0.1:{server.server_port}{path}"


async def ended(county, *inputs):
    """The answer of the job that such inputs start."""
    started = await county.kick_off("A", "$import", list(inputs))
    assert started.status_code == 202, started.text
    await county.runner.drain()
    return await county.client("A").get(started.headers["content-location"])


async def test_files_are_fetched_plain_and_packed_and_told_of_one_by_one(county, server):
    server.files["/a"] = 200, {}, ndjson(*(patient(f"a{one}") for one in range(30)))
    server.files["/b"] = 200, {"Content-Encoding": "gzip"}, gzip.compress(ndjson(patient("b")))
    server.files["/c"] = 200, {}, gzip.compress(ndjson(patient("c"), patient("a1")))
    inputs = [source("Patient", url(server, path)) for path in ("/a", "/b", "/c")]
    response = await ended(county, *inputs)
    told = response.json()["extension"]["imported"]
    assert [(one["created"], one["unchanged"]) for one in told] == [(30, 0), (1, 0), (1, 1)]
    assert [one["inputUrl"] for one in told] == [url(server, path) for path in ("/a", "/b", "/c")]


@pytest.mark.parametrize(
    "answer",
    [
        (404, {}, b"not here"),
        (302, {"Location": "/good"}, b""),
        (200, {}, b""),
        (200, {"Content-Length": str(2**40)}, b"x"),
        (500, {}, b"{}"),
    ],
    ids=["absent", "elsewhere", "empty", "huge", "broken"],
)
async def test_what_is_not_given_ends_the_job_by_its_place(county, server, answer):
    server.files["/good"] = 200, {}, ndjson(patient("good"))
    server.files["/bad"] = answer
    inputs = [source("Patient", url(server, path)) for path in ("/good", "/bad")]
    response = await ended(county, *inputs)
    assert response.status_code in {400, 413, 422}
    assert response.json()["issue"][0]["expression"] == ["input[1].url"]
    found = await county.client("A").get("Patient/good")
    assert found.status_code == 404, "nothing is written before all files are there"


async def test_a_server_that_is_not_there_ends_the_job(county, server, free_port):
    del server
    response = await ended(county, source("Patient", f"http://127.0.0.1:{free_port()}/a"))
    assert response.status_code == 422


async def test_a_file_is_fetched_once_whatever_happens_after(county, server, monkeypatch):
    server.files["/a"] = 200, {}, ndjson(*(patient(f"a{one}") for one in range(30)))
    monkeypatch.setattr("gateway.bulk.portion.ROWS", 5)
    real, sent = load.send, []

    async def dying(door, batch):
        sent.append(batch)
        if len(sent) == 3:
            raise MemoryError
        return await real(door, batch)

    monkeypatch.setattr(load, "send", dying)
    started = await county.kick_off("A", "$import", [source("Patient", url(server, "/a"))])
    await county.runner.drain()
    # It gives something else by now.
    server.files["/a"] = 200, {}, b"{}\n"
    county.house.clock.ahead += 60_000_000
    await county.runner.drain()
    manifest = await county.finished("A", started.headers["content-location"])
    assert manifest["extension"]["imported"][0]["created"] == 30
    assert server.asked == ["/a"]


async def test_a_name_is_judged_again_when_the_file_is_fetched(county, server):
    # Between the start and the fetch the campus may no longer reach what it could.
    server.files["/a"] = 200, {}, ndjson(patient("a"))
    started = await county.kick_off("A", "$import", [source("Patient", url(server, "/a"))])
    county.forbid()
    await county.runner.drain()
    response = await county.client("A").get(started.headers["content-location"])
    assert response.status_code == 422
    assert server.asked == []
