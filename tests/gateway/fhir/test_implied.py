"""What the elements of each search parameter imply for a code system."""

import pytest

from gateway.fhir.definitions import RESOURCE_TYPES
from gateway.fhir.expressions import routes
from gateway.fhir.implied import NOTHING, SPECIAL, implied
from gateway.fhir.searchparams import search_params

MEDIA = "urn:ietf:bcp:13"
GENDER = "http://hl7.org/fhir/administrative-gender"


def of(type_, code):
    param = search_params(type_)[code]
    return implied(param.base, param.expression)


@pytest.mark.parametrize(
    ("type_", "code", "asked", "meant"),
    [
        ("Patient", "gender", (GENDER, "male"), [("", "male")]),
        ("Patient", "gender", (None, "male"), [(None, "male")]),
        ("Patient", "gender", ("", "male"), [("", "male")]),
        ("Patient", "gender", ("urn:x", "male"), [("urn:x", "male")]),
        ("Patient", "gender", (GENDER, "nobody"), [(GENDER, "nobody")]),
        ("Patient", "deceased", (SPECIAL, "true"), [("", "true")]),
        ("Patient", "active", (SPECIAL, None), [("", "false"), ("", "true")]),
        ("Task", "intent", ("http://hl7.org/fhir/task-intent", None), [("", "unknown")]),
        ("DocumentReference", "contenttype", (MEDIA, "text/plain"), [("", "text/plain")]),
        ("DocumentReference", "contenttype", (MEDIA, None), [("", None)]),
        ("Observation", "code", (GENDER, "male"), [(GENDER, "male")]),
    ],
)
def test_a_code_has_the_system_of_its_binding(type_, code, asked, meant):
    assert of(type_, code).meant(*asked) == meant


def test_what_tells_its_own_system_is_asked_for_as_well():
    found = implied("Patient", "Patient.gender | Patient.maritalStatus")
    assert found.meant(GENDER, "male") == [("", "male"), (GENDER, "male")]
    assert found.meant(GENDER, "M") == [(GENDER, "M")]


def test_an_extension_implies_what_its_type_does():
    flag = "Patient.extension('urn:x').value"
    assert implied("Patient", f"{flag}.as(code)") == NOTHING
    assert implied("Patient", f"{flag}.as(boolean)").meant(SPECIAL, "true") == [("", "true")]
    kind = f"{flag}.as(ContactPoint).system"
    system = "http://hl7.org/fhir/contact-point-system"
    assert implied("Patient", kind).meant(system, "phone") == [("", "phone")]


def test_nothing_is_implied_without_a_type():
    assert implied("", "Binary.meta.tag") == implied("Patient", "") == NOTHING


def test_every_code_of_r4_that_can_be_searched_is_bound_but_those_of_definitions():
    unbound = {
        f"{type_}.{param.code}"
        for type_ in RESOURCE_TYPES
        for param in search_params(type_).values()
        if param.kind == "token" and param.expression
        for way in routes(param.expression)
        if way.type == "code" and not of(type_, param.code).systems
    }
    assert unbound == {
        *("CodeSystem.code", "CodeSystem.language", "ConceptMap.source-code"),
        *("ConceptMap.target-code", "DocumentReference.language", "OperationDefinition.code"),
        *("SearchParameter.code", "ValueSet.code"),
    }
