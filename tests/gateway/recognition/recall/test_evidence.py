"""What a result says of whose it is."""

import pytest

from gateway.recognition.recall.evidence import asks_blood_group, blood_groups, is_told, sex_of
from tests.gateway.interactions.consortium import concept


def told(code, text, system="http://loinc.org"):
    return {"code": concept(code, system), "valueString": text}


@pytest.mark.parametrize(
    ("code", "text", "said"),
    [
        ("883-9", "A型", {"abo": "a"}),
        ("883-9", "ＡＢ", {"abo": "ab"}),
        ("883-9", "Group O", {"abo": "o"}),
        ("883-9", "A1", {"abo": "a"}),
        ("883-9", "A2B型", {"abo": "ab"}),
        ("883-9", "A or B", {}),
        ("883-9", "待复查", {}),
        ("10331-7", "阳性", {"rh": "+"}),
        ("10331-7", "RhD negative", {"rh": "-"}),
        ("10331-7", "Rh(D)阴性", {"rh": "-"}),
        ("10331-7", "弱阳性", {}),
        ("882-1", "O Rh(D) Positive", {"abo": "o", "rh": "+"}),
        ("882-1", "B-", {"abo": "b", "rh": "-"}),
        ("882-1", "AB型 RhD阳性", {"abo": "ab", "rh": "+"}),
        ("2823-3", "A", {}),
    ],
)
def test_blood_groups_are_read_as_laboratories_write_them(code, text, said):
    assert blood_groups(told(code, text)) == said


def test_codes_of_a_campus_and_components_count():
    local = told("abo", "B型", "urn:hutong:A:item")
    assert blood_groups(local) == {"abo": "b"}
    whole = {"code": concept("34530-6"), "component": [told("883-9", "A"), told("10331-7", "+")]}
    assert blood_groups(whole) == {"abo": "a", "rh": "+"}
    assert asks_blood_group(whole)
    assert not asks_blood_group(told("2823-3", "4.2"))


def test_a_concept_is_read_by_its_words():
    value = {"coding": [{"code": "112144000", "display": "Blood group A (finding)"}]}
    observation = {"code": concept("883-9"), "valueCodeableConcept": value}
    assert blood_groups(observation) == {"abo": "a"}


@pytest.mark.parametrize(
    ("code", "sex"),
    [
        (concept("2857-1"), "male"),
        (concept("10524-7"), "female"),
        ({"text": "前列腺彩超"}, "male"),
        ({"text": "子宫附件彩超"}, "female"),
        ({"text": "膀胱前列腺（子宫附件）彩超"}, ""),
        ({"text": "孕酮"}, ""),
        ({"text": "胎儿血红蛋白"}, ""),
        (concept("21198-7"), ""),
        ({}, ""),
    ],
)
def test_what_only_one_sex_has_is_known_by_code_or_name(code, sex):
    assert sex_of({"code": code}) == sex


def test_what_was_withdrawn_says_nothing():
    assert is_told({"status": "final"})
    assert not is_told({"status": "entered-in-error"})
    assert not is_told({"status": "registered"})
