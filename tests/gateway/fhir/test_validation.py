import json

import msgspec
import pytest

from gateway.errors import Issue
from gateway.fhir import walk
from gateway.fhir.codec import decode, decode_exact
from gateway.fhir.validation import MAX_NESTING, check
from tests.gateway.fhir.broken import BROKEN, OBSERVATION, PATIENT


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_resource_is_refused_at_its_place(name):
    resource, code, place = BROKEN[name]
    issues = check(decode(json.dumps(resource).encode()))
    assert [(issue.severity, issue.code, issue.expression) for issue in issues] == [
        ("error", code, place)
    ]


@pytest.mark.parametrize("name", BROKEN)
def test_no_text_holds_a_value(name):
    for issue in check(BROKEN[name][0]):
        assert not {"331827199003070015", "done", "Practitioner/1", "nickname"} & set(
            issue.text.replace(".", " ").split()
        )


ODD = {
    "29 February": {"birthDate": "2024-02-29"},
    "year": {"birthDate": "1990"},
    "a year below 1000": {"birthDate": "0900-01-01"},
    "leap second": {"deceasedDateTime": "2016-12-31T23:59:60Z"},
    "farthest offset": {"deceasedDateTime": "2016-12-31T23:59:59.123456789+14:00"},
    "leading spaces": {"name": [{"text": " 张\u3000伟"}]},
    "wide spaces": {"name": [{"text": "\u3000"}]},
    "base64 in lines": {"photo": [{"data": "YWJj\nYWJj"}]},
    "extension instead of a value": {
        "_birthDate": {"extension": [{"url": "urn:absent", "valueCode": "unknown"}]}
    },
    "extension beside a value": {"birthDate": "1990", "_birthDate": {"id": "a"}},
    "extensions in an array": {
        "name": [
            {
                "given": ["a", None],
                "_given": [None, {"extension": [{"url": "urn:x", "valueString": "y"}]}],
            }
        ]
    },
    "fewer extensions than values": {
        "name": [
            {
                "given": [None, "b"],
                "_given": [{"extension": [{"url": "urn:x", "valueString": "y"}]}],
            }
        ]
    },
    "large type in an extension": {
        "extension": [{"url": "urn:x", "valueTiming": {"event": ["2026-01-01"]}}]
    },
    "extension of an extension with id": {
        "extension": [{"id": "a", "url": "urn:x", "extension": [{"url": "y", "valueInteger": 1}]}]
    },
    "contained": {
        "contained": [{"resourceType": "Organization", "id": "o"}],
        "managingOrganization": {"reference": "#o"},
    },
    "a reference nobody can follow": {"managingOrganization": {"reference": "urn:uuid:1"}},
    "a large number": {"multipleBirthInteger": 2**31 - 1},
}


@pytest.mark.parametrize("name", ODD)
def test_what_is_rare_but_right_passes(name):
    assert check({"resourceType": "Patient", **ODD[name]}) == []


def test_a_required_code_may_be_an_extension():
    absent = {"extension": [{"url": "urn:absent", "valueCode": "unknown"}]}
    resource = {"resourceType": "Observation", "_status": absent, "code": {"text": "x"}}
    assert check(resource) == []


def test_a_wrong_target_elsewhere_is_a_warning():
    resource = {**OBSERVATION, "device": {"reference": "Patient/1"}}
    text = "The reference must point to Device or DeviceMetric."
    assert check(resource) == [Issue("warning", "value", text, "Observation.device")]


def test_a_wrong_target_deep_inside_is_found():
    assigner = {"reference": "Patient/1"}
    resource = {**PATIENT, "identifier": [{"value": "1"}, {"value": "2", "assigner": assigner}]}
    assert [issue.expression for issue in check(resource)] == ["Patient.identifier[1].assigner"]


def test_decimals_in_their_own_digits_are_decimals():
    quantity = b'"valueQuantity": {"value": 1.0E3}'
    body = b'{"resourceType": "Observation", "status": "final", "code": {"text": "x"}, %s}'
    assert check(decode_exact(body % quantity)) == []
    assert check(decode_exact(body % b'"valueInteger": 1.0'))[0].expression == (
        "Observation.valueInteger"
    )
    assert check({**OBSERVATION, "valueQuantity": {"value": msgspec.Raw(b'"x"')}}) != []


def test_large_and_small_numbers_are_numbers():
    for digits in (b"1" * 40, b"1e-300", b"-0.0", b"12345678901234567890.5"):
        body = b'{"resourceType": "Observation", "status": "final", "code": {"text": "x"},'
        assert check(decode(body + b'"valueQuantity": {"value": %s}}' % digits)) == []


def _nested_extension(depth):
    value = {"url": "urn:x", "valueCode": "y"}
    for _ in range(depth):
        value = {"url": "urn:x", "extension": [value]}
    return {"resourceType": "Patient", "extension": [value]}


def test_depth_is_bounded_not_fatal():
    assert check(_nested_extension(20)) == []
    for depth in (40, 400, 900):
        (issue,) = check(_nested_extension(depth))
        assert (issue.code, issue.text) == ("too-long", "Nested too deep.")


def test_resources_nest_no_deeper_than_any_has_reason_to():
    bundle = {"resourceType": "Bundle", "type": "collection"}
    for _ in range(MAX_NESTING):
        bundle = {**bundle, "entry": [{"resource": bundle}]}
    assert check(bundle) == []
    (issue,) = check({**bundle, "entry": [{"resource": bundle}]})
    assert issue.text == "Nested too deep."
    assert issue.expression.count(".resource") == MAX_NESTING + 1


def test_parts_of_parameters_nest():
    parameter = {"name": "a", "resource": {"resourceType": "Patient", "gender": "M"}}
    for _ in range(20):
        parameter = {"name": "a", "part": [parameter]}
    (issue,) = check({"resourceType": "Parameters", "parameter": [parameter]})
    assert issue.expression.endswith("part[0].resource.gender")
    for _ in range(400):
        parameter = {"name": "a", "part": [parameter]}
    issues = check({"resourceType": "Parameters", "parameter": [parameter]})
    assert issues[0].text == "Nested too deep."


def test_the_number_of_issues_is_bounded():
    names = [{"text": 1}] * 10_000
    assert len(check({"resourceType": "Patient", "name": names})) == walk.MAX_ISSUES


def test_several_faults_are_all_told():
    places = {issue.expression for issue in check({**PATIENT, "gender": "M", "active": 1, "x": 2})}
    assert places == {"Patient.gender", "Patient.active", "Patient.x"}
