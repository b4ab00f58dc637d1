"""What is critical: flags, limits, units, ages, words; what cannot be judged is never "not"."""

import csv
from datetime import date
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.workflow.critical.ages import About, about
from gateway.workflow.critical.judge import judge, judged
from gateway.workflow.critical.model import Row, Table, limit
from gateway.workflow.critical.registry import starter
from gateway.workflow.critical.screen import Screen
from tests.gateway.workflow.critical.ward import flagged, potassium

COUNTY = [starter()]
TODAY = date(2026, 11, 22)
ADULT = About("male", date(1970, 5, 1), date(1970, 5, 1), TODAY)
NEWBORN = About("male", date(2026, 11, 20), date(2026, 11, 20), TODAY)


def result(value, code="2823-3", unit="mmol/L", **more):
    return potassium(value=value, code=code, unit=unit, **more)


def level(observation, who=ADULT, tables=COUNTY):
    return judge(tables, observation, who).level


@pytest.mark.parametrize(
    ("code", "value", "unit", "expected"),
    [
        ("2823-3", 2.9, "mmol/L", "critical"),
        ("2823-3", 3.0, "mmol/L", "not"),
        ("2823-3", 6.0, "mmol/L", "not"),
        ("2823-3", 6.1, "mmol/L", "critical"),
        ("2000-8", 3.4, "mmol/L", "critical"),
        ("2000-8", 1.75, "mmol/L", "not"),
        ("718-7", 6.9, "g/dL", "critical"),
        ("718-7", 7.1, "g/dL", "not"),
        ("6690-2", 2400, "/uL", "critical"),
        ("6690-2", 2.6, "10*3/uL", "not"),
        ("2019-8", 71, "mm[Hg]", "critical"),
        ("2019-8", 69, "mm[Hg]", "not"),
        ("2744-1", 7.1, "", "critical"),
        ("6301-6", 3.6, "", "critical"),
        ("2345-7", 40, "mg/dL", "unjudged"),
        ("2823-3", 2.6, "", "unjudged"),
        ("2823-3", 2.6, "mg/dL", "unjudged"),
        ("10839-9", 50, "ng/mL", "unjudged"),
        ("8867-4", 34, "/min", "critical"),
        ("9999-9", 1, "mmol/L", "not"),
    ],
)
def test_a_value_against_the_county_table(code, value, unit, expected):
    assert level(result(value, code, unit)) == expected


@pytest.mark.parametrize(
    ("comparator", "value", "expected"),
    [
        ("<", 3.0, "critical"),
        ("<=", 3.0, "not"),
        ("<", 3.5, "not"),
        (">", 6.0, "critical"),
        (">=", 6.0, "not"),
        (">", 5.0, "not"),
        ("<", 2.0, "critical"),
    ],
)
def test_a_comparator_is_judged_at_its_bound(comparator, value, expected):
    quantity = {"value": value, "comparator": comparator, "unit": "mmol/L"}
    assert level(result(0, valueQuantity=quantity)) == expected


@pytest.mark.parametrize("code", ["HH", "LL", "AA", "HU", "LU"])
def test_a_flag_is_enough(code):
    assert judge(COUNTY, result(4.0, interpretation=flagged(code))).rule == "flag"


@pytest.mark.parametrize("text", ["HH", "危急值", "↑↑", "危急低"])
def test_a_flag_may_be_a_text(text):
    assert level(result(4.0, interpretation=[{"text": text}])) == "critical"


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled"])
def test_what_is_withdrawn_is_not(status):
    assert level(result(2.0, status=status, interpretation=flagged("LL"))) == "not"


def test_a_haemolysed_specimen_is_critical_with_a_caution():
    found = judge(COUNTY, result(6.9, note=[{"text": "标本溶血"}]), ADULT)
    assert (found.level, found.caution) == ("critical", "haemolysed")


def test_a_newborn_has_limits_of_its_own():
    assert level(result(3.2), ADULT) == "not"
    assert level(result(3.2), NEWBORN) == "critical"
    assert level(result(8.0, "14749-6"), ADULT) == "not"


def test_an_unknown_age_takes_the_strictest_row():
    assert level(result(3.2), About()) == "critical"
    assert level(result(3.2), about({"birthDate": "2026"}, TODAY)) == "critical"
    assert level(result(3.2), about({"birthDate": "1970"}, TODAY)) == "not"
    assert level(result(3.2), about({"birthDate": "1970-05"}, TODAY)) == "not"


def test_an_unknown_sex_takes_the_strictest_row():
    rows = (
        Row("x", codes=("1-8",), low="<50", unit="g/L", sex="female"),
        Row("x", codes=("1-8",), low="<60", unit="g/L", sex="male"),
    )
    table = [Table(rows)]
    one = result(55, "1-8", "g/L")
    assert level(one, about({"gender": "female"}, TODAY), table) == "not"
    for gender in ("male", "other", "unknown", None):
        assert level(one, about({"gender": gender}, TODAY), table) == "critical"


@pytest.mark.parametrize(
    ("age", "born", "expected"),
    [
        ("28d", "2026-10-25", "not"),
        ("28d", "2026-10-26", "critical"),
        ("6m", "2026-05-22", "not"),
        ("6m", "2026-05-23", "critical"),
        ("14y", "2012-11-22", "not"),
        ("14y", "2012-11-23", "critical"),
    ],
)
def test_an_age_ends_on_its_day(age, born, expected):
    table = [Table((Row("x", codes=("1-8",), low="<5", unit="g/L", age_to=age),))]
    assert level(result(1, "1-8", "g/L"), about({"birthDate": born}, TODAY), table) == expected


