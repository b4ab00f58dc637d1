"""POST /ingest/dicom: one object, answered with what it became."""

import asyncio
import contextlib
from datetime import datetime

import pytest

from fixtures.dicom.write import text
from fixtures.ecg.dicom import annotations, dicom, group
from fixtures.ecg.heart import record
from tests.gateway.imaging.samples import STUDY, image, patient

WHOLE = image()
URL = "http://gateway.test/ingest/dicom"
AT = datetime(2026, 11, 22, 8, 30, 15)  # noqa: DTZ001 - a cart writes its wall clock


@pytest.fixture
async def working(archive):
    """An archive whose keeper and worker are at work."""
    tasks = [asyncio.create_task(one.run()) for one in (archive.keeper, archive.worker)]
    yield archive
    for task in tasks:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def post(archive, body, token="B", **headers):  # noqa: S107 - of a test
    async with archive.web(token) as web:
        return await web.post(URL, content=body, headers=headers)


def types(answer):
    return sorted(entry["resource"]["resourceType"] for entry in answer.json()["entry"])


async def test_an_object_is_answered_with_its_study(working):
    first = await post(working, WHOLE)
    assert first.status_code == 201, first.text
    assert first.json()["type"] == "collection"
    assert types(first) == ["Endpoint", "ImagingStudy", "Patient"]
    again = await post(working, WHOLE)
    assert again.status_code == 200
    assert types(again) == types(first)
    more = await post(working, image(2))
    assert more.status_code == 201
    (study,) = (
        entry["resource"]
        for entry in more.json()["entry"]
        if entry["resource"]["resourceType"] == "ImagingStudy"
    )
    assert study["numberOfInstances"] == 2


async def test_an_ecg_is_answered_with_its_report_too(working):
    trace = record("sinus", 1, rate=100, seconds=1.0)
    answer = await post(working, dicom([group(trace)], annotations(trace), AT, PatientID="7"))
    assert answer.status_code == 201, answer.text
    assert {"DiagnosticReport", "Observation", "Binary", "ImagingStudy"} < {*types(answer)}
    names = [entry["fullUrl"] for entry in answer.json()["entry"]]
    assert len(names) == len({*names})


@pytest.mark.parametrize(
    ("before", "data", "reason"),
    [
        (WHOLE, image(1, pixels=bytes(512)), "duplicate"),
        (WHOLE, image(2, *patient("B9", "Li^Si")), "other-patient"),
        (None, WHOLE[:-9], "truncated"),
        (None, image(1, text(0x0020000E, "UI", "1.2.x")), "bad-uid"),
        (None, b"no dicom at all", "not-dicom"),
    ],
)
async def test_what_is_held_is_422_with_its_number_and_the_next_one_is_taken(
    working, before, data, reason
):
    if before:
        assert (await post(working, before)).status_code == 201
    for _ in range(2):
        answer = await post(working, data)
        assert answer.status_code == 422, answer.text
        (issue,) = answer.json()["issue"]
        assert reason in issue["details"]["text"]
        assert issue["diagnostics"] == str(working.store.fetch("inbox_held", (9,))[0][0])
    assert working.held() == [("dicom", reason)]
    assert (await post(working, image(5))).status_code == 201


async def test_a_study_that_is_not_told_of_yet_is_202_with_its_place(archive):
    answer = await post(archive, WHOLE, Prefer="respond-async")
    assert answer.status_code == 202
    await archive.keeper.drain()
    study = await archive.one("ImagingStudy")
    assert answer.headers["location"] == f"http://gateway.test/fhir/ImagingStudy/{study['id']}"


async def test_it_needs_the_scope_a_campus_and_a_body(archive):
    assert (await post(archive, WHOLE, "images")).status_code == 403
    assert (await post(archive, b"")).status_code == 400
    assert not archive.store.fetch("objects_of_study", (STUDY, 0))
