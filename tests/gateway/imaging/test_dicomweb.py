"""QIDO-RS, WADO-RS and STOW-RS as a client sees them."""

import asyncio
import io
import json
import struct

import pytest
from PIL import Image

from adapters.dicom import parse_instance
from adapters.dicom.multipart import MultipartReader, PartBegin, PartData, content_type
from adapters.dicom.part10 import preamble
from fixtures.dicom.write import text
from tests.gateway.imaging.archive import address
from tests.gateway.imaging.samples import SIDE, STUDY, image, patient

WHOLE = image()
MULTIPART = 'multipart/related; type="application/dicom"; boundary=abc'
PICTURES = ("image/jpeg", "image/png")


@pytest.fixture
async def filled(archive):
    """Two studies of one patient, one with two series, and one study of another patient."""
    await archive.hear(
        WHOLE,
        image(2),
        image(1, text(0x00080060, "CS", "SR"), series=2),
        image(1, text(0x00080020, "DA", "20250131"), text(0x00081030, "LO", "Chest"), study=2),
        image(1, *patient("B9", "Li^Si"), study=3),
    )
    return archive


def parts(answer):
    kind = content_type(answer.headers["Content-Type"])
    assert kind.type == "multipart/related"
    found = []
    reader = MultipartReader(kind.parameters["boundary"])
    for event in reader.feed(answer.content):
        if isinstance(event, PartBegin):
            found.append([event.headers["content-type"], b""])
        elif isinstance(event, PartData):
            found[-1][1] += event.data
    reader.close()
    return found


def body(*objects):
    told = (b"\r\n--abc\r\nContent-Type: application/dicom\r\n\r\n" + one for one in objects)
    return b"".join(told) + b"\r\n--abc--"


def values(answer, tag):
    return [one[tag].get("Value", [""])[0] for one in answer.json()] if answer.content else []


# QIDO-RS.


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 3),
        ("PatientID=B000123", 2),
        ("00100020=B000123", 2),
        ("PatientID=B0*", 2),
        ("PatientName=wang*", 2),
        ("PatientName=Li^S", 1),
        ("PatientName=nobody", 0),
        ("StudyDate=20261120", 2),
        ("StudyDate=20250101-20250201", 1),
        ("StudyDate=-20250201", 1),
        ("StudyDate=20260101-", 2),
        ("AccessionNumber=B20261120001", 3),
        (f"StudyInstanceUID={STUDY}", 1),
        (f"StudyInstanceUID={STUDY},{STUDY[:-1]}2", 2),
        ("ModalitiesInStudy=SR", 1),
        ("ModalitiesInStudy=CT", 3),
        ("StudyDescription=*hest", 1),
        ("PatientID=B000123&StudyDescription=Chest", 1),
        ("SOPInstanceUID=1.2.3.4.5", 0),
        ("includefield=all&fuzzymatching=true", 3),
    ],
)
async def test_studies_are_found_by_what_they_are(filled, query, count):
    async with filled.web() as web:
        answer = await web.get(f"/studies?{query}")
        assert answer.status_code == (200 if count else 204)
        assert len(values(answer, "0020000D")) == count


async def test_a_study_is_told_with_its_counts_and_address(filled):
    async with filled.web() as web:
        (found,) = (await web.get(f"/studies?StudyInstanceUID={STUDY}")).json()
        assert found["00201206"]["Value"] == [2]
        assert found["00201208"]["Value"] == [3]
        assert found["00080061"]["Value"] == ["CT", "SR"]
        assert found["00100010"]["Value"] == [{"Alphabetic": "Wang^Xiaodong"}]
        assert found["00081190"]["Value"] == [f"http://gateway.test/dicom-web/studies/{STUDY}"]


async def test_pages_cover_all_and_say_that_there_is_more(filled):
    async with filled.web() as web:
        first = await web.get("/studies?limit=2")
        assert "299" in first.headers["Warning"]
        second = await web.get("/studies?limit=2&offset=2")
        assert "Warning" not in second.headers
        uids = values(first, "0020000D") + values(second, "0020000D")
        assert len(set(uids)) == 3


