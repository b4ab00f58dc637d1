"""Subscribers of a whole gateway: told in order, and without a gap when its worker is killed."""

import json
import socketserver
import threading
from http.server import BaseHTTPRequestHandler

import httpx
import pytest

from tests.end_to_end.test_critical import kill
from tests.gateway.events.house import topical
from tests.running import Gateway
from tests.waiting import eventually

JSON = {"Content-Type": "application/fhir+json"}


class Endpoint(socketserver.ThreadingTCPServer):
    """A subscriber's endpoint; `hold` keeps answers back."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.numbers: list[int] = []
        self.kinds: list[str] = []
        self.shown: list[dict] = []
        self.free = threading.Event()
        self.free.set()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hook"


class Handler(BaseHTTPRequestHandler):
    server: Endpoint

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status, *others = json.loads(body)["entry"]
        parameters = status["resource"]["parameter"]
        self.server.shown += [one["resource"] for one in others]
        if others:
            self.answer()
            return
        self.server.kinds += [one["valueCode"] for one in parameters if one["name"] == "type"]
        self.server.numbers += [
            int(one["part"][0]["valueString"]) for one in parameters if "part" in one
        ]
        self.server.free.wait()
        self.answer()

    def answer(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def endpoints():
    opened = Endpoint(), Endpoint()
    yield opened
    for one in opened:
        one.free.set()
        one.shutdown()
        one.server_close()


@pytest.fixture
def gateway(tmp_path):
    running = Gateway(tmp_path / "data")
    running.start()
    running.campus("A", "--peer", "127.0.0.0/8")
    yield running
    running.stop()


def result(number: int) -> dict:
    return {
        "resourceType": "Observation",
        "id": f"o{number}",
        "status": "final",
        "code": {"text": "x"},
    }


def critical_value(client, put, endpoint):
    """Somebody who subscribes to critical values hears of one."""
    put(topical("c", endpoint.url, "critical-open", content="full-resource"))
    eventually(lambda: client.get("/Subscription/c").json()["status"] == "active")
    put({"resourceType": "Patient", "id": "p1", "name": [{"text": "王秀英"}]})
    coding = {"system": "http://loinc.org", "code": "2823-3"}
    flag = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"}
    put(
        {
            "resourceType": "Observation",
            "id": "k",
            "status": "final",
            "code": {"coding": [coding]},
            "subject": {"reference": "Patient/p1"},
            "valueQuantity": {
                "value": 7.6,
                "unit": "mmol/L",
                "system": "http://unitsofmeasure.org",
                "code": "mmol/L",
            },
            "interpretation": [{"coding": [flag | {"code": "HH"}]}],
        }
    )
    (task,) = eventually(lambda: endpoint.shown)
    codes = [one["code"] for one in task["code"]["coding"]]
    assert (task["resourceType"], codes) == ("Task", ["critical-ack"])


def test_a_kill_of_the_worker_leaves_no_gap(gateway, endpoints):
    one, other = endpoints
    headers = {"Authorization": f"Bearer {gateway.tokens['A']}", **JSON}
    with httpx.Client(base_url=f"{gateway.url}/fhir", headers=headers, timeout=60) as client:

        def put(resource):
            address = f"/{resource['resourceType']}/{resource['id']}"
            answer = client.put(address, content=json.dumps(resource))
            assert answer.status_code in {200, 201}, answer.text

        for id_, endpoint in (("s", one), ("t", other)):
            put(topical(id_, endpoint.url))
            eventually(
                lambda id_=id_: client.get(f"/Subscription/{id_}").json()["status"] == "active"
            )
        put(result(1))
        eventually(lambda: one.numbers == other.numbers == [1])
        # The next event is on its way to one of them when the worker is killed.
        one.free.clear()
        put(result(2))
        eventually(lambda: one.numbers[-1] == 2)
        for number in range(3, 11):
            put(result(number))
            if number in {4, 8}:
                kill(gateway, "worker")
        one.free.set()
        eventually(lambda: one.numbers[-1] == other.numbers[-1] == 10)
        critical_value(client, put, one)
        eventually(lambda: one.numbers[-1] == other.numbers[-1] == 11)
    # At least once, under its own number, in order.
    for endpoint in endpoints:
        assert endpoint.kinds.count("handshake") == (2 if endpoint is one else 1)
        assert list(dict.fromkeys(endpoint.numbers)) == list(range(1, 12))
        assert endpoint.numbers == sorted(endpoint.numbers)
    assert one.numbers.count(2) > 1
