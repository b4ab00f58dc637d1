"""The pure decision, and how humans are sorted out of Patients."""

import itertools

import pytest

from gateway.identity.groups import groups
from gateway.identity.matching import certain, traits

CITIZEN = "urn:oid:2.16.156.10011.1.3"
ALIAS = "urn:oid:2.16.840.1.113883.2.23.1.19.1"
ZHANG = "331827199003072336"
MALE_TWIN = "331827199003072352"


def patient(id_, campus, *, citizen="", numbers=(), **more):
    identifiers = [{"system": f"urn:hutong:{campus}:pid", "value": id_}]
    identifiers += [{"system": f"urn:hutong:{code}:pid", "value": value} for code, value in numbers]
    identifiers += [{"system": CITIZEN, "value": citizen}] if citizen else []
    resource = {
        "identifier": identifiers,
        "name": [{"text": "张三"}],
        "birthDate": "1990-03-07",
        "gender": "male",
        **more,
    }
    return traits(id_, campus, resource)


def test_one_citizen_id_and_all_else_equal_is_certain():
    assert certain(patient("1", "A", citizen=ZHANG), patient("2", "B", citizen=ZHANG))


def test_the_alias_of_the_system_is_the_system():
    other = {
        "identifier": [{"system": ALIAS, "value": ZHANG.lower()}],
        "name": [{"text": "張 三"}],
        "birthDate": "1990-03-07",
        "gender": "male",
    }
    assert certain(patient("1", "A", citizen=ZHANG), traits("2", "B", other))


@pytest.mark.parametrize(
    "more",
    [
        {"name": [{"text": "张叁"}]},
        {"name": []},
        {"birthDate": "1990-03-08"},
        {"birthDate": "1990-03"},
        {"birthDate": "1990"},
        {"gender": "female"},
        {"gender": "unknown"},
        {"gender": "other"},
    ],
    ids=str,
)
def test_any_difference_is_doubt(more):
    one = patient("1", "A", citizen=ZHANG)
    assert not certain(one, patient("2", "B", citizen=ZHANG, **more))
    assert not certain(patient("1", "A", citizen=ZHANG, **more), patient("2", "B", citizen=ZHANG))


def test_no_two_patients_of_one_campus_are_joined():
    assert not certain(patient("1", "A", citizen=ZHANG), patient("2", "A", citizen=ZHANG))


def test_a_birth_date_that_the_citizen_id_contradicts_is_doubt_even_if_both_say_so():
    more = {"birthDate": "1991-03-07"}
    assert not certain(
        patient("1", "A", citizen=ZHANG, **more), patient("2", "B", citizen=ZHANG, **more)
    )


def test_a_number_of_the_other_with_its_campus_as_authority_is_certain():
    assert certain(patient("1", "A"), patient("9", "B", numbers=[("A", "1")]))
    assert certain(patient("9", "B", numbers=[("A", "1")]), patient("1", "A"))


def test_a_number_of_a_third_campus_proves_nothing_about_two():
    assert not certain(
        patient("8", "A", numbers=[("C", "5")]), patient("9", "B", numbers=[("C", "5")])
    )


def test_a_number_does_not_join_two_citizen_ids():
    assert not certain(
        patient("1", "A", citizen=ZHANG), patient("9", "B", citizen=MALE_TWIN, numbers=[("A", "1")])
    )


@pytest.mark.parametrize("tag", ["training", "debugging", "unverified-source"])
def test_what_is_not_real_is_never_joined(tag):
    meta = {"tag": [{"system": "urn:hutong:cs:tag", "code": tag}]}
    assert patient("1", "A", citizen=ZHANG, meta=meta) is None


def test_an_old_number_counts_no_more():
    old = {
        "identifier": [{"system": "urn:hutong:A:pid", "value": "1", "use": "old"}],
        "name": [{"text": "张三"}],
        "birthDate": "1990-03-07",
        "gender": "male",
    }
    assert not certain(patient("1", "A"), traits("9", "B", old))


def test_joined_through_a_third_is_joined():
    found = groups(
        [
            patient("1", "A", citizen=ZHANG),
            patient("2", "B", citizen=ZHANG),
            patient("3", "C", numbers=[("B", "2")]),
        ]
    )
    assert [one.ids for one in found] == [("1", "2", "3")]


def test_numbers_that_would_join_two_citizen_ids_prove_nothing():
    found = groups(
        [
            patient("1", "A", citizen=ZHANG),
            patient("2", "B", citizen=ZHANG),
            patient("5", "A", citizen=MALE_TWIN),
            patient("6", "B", citizen=MALE_TWIN),
            patient("9", "C", numbers=[("A", "1"), ("A", "5")]),
        ]
    )
    assert sorted(one.ids for one in found) == [("1", "2"), ("5", "6")]


def test_two_whom_somebody_told_apart_stand_alone():
    members = [patient(id_, campus, citizen=ZHANG) for id_, campus in ("1A", "2B", "3C", "4D")]
    found = groups(members, {frozenset(("1", "2"))})
    assert [one.ids for one in found] == [("3", "4")]


def test_the_person_is_the_same_in_whatever_order_they_came():
    members = [
        patient("1", "A", citizen=ZHANG),
        patient("2", "B", citizen=ZHANG),
        patient("3", "C", numbers=[("B", "2")]),
    ]
    anchors = {groups(order)[0].anchor for order in itertools.permutations(members)}
    assert len(anchors) == 1


def test_one_citizen_id_under_two_names_is_two_humans():
    found = groups(
        [
            *(patient(id_, campus, citizen=ZHANG) for id_, campus in ("1A", "2B")),
            *(
                patient(id_, campus, citizen=ZHANG, name=[{"text": "李四"}])
                for id_, campus in ("3A", "4B")
            ),
        ]
    )
    assert sorted(one.ids for one in found) == [("1", "2"), ("3", "4")]
    assert found[0].anchor != found[1].anchor
