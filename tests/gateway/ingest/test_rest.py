"""Patients that a HIS writes through FHIR are linked in the same transaction."""

import pytest

from gateway.interactions.delete import delete
from tests.gateway.ingest.messages import ZHANG, oru


def patient(campus, number, **more):
    return {
        "resourceType": "Patient",
        "identifier": [
            {"system": f"urn:hutong:{campus}:pid", "value": number},
            {"system": "urn:oid:2.16.156.10011.1.3", "value": ZHANG},
        ],
        "name": [{"text": "张三"}],
        "birthDate": "1990-03-07",
        "gender": "male",
        **more,
    }


@pytest.fixture
async def linked(county):
    """The same person at A, B and C."""
    for campus, number in (("A", "1"), ("B", "2")):
        await county.post(campus, patient(campus, number))
    return await county.post("C", patient("C", "3"))


async def links(county):
    return [len(person["link"]) for person in await county.all("Person")]


async def test_the_second_of_two_alike_is_linked_when_it_is_written(county):
    await county.post("A", patient("A", "1"))
    assert await links(county) == []
    await county.post("B", patient("B", "2"))
    assert await links(county) == [2]


@pytest.mark.usefixtures("linked")
async def test_a_third_joins_the_same_person(county):
    assert await links(county) == [3]


@pytest.mark.usefixtures("linked")
async def test_a_contradiction_cuts_the_link_at_once(county):
    await county.post("B", patient("B", "2", gender="female"))
    assert await links(county) == [2]


async def test_a_deleted_patient_is_linked_no_more_and_again_when_it_returns(county, linked):
    await county.post("B", patient("B", "2", gender="female"))
    await delete(county.door, county.actor("C"), "Patient", linked["id"])
    assert await links(county) == []
    await county.post("C", patient("C", "3"))
    assert await links(county) == [2]


async def test_what_a_his_changes_is_no_longer_of_the_moment_of_the_message(county):
    await county.hear(oru(("GLU", "5.1"), issued="20261122083000"))
    observation = await county.one("Observation", campus="B")
    unchanged = await county.put("B", observation)
    assert unchanged["meta"]["versionId"] == "1"
    observation["valueQuantity"]["value"] = 6.1
    await county.put("B", observation)
    # A message of between the first and now knows nothing of the change.
    await county.hear(oru(("GLU", "5.2"), issued="20261122090000", control="2"))
    (found,) = await county.all("Observation", campus="B")
    assert bytes(found["valueQuantity"]["value"]) == b"6.1"
