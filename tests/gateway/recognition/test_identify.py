"""Who is meant (recognition.md §2.10.4): certainly one, or nobody."""

import pytest

from gateway.recognition.catalogue.model import Code
from gateway.recognition.identify import identify
from gateway.recognition.model import Asked, PatientAsked
from mappers.names import CITIZEN_ID, CITIZEN_ID_ALIAS, TAG
from tests.gateway.interactions.consortium import pid

CITIZEN = "110101198003071234"


def number(code, value):
    return Code(f"urn:hutong:{code}:pid", value)


def found(ward, *identifiers, who="A", **more):
    asked = PatientAsked(identifiers=identifiers, **more)
    return identify(ward.door, ward.actor(who), asked)


async def test_the_own_number_leads_to_the_whole_link_set(ward):
    people = found(ward, number("A", "1"))

    assert people.own == ("a1",)
    assert people.people == ("a1", "b1", "c1")
    assert people.birth_date == "1980-03-07"


async def test_another_campuss_number_leads_there_by_the_link(ward):
    assert found(ward, number("B", "1")).own == ("a1",)
    assert found(ward, number("A", "1"), number("C", "1")).own == ("a1",)


async def test_somebody_the_own_campus_does_not_know_is_nobody(ward):
    await ward.person("b2", "B", "2")

    assert found(ward, number("B", "2")) is None
    assert found(ward, number("B", "2"), who="B").own == ("b2",)


async def test_every_number_must_lead_to_the_same_link_set(ward):
    await ward.person("a2", "A", "2")

    assert found(ward, number("A", "1"), number("A", "2")) is None
    assert found(ward, number("A", "1"), number("A", "77")) is None
    assert found(ward, number("A", "1"), Code("urn:oid:1.2.3", "x")) is None
    assert found(ward) is None


@pytest.mark.parametrize("system", [CITIZEN_ID, CITIZEN_ID_ALIAS])
async def test_a_citizen_id_counts_under_either_name_if_one_person_has_it(ward, system):
    numbers = [pid("A", "3"), {"system": CITIZEN_ID, "value": CITIZEN}]
    await ward.put(
        "A", {"resourceType": "Patient", "id": "a3", "identifier": numbers, "gender": "male"}
    )
    assert found(ward, Code(system, CITIZEN)).own == ("a3",)

    await ward.put(
        "B",
        {"resourceType": "Patient", "id": "b3", "identifier": [pid("B", "3"), numbers[1]]},
    )
    assert found(ward, Code(system, CITIZEN)) is None
    assert found(ward, number("A", "3")).people == ("a3",)


@pytest.mark.parametrize(
    ("given", "agrees"),
    [
        ({"name": "王小明"}, True),
        ({"name": "王 小明"}, True),
        ({"name": "李小明"}, False),
        ({"birth_date": "1980-03-07"}, True),
        ({"birth_date": "1980"}, True),
        ({"birth_date": "1980-03-08"}, False),
        ({"gender": "male"}, True),
        ({"gender": "unknown"}, True),
        ({"gender": "female"}, False),
    ],
)
async def test_what_is_given_must_agree(ward, given, agrees):
    assert bool(found(ward, number("A", "1"), **given)) == agrees


async def test_a_name_may_be_written_family_first_or_last(ward):
    await ward.person("a4", "A", "4", name=[{"family": "Wang", "given": ["Xiaodong"]}])

    assert found(ward, number("A", "4"), name="Wang Xiaodong")
    assert found(ward, number("A", "4"), name="Xiaodong WANG")
    assert found(ward, number("A", "4"), name="Wang Xiaoming") is None


async def test_our_own_id_where_a_door_lets_it_through(ward):
    assert found(ward, id="a1").own == ("a1",)
    assert found(ward, id="nobody") is None
    assert found(ward, number("A", "1"), id="b1").own == ("a1",)


@pytest.mark.parametrize("tag", ["unverified-source", "training"])
async def test_whom_nobody_vouches_for_is_nobody(ward, tag):
    await ward.person("a5", "A", "5", meta={"tag": [{"system": TAG, "code": tag}]})

    assert found(ward, number("A", "5")) is None


async def test_numbers_of_an_unverified_sender_lead_nowhere(ward):
    system = "urn:hutong:open/LIS:pid"
    await ward.put(
        "A",
        {"resourceType": "Patient", "id": "a6", "identifier": [{"system": system, "value": "6"}]},
    )

    assert found(ward, Code(system, "6")) is None


async def test_a_patient_no_longer_used_is_nobody_unless_merged(ward):
    await ward.person("a7", "A", "7", active=False)
    assert found(ward, number("A", "7")) is None

    merged = [{"other": {"reference": "Patient/a1"}, "type": "replaced-by"}]
    await ward.person("a7", "A", "7", active=False, link=merged)
    assert set(found(ward, number("A", "7")).own) == {"a1", "a7"}


async def test_an_order_for_somebody_else_leaves_all_unchecked(ward):
    await ward.measure()
    await ward.person("a2", "A", "2")

    other = await ward.check("2823-3", Asked(ref="d2", subject="a2"))
    same = await ward.check("2823-3", Asked(ref="d2", subject="b1"))

    assert (other.identified, other.decisions) == (False, ())
    assert same.identified
    assert other.coverage.included == ("A", "B", "C")
