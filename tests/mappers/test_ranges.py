import pytest

from mappers.ranges import bounds, reference_ranges
from mappers.units import unit


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("3.5-9.5", "3.5", "9.5"),
        ("3.5--9.5", "3.5", "9.5"),
        ("3.5～9.5", "3.5", "9.5"),
        ("4.3 to 6.2", "4.3", "6.2"),
        ("-0.5-3.0", "-0.5", "3.0"),
        ("<5.2", "", "5.2"),
        ("≤5.2", "", "5.2"),
        ("＞60", "60", ""),
        ("3.9-6.1mmol/L", "3.9", "6.1"),
        ("1,000-2,000", "1000", "2000"),
    ],
)
def test_bounds(text, low, high):
    (found,) = bounds(text, "mmol/L")
    assert (found.low, found.high) == (low, high)


@pytest.mark.parametrize(
    "text",
    [
        "阴性",
        "<130 optimal",
        "649-1346 cells/mcL",
        "70_105",
        "20-49岁: 1.9-8.4",
        "男:3-5",
        "-3--1",
        "5.0-3.0",
    ],
)
def test_what_is_not_sure_stays_text(text):
    (found,) = bounds(text, "mmol/L")
    assert (found.text, found.low, found.high) == (text, "", "")


@pytest.mark.parametrize("text", ["", " ", "-", "--", "/", "无"])
def test_no_range(text):
    assert reference_ranges(text, {}) == []


@pytest.mark.parametrize(
    "text", ["男:130-175;女:115-150", "男性130-175 女性115-150", "女：115~150，男：130~175"]
)
def test_range_of_each_sex(text):
    found = {each.sex: (each.low, each.high) for each in bounds(text, "g/L")}
    assert found == {"男": ("130", "175"), "女": ("115", "150")}


def test_one_part_that_is_no_range_makes_all_of_it_text():
    (found,) = bounds("男:130-175;女:见说明", "g/L")
    assert (found.text, found.sex) == ("男:130-175;女:见说明", "")


def test_range_has_the_unit_of_the_value():
    (found,) = reference_ranges("57-97", unit("μmol/L"))
    assert found["low"]["unit"] == "μmol/L"
    assert found["high"]["code"] == "umol/L"
    assert found["text"] == "57-97"
