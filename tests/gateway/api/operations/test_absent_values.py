"""R4 lets an extension stand in the place of any value, also of one that must be there.

https://hl7.org/fhir/R4/extensibility.html#Special-Case
"""

import copy

import pytest

from tests.gateway.api.operations.test_inputs import parameters
from tests.gateway.api.samples import observation, post, put

ABSENT = {"extension": [{"url": "urn:test:absent", "valueCode": "unknown"}]}
CODES = {
    "resourceType": "CodeSystem",
    "id": "z",
    "url": "urn:test:codes",
    "status": "active",
    "content": "complete",
    "concept": [
        {
            "code": "A",
            "designation": [{"language": "zh", "value": "甲"}],
            "property": [{"code": "p", "valueString": "v"}],
            "concept": [{"code": "A1"}],
        },
        {"code": "B"},
    ],
}
SET = {
    "resourceType": "ValueSet",
    "id": "z",
    "url": "urn:absent:set",
    "status": "active",
    "compose": {
        "include": [
            {"system": "urn:test:kept", "concept": [{"code": "A", "display": "a"}, {"code": "B"}]},
            {"valueSet": ["http://hl7.org/fhir/ValueSet/administrative-gender"]},
        ],
        "exclude": [{"system": "urn:test:kept", "concept": [{"code": "B"}]}],
    },
}
PROFILE = {
    "resourceType": "StructureDefinition",
    "id": "z",
    "url": "urn:absent:profile",
    "name": "Z",
    "status": "active",
    "kind": "resource",
    "abstract": False,
    "type": "Patient",
    "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient",
    "derivation": "constraint",
    "differential": {
        "element": [
            {
                "id": "Patient",
                "path": "Patient",
                "constraint": [
                    {"key": "k", "severity": "error", "human": "h", "expression": "true"}
                ],
            },
            {
                "id": "Patient.name",
                "path": "Patient.name",
                "slicing": {
                    "rules": "open",
                    "discriminator": [{"type": "value", "path": "use"}],
                },
            },
            {
                "id": "Patient.gender",
                "path": "Patient.gender",
                "binding": {"strength": "required", "valueSet": "urn:absent:set"},
            },
        ]
    },
}
PLACE = {
    "resourceType": "Location",
    "id": "z",
    "position": {"longitude": 120.2, "latitude": 30.2},
}
PARAMETER = {
    "resourceType": "SearchParameter",
    "id": "z",
    "url": "urn:test:parameter",
    "name": "z",
    "status": "active",
    "description": "z",
    "code": "zed",
    "base": ["Patient"],
    "type": "string",
    "expression": "Patient.name.family",
}
READ = {
    "CodeSystem": [
        "CodeSystem/$lookup?system=urn:test:codes&code=A&property=p",
        "CodeSystem/$validate-code?url=urn:test:codes&code=A1",
        "CodeSystem/z/$subsumes?codeA=A&codeB=A1",
        "ValueSet/$expand?url=urn:test:codes?fhir_vs&displayLanguage=zh",
    ],
    "ValueSet": ["ValueSet/z/$expand", "ValueSet/z/$validate-code?system=urn:test:kept&code=A"],
    "StructureDefinition": ["Patient/p1/$validate?profile=urn:absent:profile"],
    "Location": ["Location?near=30.2|120.2"],
    "SearchParameter": ["SearchParameter/$status"],
}


def absent(resource):
    """Every variant of a resource in which one value has but an extension in its place."""
    for path in _paths(resource, ()):
        found = copy.deepcopy(resource)
        holder = found
        for step in path[:-1]:
            holder = holder[step]
        del holder[path[-1]]
        holder[f"_{path[-1]}"] = ABSENT
        yield found


def _paths(value, path):
    for name, one in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(one, dict | list):
            yield from _paths(one, (*path, name))
        elif isinstance(name, str) and name not in {"resourceType", "id"}:
            yield (*path, name)


@pytest.mark.parametrize(
    "whole", [CODES, SET, PROFILE, PLACE, PARAMETER], ids=lambda one: one["resourceType"]
)
async def test_a_definition_without_a_value_fails_nothing(gateway, anna, whole):
    type_ = whole["resourceType"]
    await put(anna, {"resourceType": "Patient", "id": "p1", "gender": "male"})
    await put(anna, CODES | {"id": "kept", "url": "urn:test:kept"})
    root = gateway.client("root", **{"X-Hutong-Campus": "A"})
    writer = root if type_ == "SearchParameter" else anna
    taken = 0
    for one in (whole, *absent(whole)):
        answer = await put(writer, one)
        assert answer.status_code < 500, one
        taken += answer.status_code < 300
        for address in READ[type_]:
            assert (await anna.get(f"/{address}")).status_code < 500, (address, one)
    assert taken > 1


@pytest.mark.parametrize(
    "address",
    [
        *("Patient/p1/$meta-add", "Patient/p1/$everything", "Observation/$stats"),
        *("ValueSet/$expand", "Patient/$validate", "Patient/$export", "$import"),
    ],
)
async def test_a_parameter_without_a_name_is_refused(anna, address):
    await put(anna, {"resourceType": "Patient", "id": "p1"})
    await put(anna, observation("o1"))
    body = parameters({"_name": ABSENT, "valueString": "x"})
    answer = await post(anna, body, f"/{address}", Prefer="respond-async")
    (issue,) = answer.json()["issue"]
    assert (answer.status_code, issue["expression"]) == (400, ["Parameters.parameter[0].name"])
