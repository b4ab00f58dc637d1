"""Who is one human by what is written over FHIR: the citizen ID under each of its names."""

from itertools import permutations

import pytest

from mappers.names import CITIZEN_ID, CITIZEN_ID_ALIAS
from tests.gateway.interactions.consortium import patient, pid
from tests.gateway.interactions.sending import entry, send

CITIZEN = "33182719900307119X"
SPELLINGS = [(CITIZEN_ID, CITIZEN), (CITIZEN_ID_ALIAS, CITIZEN.lower())]


def carrying(id_, campus, system, value):
    return patient(
        id_,
        identifier=[pid(campus, id_), {"system": system, "value": value}],
        name=[{"text": "张三"}],
        birthDate="1990-03-07",
        gender="male",
    )


@pytest.mark.parametrize("spelled", [*permutations(SPELLINGS)], ids=["alias last", "alias first"])
async def test_a_citizen_id_links_under_each_of_its_names(house, spelled):
    for campus, (system, value) in zip("AB", spelled, strict=True):
        await house.put(campus, carrying(f"p{campus}", campus, system, value))
    found, persons = house.store.link_set(["pA"])
    assert found == {"pA", "pB"}
    assert len(persons) == 1
    for system, value in SPELLINGS:
        for query in (f"identifier={system}|{value}", f"identifier={value}"):
            assert sorted(await house.ids("A", f"Patient?{query}")) == ["pA", "pB"]


async def test_many_that_come_together_are_linked_each_to_its_own(house):
    """More than one statement looks up; all are alike but for the numbers of the other campus."""
    many = range(150)
    for campus, other in ("AB", "BA"):
        patients = [
            carrying(f"{campus}{number}", campus, pid(other, "")["system"], f"{other}{number}")
            for number in many
        ]
        await send(house, campus, *(entry("PUT", f"Patient/{one['id']}", one) for one in patients))
    for number in many:
        both = {f"A{number}", f"B{number}"}
        assert [house.store.link_set([one])[0] for one in both] == [both, both]
