"""What an object is answered, and what is kept of it."""

import hashlib
from dataclasses import replace
from datetime import datetime

import pytest

from adapters.dicom import Delivered
from adapters.dicom.part10 import MAGIC
from fixtures.dicom.write import CT, text
from fixtures.ecg.dicom import annotations, dicom, group
from fixtures.ecg.heart import record
from gateway.access.actor import administrator
from gateway.errors import ConflictError, UnavailableError
from gateway.fhir.codec import encode
from gateway.imaging.receive import OUT_OF_RESOURCES, SUCCESS, WARNING, Receiver
from gateway.interactions.create import create
from tests.gateway.imaging.samples import STUDY, image, patient, without

WHOLE = image()


def rows(archive, sop=f"{STUDY}.1.1"):
    return archive.store.fetch("objects_of_sop", (sop,))


async def test_an_object_is_kept_as_it_came_and_told_of(archive):
    (taken,) = await archive.hear(WHOLE)
    assert (taken.status, taken.reason) == (SUCCESS, "")
    digest = hashlib.sha256(WHOLE).digest()
    assert archive.objects.read(digest, 0, len(WHOLE)) == WHOLE
    study = await archive.one("ImagingStudy")
    assert study["identifier"][0]["value"] == f"urn:oid:{STUDY}"
    assert study["series"][0]["instance"][0]["uid"] == f"{STUDY}.1.1"
    subject = await archive.one("Patient")
    assert study["subject"]["reference"] == f"Patient/{subject['id']}"
    endpoint = await archive.one("Endpoint")
    assert study["endpoint"] == [{"reference": f"Endpoint/{endpoint['id']}"}]


async def test_the_same_object_again_changes_nothing(archive):
    first, second = await archive.hear(WHOLE, WHOLE)
    assert first.status == second.status == SUCCESS
    assert len(rows(archive)) == 1
    assert (await archive.one("ImagingStudy"))["meta"]["versionId"] == "1"


async def test_the_same_object_under_another_group_0002_is_the_same(archive):
    place = WHOLE.index(MAGIC) + 4
    other = WHOLE[:place] + WHOLE[place:].replace(b"HUTONG", b"OTHERS", 1)
    _, again = await archive.hear(WHOLE, other)
    assert (again.status, again.reason) == (SUCCESS, "")
    assert len(list(archive.objects.digests())) == 1


async def test_other_content_under_the_same_uid_is_kept_beside_and_not_shown(archive):
    other = image(1, pixels=bytes(512))
    _, second = await archive.hear(WHOLE, other)
    assert (second.status, second.reason) == (WARNING, "duplicate")
    assert [row[8] for row in rows(archive)] == [0, 1]
    assert archive.held() == [("dicom", "duplicate")]
    assert len(list(archive.objects.digests())) == 2
    assert (await archive.one("ImagingStudy"))["numberOfInstances"] == 1
    _, third = await archive.hear(WHOLE, other)
    assert third.status == SUCCESS


@pytest.mark.parametrize("second", [patient("B9", "Li^Si"), patient("B9"), patient("", "Li^Si")])
async def test_an_object_of_another_patient_is_kept_and_shown_in_no_study(archive, second):
    _, taken = await archive.hear(WHOLE, image(2, *second))
    assert (taken.status, taken.reason) == (WARNING, "other-patient")
    assert archive.held() == [("dicom", "other-patient")]
    study = await archive.one("ImagingStudy")
    assert study["numberOfInstances"] == 1
    assert len(await archive.all("Patient")) == 1


async def test_an_object_without_number_joins_the_study_of_its_name(archive):
    _, taken = await archive.hear(WHOLE, image(2, *patient("")))
    assert taken.status == SUCCESS
    assert (await archive.one("ImagingStudy"))["numberOfInstances"] == 2


async def test_linked_patients_share_a_study(archive):
    """One human under two numbers: campus C passes on what B made."""
    other = image(2, *patient("C5"))
    (first,) = await archive.hear(WHOLE)
    await archive.hear(image(1, *patient("C5"), study=2), campus="C")
    assert first.status == SUCCESS
    patients = {one["identifier"][0]["value"]: one["id"] for one in await archive.all("Patient")}
    link = [
        {"target": {"reference": f"Patient/{id_}"}, "assurance": "level4"}
        for id_ in patients.values()
    ]
    person = {"resourceType": "Person", "link": link}
    await create(archive.door, administrator(), "Person", encode(person))
    taken = await archive.send(other, "C")
    assert taken.status == SUCCESS


