"""`CodeSystem/$lookup`, `$validate-code`, `$subsumes`."""

import pytest

from tests.gateway.api.operations.test_inputs import parameters
from tests.gateway.api.operations.test_terminology import ANIMALS, GENDER, told
from tests.gateway.api.samples import post, read, refusal


@pytest.mark.parametrize(
    ("system", "code", "result"),
    [
        (GENDER, "male", True),
        (GENDER, "man", False),
        (ANIMALS, "puppy", True),
        ("urn:test:part", "cat", False),
        ("http://unitsofmeasure.org", "mmol/L", True),
        ("http://unitsofmeasure.org", "furlongs", False),
        ("urn:ietf:bcp:47", "zh-Hans-CN", True),
    ],
)
async def test_a_code_is_one_of_its_system_or_not(kept, system, code, result):
    found = told(await kept.get(f"/CodeSystem/$validate-code?url={system}&code={code}"))
    assert found["result"] is result
    if system == "urn:test:part":
        assert "cannot be told" in found["message"]


async def test_a_code_of_another_system_is_none_of_this_one(kept):
    male = {"name": "coding", "valueCoding": {"system": GENDER, "code": "male"}}
    named = {"name": "url", "valueUri": f"{ANIMALS}|2"}
    for body, place in (((male, named), ""), ((male,), "/animals")):
        answer = await post(kept, parameters(*body), f"/CodeSystem{place}/$validate-code")
        assert told(answer) == {"result": False, "message": "The code is of another code system."}
    coded = [{"system": "urn:test:nobody", "code": "x"}, {"system": ANIMALS, "code": "dog"}]
    concept = {"name": "codeableConcept", "valueCodeableConcept": {"coding": coded}}
    for more in ((named,), ()):
        answer = await post(kept, parameters(concept, *more), "/CodeSystem/$validate-code")
        assert told(answer)["result"]
    concept["valueCodeableConcept"]["coding"].pop()
    refusal(await post(kept, parameters(concept), "/CodeSystem/$validate-code"), 404, "not-found")


async def test_a_code_is_looked_up(kept):
    answer = await kept.get(f"/CodeSystem/$lookup?system={ANIMALS}&code=dog&displayLanguage=zh")
    found = told(answer)
    assert (found["name"], found["version"], found["display"]) == ("Animals", "2", "狗")
    properties = {
        one["part"][0]["valueCode"]: next(iter(list(one["part"][1].values())[1:]))
        for one in read(answer)["parameter"]
        if one["name"] == "property"
    }
    assert properties == {
        "definition": "A domestic one",
        "parent": "animal",
        "child": "puppy",
        "legs": 4,
    }
    some = await kept.get(f"/CodeSystem/$lookup?system={ANIMALS}&code=dog&property=legs")
    assert [one["name"] for one in read(some)["parameter"]].count("property") == 1


@pytest.mark.parametrize(
    ("query", "status"),
    [
        (f"system={ANIMALS}&code=cat", 404),
        ("system=http://snomed.info/sct&code=1", 404),
        ("code=cat", 400),
        (f"system={ANIMALS}", 400),
    ],
)
async def test_what_cannot_be_looked_up_is_told(kept, query, status):
    refusal(
        await kept.get(f"/CodeSystem/$lookup?{query}"),
        status,
        "not-found" if status == 404 else "invalid",
    )


async def test_units_are_looked_up_by_their_form(anna):
    ucum = "http://unitsofmeasure.org"
    assert (
        told(await anna.get(f"/CodeSystem/$lookup?system={ucum}&code=mg/dL"))["display"] == "mg/dL"
    )
    refusal(await anna.get(f"/CodeSystem/$lookup?system={ucum}&code=xyz"), 404, "not-found")


@pytest.mark.parametrize(
    ("first", "second", "outcome"),
    [
        ("dog", "dog", "equivalent"),
        ("animal", "puppy", "subsumes"),
        ("puppy", "animal", "subsumed-by"),
        ("dog", "hen", "not-subsumed"),
    ],
)
async def test_one_code_stands_above_another(kept, first, second, outcome):
    for place in (f"CodeSystem/$subsumes?system={ANIMALS}&", "CodeSystem/animals/$subsumes?"):
        answer = await kept.get(f"/{place}codeA={first}&codeB={second}")
        assert told(answer) == {"outcome": outcome}
    body = parameters(
        {"name": "codingA", "valueCoding": {"system": ANIMALS, "code": first}},
        {"name": "codingB", "valueCoding": {"system": ANIMALS, "code": second}},
    )
    assert told(await post(kept, body, "/CodeSystem/$subsumes")) == {"outcome": outcome}


async def test_what_cannot_be_compared_is_told(kept):
    codings = [
        {"name": f"coding{end}", "valueCoding": {"system": ANIMALS, "version": "1", "code": "dog"}}
        for end in "AB"
    ]
    refusal(await post(kept, parameters(*codings), "/CodeSystem/$subsumes"), 404, "not-found")
    refusal(await kept.get(f"/CodeSystem/$subsumes?system={ANIMALS}&codeA=dog"), 400, "invalid")
    address = f"/CodeSystem/$subsumes?system={ANIMALS}&codeA=dog&codeB=cat"
    refusal(await kept.get(address), 404, "not-found")


async def test_loinc_is_the_fragment_that_the_catalogue_has(anna):
    query = "system=http://loinc.org&code=1742-6"
    assert told(await anna.get(f"/CodeSystem/$lookup?{query}"))["display"]
    found = told(await anna.get("/CodeSystem/$validate-code?url=http://loinc.org&code=0-0"))
    assert not found["result"]
    assert "cannot be told" in found["message"]