@pytest.mark.parametrize(
    ("place", "query", "count"),
    [
        (f"/studies/{STUDY}/series", "", 2),
        (f"/studies/{STUDY}/series", "Modality=SR", 1),
        ("/series", "", 4),
        ("/series", f"SeriesInstanceUID={STUDY}.2", 1),
        (f"/studies/{STUDY}/instances", "", 3),
        (f"/studies/{STUDY}/series/{STUDY}.1/instances", "", 2),
        (f"/studies/{STUDY}/series/{STUDY}.1/instances", "InstanceNumber=2", 1),
        ("/instances", "", 5),
        ("/instances", f"SOPInstanceUID={STUDY}.1.2", 1),
        ("/studies/1.2.3/series", "", 0),
    ],
)
async def test_series_and_instances_are_found(filled, place, query, count):
    async with filled.web() as web:
        answer = await web.get(f"{place}?{query}")
        assert len(values(answer, "0020000E")) == count


@pytest.mark.parametrize(
    "query", ["Nonsense=1", "limit=x", "offset=99999", "StudyDate=2026", "StudyDate=x-"]
)
async def test_what_cannot_be_asked_is_an_error(filled, query):
    async with filled.web() as web:
        answer = await web.get(f"/studies?{query}")
        assert answer.status_code == 400
        assert answer.json()["resourceType"] == "OperationOutcome"


# Who may.


async def test_the_scope_dicom_is_what_it_takes(filled):
    async with filled.web("plain") as web:
        for place in ("/studies", address(WHOLE), f"/studies/{STUDY}/metadata"):
            assert (await web.get(place)).status_code == 403
        stored = await web.post("/studies", content=WHOLE, headers={"Content-Type": MULTIPART})
        assert stored.status_code == 403
    async with filled.web("images") as web:
        assert len((await web.get("/studies")).json()) == 3
        assert (await web.get(address(WHOLE))).status_code == 200
    async with filled.web("nobody") as web:
        assert (await web.get("/studies")).status_code == 401


async def test_what_policy_hides_is_not_there(filled):
    await filled.submit(("campus_set", ("B", "B", "Asia/Shanghai", "", *["[]"] * 3, 0, "B")))
    async with filled.web("A") as web:
        assert (await web.get("/studies")).status_code == 204
        assert (await web.get("/instances")).status_code == 204
        for place in (address(WHOLE), f"/studies/{STUDY}", f"{address(WHOLE)}/rendered"):
            assert (await web.get(place)).status_code == 404


async def test_reading_leaves_an_audit(filled):
    async with filled.web("A") as web:
        await web.get(address(WHOLE))
    await filled.door.recorder.close()
    bodies = [json.loads(row[4]) for row in filled.store.fetch("audit_after", (0, 500))]
    assert f"{STUDY}.1.1" in json.dumps(bodies[-1])


# WADO-RS.


@pytest.mark.parametrize(
    ("place", "numbers"),
    [
        (f"/studies/{STUDY}", 3),
        (f"/studies/{STUDY}/series/{STUDY}.1", 2),
        (f"/studies/{STUDY}/series/{STUDY}.1/instances/{STUDY}.1.1", 1),
    ],
)
async def test_objects_come_byte_for_byte_in_parts(filled, place, numbers):
    async with filled.web() as web:
        answer = await web.get(place)
        found = parts(answer)
        assert len(found) == numbers
        assert found[0][1] == WHOLE
        assert found[0][0] == "application/dicom; transfer-syntax=1.2.840.10008.1.2.1"
        assert int(answer.headers["Content-Length"]) == len(answer.content)


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/dicom", 200),
        ("application/dicom; transfer-syntax=*", 200),
        ('multipart/related; type="application/dicom"; transfer-syntax=*', 200),
        ("multipart/related; type=application/dicom;transfer-syntax=1.2.840.10008.1.2.1", 200),
        ("*/*", 200),
        ("image/gif, application/dicom", 200),
        ("application/dicom; transfer-syntax=1.2.840.10008.1.2.4.90", 406),
        ("application/pdf", 406),
        ('multipart/related; type="image/jp2"', 406),
    ],
)
async def test_an_object_comes_in_the_form_that_is_asked_for(filled, accept, status):
    async with filled.web() as web:
        answer = await web.get(address(WHOLE), headers={"Accept": accept})
        assert answer.status_code == status
        if accept.startswith("application/dicom") and status == 200:
            assert answer.content == WHOLE


