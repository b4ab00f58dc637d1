"""Whose results these are, and which campus a thing comes from."""

import pytest

from gateway.web.display.campus import Mark, campus_number, citizen_tail
from gateway.web.display.person import person, same_names
from gateway.web.display.reader import Reader
from gateway.web.speech import CHINESE
from tests.gateway.web.sample import CAMPUSES, MERGED, NOW, ZHANG_A, ZHANG_B, ZHANG_OTHER, patient

READER = Reader(CHINESE, NOW, "A", {one.code: one for one in CAMPUSES})


def test_a_person_is_described_by_the_first_record():
    shown = person((ZHANG_A, ZHANG_B, MERGED), READER)
    assert (shown.name.text, shown.sex, shown.born.age, shown.tail) == (
        "张三",
        "男",
        "68岁",
        "2318",
    )
    assert [(one.mark.text, one.number, one.state) for one in shown.records] == [
        ("东镇", "00183345", "active"),
        ("县医", "B-7788", "active"),
        ("东镇", "00099999", "merged"),
    ]
    assert [mark.text for mark in shown.marks] == ["东镇", "县医"]


def test_a_citizen_number_may_come_from_any_record():
    assert citizen_tail((MERGED, ZHANG_B)) == "2318"
    assert citizen_tail((MERGED,)) == ""


def test_a_number_of_another_campus_is_not_ones_own():
    other = patient("x", "A", "1", "张三")
    other["identifier"][0]["system"] = "urn:hutong:B:pid"
    assert campus_number(other) == ""
    assert person((other,), READER).records[0].number == "无院内号"


@pytest.mark.parametrize(
    ("code", "mark"),
    [
        ("A", Mark("A", "东镇", "东镇卫生院", "own")),
        ("B", Mark("B", "县医", "县人民医院", "other")),
        ("C", Mark("C", "西岭", "西岭卫生院", "silent")),
        ("Z", Mark("Z", "Z", "Z", "other")),
        ("", Mark("", "来源不详", "", "other")),
    ],
)
def test_a_campus_has_a_mark(code, mark):
    assert READER.mark(code) == mark


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({}, ""),
        ({"deceasedBoolean": False}, ""),
        ({"deceasedBoolean": True}, "已故"),
        ({"deceasedDateTime": "2026-11-01"}, "已故"),
    ],
)
def test_who_has_died_is_said_to_have(more, word):
    assert person((ZHANG_A | more,), READER).deceased == word


def test_people_of_one_name_and_sex_are_counted():
    people = [
        person((one,), READER) for one in (ZHANG_A, ZHANG_OTHER, patient("w", "A", "9", "李"))
    ]
    assert same_names(people) == {"张三": 2}
    woman = person((patient("w", "A", "9", "张三", sex="female"),), READER)
    assert same_names([people[0], woman]) == {}
