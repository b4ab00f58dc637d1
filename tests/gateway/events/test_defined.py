"""Criteria by search parameters that are defined here: they change, and go, under the criteria."""

import pytest

from tests.gateway.events.house import subscription
from tests.gateway.interactions.consortium import GLUCOSE, LOINC, observation, patient
from tests.gateway.interactions.defined import build, defined, extension, of, parameter
from tests.waiting import until


def red(id_, name="x", **more):
    return patient(id_, extension=[extension(name, valueString="red")], **more)


@pytest.fixture
async def told(house, receiver):
    """A is told of Patients who are red."""
    await defined(house, parameter("colour", "Patient", "string", of("Patient", "x")))
    house.serve()
    await house.subscribe("A", subscription("s", receiver.url, "Patient?colour=red"))
    await house.put("B", red("before"))
    await numbered(house, 1)
    return receiver


async def numbered(house, count):
    await until(lambda: house.store.fetch("subscription", ("s",))[0][6] == count)


@pytest.mark.usefixtures("told")
async def test_criteria_follow_a_definition_that_changes(house):
    await house.put(house.admin(), parameter("colour", "Patient", "string", of("Patient", "y")))
    # Not built yet: what is written now is found by it all the same.
    await house.put("B", red("while", "y"))
    await house.put("B", red("no-more", "x"))
    await build(house)
    await house.put("B", red("after", "y"))
    await numbered(house, 3)
    rows = house.store.fetch("subscription_events", ("s", 1, 9, 9))
    places = [row for _, row in rows]
    names = [house.store.fetch("current_by_row", (row,))[0][1] for row in places]
    assert names == ["before", "while", "after"]
    assert house.status("s") == "active"


@pytest.mark.parametrize("way", ["deleted", "draft"])
async def test_criteria_by_what_is_no_more_are_an_error(house, told, way):
    if way == "deleted":
        await house.delete(house.admin(), "SearchParameter/colour")
    else:
        gone = parameter("colour", "Patient", "string", of("Patient", "x"), status="draft")
        await house.put(house.admin(), gone)
    await house.put("B", red("after"))
    await until(lambda: house.status("s") == "error")
    assert "no search parameter 'colour'" in house.stored("s")["error"]
    ((_, kind, place, *_),) = house.store.fetch("alerts_open", (9,))
    assert (kind, place) == ("subscription", "Subscription/s")
    # Defined again, and asked for again.
    await defined(house, parameter("colour", "Patient", "string", of("Patient", "x")))
    await house.subscribe("A", subscription("s", told.url, "Patient?colour=red"))
    await house.put("B", red("again"))
    await numbered(house, 2)


async def test_a_chain_waits_until_what_it_is_asked_by_is_built(house, receiver):
    await defined(house, parameter("colour", "Patient", "string", of("Patient", "x")))
    await house.put("B", red("p1"))
    await house.put("B", red("p2", "y"))
    house.serve()
    asked = "Observation?subject:Patient.colour=red"
    await house.subscribe("A", subscription("s", receiver.url, asked))
    await house.put("B", observation("o1", "Patient/p1"))
    await numbered(house, 1)
    await house.put(house.admin(), parameter("colour", "Patient", "string", of("Patient", "y")))
    await house.put("B", observation("o2", "Patient/p1"))
    await numbered(house, 2)
    await build(house)
    await house.put("B", observation("o3", "Patient/p1"))
    await house.put("B", observation("o4", "Patient/p2"))
    await numbered(house, 3)
    assert house.status("s") == "active"


async def test_criteria_by_a_value_set_that_is_gone_are_an_error(house, receiver):
    include = [{"system": LOINC, "concept": [{"code": GLUCOSE}]}]
    meant = {
        "resourceType": "ValueSet",
        "id": "v",
        "url": "http://a.test/v",
        "status": "active",
        "compose": {"include": include},
    }
    await house.put("A", meant)
    house.serve()
    asked = "Observation?code:in=http://a.test/v"
    await house.subscribe("A", subscription("s", receiver.url, asked))
    await house.put("B", observation("o1"))
    await numbered(house, 1)
    await house.delete("A", "ValueSet/v")
    await house.put("B", observation("o2"))
    await until(lambda: house.status("s") == "error")
    assert "value set is not stored" in house.stored("s")["error"]
