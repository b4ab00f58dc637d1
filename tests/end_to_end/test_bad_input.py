"""Objects and files that are broken or meant to harm, by every way in: refused, and nobody dies."""

import struct
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from pydicom.filereader import read_file_meta_info
from pynetdicom import _config

from adapters.dicom.part10 import preamble
from adapters.dicom.syntax import DEFLATED, EXPLICIT_LITTLE
from fixtures.consortium.station import Station
from fixtures.dicom.write import CT, ROOT, text
from fixtures.ecg.aecg import Recorded, aecg
from fixtures.ecg.dicom import annotations, dicom, group
from fixtures.ecg.heart import record
from tests.end_to_end.test_kill import pid_of
from tests.gateway.imaging.samples import data_set, image, without
from tests.running import Gateway, entries, gateway
from tests.waiting import eventually

AT = datetime(2026, 11, 22, 8, 30, 15)  # noqa: DTZ001 - a cart writes its wall clock
ROLES = ("store", "api-1", "mllp", "dicom-1", "worker")
SOP = f"{ROOT}.1.1.1"


def element(tag: int, kind: bytes, value: bytes, length: int = -1) -> bytes:
    size = len(value) if length < 0 else length
    return struct.pack("<HH2sHL", tag >> 16, tag & 0xFFFF, kind, 0, size) + value


def bomb() -> bytes:
    """A kilobyte for each megabyte that it inflates to."""
    pack = zlib.compressobj(9, wbits=-15)
    head = data_set(image(1))[:-600] + element(0x7FE00010, b"OW", b"", 100 << 20)
    zeros = (pack.compress(bytes(1 << 20)) for _ in range(100))
    return b"".join([pack.compress(head), *zeros, pack.flush()])


WHOLE = data_set(image(1))
BEGUN = WHOLE[:-524]
"""Without its pixels."""
NEST = element(0x00081140, b"SQ", b"", 0xFFFFFFFF) + b"\xfe\xff\x00\xe0\xff\xff\xff\xff"

OBJECTS = {
    "cut off": (WHOLE[:-9], EXPLICIT_LITTLE, "C000"),
    "a letter in a UID": (data_set(image(1, text(0x0020000D, "UI", "1.2.x"))), "", "C000"),
    "a long UID": (data_set(image(1, text(0x0020000D, "UI", "1." * 40))), "", "C000"),
    "no study": (data_set(image(1, without(0x0020000D))), "", "C000"),
    "no class": (data_set(image(1, without(0x00080016))), "", "A900"),
    "no instance": (data_set(image(1, without(0x00080018))), "", "A900"),
    "another instance": (data_set(image(2)), "", "A900"),
    "a deflate bomb": (bomb(), DEFLATED, "C000"),
    "nested without end": (BEGUN + NEST * 20_000, EXPLICIT_LITTLE, "C000"),
    "a length of four gigabytes": (
        BEGUN + element(0x7FE00010, b"OW", b"1234", 0xFFFFFFF0),
        EXPLICIT_LITTLE,
        "C000",
    ),
    "no DICOM": (b"GIF89a" * 100, "", "C000"),
}
BAD_XML = {
    "cut off": b"<AnnotatedECG><id",
    "entities": b'<!DOCTYPE a [<!ENTITY b "cccc"><!ENTITY d "&b;&b;">]><AnnotatedECG>&d;'
    b"</AnnotatedECG>",
    "a file of ours": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><AnnotatedECG>&b;'
    b"</AnnotatedECG>",
    "a place elsewhere": b'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><AnnotatedECG/>',
    "nested without end": b"<AnnotatedECG>" * 100_000,
    "bytes of no encoding": b'<?xml version="1.0" encoding="UTF-8"?><AnnotatedECG>\xff\xfe'
    b"</AnnotatedECG>",
}


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with gateway(tmp_path_factory.mktemp("bad") / "data", HUTONG_API_PROCESSES="1") as running:
        running.campus("B", "--ae-title", "CT1")
        yield running


@pytest.fixture(autouse=True)
def _nobody_dies(county: Gateway) -> Iterator[None]:
    before = {role: pid_of(county, role) for role in ROLES}
    yield
    assert {role: pid_of(county, role) for role in ROLES} == before


def post(county: Gateway, path: str, body: bytes) -> httpx.Response:
    headers = {**county.as_campus("B"), "Content-Type": "application/dicom"}
    return httpx.post(f"{county.url}{path}", content=body, headers=headers, timeout=30)


