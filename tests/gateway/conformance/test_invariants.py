import pytest

from gateway.conformance.invariants import NATIVE, Rules
from gateway.conformance.report import Report
from gateway.conformance.values import Value
from gateway.fhir.fhirpath.engine import holds
from tests.gateway.conformance.looking import found, observation, profile

# The rules that R4 has other than it means them: the functions say what is meant. The library
# cannot evaluate dom-3, whose texts have the word "unmatched" in them.
WRITTEN = {
    "bdl-8": "fullUrl.contains('/_history/').not()",
    "ras-2": "probability is decimal implies (probability as decimal) <= 100",
    "que-7": "operator = 'exists' implies (answer is Boolean)",
}
CONTAINED = {"resourceType": "Organization", "id": "o", "name": "A"}
ABOUT = {"reference": "#o"}
CASES = [
    ("Extension", {"url": "u", "valueString": "x"}),
    ("Extension", {"url": "u", "extension": [{"url": "v", "valueString": "x"}]}),
    ("Extension", {"url": "u", "valueString": "x", "extension": [{"url": "v"}]}),
    ("Extension", {"url": "u"}),
    ("Patient", {"resourceType": "Patient", "text": {"div": "<div/>"}}),
    ("Patient", {"resourceType": "Patient"}),
    ("Patient", {"resourceType": "Patient", "contained": [CONTAINED]}),
    (
        "Patient",
        {"resourceType": "Patient", "contained": [CONTAINED], "managingOrganization": ABOUT},
    ),
    (
        "Patient",
        {"resourceType": "Patient", "contained": [CONTAINED | {"partOf": {"reference": "#"}}]},
    ),
    ("Patient", {"resourceType": "Patient", "contained": [CONTAINED | {"contained": [CONTAINED]}]}),
    (
        "Patient",
        {"resourceType": "Patient", "contained": [CONTAINED | {"meta": {"versionId": "1"}}]},
    ),
    (
        "Patient",
        {"resourceType": "Patient", "contained": [CONTAINED | {"meta": {"security": [{}]}}]},
    ),
    ("Reference", {"reference": "#o"}),
    ("Reference", {"reference": "#p"}),
    ("Reference", {"reference": "Patient/1"}),
    ("Period", {"start": "2020-01-02", "end": "2020-01-01"}),
    ("Period", {"start": "2020-01-01", "end": "2020-01-02"}),
    ("Period", {"start": "2020-01-01"}),
    ("Quantity", {"value": 1, "code": "mg"}),
    ("Quantity", {"value": 1, "code": "mg", "system": "http://unitsofmeasure.org"}),
    ("ContactPoint", {"value": "1"}),
    ("ContactPoint", {"value": "1", "system": "phone"}),
]
OF_TYPE = {
    "extension.exists() != value.exists()": {"Extension"},
    "code.empty() or system.exists()": {"Quantity"},
    "value.empty() or system.exists()": {"ContactPoint"},
    "start.hasValue().not() or end.hasValue().not() or (start <= end)": {"Period"},
}


def _rules(resource):
    top = resource if "resourceType" in resource else {"contained": [CONTAINED]}
    return Rules(Report(), top, top)


COMPARED = [one for one in NATIVE if one not in WRITTEN.values() and "unmatched" not in one]


@pytest.mark.parametrize("expression", COMPARED)
def test_a_function_says_what_the_rule_says(expression):
    compared = 0
    for type_, value in CASES:
        if type_ not in OF_TYPE.get(expression, _types_of(expression)):
            continue
        rules = _rules(value)
        around = {"resource": rules.resource, "rootResource": rules.root}
        wanted = holds(value, expression, around, path=type_)
        assert NATIVE[expression](Value(value, type_, "x"), rules) is wanted, (type_, value)
        compared += 1
    assert compared or expression in {"htmlChecks()", *RANGES}


RANGES = ["low.empty() or high.empty() or (low <= high)"]


def _types_of(expression):
    if "%rootResource" in expression:
        return {"Reference"}
    if "contained" in expression or "div" in expression:
        return {"Patient"}
    return {"Quantity", "Period"} if "hasValue() or" in expression else set()


