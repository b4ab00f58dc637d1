"""What a person takes out of quarantine is judged by what holds then."""

from gateway.access.actor import administrator
from gateway.fhir.codec import encode
from gateway.interactions.create import create
from tests.gateway.imaging.samples import STUDY, image, patient


async def retry(archive):
    """As `hutong quarantine retry` does it with every message that is held."""
    for row in archive.store.fetch("inbox_held", (100,)):
        await archive.submit(("inbox_again", (row[0],)))
    await archive.worker.drain()
    await archive.keeper.drain()


async def test_an_object_joins_its_study_once_the_patients_are_linked(archive):
    await archive.hear(image(1))
    await archive.hear(image(1, *patient("C5"), study=2), campus="C")
    (taken,) = await archive.hear(image(2, *patient("C5")), campus="C")
    assert taken.reason == "other-patient"
    await retry(archive)
    assert archive.held() == [("dicom", "other-patient")]
    person = {
        "resourceType": "Person",
        "link": [
            {"target": {"reference": f"Patient/{one['id']}"}, "assurance": "level4"}
            for one in await archive.all("Patient")
        ],
    }
    await create(archive.door, administrator(), "Person", encode(person))
    await retry(archive)
    assert archive.held() == []
    study = await archive.one("ImagingStudy", identifier=f"urn:dicom:uid|urn:oid:{STUDY}")
    assert study["numberOfInstances"] == 2


async def test_what_is_broken_waits_again_and_is_not_lost(archive):
    await archive.send(image(1)[:-9])
    await retry(archive)
    assert archive.held() == [("dicom", "truncated")]
    ((number, *_),) = archive.store.fetch("inbox_held", (9,))
    assert archive.store.fetch("inbox_account", (number,))[0][8] == 1


async def test_a_duplicate_stays_one(archive):
    await archive.hear(image(1), image(1, pixels=bytes(512)))
    await retry(archive)
    assert archive.held() == [("dicom", "duplicate")]
    assert (await archive.one("ImagingStudy"))["numberOfInstances"] == 1
