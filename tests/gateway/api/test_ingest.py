"""Ingest by HTTP."""

import asyncio
import contextlib

import pytest

from gateway.ingest.worker import Worker
from tests.gateway.ingest.messages import header, oru, pid
from tests.waiting import until


@pytest.fixture
async def worker(gateway):
    task = asyncio.create_task(Worker(gateway.door).run())
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def post(client, message, **headers):
    body = message if isinstance(message, bytes) else message.encode()
    return await client.post("http://gateway.test/ingest/hl7v2", content=body, headers=headers)


@pytest.mark.usefixtures("worker")
async def test_a_message_is_answered_with_what_it_became(gateway):
    client = await gateway.campus("B", "system/*.cruds", "ingest")
    answer = await post(client, oru())
    assert answer.status_code == 201, answer.text
    bundle = answer.json()
    assert bundle["type"] == "collection"
    types = {entry["resource"]["resourceType"] for entry in bundle["entry"]}
    assert {"Patient", "Observation", "DiagnosticReport", "ServiceRequest", "Provenance"} == types
    assert '"value":5.10' in answer.text


@pytest.mark.usefixtures("worker")
async def test_a_message_that_changes_nothing_is_200(gateway):
    client = await gateway.campus("B", "system/*.cruds", "ingest")
    await post(client, oru())
    again = await post(client, oru())
    assert again.status_code == 200
    assert again.json()["entry"]
    assert (await post(client, oru(control="2"))).status_code == 200


@pytest.mark.usefixtures("worker")
async def test_the_campus_is_the_tokens(gateway):
    client = await gateway.campus("B", "system/*.cruds", "ingest")
    answer = await post(client, oru(sender="NOBODY", who=pid("1")))
    patient = answer.json()["entry"][0]["resource"]
    assert patient["identifier"][0]["system"] == "urn:hutong:B:pid"


@pytest.mark.usefixtures("worker")
async def test_respond_async_is_202_with_a_place_to_ask(gateway):
    client = await gateway.campus("B", "system/*.cruds", "ingest")
    answer = await post(client, oru(), Prefer="respond-async")
    assert answer.status_code == 202
    location = answer.headers["location"]
    assert location == "http://gateway.test/ingest/messages/1"

    async def answered():
        found = await client.get(location)
        return None if found.status_code == 202 else found

    found = await until(answered)
    assert found.status_code == 200
    assert found.json()["entry"]


@pytest.mark.usefixtures("worker")
async def test_a_message_of_another_campus_is_not_there(gateway):
    client = await gateway.campus("B", "system/*.cruds", "ingest")
    await post(client, oru())
    other = await gateway.campus("A", "system/*.cruds", "ingest")
    assert (await other.get("http://gateway.test/ingest/messages/1")).status_code == 404
    assert (await other.get("http://gateway.test/ingest/messages/9")).status_code == 404
    assert (await other.get("http://gateway.test/ingest/messages/x")).status_code == 404


@pytest.mark.usefixtures("worker")
async def test_a_message_in_quarantine_is_422_with_its_id(gateway):
    client = await gateway.campus("B", "system/*.cruds", "ingest")
    answer = await post(client, "\r".join([header("ORU^R01"), "OBR|1||R1|X", ""]))
    assert answer.status_code == 422
    (issue,) = answer.json()["issue"]
    assert issue["diagnostics"] == "1"
    assert "missing-pid" in issue["details"]["text"]
    assert (await client.get("http://gateway.test/ingest/messages/1")).status_code == 422


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "invalid"),
        (b"hello", "invalid"),
        (b"MSH|^~\\&|LIS|B|||20261122||SIU^S12|1|P|2.5\r", "not-supported"),
        (oru(who=pid(name="张^三")).encode("gbk"), "invalid"),
    ],
)
@pytest.mark.usefixtures("worker")
async def test_what_cannot_be_opened_is_400_and_not_kept(gateway, body, code):
    client = await gateway.campus("B", "system/*.cruds", "ingest")
    answer = await post(client, body)
    assert answer.status_code == 400
    assert answer.json()["issue"][0]["code"] == code
    assert gateway.door.store.fetch("inbox_counts") == []


async def test_ingest_needs_its_scope(gateway):
    client = await gateway.campus("B", "system/*.cruds")
    assert (await post(client, oru())).status_code == 403


@pytest.mark.usefixtures("worker")
async def test_several_messages_in_one_body_are_answered_together(gateway):
    client = await gateway.campus("B", "system/*.cruds", "ingest")
    answer = await post(client, oru() + oru(filler="R2", control="2"))
    assert answer.status_code == 201
    reports = [
        entry
        for entry in answer.json()["entry"]
        if entry["resource"]["resourceType"] == "DiagnosticReport"
    ]
    assert len(reports) == 2
