"""ECG files from the inbox to the store."""

import base64
import csv
from collections import Counter
from dataclasses import replace
from datetime import datetime

import pytest

from adapters.base import Received
from fixtures.ecg.aecg import Recorded, aecg
from fixtures.ecg.dicom import annotations, dicom, group
from fixtures.ecg.heart import record
from gateway.fhir.definitions import TYPE_NAMES
from gateway.ingest.intake import keep, open_message
from mappers.names import CITIZEN_ID, ECG
from tests.tools import ROOT, SHARED

AT = datetime(2026, 11, 22, 8, 30, 15)  # noqa: DTZ001 - a cart writes its wall clock
TRACE = record("sinus", 1, rate=100, seconds=1.0)
LIU = Recorded(TRACE, AT, "77", "刘玉兰", "F", "19580307")
WHO = {"PatientID": "77", "PatientName": "刘^玉兰", "PatientBirthDate": "19580307"}

with (ROOT / "tests" / "outcomes" / "ecg.tsv").open(encoding="utf-8") as file:
    ROWS = [row for row in csv.DictReader(file, delimiter="\t") if row["outcome"] == "stored"]


async def send(county, body, campus="B"):
    """Send a file as a campus; return what became of it."""
    body = body.encode() if isinstance(body, str) else body
    known = county.directory.campus(campus)
    kept = await keep(county.door, open_message(county.door, Received("ecg", body, ""), known))
    await county.worker.drain()
    return county.outcomes.of(kept.id)


def as_dicom(trace=TRACE, at=AT, **elements):
    return dicom([group(trace, scale=2.5)], annotations(trace), at, **{**WHO, **elements})


async def test_a_file_becomes_a_report_with_its_waveform_and_its_original(county):
    body = aecg(LIU).encode()
    outcome = await send(county, body)
    assert outcome.reason == ""
    patient = await county.one("Patient", identifier="urn:hutong:B:pid|77")
    report = await county.one("DiagnosticReport", patient=patient["id"])
    assert len(report["result"]) == 3
    waveform = await county.one("Observation", code="urn:iso:std:iso:11073:10101|131328")
    assert f"Observation/{waveform['id']}" in {one["reference"] for one in report["result"]}
    kind, _, id_ = report["presentedForm"][0]["url"].partition("/")
    binary = county.store.current(kind, id_).resource()
    assert base64.b64decode(binary["data"]) == body
    assert binary["securityContext"] == {"reference": f"DiagnosticReport/{report['id']}"}


async def test_leads_and_measurements_are_searched_by_their_codes(county):
    await send(county, aecg(LIU))
    assert await county.one("Observation", **{"component-code": "131392"})
    assert await county.one("Observation", **{"component-code": "http://loinc.org|8625-6"})


async def test_the_same_bytes_again_change_nothing(county):
    await send(county, aecg(LIU))
    before = county.store.fetch("last_row")
    outcome = await send(county, aecg(LIU))
    assert county.store.fetch("last_row") == before
    assert outcome.told()["made"]


async def test_one_recording_by_two_ways_in_is_one(county):
    first = await send(county, aecg(LIU))
    second = await send(county, as_dicom())
    report = await county.one("DiagnosticReport")
    assert f"DiagnosticReport/{report['id']}" in first.told()["made"]
    told = second.told()
    assert "made" not in told
    assert {*told["found"]} == {
        f"DiagnosticReport/{report['id']}",
        report["subject"]["reference"],
        *(one["reference"] for one in report["result"]),
    }
    codes = [one["activity"]["coding"][0]["code"] for one in await county.all("Provenance")]
    assert sorted(codes) == ["APPEND", "CREATE"]
    assert len(await county.all("Binary")) == 1


