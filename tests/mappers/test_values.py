import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappers.names import EXT_ORIGINAL_TEXT
from mappers.units import unit
from mappers.values import MEASURED, NUMERIC, TEXT, read

MMOL = unit("mmol/L")


def content(text, kind=NUMERIC, units=MMOL):
    """Return the name of the value and what it says, units and original text left out."""
    value = read(text, units, kind)
    return value.name, plain(msgspec.json.decode(msgspec.json.encode(value.content)))


def plain(element):
    if isinstance(element, dict):
        kept = {"value", "comparator", "numerator", "denominator", "low", "high", "coding", "code"}
        return {
            key: plain(part) for key, part in element.items() if key in kept and part != "mmol/L"
        }
    if isinstance(element, list):
        return [plain(part)["code"] for part in element]
    return element


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("5.10", "5.10"),
        ("065.88", "65.88"),
        ("1,200", "1200"),
        ("12,345,678.90", "12345678.90"),
        (".5", "0.5"),
        ("-3.2", "-3.2"),
        ("+5.0", "5.0"),
        ("0", "0"),
        ("00", "0"),
        ("1.2E+5", "1.2E+5"),
        ("1.2×10^5", "1.2E5"),
        ("1.2*10^5", "1.2E5"),
        ("1.2×10⁵", "1.2E5"),
        ("1.2×10⁻⁵", "1.2E-5"),
        ("５．１０", "5.10"),
        (" 5.1 ", "5.1"),
    ],
)
def test_number_keeps_its_digits(text, number):
    value = read(text, {}, NUMERIC)
    assert value.name == "valueQuantity"
    assert value.content["value"] == msgspec.Raw(number)
    assert msgspec.json.encode(value.content["value"]).decode() == number


@pytest.mark.parametrize(
    "text", ["065.88", "1,200", "1.2×10^5", ".5", "+5", "12.3↑", "5.1 mmol/L(H)"]
)
def test_original_text_stays_where_something_changed(text):
    value = read(text, MMOL, NUMERIC)
    if value.name == "valueQuantity":
        assert value.content["extension"] == [{"url": EXT_ORIGINAL_TEXT, "valueString": text}]
    else:
        assert value.content == text


@pytest.mark.parametrize("text", ["5.10", "<0.01", "＜0.01", "1:160", "5.1 mmol/L"])
def test_no_original_text_where_nothing_was_lost(text):
    value = read(text, {}, NUMERIC)
    assert value.changed == (text == "5.1 mmol/L")
    assert ("extension" in value.content) == value.changed


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("<0.01", NUMERIC, {"value": 0.01, "comparator": "<"}),
        ("＞60", TEXT, {"value": 60, "comparator": ">"}),
        ("≤ 5", TEXT, {"value": 5, "comparator": "<="}),
        ("=>5", TEXT, {"value": 5, "comparator": ">="}),
        ("小于5", TEXT, {"value": 5, "comparator": "<"}),
        ("12.3↑", TEXT, {"value": 12.3}),
        ("6.2", MEASURED, {"value": 6.2}),
    ],
)
def test_quantity(text, kind, expected):
    assert content(text, kind) == ("valueQuantity", expected)


@pytest.mark.parametrize(
    ("text", "kind", "low", "high"),
    [
        ("5-10", NUMERIC, 5, 10),
        ("5~10", MEASURED, 5, 10),
        ("5－10", NUMERIC, 5, 10),
        ("3.0到5", NUMERIC, 3.0, 5),
    ],
)
def test_range(text, kind, low, high):
    assert content(text, kind) == ("valueRange", {"low": {"value": low}, "high": {"value": high}})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1:160", {"numerator": {"value": 1}, "denominator": {"value": 160}}),
        ("1：160", {"numerator": {"value": 1}, "denominator": {"value": 160}}),
        ("阳性(1:320)", {"numerator": {"value": 1}, "denominator": {"value": 320}}),
        (
            "<1:20",
            {"numerator": {"value": 1}, "denominator": {"value": 20, "comparator": "<"}},
        ),
    ],
)
def test_titre(text, expected):
    assert content(text, TEXT) == ("valueRatio", expected)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("阴性", ["NEG"]),
        ("（-）", ["NEG"]),
        ("弱阳性", ["WR"]),
        ("＋＋", ["POS", "2+"]),
        ("3+", ["POS", "3+"]),
        ("+3", ["POS", "3+"]),
        ("±", ["IND"]),
        ("Trace", ["POS", "trace"]),
        ("未检出", ["ND"]),
    ],
)
def test_word(text, codes):
    assert content(text, TEXT) == ("valueCodeableConcept", {"coding": codes})


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("*****", "unknown"),
        ("-----", "unknown"),
        ("....", "unknown"),
        ("-", "unknown"),
        ("/", "unknown"),
        ("见报告", "unknown"),
        ("标本溶血", "error"),
        ("退检", "not-performed"),
        ("拒绝", "asked-declined"),
    ],
)
def test_text_in_place_of_a_result_is_never_a_number(text, code):
    assert content(text) == ("dataAbsentReason", {"coding": [code]})


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("淡黄色", TEXT),
        ("7.35", TEXT),
        ("5~10", TEXT),
        ("12:30", TEXT),
        ("2026-11-22", TEXT),
        ("1/50", TEXT),
        ("10-5", NUMERIC),
        ("-5-3", NUMERIC),
        ("5-", NUMERIC),
        ("中等(1:5)", NUMERIC),
        ("5,1", NUMERIC),
        ("1.2.3", NUMERIC),
    ],
)
def test_what_is_not_understood_stays_text(text, kind):
    value = read(text, MMOL, kind)
    assert (value.name, value.content) == ("valueString", text)
    assert value.understood == (kind != NUMERIC)


@pytest.mark.parametrize(
    ("text", "flag"), [("12.3↑", "↑"), ("0.35(阴性)", "阴性"), ("9.9 HH", "HH"), ("3.1*", "*")]
)
def test_flag_behind_a_number(text, flag):
    assert read(text, MMOL, NUMERIC).flag == flag


def test_letter_without_a_unit_may_be_a_unit():
    assert read("1.5L", {}, NUMERIC).content["code"] == "L"
    assert read("1.5L", MMOL, NUMERIC).flag == "L"


@pytest.mark.parametrize("text", ["12 U", "3.5E", "7 D", "5<"])
def test_letter_that_is_no_usual_flag_makes_it_text(text):
    assert read(text, MMOL, NUMERIC).name == "valueString"


def test_blank_says_nothing():
    assert read(" \u3000", {}, TEXT).name == ""


SIGNS = "0123456789.,-+eE×^*:~<>≤ 阳阴性↑()/mL１％⁵"


@given(st.text(alphabet=SIGNS, max_size=12), st.sampled_from([NUMERIC, MEASURED, TEXT]))
def test_any_text_becomes_valid_json(text, kind):
    value = read(text, MMOL, kind)
    assert msgspec.json.decode(msgspec.json.encode(value))
    assert value.name in {
        "",
        "valueQuantity",
        "valueRange",
        "valueRatio",
        "valueString",
        "valueCodeableConcept",
        "dataAbsentReason",
    }
