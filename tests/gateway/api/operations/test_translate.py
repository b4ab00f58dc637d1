"""`ConceptMap/$translate`."""

import pytest

from tests.gateway.api.operations.test_terminology import ANIMALS, GENDER, R4, told
from tests.gateway.api.samples import put, read

V2 = "http://terminology.hl7.org/CodeSystem/v2-0001"
V2_SET = "http://terminology.hl7.org/ValueSet/v2-0001"
NAMED = "url=http://hl7.org/fhir/ConceptMap/cm-administrative-gender-v2"


def matches(answer):
    return [
        (one["part"][0]["valueCode"], one["part"][1]["valueCoding"]["code"])
        for one in read(answer)["parameter"]
        if one["name"] == "match"
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (f"{NAMED}&system={GENDER}&code=male", [("equal", "M")]),
        (f"{NAMED}&system={GENDER}&code=x", []),
        (f"{NAMED}&system={V2}&code=M&reverse=true", [("equal", "male")]),
        (f"system={GENDER}&code=male&targetsystem={V2}", [("equal", "M")]),
        (
            f"system={GENDER}&code=male&source={R4}/administrative-gender&target={V2_SET}",
            [("equal", "M")],
        ),
    ],
)
async def test_a_code_is_translated(anna, query, expected):
    answer = await anna.get(f"/ConceptMap/$translate?{query}")
    assert matches(answer) == expected
    assert told(answer)["result"] is bool(expected)


async def test_a_stored_map_is_used_and_says_what_it_does_not_name(anna):
    group = {
        "source": ANIMALS,
        "target": "urn:test:sounds",
        "element": [
            {"code": "dog", "target": [{"code": "bark", "equivalence": "wider"}]},
            {"code": "hen", "target": [{"equivalence": "unmatched"}]},
        ],
        "unmapped": {"mode": "fixed", "code": "silence"},
    }
    found = {"resourceType": "ConceptMap", "id": "sounds", "url": "urn:test:sounds-of"}
    await put(anna, found | {"status": "active", "group": [group]})
    for place in ("sounds/$translate?", "$translate?url=urn:test:sounds-of&"):
        for code, expected in (
            ("dog", [("wider", "bark")]),
            ("hen", []),
            ("dodo", [("inexact", "silence")]),
        ):
            answer = await anna.get(f"/ConceptMap/{place}system={ANIMALS}&code={code}")
            assert matches(answer) == expected
    answer = await anna.get(
        "/ConceptMap/sounds/$translate?system=urn:test:sounds&code=bark&reverse=true"
    )
    assert matches(answer) == [("narrower", "dog")]