def send(county: Gateway, file: Path) -> int:
    """Send a file's bytes as they are by C-STORE; return the status."""
    meta = read_file_meta_info(file)
    station = Station("CT1")
    station.add_requested_context(meta.MediaStorageSOPClassUID, meta.TransferSyntaxUID)
    association = station.associate("127.0.0.1", county.dicom_port, ae_title="HUTONG")
    try:
        return association.send_c_store(file).Status
    finally:
        association.release()


@pytest.mark.parametrize("name", OBJECTS)
def test_a_bad_object_is_refused_by_every_way_and_the_next_one_is_taken(
    county: Gateway, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content, syntax, status = OBJECTS[name]
    file = preamble(CT, SOP, syntax or EXPLICIT_LITTLE) + content
    if name != "another instance":  # no command names it in a file
        stow = post(county, "/dicom-web/studies", file)
        (failed,) = stow.json()["00081198"]["Value"]
        assert (stow.status_code, failed["00081197"]["Value"]) == (409, [int(status, 16)])
        assert post(county, "/ingest/dicom", file).status_code == 422
    assert post(county, "/ingest/ecg", file).status_code == 400
    # The library would read the data set and write it anew.
    monkeypatch.setattr(_config, "STORE_SEND_CHUNKED_DATASET", True)
    (tmp_path / "bad.dcm").write_bytes(preamble(CT, SOP, syntax or EXPLICIT_LITTLE) + content)
    assert send(county, tmp_path / "bad.dcm") == int(status, 16)

    number = 10 + list(OBJECTS).index(name)
    (tmp_path / "good.dcm").write_bytes(image(number, study=2))
    assert send(county, tmp_path / "good.dcm") == 0
    assert post(county, "/dicom-web/studies", image(number, study=3)).status_code == 200
    assert post(county, "/ingest/dicom", image(number, study=4)).status_code == 201


@pytest.mark.parametrize("name", BAD_XML)
def test_bad_xml_is_refused_and_the_next_file_is_taken(county: Gateway, name: str) -> None:
    answer = post(county, "/ingest/ecg", BAD_XML[name])
    assert answer.status_code == 400
    (issue,) = answer.json()["issue"]
    assert issue["code"] == "invalid"
    assert "root:" not in answer.text
    number = f"X{list(BAD_XML).index(name)}"
    trace = record("sinus", list(BAD_XML).index(name), rate=100, seconds=1.0)
    good = aecg(Recorded(trace, AT, number, "陈桂花", "F", "19510203")).encode()
    assert post(county, "/ingest/ecg", good).status_code == 201


def test_a_device_s_absent_values_are_no_values_by_any_way(county: Gateway) -> None:
    trace = record("sinus", 50, rate=100, seconds=1.0)
    marks = annotations(trace)
    for mark, value in zip(
        [one for one in marks if "NumericValue" in one], ("0", "29999", "-32768"), strict=False
    ):
        mark.NumericValue = value
    leads = group(trace, scale=2.5)
    leads.WaveformData = (-32768).to_bytes(2, "little", signed=True) + leads.WaveformData[2:]
    files = [
        dicom([leads], marks, AT, PatientID="N1", StudyInstanceUID=f"{ROOT}.81"),
        aecg(Recorded(trace, AT, "N2", "陈桂花", "F", "19510203"))
        .replace(f'value="{trace.pr}" unit="ms"', 'value="29999" unit="ms"')
        .replace(f'value="{trace.qtc}" unit="ms"', 'value="0" unit="ms"')
        .encode(),
    ]
    for file in files:
        answer = post(county, "/ingest/ecg", file)
        assert answer.status_code == 201
        for one in entries(answer_of(answer), "Observation"):
            for component in one.get("component", ()):
                value = component.get("valueQuantity", {}).get("value", 1)
                assert value not in {0, 29999, -32768}
                assert "-32768" not in component.get("valueSampledData", {}).get("data", "")


def answer_of(answer: httpx.Response) -> httpx.Response:
    """The same, as if it were 200."""
    return httpx.Response(200, content=answer.content)


def test_uids_of_odd_form_are_kept_as_sent(county: Gateway) -> None:
    file = image(1, text(0x00080018, "UI", "1.2..3"), text(0x0020000D, "UI", "1.02..4"))
    answer = post(
        county, "/dicom-web/studies", preamble(CT, "1.2..3", EXPLICIT_LITTLE) + data_set(file)
    )
    assert answer.status_code == 200

    def told() -> list[dict]:
        uid = "urn:dicom:uid|urn:oid:1.02..4"
        return entries(county.get("B", "/fhir/ImagingStudy", identifier=uid), "ImagingStudy")

    (study,) = eventually(told)
    (series,) = county.get("B", f"/fhir/ImagingStudy/{study['id']}").json()["series"]
    assert [one["uid"] for one in series["instance"]] == ["1.2..3"]
