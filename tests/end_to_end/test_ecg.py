"""An ECG of one campus is found and seen at another: the whole way, through real sockets."""

import hashlib
from collections.abc import Iterator
from datetime import datetime

import httpx
import pytest

from adapters.ecg import parse
from fixtures.ecg.aecg import Recorded, aecg
from fixtures.ecg.dicom import annotations, dicom, group
from fixtures.ecg.heart import record
from tests.running import ANSWER_SECONDS, Gateway, entries, gateway

MDC = "urn:iso:std:iso:11073:10101"
AT = datetime(2026, 11, 22, 8, 30, 15)  # noqa: DTZ001 - a cart writes its wall clock
TRACE = record("fibrillation", 3)


def file(number: str) -> bytes:
    return aecg(Recorded(TRACE, AT, number, "陈桂花", "F", "19510203")).encode()


def about(consortium: Gateway, type_: str, number: str, **params: str) -> httpx.Response:
    """Ask as the other campus for what is known of a patient of B."""
    found = consortium.get("A", "/fhir/Patient", identifier=f"urn:hutong:B:pid|{number}")
    (patient,) = entries(found, "Patient")
    return consortium.get("A", f"/fhir/{type_}", patient=patient["id"], **params)


@pytest.fixture(scope="module")
def consortium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with gateway(tmp_path_factory.mktemp("ecg") / "data") as running:
        for code in ("A", "B"):
            running.campus(code, "--sender", code)
        yield running


def send(consortium: Gateway, campus: str, body: bytes) -> httpx.Response:
    headers = {"Authorization": f"Bearer {consortium.tokens[campus]}"}
    return httpx.post(
        f"{consortium.url}/ingest/ecg", content=body, headers=headers, timeout=ANSWER_SECONDS
    )


def test_a_recording_is_stored_searched_and_read_back_byte_for_byte(consortium: Gateway) -> None:
    body = file("1")
    assert send(consortium, "B", body).status_code == 201
    found = about(consortium, "DiagnosticReport", "1", code="http://loinc.org|11524-6")
    (report,) = entries(found, "DiagnosticReport")
    (original,) = report["presentedForm"]
    url = f"{consortium.url}/fhir/{original['url']}"
    headers = {**consortium.as_campus("A"), "Accept": "application/xml"}
    read = httpx.get(url, headers=headers, timeout=ANSWER_SECONDS)
    assert read.headers["Content-Type"] == "application/xml"
    assert hashlib.sha256(read.content).digest() == hashlib.sha256(body).digest()


def test_the_samples_come_out_as_the_device_wrote_them(consortium: Gateway) -> None:
    body = file("2")
    assert send(consortium, "B", body).status_code == 201
    found = about(consortium, "Observation", "2", code=f"{MDC}|131328")
    (waveform,) = entries(found, "Observation")
    sent = {lead.name: lead for lead in parse(body).series[0].leads}
    assert len(waveform["component"]) == len(sent) == 12
    for component in waveform["component"]:
        sampled = component["valueSampledData"]
        lead = sent[component["code"]["text"]]
        same = tuple(int(word) for word in sampled["data"].split()) == lead.samples
        assert same, lead.name
        assert str(sampled["factor"]) == lead.scale
    listed = about(consortium, "Observation", "2")
    subsetted = "SUBSETTED" in listed.text
    assert subsetted
    assert len(listed.content) < len(body) / 5


def test_the_same_recording_by_another_way_is_the_same_ecg(consortium: Gateway) -> None:
    first = send(consortium, "B", file("3"))
    other = dicom([group(TRACE, scale=2.5)], annotations(TRACE), AT, PatientID="3")
    second = send(consortium, "A", other)
    assert (first.status_code, second.status_code) == (201, 200)
    ids = [
        {
            entry["resource"]["id"]
            for entry in answer.json()["entry"]
            if entry["resource"]["resourceType"] == "Observation"
        }
        for answer in (first, second)
    ]
    assert ids[0] == ids[1]
    assert len(ids[0]) == 3
    assert len(entries(about(consortium, "DiagnosticReport", "3"), "DiagnosticReport")) == 1


def test_what_is_broken_is_answered_and_the_next_file_goes_through(consortium: Gateway) -> None:
    body = file("4")
    for broken in (body[:1000], b"<a/>", bytes(200), body.replace(b"uV", b"kg")):
        assert send(consortium, "B", broken).status_code in {400, 422}
    assert send(consortium, "B", body).status_code == 201