async def test_another_campus_that_delivers_it_owns_nothing(county):
    await send(county, aecg(LIU), campus="B")
    outcome = await send(county, as_dicom(), campus="C")
    assert outcome.told()["found"]
    assert len(await county.all("DiagnosticReport")) == 1
    assert len(await county.all("Patient")) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"PatientID": "78"},
        {"at": AT.replace(second=16)},
        {"trace": record("sinus", 2, rate=100, seconds=1.0)},
        {"PatientID": "", "PatientName": "刘^玉"},
        {"PatientID": "", "PatientBirthDate": ""},
    ],
)
async def test_what_differs_is_another_recording(county, other):
    await send(county, aecg(LIU))
    outcome = await send(county, as_dicom(**other))
    assert "found" not in outcome.told()
    assert len(await county.all("DiagnosticReport")) == 2


@pytest.mark.parametrize("elements", [{"PatientID": ""}, {"PatientBirthDate": ""}])
async def test_name_and_birth_date_do_where_there_is_no_number(county, elements):
    await send(county, aecg(LIU))
    outcome = await send(county, as_dicom(**elements))
    assert outcome.told().get("found")


async def test_a_number_that_comes_later_finds_the_recording_without_one(county):
    first = await send(county, as_dicom(PatientID=""))
    assert (await county.one("Patient"))["name"][0]["text"] == "刘玉兰"
    second = await send(county, aecg(LIU))
    assert {*second.told()["found"]} < {*first.told()["made"]}


async def test_a_start_that_one_file_lacks_does_not_tell_them_apart(county):
    await send(county, aecg(LIU))
    body = as_dicom(AcquisitionDateTime=None, StudyDate=None, StudyTime=None)
    assert (await send(county, body)).told().get("found")


async def test_several_recordings_that_fit_are_quarantined(county):
    await send(county, aecg(LIU))
    await send(county, aecg(replace(LIU, at=AT.replace(second=16))))
    body = as_dicom(AcquisitionDateTime=None, StudyDate=None, StudyTime=None)
    assert (await send(county, body)).reason == "several-recordings"


async def test_linked_patients_of_two_numbers_have_one_recording(county):
    citizen = "110105195803072346"
    for campus, own in (("B", "77"), ("C", "990")):
        await county.post(
            campus,
            {
                "resourceType": "Patient",
                "identifier": [
                    {"system": f"urn:hutong:{campus}:pid", "value": own},
                    {"system": CITIZEN_ID, "value": citizen},
                ],
                "name": [{"text": "刘玉兰"}],
                "birthDate": "1958-03-07",
                "gender": "female",
            },
        )
    await county.worker.drain()
    await send(county, aecg(LIU), campus="B")
    outcome = await send(county, as_dicom(PatientID="990"), campus="C")
    assert outcome.told().get("found")
    assert len(await county.all("DiagnosticReport")) == 1


@pytest.mark.needs("shared data")
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["file"])
async def test_each_file_has_the_outcome_that_the_table_says(county, row):
    outcome = await send(county, (SHARED / "data" / "ecg" / row["file"]).read_bytes())
    assert outcome.reason == ""
    rows = county.store.fetch("outbox_after", (0, 1000))
    stored = Counter(TYPE_NAMES[type_] for _, type_, *_ in rows)
    pairs = (pair.split(":") for pair in row["resources"].split())
    assert dict(stored) == {name: int(count) for name, count in pairs}


@pytest.mark.needs("shared data")
async def test_all_files_together_are_as_many_recordings_as_the_table_says(county):
    for row in ROWS:
        outcome = await send(county, (SHARED / "data" / "ecg" / row["file"]).read_bytes())
        assert bool(outcome.told().get("found")) == bool(row["same-as"])
    reports = await county.all("DiagnosticReport")
    assert len(reports) == sum(not row["same-as"] for row in ROWS)
    hashes = Counter(one["identifier"][0]["value"] for one in reports)
    assert hashes.most_common(1)[0][1] == 3
    assert {one["identifier"][0]["system"] for one in reports} == {ECG}
