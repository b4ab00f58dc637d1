"""Values are digit for digit what was sent, or a word for why there is none."""

from decimal import Decimal

import msgspec
import pytest

from gateway.web.display.value import number, value
from gateway.web.speech import CHINESE


def quantity(written, **more):
    return {"valueQuantity": {"value": msgspec.Raw(written.encode()), "unit": "mmol/L", **more}}


@pytest.mark.parametrize(
    "written", ["5.10", "2.6", "1.0E3", "1e0", "0.50", "-3", "120", "1234567.8900"]
)
def test_digits_are_the_stored_ones(written):
    shown = value(CHINESE, {"status": "final", **quantity(written)})
    assert (shown.text, shown.unit, shown.kind) == (written, "mmol/L", "number")


@pytest.mark.parametrize("comparator", ["<", "<=", ">=", ">"])
def test_a_comparator_touches_the_number(comparator):
    assert value(CHINESE, quantity("0.50", comparator=comparator)).text == comparator + "0.50"


def test_an_integer_is_an_integer():
    assert value(CHINESE, {"valueQuantity": {"value": 120}}).text == "120"


def test_a_number_falls_into_whole_and_fraction():
    shown = value(CHINESE, quantity("12.340"))
    assert (shown.whole, shown.fraction) == ("12", ".340")
    shown = value(CHINESE, {"valueString": "见报告. 完"})
    assert (shown.whole, shown.fraction) == ("见报告. 完", "")


@pytest.mark.parametrize(
    ("observation", "expected"),
    [
        ({"valueString": " 阴性 "}, "阴性"),
        ({"valueCodeableConcept": {"text": "阳性(+)"}}, "阳性(+)"),
        (
            {"valueCodeableConcept": {"coding": [{"code": "10828004", "display": "Positive"}]}},
            "Positive",
        ),
        ({"valueCodeableConcept": {"coding": [{"code": "NEG"}]}}, "NEG"),
        ({"valueInteger": 3}, "3"),
        ({"valueBoolean": True}, "是"),
        ({"valueBoolean": False}, "否"),
        ({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 160}}}, "1:160"),
        ({"valueRange": {"low": {"value": 5}, "high": {"value": 10}}}, "5~10"),
        ({"valueDateTime": "2026-11-22"}, "2026-11-22"),
        ({"valueTime": "06:12:00"}, "06:12:00"),
        ({"valuePeriod": {"start": "2026-11-22"}}, "2026-11-22~"),
        ({"valueSampledData": {"data": "1 2"}}, "波形数据"),
        ({"component": [{}]}, "见分项"),
        ({"dataAbsentReason": {"text": "标本溶血"}}, "标本溶血"),
        ({"dataAbsentReason": {"coding": [{"code": "not-performed"}]}}, "未做"),
        ({"dataAbsentReason": {"coding": [{"code": "odd", "display": "Odd"}]}}, "Odd"),
        ({"status": "registered"}, "结果待报"),
        ({"status": "final"}, "未提供"),
        ({"valueString": ""}, "未提供"),
        ({"valueQuantity": {"unit": "g/L"}}, "未提供"),
    ],
)
def test_every_kind_of_value_has_its_text(observation, expected):
    assert value(CHINESE, observation).text == expected


@pytest.mark.parametrize(
    ("status", "word"), [("cancelled", "已取消"), ("entered-in-error", "作废")]
)
def test_a_void_result_shows_no_number(status, word):
    shown = value(CHINESE, {"status": status, **quantity("2.6")})
    assert (shown.text, shown.kind) == (word, "void")
    assert number({"status": status, **quantity("2.6")}) is None


def test_a_cancelled_result_gives_its_reason():
    cancelled = {"status": "cancelled", "dataAbsentReason": {"text": "标本量不足"}}
    assert value(CHINESE, cancelled).text == "标本量不足"


def test_only_a_plain_number_is_computed_with():
    assert number(quantity("2.60")) == Decimal("2.60")
    assert number(quantity("0.50", comparator="<")) is None
    assert number({"valueString": "2.6"}) is None