@pytest.mark.parametrize(
    ("low", "high", "right"),
    [
        ({"value": 1}, {"value": 2}, True),
        ({"value": 2}, {"value": 1}, False),
        ({"value": 900, "code": "mg"}, {"value": 1, "code": "g"}, True),
        ({"value": 1100, "code": "mg"}, {"value": 1, "code": "g"}, False),
        ({"value": 9, "code": "mg"}, {"value": 1, "code": "s"}, True),
        ({"value": 9}, {}, True),
    ],
)
def test_a_range_has_its_ends_in_order(low, high, right):
    value = Value({"low": low, "high": high}, "Range", "x")
    assert NATIVE[RANGES[0]](value, _rules({})) is right


@pytest.mark.parametrize(
    ("key", "value", "right"),
    [
        ("bdl-8", {}, True),
        ("bdl-8", {"fullUrl": "http://x/Patient/1"}, True),
        ("bdl-8", {"fullUrl": "http://x/Patient/1/_history/2"}, False),
        ("ras-2", {}, True),
        ("ras-2", {"probabilityDecimal": 101}, False),
        ("que-7", {"operator": "exists", "answerBoolean": True}, True),
        ("que-7", {"operator": "exists", "answerString": "x"}, False),
        ("que-7", {"operator": "=", "answerString": "x"}, True),
    ],
)
def test_a_rule_that_r4_wrote_wrong_is_judged_as_it_is_meant(key, value, right):
    assert NATIVE[WRITTEN[key]](Value(value, "x", "x"), _rules({})) is right


def test_a_rule_of_the_resource_is_judged():
    both = observation(valueString="x", dataAbsentReason={"text": "none"})
    assert found(both) == [("error", "invariant", "Observation")]


def test_a_rule_of_an_element_is_judged_where_it_stands():
    empty = observation(referenceRange=[{"age": {"low": {"value": 1}}}])
    assert found(empty) == [("error", "invariant", "Observation.referenceRange[0]")]


@pytest.mark.parametrize(
    ("low", "expected"),
    [
        ({"value": 1, "unit": "g"}, []),
        (
            {"value": 1, "comparator": "<"},
            [("error", "structure", "Observation.referenceRange[0].low.comparator")],
        ),
    ],
)
def test_r4s_own_profile_on_a_type_is_kept_to(low, expected):
    told = found(observation(referenceRange=[{"low": low}]))
    assert [one for one in told if one[1] == "structure"] == expected
    # A value that was measured may lie below.
    assert not found(observation(valueQuantity={"value": 1, "comparator": "<"}))


def test_a_rule_of_a_data_type_is_judged_where_it_is_used():
    wrong = observation(effectivePeriod={"start": "2020-01-02", "end": "2020-01-01"})
    assert found(wrong) == [("error", "invariant", "Observation.effectivePeriod")]


@pytest.mark.parametrize(
    ("more", "right"),
    [
        ({}, False),
        ({"managingOrganization": ABOUT}, True),
        ({"extension": [{"url": "urn:a", "valueCanonical": "#o"}]}, True),
        ({"contained": [CONTAINED | {"partOf": {"reference": "#"}}]}, True),
    ],
)
def test_what_is_contained_is_referred_to(more, right):
    patient = {"resourceType": "Patient", "contained": [CONTAINED], **more}
    assert (("error", "invariant", "Patient") not in found(patient)) is right


def test_a_reference_without_an_address_is_no_broken_one():
    assert found(observation(subject={"display": "x"})) == []


def test_rules_of_contained_resources_know_what_contains_them():
    patient = {"resourceType": "Patient", "id": "p", "managingOrganization": {"reference": "#o"}}
    both = observation(contained=[patient, CONTAINED], subject={"reference": "#p"})
    assert found(both) == []
    alone = observation(contained=[patient], subject={"reference": "#p"})
    place = "Observation.contained[0].managingOrganization"
    assert found(alone) == [("error", "invariant", place)]


def _rule(expression, **more):
    rule = {"key": "t-1", "severity": "error", "human": "A test.", "expression": expression}
    return profile(("Observation", {"constraint": [rule | more]}))


@pytest.mark.parametrize(
    ("expression", "severity", "expected"),
    [
        ("value.exists()", "error", [("error", "invariant", "Observation")]),
        ("value.exists()", "warning", [("warning", "invariant", "Observation")]),
        ("status = 'final'", "error", []),
        ("nothing(", "error", [("information", "not-supported", "Observation")]),
        (
            "code" + ".select($this.combine($this))" * 40,
            "error",
            [("information", "not-supported", "Observation")],
        ),
    ],
)
def test_a_rule_of_a_profile_is_judged(expression, severity, expected):
    assert found(observation(), _rule(expression, severity=severity)) == expected
