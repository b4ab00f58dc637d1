"""`ConceptMap/$translate`."""

import pytest

from tests.gateway.api.operations.test_inputs import parameters
from tests.gateway.api.operations.test_terminology import ANIMALS, GENDER, R4, told
from tests.gateway.api.samples import post, put, read, refusal

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


def map_of(id_, element, **more):
    group = {"source": ANIMALS, "target": "urn:test:sounds", "element": [element]}
    found = {"resourceType": "ConceptMap", "id": id_, "url": f"urn:test:{id_}"}
    return found | {"status": "active", "group": [group]} | more


def says(code, sound, **more):
    return {"code": code, "target": [{"code": sound, "equivalence": "equal", **more}]}


BETWEEN = f"system={ANIMALS}&targetsystem=urn:test:sounds"


async def test_what_holds_only_together_with_something_else_is_no_match(anna):
    needed = [{"property": "urn:test:age", "value": "old"}]
    await put(anna, map_of("old", says("dog", "growl", dependsOn=needed)))
    for query in (f"{BETWEEN}&code=dog", "system=urn:test:sounds&code=growl&reverse=true"):
        answer = await anna.get(f"/ConceptMap/$translate?{query}&url=urn:test:old")
        assert (told(answer)["result"], matches(answer)) == (False, [])


async def test_of_several_versions_of_a_map_the_newest_counts(anna):
    await put(anna, map_of("first", says("dog", "bark"), url="urn:test:m", version="1"))
    await put(anna, map_of("second", says("dog", "woof"), url="urn:test:m", version="2"))
    await put(anna, map_of("third", says("dog", "wau")))
    answer = await anna.get(f"/ConceptMap/$translate?{BETWEEN}&code=dog")
    assert sorted(matches(answer)) == [("equal", "wau"), ("equal", "woof")]


async def test_each_coding_of_a_concept_has_its_maps(anna):
    await put(anna, map_of("sounds", says("dog", "bark")))
    coded = [{"system": "urn:test:other", "code": "x"}, {"system": ANIMALS, "code": "dog"}]
    concept = {"name": "codeableConcept", "valueCodeableConcept": {"coding": coded}}
    answer = await post(anna, parameters(concept), "/ConceptMap/$translate")
    assert matches(answer) == [("equal", "bark")]


async def test_a_code_without_a_system_needs_a_map(anna):
    await put(anna, map_of("sounds", says("dog", "bark")))
    query = "code=dog&targetsystem=urn:test:sounds"
    issue = refusal(await anna.get(f"/ConceptMap/$translate?{query}"), 400, "invalid")
    assert issue["expression"] == ["http.system"]
    answer = await anna.get(f"/ConceptMap/$translate?{query}&url=urn:test:sounds")
    assert matches(answer) == [("equal", "bark")]
    coded = [{"code": "dog"}, {"system": "urn:test:other", "code": "x"}]
    concept = {"name": "codeableConcept", "valueCodeableConcept": {"coding": coded}}
    answer = await post(anna, parameters(concept), "/ConceptMap/$translate")
    assert matches(answer) == []


async def test_a_concept_without_codes_has_no_translation(anna):
    await put(anna, map_of("sounds", says("dog", "bark")))
    concept = {"name": "codeableConcept", "valueCodeableConcept": {"text": "a dog"}}
    refusal(await post(anna, parameters(concept), "/ConceptMap/$translate"), 400, "invalid")
    answer = await post(anna, parameters(concept), "/ConceptMap/sounds/$translate")
    assert not told(answer)["result"]


async def test_a_map_of_ones_own_holds_over_that_of_another_campus(gateway, anna):
    ben = await gateway.campus("B")
    await put(anna, map_of("own", says("dog", "bark"), url="urn:test:m"))
    await put(ben, map_of("other", says("dog", "woof"), url="urn:test:m"))
    for client, sound in ((anna, "bark"), (ben, "woof")):
        for query in (BETWEEN, f"system={ANIMALS}&url=urn:test:m"):
            answer = await client.get(f"/ConceptMap/$translate?{query}&code=dog")
            assert matches(answer) == [("equal", sound)]
