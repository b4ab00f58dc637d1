"""An order of one campus, its images and ECGs from another: through real sockets."""

import asyncio
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from adapters.dicom.syntax import EXPLICIT_LITTLE
from fixtures.consortium.station import Station
from fixtures.dicom.write import CT, ROOT, text
from fixtures.ecg.aecg import Recorded, aecg
from fixtures.ecg.dicom import annotations, dicom, group
from fixtures.ecg.heart import record
from tests.end_to_end.messages import order_resource, patient_resource
from tests.end_to_end.test_imaging import storescu
from tests.gateway.imaging.archive import address
from tests.gateway.imaging.samples import accession, data_set, image
from tests.running import ANSWER_SECONDS, Gateway, entries, gateway
from tests.waiting import eventually

CITIZENS = {
    "storescu": "331827195803071616",
    "pynetdicom": "331827196203071633",
    "ingest": "331827196503071635",
    "ecg by C-STORE": "331827196703071656",
}
AT = datetime(2026, 11, 22, 8, 30, 15)  # noqa: DTZ001 - a cart writes its wall clock
SLICES = 6
DICOM_JSON = {"Accept": "application/dicom+json"}


@pytest.fixture(scope="module")
def consortium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with gateway(tmp_path_factory.mktemp("consortium") / "data") as running:
        running.campus("A")
        running.campus("B", "--ae-title", "CT1")
        yield running


def place_order(consortium: Gateway, way: str, number: str) -> str:
    """Register one human at A and B, order at A, and return the order's reference."""
    name = dict(zip(CITIZENS, ("赵^甲", "钱^乙", "孙^丙", "李^丁"), strict=True))[way]
    told = {"citizen": CITIZENS[way], "name": name, "birth": CITIZENS[way][6:14]}
    subject = ""
    for campus in ("B", "A"):
        made = consortium.post(
            campus, "/fhir/Patient", patient_resource(campus, f"{campus}-{way}", **told)
        )
        assert made.status_code == 201, made.text
        subject = made.json()["id"]
    order = order_resource("A", f"P-{number}", subject)
    system = {"system": "urn:hutong:A:accession", "value": number}
    order["identifier"] = [system]
    placed = consortium.post("A", "/fhir/ServiceRequest", order)
    assert placed.status_code == 201, placed.text
    return f"ServiceRequest/{placed.json()['id']}"


def slices(way: str, number: str, study: int) -> list[bytes]:
    changes = (*accession(number, "A"), text(0x00100020, "LO", f"B-{way}"))
    return [image(at, *changes, study=study, series=at % 2 + 1) for at in range(1, SLICES + 1)]


def send(consortium: Gateway, *objects: bytes, title: str = "CT1", called: str = "HUTONG") -> Any:
    """Send by pynetdicom; return the association, over and done with, and the answers."""
    station = Station(title)
    read = [dcmread(BytesIO(one)) for one in objects]
    for sop_class in {one.SOPClassUID for one in read} | {CT}:
        station.add_requested_context(sop_class, EXPLICIT_LITTLE)
    association = station.associate("127.0.0.1", consortium.dicom_port, ae_title=called)
    answers = []
    if association.is_established:
        answers = [association.send_c_store(one).Status for one in read]
        association.release()
    return association, answers


def deliver(consortium: Gateway, way: str, objects: list[bytes], folder: Path) -> None:
    if way == "pynetdicom":
        assert send(consortium, *objects)[1] == [0] * len(objects)
        return
    for number, one in enumerate(objects):
        (folder / f"{number}.dcm").write_bytes(one)
    said = asyncio.run(storescu(consortium, folder, "+sd"))
    assert said.count("Received Store Response (Success)") == len(objects)