def test_a_hit_in_any_table_counts_and_is_named():
    own = Table(
        (Row("potassium", number=7, codes=("2823-3",), low="<3.8", unit="mmol/L"),), code="C"
    )
    found = judge([*COUNTY, own], result(3.7), ADULT)
    assert (found.level, found.table, found.rule) == ("critical", "C", "C/0/7")


def test_an_item_without_loinc_is_known_by_its_name():
    code = {"coding": [{"system": "urn:hutong:B:item", "code": "X1", "display": "血清钾"}]}
    assert judge(COUNTY, {**result(2.6), "code": code}, ADULT).group == "potassium"
    urine = {"coding": [{"system": "http://loinc.org", "code": "2828-2", "display": "钾"}]}
    assert level({**result(2.6), "code": urine}) == "not"


@pytest.mark.parametrize(
    ("value", "expected"),
    [("阳性", "critical"), ("阴性", "not"), ("见附页", "unjudged"), ("检出", "critical")],
)
def test_a_culture_is_judged_by_its_word(value, expected):
    assert level(result(0, "600-7", valueQuantity=None, valueString=value)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("窦性心律\n*** Critical Test Result: STEMI", "critical"),
        (">>>> Acute MI <<<<", "critical"),
        ("ANTERIOR ST ELEVATION, PROBABLY DUE TO LVH", "unjudged"),
        ("***ACUTE MI SUSPECTED***", "unjudged"),
    ],
)
def test_a_devices_banner_is_taken_word_for_word(text, expected):
    assert level(result(0, "8601-7", valueQuantity=None, valueString=text)) == expected


def test_a_report_is_judged_by_its_coded_conclusion_alone():
    coding = {"system": "http://hl7.org/fhir/sid/icd-10", "code": "J93.0"}
    report = {"resourceType": "DiagnosticReport", "status": "final"}
    assert level({**report, "conclusionCode": [{"coding": [coding]}]}) == "critical"
    assert level({**report, "conclusion": "张力性气胸"}) == "unjudged"
    assert level(report) == "not"


def test_a_component_is_judged_by_itself():
    parts = [
        {"code": {"coding": [{"system": "http://loinc.org", "code": code}]}, **value}
        for code, value in (
            ("8867-4", {"valueQuantity": {"value": 30, "unit": "/min", "code": "/min"}}),
            ("8633-0", {"valueQuantity": {"value": 100, "unit": "ms", "code": "ms"}}),
        )
    ]
    whole = {**result(0, "11524-6"), "component": parts}
    del whole["valueQuantity"]
    assert [one.level for one in judged(COUNTY, whole, ADULT)] == ["critical", "not"]
    assert judge(COUNTY, whole, ADULT).part == 0
    assert not Screen(COUNTY).is_calm(whole)


def test_digits_are_never_rounded():
    just = msgspec.Raw(b"2.99999999999999999999999999999999")
    assert level(result(0, valueQuantity={"value": just, "unit": "mmol/L"})) == "critical"
    huge = msgspec.Raw(b"1e999999999")
    assert level(result(0, valueQuantity={"value": huge, "unit": "mmol/L"})) == "unjudged"


@given(st.decimals(0, 20, places=3), st.sampled_from(["mmol/L", "mol/L", "umol/L", "mg/dL", ""]))
def test_what_the_screen_lets_pass_is_critical_by_no_table(value, unit):
    one = result(float(value), unit=unit)
    if Screen(COUNTY).is_calm(one):
        assert level(one, About()) == "not"


@given(st.decimals(0, 20, places=3))
def test_a_value_is_critical_just_beyond_the_limit(value):
    expected = value < Decimal("3.0") or value > Decimal("6.0")
    assert (level(result(float(value))) == "critical") == expected
    in_umol = result(float(value * 1000), unit="umol/L")
    assert (level(in_umol) == "critical") == expected


@pytest.mark.parametrize(
    ("code", "value", "unit"),
    [
        ("2823-3", 4.1, "mmol/L"),
        ("1742-6", 20, "U/L"),
        ("718-7", 140, "g/L"),
        ("6690-2", 6.1, "10*9/L"),
        ("5902-2", 12, "s"),
        ("9999-9", 1, "x"),
    ],
)
def test_the_screen_lets_normal_values_pass(code, value, unit):
    assert Screen(COUNTY).is_calm(result(value, code, unit))


@pytest.mark.parametrize(
    ("text", "direction", "found"),
    [("<3.0", "<", ("<", "3.0")), ("≥6.5", ">", (">=", "6.5")), ("2.5", "<", ("<=", "2.5"))],
)
def test_a_limit_is_read_as_written(text, direction, found):
    one = limit(text, direction)
    assert (one.sign, str(one.value)) == found
    assert limit(text, "<" if direction == ">" else ">") is None or text[0].isdigit()


def test_every_row_of_the_starter_table_says_whence_and_waits_for_approval():
    for row in starter().rows:
        assert row.source, row
        assert row.approved == "no"


def test_every_loinc_code_of_the_starter_table_is_one(shared):
    path = shared / "data" / "terminology" / "loinc" / "loinc_num_component_2.68_razsh98.csv"
    with path.open(encoding="utf-8-sig") as file:
        known = {row[0] for row in csv.reader(file)}
    used = {code for row in starter().rows for code in row.codes}
    assert used - known == set()
