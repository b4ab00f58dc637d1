"""ECG files by HTTP."""

import asyncio
import contextlib
from datetime import datetime

import pytest

from fixtures.ecg.aecg import Recorded, aecg
from fixtures.ecg.dicom import annotations, dicom, group
from fixtures.ecg.heart import record
from gateway.ingest.worker import Worker

TRACE = record("sinus", 1, rate=100, seconds=1.0)
AT = datetime(2026, 11, 22, 8, 30, 15)  # noqa: DTZ001 - a cart writes its wall clock
LIU = Recorded(TRACE, AT, "77", "刘玉兰", "F", "19580307")


@pytest.fixture(autouse=True)
async def _worker(gateway):
    task = asyncio.create_task(Worker(gateway.door).run())
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def post(client, body, **headers):
    body = body.encode() if isinstance(body, str) else body
    return await client.post("http://gateway.test/ingest/ecg", content=body, headers=headers)


def types(answer):
    return sorted(entry["resource"]["resourceType"] for entry in answer.json()["entry"])


async def test_a_file_is_answered_with_what_it_became(gateway):
    client = await gateway.campus("B", "system/*.cruds", "ingest")
    answer = await post(client, aecg(LIU))
    assert answer.status_code == 201, answer.text
    made = ["Binary", "DiagnosticReport", *["Observation"] * 3, "Patient", "Provenance"]
    assert types(answer) == made


async def test_the_same_recording_by_another_way_is_answered_with_what_is_stored(gateway):
    client = await gateway.campus("B", "system/*.cruds", "ingest")
    first = await post(client, aecg(LIU))
    other = dicom([group(TRACE, scale=2.5)], annotations(TRACE), AT, PatientID="77")
    second = await post(client, other)
    assert second.status_code == 200, second.text
    assert types(second) == ["DiagnosticReport", *["Observation"] * 3, "Patient"]
    urls = [{entry["fullUrl"] for entry in one.json()["entry"]} for one in (first, second)]
    assert urls[1] < urls[0]
    again = await post(client, other)
    assert again.status_code == 200
    assert types(again) == types(second)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"<AnnotatedECG>", "invalid"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><AnnotatedECG/>', "invalid"),
        (b"<RestingECG/>", "not-supported"),
        (b"%PDF-1.4", "not-supported"),
        (bytes(128) + b"DICM" + b"\xff" * 50, "invalid"),
    ],
)
async def test_what_is_no_sound_file_is_refused_and_not_kept(gateway, body, code):
    client = await gateway.campus("B", "system/*.cruds", "ingest")
    answer = await post(client, body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["issue"][0]["code"] == code
    assert gateway.door.store.fetch("inbox_last") == [(0,)]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (aecg(LIU).replace(' unit="uV"', ""), "missing-scale"),
        (aecg(LIU).replace("<increment", "<other"), "missing-sampling-rate"),
        (aecg(LIU).replace("<digits>", "<digits>?"), "unreadable-samples"),
        (aecg(LIU).replace("<digits", "<d").replace("</digits", "</d"), "missing-waveform"),
    ],
)
async def test_what_cannot_be_stored_waits_with_its_reason(gateway, body, reason):
    client = await gateway.campus("B", "system/*.cruds", "ingest")
    answer = await post(client, body)
    assert answer.status_code == 422, answer.text
    (issue,) = answer.json()["issue"]
    assert reason in issue["details"]["text"]
    assert issue["diagnostics"]