async def test_a_head_request_tells_the_size_alone(filled):
    async with filled.web() as web:
        answer = await web.head(address(WHOLE), headers={"Accept": "application/dicom"})
        assert int(answer.headers["Content-Length"]) == len(WHOLE)
        assert not answer.content


async def test_metadata_tell_where_bulk_data_is_and_it_is_there(filled):
    pixels = WHOLE[-SIDE * SIDE * 2 :]
    async with filled.web() as web:
        (found,) = (await web.get(f"{address(WHOLE)}/metadata")).json()
        assert found["00100020"]["Value"] == ["B000123"]
        uri = found["7FE00010"]["BulkDataURI"]
        answer = await web.get(uri, headers={"Accept": "application/octet-stream"})
        assert answer.content == pixels
        assert parts(await web.get(uri))[0][1] == pixels
        assert (await web.get(uri.replace("7FE00010", "00420011"))).status_code == 404
        assert len((await web.get(f"/studies/{STUDY}/metadata")).json()) == 3
        assert len((await web.get(f"/studies/{STUDY}/series/{STUDY}.1/metadata")).json()) == 2


@pytest.mark.parametrize("accept", [*PICTURES, "image/*", "*/*"])
async def test_a_frame_is_shown_as_a_picture(filled, accept):
    async with filled.web() as web:
        answer = await web.get(f"{address(WHOLE)}/rendered", headers={"Accept": accept})
        shown = Image.open(io.BytesIO(answer.content))
        assert shown.size == (SIDE, SIDE)
        assert answer.headers["Content-Type"] == (accept if accept in PICTURES else PICTURES[0])