@pytest.mark.parametrize(
    ("data", "status", "reason"),
    [
        (image(1, without(0x00080018)), 0xA900, "no-sop-uid"),
        (image(1, without(0x0020000D)), 0xC000, "no-study-uid"),
        (image(1, text(0x0020000E, "UI", "1.2.x")), 0xC000, "bad-uid"),
        (WHOLE[:-9], 0xC000, "truncated"),
        (b"no dicom at all", 0xC000, "not-dicom"),
    ],
)
async def test_what_cannot_be_taken_is_refused_and_kept_in_quarantine(
    archive, data, status, reason
):
    taken = await archive.send(data)
    again = await archive.send(data)
    assert (taken.status, taken.reason) == (again.status, again.reason) == (status, reason)
    assert archive.held() == [("dicom", reason)]
    assert archive.objects.read(hashlib.sha256(data).digest(), 0, 9999) == data[:9999]
    assert ("quarantine", "B/CT-B") in archive.alerts()
    await archive.keeper.drain()
    assert not await archive.all("ImagingStudy")


async def test_an_object_other_than_announced_is_refused(archive):
    taken = await archive.send(WHOLE, announced=(CT, "1.2.3"))
    assert (taken.status, taken.reason) == (0xA900, "sop-mismatch")
    assert (await archive.send(WHOLE, announced=(CT, f"{STUDY}.1.1"))).status == SUCCESS


async def test_an_object_without_group_0002_gets_one(archive):
    bare = WHOLE[WHOLE.index(b"\x08\x00\x16\x00") :]
    (taken,) = await archive.hear(bare)
    assert taken.status == SUCCESS
    ((*_, digest, size, _),) = rows(archive)
    kept = archive.objects.read(digest, 0, size)
    assert kept == WHOLE


async def test_two_studies_of_one_accession_number_are_two(archive):
    await archive.hear(WHOLE, image(1, study=2))
    assert len(await archive.all("ImagingStudy")) == 2


async def test_a_study_belongs_to_the_campus_of_its_first_object(archive):
    await archive.hear(WHOLE)
    (taken,) = await archive.hear(image(2), campus="C")
    assert taken.status == SUCCESS
    study = await archive.one("ImagingStudy", "C")
    assert study["numberOfInstances"] == 2
    codes = [one.get("valueCode") for one in study["meta"]["extension"]]
    assert "B" in codes


async def test_whoever_else_delivers_a_study_is_remembered_once(archive):
    await archive.hear(WHOLE, image(2))
    await archive.hear(WHOLE, image(2), image(3), campus="C")
    provenance = await archive.one("Provenance")
    study = await archive.one("ImagingStudy")
    assert provenance["target"] == [{"reference": f"ImagingStudy/{study['id']}"}]
    assert provenance["agent"][0]["who"]["identifier"]["value"] == "C"


async def test_an_unknown_station_and_a_wrong_title_are_refused_with_an_alert(archive):
    assert (await archive.sink.admit(archive.call())).name == "ADMITTED"
    assert (await archive.sink.admit(archive.call("NOBODY"))).name == "CALLING_AE_TITLE"
    assert (await archive.sink.admit(archive.call(called="X"))).name == "CALLED_AE_TITLE"
    assert archive.alerts() == {
        ("unknown-station", "127.0.0.1"),
        ("unknown-called-title", "127.0.0.1"),
    }


async def test_a_station_that_calls_from_elsewhere_is_refused(archive):
    await archive.submit(
        ("campus_set", ("B", "B", "Asia/Shanghai", "", "[]", '["10.0.0.0/8"]', '["CT-B"]', 1, "B"))
    )
    assert (await archive.sink.admit(archive.call())).name == "CALLING_AE_TITLE"
    assert archive.alerts() == {("wrong-address", "127.0.0.1")}
    assert (await archive.sink.admit(archive.call(peer="10.1.1.1"))).name == "ADMITTED"


