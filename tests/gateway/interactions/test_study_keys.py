"""A StudyInstanceUID names one study, whichever campus writes it and by whatever door."""

import asyncio

import pytest

from gateway.errors import ConflictError
from gateway.interactions.bundle import bundle
from gateway.interactions.keys import resource_id
from tests.gateway.interactions.consortium import HIV, concept, encoded

UID = "1.2.826.0.1.3680043.8.498.7"
SYSTEM = "urn:dicom:uid"


def study(value=f"urn:oid:{UID}", **more):
    return {
        "resourceType": "ImagingStudy",
        "identifier": [{"system": SYSTEM, "value": value}],
        "status": "available",
        "subject": {"display": "X"},
        **more,
    }


async def test_the_id_of_a_study_follows_from_its_uid_alone(house):
    written = await house.post("A", study())
    assert written.stored.id == resource_id("", "ImagingStudy", SYSTEM, f"urn:oid:{UID}")
    again = await house.post("A", study(description="CT"))
    assert (again.stored.id, again.stored.version) == (written.stored.id, 2)


@pytest.mark.parametrize("value", [f"urn:oid:{UID}", UID])
async def test_a_study_of_another_campus_is_not_made_a_second_time(house, value):
    first = await house.post("A", study())
    for refused in (
        house.post("B", study(value)),
        house.put("B", study(value, id="mine")),
        house.put("A", study(value, id="mine")),
    ):
        with pytest.raises(ConflictError, match=f"ImagingStudy/{first.stored.id} "):
            await refused
    assert await house.ids("B", "ImagingStudy") == [first.stored.id]


async def test_a_study_with_a_bare_uid_is_the_same_study(house):
    first = await house.post("A", study(UID))
    assert (await house.post("A", study())).stored.id == first.stored.id


async def test_a_transaction_does_not_make_it_either(house):
    await house.post("A", study())
    for method, url in (("POST", "ImagingStudy"), ("PUT", "ImagingStudy/mine")):
        resource = study(**({"id": "mine"} if method == "PUT" else {}))
        entry = {"resource": resource, "request": {"method": method, "url": url}}
        sent = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
        with pytest.raises(ConflictError):
            await bundle(house.door, house.actor("B"), encoded(sent))
    assert len(await house.ids("B", "ImagingStudy")) == 1


async def test_a_study_that_is_hidden_is_not_named(house):
    hidden = await house.post("A", study(reasonCode=[concept(HIV)]))
    assert not await house.ids("B", "ImagingStudy")
    for refused in (house.post("B", study()), house.put("B", study(id="mine"))):
        with pytest.raises(ConflictError) as caught:
            await refused
        assert hidden.stored.id not in str(caught.value)


async def test_of_several_campuses_at_once_one_gets_it(house):
    writes = [house.post(code, study()) for code in ("A", "B", "C")]
    writes += [house.put(code, study(id=f"of-{code}")) for code in ("A", "B", "C")]
    results = await asyncio.gather(*writes, return_exceptions=True)
    assert all(isinstance(one, ConflictError) for one in results if isinstance(one, Exception))
    assert len(await house.ids("A", "ImagingStudy")) == 1


async def test_a_study_that_was_deleted_may_be_made_by_another(house):
    first = await house.post("A", study())
    await house.delete("A", f"ImagingStudy/{first.stored.id}")
    second = await house.post("B", study())
    assert second.created
    assert second.stored.id != first.stored.id


@pytest.mark.parametrize("stored", [f"urn:oid:{UID}", UID])
@pytest.mark.parametrize("asked", [f"urn:oid:{UID}", UID, ""])
async def test_a_study_is_found_by_its_uid_bare_or_not(house, stored, asked):
    written = await house.post("A", study(stored))
    await house.post("A", study(f"{UID}.9", identifier=[{"system": "urn:x", "value": UID}]))
    found = await house.ids("B", f"ImagingStudy?identifier={SYSTEM}|{asked}")
    assert found == [written.stored.id]
