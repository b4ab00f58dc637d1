from zoneinfo import ZoneInfo

import pytest

from gateway.fhir.codec import decode
from gateway.fhir.dates import MAX_TICK, MIN_TICK, interval
from gateway.fhir.definitions import RESOURCE_TYPES
from gateway.fhir.expressions import ExpressionError, routes
from gateway.fhir.extract import extract, indexed
from gateway.fhir.leaves import LEAVES
from gateway.fhir.searchparams import search_params
from gateway.fhir.validation import check
from tests.gateway.fhir.extraction_others import CASES

ZONE = ZoneInfo("Asia/Shanghai")


def _covered(text):
    start, slash, end = text.partition("/")
    if not slash:
        return interval(text, ZONE)
    low = interval(start, ZONE)[0] if start else MIN_TICK
    return low, interval(end, ZONE)[1] if end else MAX_TICK


def _found(resource, base=""):
    """Return code -> values as the cases write them, but dates as ticks."""
    codes = {param.id: param.code for param in search_params(resource["resourceType"]).values()}
    rows = extract(resource, ZONE, base)
    found = {}
    for param, system, code in rows.tokens:
        found.setdefault(codes[param], []).append(f"{system}|{code}" if system else code)
    for param, name, target in rows.references:
        found.setdefault(codes[param], []).append(f"{name}/{target}" if name else target)
    for param, low, high in rows.dates:
        found.setdefault(codes[param], []).append((low, high))
    for param, text in rows.strings:
        found.setdefault(codes[param], []).append(text)
    return found


@pytest.mark.parametrize(
    "case", CASES, ids=[f"{n} {case[0]['resourceType']}" for n, case in enumerate(CASES)]
)
def test_search_finds_this_and_nothing_else(case):
    resource, expected = case
    kinds = {code: param.kind for code, param in search_params(resource["resourceType"]).items()}
    assert {code: sorted(values) for code, values in _found(resource).items()} == {
        code: sorted(_covered(value) if kinds[code] == "date" else value for value in values)
        for code, values in expected.items()
    }


def test_the_cases_are_of_many_types():
    assert len({resource["resourceType"] for resource, _ in CASES}) >= 30


def test_every_official_expression_leads_somewhere():
    for name in RESOURCE_TYPES:
        for param in search_params(name).values():
            assert not param.expression or routes(param.expression), (name, param.code)


def test_every_indexed_parameter_has_values_that_are_found():
    for name in RESOURCE_TYPES:
        for param in indexed(name):
            ways = routes(param.expression)
            assert ways[0].truth or any((param.kind, way.type) in LEAVES for way in ways)


def test_what_a_parameter_leaves_out_is_known():
    left_out = {
        (name, param.code, way.type)
        for name in RESOURCE_TYPES
        for param in indexed(name)
        for way in routes(param.expression)
        if (param.kind, way.type) not in LEAVES and not way.truth
    }
    assert left_out == {
        ("CarePlan", "activity-date", "string"),
        ("Consent", "source-reference", "Attachment"),
        ("Immunization", "date", "string"),
        ("Observation", "component-value-quantity", "SampledData"),
        ("Observation", "value-quantity", "SampledData"),
        ("Procedure", "date", "Age"),
        ("Procedure", "date", "Range"),
        ("Procedure", "date", "string"),
    }


@pytest.mark.parametrize(
    "expression",
    ["", "Patient.nickname", "Patient.name.first()", "Patient.name.where(use='a' and 1)", "x y"],
)
def test_what_is_no_known_expression_is_refused(expression):
    with pytest.raises((ExpressionError, KeyError)):
        routes(expression)


def test_own_address_is_taken_off_references():
    subject = {"reference": "https://h.example/fhir/Patient/p/_history/2"}
    resource = {"resourceType": "Observation", "subject": subject}
    assert _found(resource, "https://h.example/fhir")["subject"] == ["Patient/p"]
    assert _found(resource, "https://h.example/fhir/")["subject"] == ["Patient/p"]
    assert _found(resource)["subject"] == ["https://h.example/fhir/Patient/p"]


@pytest.mark.parametrize("reference", [{"display": "Dr. X"}, {"reference": "#p"}])
def test_a_reference_that_leads_nowhere_is_not_found(reference):
    assert "subject" not in _found({"resourceType": "Observation", "subject": reference})


def test_a_zone_less_day_is_a_day_of_the_zone():
    resource = {"resourceType": "Patient", "birthDate": "1990-03-07"}
    there = extract(resource, ZoneInfo("Asia/Tokyo")).dates[0][1]
    assert extract(resource, ZONE).dates[0][1] - there == 3600 * 10**7


@pytest.mark.needs("shared data")
def test_every_official_example_is_extracted(shared):
    rows = 0
    for path in (shared / "data" / "fhir-r4" / "examples").glob("*.json"):
        found = extract(decode(path.read_bytes()), ZONE)
        for each in (found.tokens, found.references, found.dates, found.strings):
            assert len(set(each)) == len(each)
            rows += len(each)
    assert rows > 5_500


def test_the_cases_are_mostly_right_resources():
    refused = [resource["resourceType"] for resource, _ in CASES if check(resource)]
    assert set(refused) <= {"Bundle", "Condition"}
