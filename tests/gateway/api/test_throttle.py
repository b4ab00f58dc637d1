"""A campus that has a limit is told when to come again, whatever it asks."""

import pytest

from tests.gateway.api.conftest import BASE, ROOT
from tests.gateway.api.samples import PATIENT, put, refusal
from tests.waiting import until

HOST = BASE.removesuffix("/fhir")
CDS = "/cds-services/recognition-patient-view"


async def spent(gateway, client, code="A", text="1/m"):
    """Let a campus use up what it may ask."""
    await gateway.rate(code, text)
    for _ in range(int(text.partition("/")[0])):
        assert (await client.get("/Patient?_count=1")).status_code == 200


async def test_above_the_limit_is_429_with_the_time_to_wait(gateway, anna):
    await spent(gateway, anna)
    answer = await anna.get("/Patient/p1")
    issue = refusal(answer, 429, "throttled")
    assert "expression" not in issue
    assert 30 <= int(answer.headers["Retry-After"]) <= 60


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("GET", "/Patient/p1"), ("PUT", "/Patient/p1"), ("DELETE", "/Patient/p1"), ("POST", "")),
        *(("GET", "/Patient/$nothing"), ("GET", "/Nothing"), ("PATCH", "/Patient/p1")),
        *(("POST", f"{HOST}/ingest/hl7v2"), ("GET", f"{HOST}/dicom-web/studies")),
        ("GET", f"{HOST}/metrics"),
    ],
)
async def test_reads_writes_and_ingest_are_limited_alike(gateway, method, path):
    client = await gateway.campus("A", "system/*.cruds", "ingest", "dicom")
    await spent(gateway, client)
    refusal(await client.request(method, path, content=b"{}"), 429, "throttled")


async def test_nothing_is_stored_of_what_was_too_much(gateway, anna):
    await spent(gateway, anna)
    refusal(await anna.put("/Patient/p1", json=PATIENT), 429, "throttled")
    assert gateway.door.store.current("Patient", "p1") is None


@pytest.mark.parametrize(
    "path", [CDS, "/recognition/check", "/recognition/statistics", f"{CDS}/feedback"]
)
async def test_those_who_know_no_outcome_are_told_in_their_own_way(gateway, path):
    client = await gateway.campus("A", "system/*.cruds", "recognition")
    await spent(gateway, client)
    method = "GET" if path.endswith("statistics") else "POST"
    answer = await client.request(method, f"{HOST}{path}", json={})
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "throttled")
    assert int(answer.headers["Retry-After"]) >= 1


async def test_another_campus_and_an_administrator_go_on(gateway, anna):
    other = await gateway.campus("B")
    await spent(gateway, anna)
    assert (await other.get("/Patient")).status_code == 200
    root = gateway.client(ROOT, **{"X-Hutong-Campus": "A"})
    await put(root, PATIENT)
    refusal(await anna.get("/Patient/p1"), 429, "throttled")


async def test_an_acting_person_is_limited_with_the_campus(gateway, anna):
    await spent(gateway, anna)
    asked = {"X-Hutong-Actor": "Dr. Wang"}
    refusal(await anna.get("/Patient", headers=asked), 429, "throttled")


async def test_what_is_open_stays_open(gateway, anna):
    await spent(gateway, anna)
    assert (await anna.get("/metadata")).status_code == 200
    assert (await anna.get(f"{HOST}/healthz")).status_code == 200


async def test_the_limit_is_taken_away(gateway, anna):
    await spent(gateway, anna)
    refusal(await anna.get("/Patient"), 429, "throttled")
    await gateway.rate("A", "")
    assert (await anna.get("/Patient")).status_code == 200


async def test_with_time_more_is_allowed(gateway, anna):
    await spent(gateway, anna, text="2/s")
    await until(lambda: _ok(anna), 10)


async def _ok(client):
    return (await client.get("/Patient")).status_code == 200


async def test_a_bad_token_has_no_bucket_to_empty(gateway, anna):
    await gateway.rate("A", "1/m")
    stranger = gateway.client("nobody")
    for _ in range(5):
        refusal(await stranger.get("/Patient"), 401, "login")
    assert (await anna.get("/Patient")).status_code == 200


async def test_what_was_too_much_is_counted(gateway, anna):
    await spent(gateway, anna)
    await anna.get("/Patient/p1")
    await gateway.rate("A", "")
    figures = (await anna.get(f"{HOST}/metrics")).text
    assert 'status="429"} 1.0' in figures
    assert "hutong_bus_connected" not in figures
