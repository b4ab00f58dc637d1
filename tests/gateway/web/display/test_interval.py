"""Reference intervals: all that were sent, as they were sent."""

from decimal import Decimal

import msgspec
import pytest

from gateway.web.display.interval import Bounds, bounds, intervals


def q(written, unit="mmol/L"):
    return {"value": msgspec.Raw(written.encode()), "unit": unit}


def ranged(*ranges):
    return {"valueQuantity": q("4.10"), "referenceRange": list(ranges)}


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        ({"text": "3.5--5.3", "low": q("3.5"), "high": q("5.3")}, "3.5--5.3"),
        ({"low": q("3.50"), "high": q("5.30")}, "3.50~5.30"),
        ({"low": q("60")}, "≥60"),
        ({"high": q("5.2")}, "≤5.2"),
        ({"low": q("3.5", "g/L"), "high": q("5.3", "g/L")}, "3.5~5.3 g/L"),
        ({"low": {"value": 3}, "high": {"value": 5}}, "3~5"),
        ({"text": "阴性"}, "阴性"),
        ({"text": "4.0~5.5", "appliesTo": [{"text": "男"}]}, "男 4.0~5.5"),
        ({"text": "4~5", "age": {"low": q("20", "岁"), "high": q("49", "岁")}}, "20~49 4~5"),
        (
            {"text": "1~2", "type": {"coding": [{"code": "therapeutic", "display": "治疗"}]}},
            "治疗 1~2",
        ),
    ],
)
def test_an_interval_is_one_text(one, expected):
    assert intervals(ranged(one)) == (expected,)


def test_every_interval_is_shown():
    assert intervals(ranged({"text": "男:4-5"}, {}, {"text": "女:3-4"})) == ("男:4-5", "女:3-4")


def test_no_interval_is_no_text():
    assert intervals({}) == ()


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [
        ([{"low": q("3.5"), "high": q("5.3")}], Bounds(Decimal("3.5"), Decimal("5.3"))),
        ([{"high": q("5.3")}], Bounds(None, Decimal("5.3"))),
        ([{"text": "3.5-5.3"}], None),
        ([{"low": q("1")}, {"low": q("2")}], None),
        ([{"low": q("1", "g/L")}], None),
        ([{"low": {"value": 1}}], Bounds(Decimal(1), None)),
        ([{"low": q("1"), "type": {"coding": [{"code": "therapeutic"}]}}], None),
        ([], None),
    ],
)
def test_a_value_is_compared_with_one_interval_of_its_unit_or_none(ranges, expected):
    assert bounds(ranged(*ranges)) == expected