async def test_the_window_decides_what_is_black_and_white(filled):
    async with filled.web(Accept="image/png") as web:
        answer = await web.get(f"{address(WHOLE)}/rendered?window=2048.5,1025")
        shown = Image.open(io.BytesIO(answer.content))
        # Stored values are 16 times the number of the pixel; 1536 is black, 2560 white.
        assert [shown.getpixel((at % SIDE, at // SIDE)) for at in (95, 96, 128, 160, 161)] == [
            *(0, 0),
            127,
            *(255, 255),
        ]


async def test_a_thumbnail_is_small_and_a_frame_is_raw(filled):
    async with filled.web() as web:
        small = await web.get(f"{address(WHOLE)}/rendered?viewport=8,8")
        assert Image.open(io.BytesIO(small.content)).size == (8, 8)
        assert (await web.get(f"{address(WHOLE)}/thumbnail")).status_code == 200
        raw = await web.get(f"{address(WHOLE)}/frames/1")
        assert parts(raw)[0][1] == WHOLE[-SIDE * SIDE * 2 :]
        assert (await web.get(f"{address(WHOLE)}/frames/1/rendered")).status_code == 200


@pytest.mark.parametrize(
    ("what", "status"),
    [
        ("frames/2", 404),
        ("frames/0", 400),
        ("frames/x", 400),
        ("frames/2/rendered", 404),
        ("rendered?window=1", 400),
        ("rendered?window=1,0", 400),
        ("rendered?nonsense=1", 400),
    ],
)
async def test_what_is_not_there_to_be_shown_is_an_error(filled, what, status):
    async with filled.web() as web:
        assert (await web.get(f"{address(WHOLE)}/{what}")).status_code == status


async def test_sizes_that_a_header_merely_claims_cost_nothing(archive):
    huge = struct.pack("<H", 65535)
    bomb = image(1, (0x00280010, "US", huge), (0x00280011, "US", huge))
    (taken,) = await archive.hear(bomb)
    assert taken.status == 0
    async with archive.web() as web:
        answer = await web.get(f"{address(bomb)}/rendered")
        assert answer.status_code == 422


async def test_compressed_images_are_not_rendered_but_given_out(archive):
    data = WHOLE[WHOLE.index(b"\x08\x00\x16\x00") :]
    found = parse_instance(WHOLE)
    packed = preamble(found.sop_class_uid, found.sop_instance_uid, "1.2.840.10008.1.2.4.90") + data
    await archive.hear(packed)
    async with archive.web() as web:
        assert (await web.get(f"{address(WHOLE)}/rendered")).status_code == 406
        got = await web.get(address(WHOLE), headers={"Accept": "application/dicom"})
        assert got.content == packed


# STOW-RS.


async def test_objects_are_stored_and_named_in_the_answer(archive):
    async with archive.web() as web:
        answer = await web.post(
            "/studies", content=body(WHOLE, image(2)), headers={"Content-Type": MULTIPART}
        )
        assert answer.status_code == 200
        told = answer.json()
        assert len(told["00081199"]["Value"]) == 2
        assert told["00081190"]["Value"] == [f"http://gateway.test/dicom-web/studies/{STUDY}"]
        assert "00081198" not in told
        first = told["00081199"]["Value"][0]
        assert first["00081190"]["Value"][0].endswith(address(WHOLE))
        await archive.keeper.drain()
        assert len(parts(await web.get(f"/studies/{STUDY}"))) == 2


async def test_who_stored_an_object_reads_it_before_its_study_is_told(archive):
    async with archive.web(Accept="application/dicom") as client:
        stored = await client.post(
            "/studies", content=WHOLE, headers={"Content-Type": "application/dicom"}
        )
        assert stored.status_code == 200
        reading = asyncio.create_task(client.get(address(WHOLE)))
        await asyncio.sleep(0.1)
        assert not reading.done()
        await archive.keeper.drain()
        assert (await reading).content == WHOLE


async def test_one_object_may_come_without_parts(archive):
    async with archive.web() as web:
        kind = {"Content-Type": "application/dicom"}
        assert (await web.post("/studies", content=WHOLE, headers=kind)).status_code == 200


@pytest.mark.parametrize(
    ("objects", "status", "stored", "failed"),
    [
        ([WHOLE, b"junk"], 202, 1, 1),
        ([WHOLE, image(1, pixels=bytes(512))], 202, 2, 0),
        ([b"junk", b"more"], 409, 0, 2),
    ],
)
async def test_the_status_says_whether_all_some_or_none_were_stored(
    archive, objects, status, stored, failed
):
    async with archive.web() as web:
        kind = {"Content-Type": MULTIPART}
        answer = await web.post("/studies", content=body(*objects), headers=kind)
        assert answer.status_code == status
        told = answer.json()
        assert len(told.get("00081199", {}).get("Value", [])) == stored
        assert len(told.get("00081198", {}).get("Value", [])) == failed


async def test_an_object_of_another_study_than_the_address_is_not_stored(archive):
    async with archive.web() as web:
        kind = {"Content-Type": MULTIPART}
        answer = await web.post("/studies/1.2.3", content=body(WHOLE), headers=kind)
        assert answer.status_code == 409
        (failed,) = answer.json()["00081198"]["Value"]
        assert failed["00081197"]["Value"] == [0xC409]
        right = await web.post(f"/studies/{STUDY}", content=body(WHOLE), headers=kind)
        assert right.status_code == 200


@pytest.mark.parametrize(
    ("kind", "content", "status"),
    [
        (MULTIPART, b"", 400),
        (MULTIPART, b"\r\n--abc\r\n\r\ncut off", 400),
        (MULTIPART, b"\r\n--abc--", 400),
        ("multipart/related; type=application/dicom", b"x", 400),
        ("application/pdf", b"x", 415),
        ('multipart/related; type="application/dicom+json"; boundary=abc', b"x", 415),
        ("", b"x", 415),
    ],
)
async def test_a_body_that_is_none_is_refused_and_leaves_nothing(archive, kind, content, status):
    async with archive.web() as web:
        answer = await web.post("/studies", content=content, headers={"Content-Type": kind})
        assert answer.status_code == status
        assert not archive.held()
        assert archive.objects.sweep() == 0
        assert not list(archive.objects.digests())