@pytest.mark.needs("dcmtk")
@pytest.mark.parametrize(("way", "study"), [("storescu", 61), ("pynetdicom", 62)])
def test_images_of_an_order_of_another_campus(
    consortium: Gateway, way: str, study: int, tmp_path: Path
) -> None:
    number = f"ACC-{study}"
    order = place_order(consortium, way, number)
    objects = slices(way, number, study)
    deliver(consortium, way, objects, tmp_path)

    def told() -> dict[str, Any] | None:
        """The study with all its objects, once it names its order."""
        uid = f"urn:dicom:uid|urn:oid:{ROOT}.{study}"
        answer = consortium.get("A", "/fhir/ImagingStudy", identifier=uid)
        for one in entries(answer, "ImagingStudy"):
            if one["numberOfInstances"] == SLICES and "basedOn" in one:
                return one
        return None

    found = eventually(told)
    assert found is not None
    assert (found["numberOfSeries"], found["numberOfInstances"]) == (2, SLICES)
    assert {one["numberOfInstances"] for one in found["series"]} == {SLICES // 2}
    assert found["basedOn"] == [{"reference": order}]
    assert found["modality"][0]["code"] == "CT"
    of_order = consortium.get("A", "/fhir/ImagingStudy", basedon=order)
    assert [one["id"] for one in entries(of_order, "ImagingStudy")] == [found["id"]]
    for query in ({"AccessionNumber": number}, {"PatientID": f"B-{way}"}):
        (listed,) = httpx.get(
            f"{consortium.url}/dicom-web/studies",
            params=query,
            headers={**consortium.as_campus("A"), **DICOM_JSON},
            timeout=ANSWER_SECONDS,
        ).json()
        assert listed["0020000D"]["Value"] == [f"{ROOT}.{study}"]
        assert listed["00201208"]["Value"] == [SLICES]
    for one in objects:
        assert data_set(fetched(consortium, address(one))) == data_set(one)


def fetched(consortium: Gateway, place: str) -> bytes:
    headers = {**consortium.as_campus("A"), "Accept": "application/dicom"}
    url = f"{consortium.url}/dicom-web{place}"
    got = httpx.get(url, headers=headers, timeout=ANSWER_SECONDS)
    assert got.status_code == 200, got.text
    return got.content


def test_an_ecg_by_association_and_by_http_is_one(consortium: Gateway) -> None:
    trace = record("sinus", 11)
    by_association = dicom([group(trace, scale=2.5)], annotations(trace), AT, PatientID="E-1")
    assert send(consortium, by_association)[1] == [0]
    reports = eventually(lambda: ecgs(consortium, "E-1"))
    again = post_ecg(consortium, by_association)
    other = post_ecg(
        consortium, aecg(Recorded(trace, AT, "E-1", "陈桂花", "F", "19510203")).encode()
    )
    assert (again.status_code, other.status_code) == (200, 200)
    assert [one["id"] for one in ecgs(consortium, "E-1")] == [one["id"] for one in reports]
    assert len(reports) == 1


@pytest.mark.parametrize("way", ["ingest", "ecg by C-STORE"])
def test_an_ecg_of_an_order_of_another_campus(consortium: Gateway, way: str) -> None:
    number = {"ingest": "ECG-1", "ecg by C-STORE": "ECG-2"}[way]
    order = place_order(consortium, way, number)
    trace = record("bradycardia", 12)
    issuer = Dataset()
    issuer.LocalNamespaceEntityID = "A"
    uid = f"{ROOT}.{number[-1]}64"
    file = dicom(
        [group(trace, scale=2.5)],
        annotations(trace),
        AT,
        PatientID=f"B-{way}",
        AccessionNumber=number,
        IssuerOfAccessionNumberSequence=[issuer],
        SOPInstanceUID=f"{uid}.1.1",
        SeriesInstanceUID=f"{uid}.1",
        StudyInstanceUID=uid,
    )
    if way == "ingest":
        assert post_ecg(consortium, file).status_code == 201
    else:
        assert send(consortium, file)[1] == [0]
    (report,) = eventually(lambda: ecgs(consortium, f"B-{way}"))
    assert report["basedOn"] == [{"reference": order}]
    query = {"_id": order.partition("/")[2], "_revinclude": "DiagnosticReport:based-on"}
    (found,) = entries(consortium.get("A", "/fhir/ServiceRequest", **query), "DiagnosticReport")
    assert found["id"] == report["id"]
    waiting = consortium.get("A", "/fhir/Task", code="order-reconcile")
    assert entries(waiting, "Task") == []


def post_ecg(consortium: Gateway, body: bytes) -> httpx.Response:
    headers = {"Authorization": f"Bearer {consortium.tokens['B']}"}
    return httpx.post(
        f"{consortium.url}/ingest/ecg", content=body, headers=headers, timeout=ANSWER_SECONDS
    )


def ecgs(consortium: Gateway, number: str) -> list[dict[str, Any]]:
    """Return the ECGs of a patient of B, as A sees them."""
    query = {"patient.identifier": f"urn:hutong:B:pid|{number}"}
    return entries(consortium.get("A", "/fhir/DiagnosticReport", **query), "DiagnosticReport")


@pytest.mark.parametrize(
    ("title", "called", "diagnostic"), [("NOBODY", "HUTONG", 3), ("CT1", "OTHER", 7)]
)
def test_who_is_unknown_or_calls_another_is_rejected(
    consortium: Gateway, title: str, called: str, diagnostic: int
) -> None:
    association, answers = send(consortium, image(1, study=63), title=title, called=called)
    assert association.is_rejected
    assert association.acceptor.primitive.diagnostic == diagnostic
    assert answers == []
