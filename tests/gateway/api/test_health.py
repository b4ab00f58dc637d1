import pytest
from prometheus_client.parser import text_string_to_metric_families

from gateway.api.metrics import MULTIPROCESS
from gateway.store.records import Batch
from tests.gateway.api.samples import PATIENT, put, refusal

HOST = "http://gateway.test"


def figures(answer):
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


async def test_a_process_that_answers_is_alive(gateway):
    answer = await gateway.client().get(f"{HOST}/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer.headers["Content-Type"] == "application/json"


async def test_it_is_ready_when_nothing_is_missing(gateway):
    client = gateway.client()
    assert (await client.get(f"{HOST}/readyz")).json() == {"status": "ready", "missing": []}
    gateway.missing = ["mllp"]
    answer = await client.get(f"{HOST}/readyz")
    assert (answer.status_code, answer.json()["missing"]) == (503, ["mllp"])


async def test_figures_are_for_callers_with_a_token(gateway):
    refusal(await gateway.client().get(f"{HOST}/metrics"), 401, "login")


async def test_requests_are_counted_by_interaction_and_status(anna):
    await put(anna, PATIENT)
    for _ in range(2):
        await anna.get("/Patient/p1")
    await anna.get("/Patient/nobody")
    answer = await anna.get(f"{HOST}/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain")
    counted = figures(answer)
    assert counted["hutong_http_requests_total", "read", "200"] == 2
    assert counted["hutong_http_requests_total", "read", "404"] == 1
    assert counted["hutong_http_requests_total", "update", "201"] == 1


async def test_what_waits_and_wants_to_be_seen_is_told(gateway, anna):
    received = 1_700_000_000_000_000
    message = (received, 1, 1, "hl7v2", "A", "c", b"h", b"raw")
    alert = ("quarantine", "1", 1, "words", received, received)
    statements = [("inbox_add", message), ("alert_raise", alert)]
    await gateway.door.store.submit(Batch(ticket=b"t", statements=statements))
    told = figures(await anna.get(f"{HOST}/metrics"))
    assert told["hutong_messages_received_total",] == 1
    assert told["hutong_inbox_waiting",] == 1
    assert told["hutong_inbox_oldest_seconds",] == 1_700_000_000
    assert told["hutong_quarantine_held",] == 0
    assert told["hutong_alerts_open",] == 1


async def test_processes_add_up_where_they_share_a_folder(anna, tmp_path, monkeypatch):
    monkeypatch.setenv(MULTIPROCESS, str(tmp_path))
    told = figures(await anna.get(f"{HOST}/metrics"))
    assert told["hutong_alerts_open",] == 0


@pytest.mark.parametrize("name", ["healthz", "readyz", "metrics"])
async def test_they_are_read_only(anna, name):
    refusal(await anna.post(f"{HOST}/{name}"), 405, "not-supported")