async def test_an_open_campus_takes_unknown_stations_in_a_namespace_of_their_own(opened):
    archive = await opened(open_campus="A")
    call = archive.call("PORTABLE 1")
    assert (await archive.sink.admit(call)).name == "ADMITTED"
    spool = archive.sink.begin()
    spool.write(WHOLE)
    announced = CT, f"{STUDY}.1.1"
    assert await archive.sink.take(Delivered(call, *announced, "", spool)) == SUCCESS
    await archive.keeper.drain()
    study = await archive.one("ImagingStudy", "A")
    tags = {one["code"] for one in study["meta"]["tag"]}
    assert "unverified-source" in tags
    assert study["subject"]["identifier"]["system"] == "urn:hutong:open/PORTABLE%201:pid"


class Full:
    """A store that cannot write."""

    def __init__(self, store):
        self._store = store

    def __getattr__(self, name):
        return getattr(self._store, name)

    async def submit(self, _):
        raise UnavailableError("full")


async def test_what_cannot_be_made_durable_is_refused_for_want_of_room(archive):
    full = replace(archive.door, store=Full(archive.store))
    archive.receiver = Receiver(full, archive.objects)
    assert (await archive.send(WHOLE)).status == OUT_OF_RESOURCES
    assert (await archive.send(b"no dicom")).status == 0xC000
    assert archive.objects.sweep() == 0


TRACE = record("sinus", 5, rate=100, seconds=1.0)
AT = datetime(2026, 11, 22, 8, 30, 15)  # noqa: DTZ001 - a cart writes its wall clock


def ecg(sop_class, names=()):
    """An object of a waveform class with the leads that are named, else with twelve."""
    return dicom(
        [group(TRACE, names=names)], annotations(TRACE), AT, SOPClassUID=sop_class, PatientID="7"
    )


WAVEFORM = "1.2.840.10008.5.1.4.1.1.9"


@pytest.mark.parametrize(
    ("kind", "names", "reports"),
    [
        ("1.1", (), 1),  # 12-lead
        ("1.2", (), 1),  # general
        ("1.3", (), 1),  # ambulatory
        ("1.4", (), 1),  # general, 32 bits
        ("1.2", ("II",), 1),
        ("2.1", (), 1),  # haemodynamic, as catheter laboratories send 12 leads
        ("2.1", ("II",), 0),  # a catheter laboratory's own monitoring
        ("3.1", ("II",), 0),  # cardiac electrophysiology: intracardiac
    ],
)
async def test_an_ecg_becomes_a_report_too(archive, kind, names, reports):
    data = ecg(f"{WAVEFORM}.{kind}", names)
    first, second = await archive.hear(data, data)
    assert first.status == second.status == SUCCESS
    assert len(await archive.all("DiagnosticReport")) == reports
    waveforms = await archive.all("Observation", code="urn:iso:std:iso:11073:10101|131328")
    assert len(waveforms) == reports
    assert (await archive.one("ImagingStudy"))["modality"][0]["code"] == "ECG"
    assert {reason for _, reason in archive.held()} == set()


@pytest.mark.parametrize("name", ["ecg_12lead", "hd_waveform_deflated"])
async def test_a_public_ecg_becomes_a_report_too(archive, shared, name):
    data = (shared / "data" / "dicom" / f"{name}.dcm").read_bytes()
    assert (await archive.hear(data))[0].status == SUCCESS
    report = await archive.one("DiagnosticReport")
    assert len(report["result"]) > 1


def as_resource(**more):
    return {
        "resourceType": "ImagingStudy",
        "identifier": [{"system": "urn:dicom:uid", "value": f"urn:oid:{STUDY}"}],
        "status": "registered",
        "subject": {"display": "X"},
        **more,
    }


async def test_a_study_that_came_by_images_is_not_made_again_by_fhir(archive):
    await archive.hear(WHOLE)
    study = await archive.one("ImagingStudy")
    with pytest.raises(ConflictError, match=study["id"]):
        await archive.post(as_resource(), "A")
    assert (await archive.one("ImagingStudy"))["numberOfInstances"] == 1


async def test_images_of_a_study_that_was_registered_before_join_it(archive):
    registered = await archive.post(as_resource(), "A")
    (taken,) = await archive.hear(WHOLE)
    assert taken.status == SUCCESS
    study = await archive.one("ImagingStudy")
    assert (study["id"], study["status"]) == (registered.id, "available")
    assert study["numberOfInstances"] == 1
