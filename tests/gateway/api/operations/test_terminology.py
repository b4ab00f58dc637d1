"""`$expand`, `$validate-code`, `$lookup`, `$subsumes`, `$translate`."""

import pytest

from tests.gateway.api.operations.test_inputs import parameters
from tests.gateway.api.samples import JSON, post, put, read, refusal

R4 = "http://hl7.org/fhir/ValueSet"
GENDER = "http://hl7.org/fhir/administrative-gender"
ANIMALS = "urn:test:animals"
SYSTEM = {
    "resourceType": "CodeSystem",
    "id": "animals",
    "url": ANIMALS,
    "version": "2",
    "name": "Animals",
    "status": "active",
    "content": "complete",
    "caseSensitive": False,
    "property": [{"code": "legs", "type": "integer"}, {"code": "inactive", "type": "boolean"}],
    "concept": [
        {
            "code": "animal",
            "display": "Animal",
            "property": [{"code": "notSelectable", "valueBoolean": True}],
            "concept": [
                {
                    "code": "dog",
                    "display": "Dog",
                    "definition": "A domestic one",
                    "designation": [{"language": "zh-CN", "value": "狗"}],
                    "property": [{"code": "legs", "valueInteger": 4}],
                    "concept": [{"code": "puppy", "display": "Puppy"}],
                },
                {
                    "code": "hen",
                    "display": "Hen",
                    "property": [{"code": "legs", "valueInteger": 2}],
                },
                {
                    "code": "dodo",
                    "display": "Dodo",
                    "property": [{"code": "inactive", "valueBoolean": True}],
                },
            ],
        }
    ],
}
DOG = (
    {"name": "code", "valueCode": "dog"},
    {"name": "system", "valueUri": ANIMALS},
)
PARTIAL = SYSTEM | {"id": "part", "url": "urn:test:part", "content": "fragment"}


def value_set(id_, *include, exclude=()):
    compose = {"include": list(include)} | ({"exclude": list(exclude)} if exclude else {})
    return {
        "resourceType": "ValueSet",
        "id": id_,
        "url": f"urn:test:{id_}",
        "version": "1",
        "status": "active",
        "compose": compose,
    }


def filtered(property_, op, value):
    return {"system": ANIMALS, "filter": [{"property": property_, "op": op, "value": value}]}


def read_issue(answer):
    return answer.json()["issue"][0]


def codes(answer):
    return [one["code"] for one in read(answer)["expansion"].get("contains", [])]


def told(answer):
    found = {}
    for one in read(answer)["parameter"]:
        (value,) = [value for name, value in one.items() if name.startswith("value")] or [one]
        found.setdefault(one["name"], value)
    return found


@pytest.mark.parametrize(
    ("include", "expected"),
    [
        ({"system": ANIMALS}, ["animal", "dog", "puppy", "hen", "dodo"]),
        (filtered("concept", "is-a", "dog"), ["dog", "puppy"]),
        (filtered("concept", "descendent-of", "dog"), ["puppy"]),
        (filtered("concept", "is-not-a", "dog"), ["animal", "hen", "dodo"]),
        (filtered("concept", "generalizes", "puppy"), ["animal", "dog", "puppy"]),
        (filtered("legs", "=", "4"), ["dog"]),
        (filtered("legs", "in", "2, 4"), ["dog", "hen"]),
        (filtered("legs", "not-in", "2,4"), ["animal", "puppy", "dodo"]),
        (filtered("legs", "exists", "true"), ["dog", "hen"]),
        (filtered("code", "regex", "do.*"), ["dog", "dodo"]),
        (filtered("parent", "=", "dog"), ["puppy"]),
        ({"system": ANIMALS, "concept": [{"code": "hen"}, {"code": "cat"}]}, ["hen", "cat"]),
        ({"valueSet": ["urn:test:four", "urn:test:named"]}, ["dog"]),
    ],
)
async def test_a_value_set_is_expanded(kept, include, expected):
    await put(kept, value_set("four", filtered("concept", "is-a", "dog")))
    await put(kept, value_set("named", {"system": ANIMALS, "concept": [{"code": "dog"}]}))
    await put(kept, value_set("asked", include))
    for address in ("/ValueSet/$expand?url=urn:test:asked", "/ValueSet/asked/$expand"):
        assert codes(await kept.get(address)) == expected
    # One code is judged by the same rules without a list.
    for code in ("animal", "dog", "puppy", "hen", "dodo"):
        query = f"url=urn:test:asked&system={ANIMALS}&code={code}"
        answer = told(await kept.get(f"/ValueSet/$validate-code?{query}"))
        assert answer["result"] is (code in expected)


async def test_an_instance_is_what_is_meant(kept):
    mine = value_set("mine", {"system": ANIMALS})
    await put(kept, mine)
    for address in ("ValueSet/mine/$expand", "ValueSet/mine/$validate-code"):
        code = {"code": "dog", "system": ANIMALS} if "code" in address else {}
        same = await kept.get(f"/{address}", params=code | {"url": f"{mine['url']}|1"})
        assert same.status_code == 200
        other = await kept.get(f"/{address}", params=code | {"url": f"{R4}/all-types"})
        assert refusal(other, 400, "invalid")["expression"] == ["http.url"]
    sent = parameters({"name": "valueSet", "resource": mine})
    refusal(await post(kept, sent, "/ValueSet/mine/$expand"), 400, "invalid")


async def test_what_is_excluded_is_left_out(kept):
    await put(kept, value_set("some", {"system": ANIMALS}, exclude=[filtered("legs", "=", "4")]))
    assert "dog" not in codes(await kept.get("/ValueSet/some/$expand"))
    answer = told(await kept.get(f"/ValueSet/some/$validate-code?system={ANIMALS}&code=dog"))
    assert (answer["result"], answer["message"]) == (False, "The value set has no such code.")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("filter=do", ["dog", "dodo"]),
        ("filter=狗", ["dog"]),
        ("offset=1&count=2", ["dog", "puppy"]),
        ("count=0", []),
        ("activeOnly=true", ["animal", "dog", "puppy", "hen"]),
        ("excludeNotForUI=true&activeOnly=true", ["dog", "puppy", "hen"]),
    ],
)
async def test_an_expansion_is_cut_to_what_is_asked_for(kept, query, expected):
    answer = await kept.get(f"/ValueSet/$expand?url={ANIMALS}?fhir_vs&{query}")
    assert codes(answer) == expected
    expansion = read(answer)["expansion"]
    name = query.partition("=")[0]
    assert name in {one["name"] for one in expansion["parameter"]}
    if name in {"offset", "count"}:
        assert expansion["total"] == 5


async def test_an_expansion_tells_versions_languages_and_designations(kept):
    query = "filter=狗&displayLanguage=zh&includeDesignations=true"
    answer = await kept.get(f"/ValueSet/$expand?url={ANIMALS}?fhir_vs&{query}")
    expansion = read(answer)["expansion"]
    (dog,) = expansion["contains"]
    assert dog["display"] == "狗"
    assert dog["designation"] == SYSTEM["concept"][0]["concept"][0]["designation"]
    assert {"name": "version", "valueUri": f"{ANIMALS}|2"} in expansion["parameter"]


async def test_a_value_set_may_be_sent_along(kept):
    sent = value_set("sent", {"system": ANIMALS, "concept": [{"code": "hen"}]})
    assert codes(await post(kept, sent, "/ValueSet/$expand")) == ["hen"]
    body = parameters(
        {"name": "valueSet", "resource": sent}, {"name": "filter", "valueString": "x"}
    )
    assert codes(await post(kept, body, "/ValueSet/$expand")) == []


@pytest.mark.parametrize(
    "broken",
    [{"compose": {"include": 5}}, {"compose": {"include": [{"system": 5}]}}, {"expansion": []}],
)
async def test_a_broken_value_set_that_is_sent_along_is_refused(anna, broken):
    sent = value_set("sent", {"system": ANIMALS}) | broken
    answer = await post(anna, sent, "/ValueSet/$expand")
    assert answer.status_code == 400
    assert read_issue(answer)["expression"][0].startswith("ValueSet.")


async def test_r4s_own_sets_are_expanded(anna):
    answer = await anna.get(f"/ValueSet/$expand?url={R4}/administrative-gender")
    assert codes(answer) == ["male", "female", "other", "unknown"]
    assert read(answer)["url"] == f"{R4}/administrative-gender"


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("url=urn:test:nobody", 404, "not-found"),
        (f"url={R4}/observation-codes", 404, "not-found"),
        (f"url={R4}/ucum-units", 422, "too-costly"),
        (f"url={R4}/administrative-gender&offset=-1", 400, "invalid"),
        (f"url={R4}/administrative-gender&offsett=1", 400, "invalid"),
        ("", 400, "invalid"),
    ],
)
async def test_what_cannot_be_expanded_is_told(anna, query, status, code):
    refusal(await anna.get(f"/ValueSet/$expand?{query}"), status, code)


async def test_a_set_of_too_many_codes_is_too_costly(anna):
    rows = [{"code": f"c{number}"} for number in range(5_001)]
    for name in "ab":
        await put(anna, value_set(name, {"system": f"urn:test:{name}", "concept": rows}))
    await put(anna, value_set("huge", {"valueSet": ["urn:test:a"]}, {"valueSet": ["urn:test:b"]}))
    refusal(await anna.get("/ValueSet/huge/$expand"), 422, "too-costly")
    refusal(await anna.get("/ValueSet/huge/$expand?offset=1"), 422, "too-costly")
    refusal(await anna.get("/Observation?code:in=urn:test:huge"), 422, "too-costly")


async def test_some_codes_of_a_large_set_may_be_asked_for(anna):
    for name in "ab":
        rows = [{"code": f"{name}{number}"} for number in range(6_000)]
        await put(anna, value_set(name, {"system": f"urn:test:{name}", "concept": rows}))
    await put(anna, value_set("large", {"valueSet": ["urn:test:a"]}, {"valueSet": ["urn:test:b"]}))
    found = (await anna.get("/ValueSet/large/$expand?filter=b599")).json()["expansion"]
    codes = ["b599", *(f"b599{digit}" for digit in range(10))]
    assert (found["total"], [one["code"] for one in found["contains"]]) == (11, codes)
    found = (await anna.get("/ValueSet/large/$expand?offset=11999&count=5")).json()["expansion"]
    assert (found["total"], [one["code"] for one in found["contains"]]) == (12_000, ["b5999"])


async def test_sets_that_name_each_other_end(anna):
    await put(anna, value_set("a", {"valueSet": ["urn:test:b"]}))
    await put(anna, value_set("b", {"valueSet": ["urn:test:a"]}))
    refusal(await anna.get("/ValueSet/a/$expand"), 422, "too-costly")
    query = f"system={ANIMALS}&code=dog"
    refusal(await anna.get(f"/ValueSet/a/$validate-code?{query}"), 422, "too-costly")


async def test_sets_that_lead_to_one_another_on_many_ways_are_listed_once_each(kept):
    for level in range(12):
        below = [f"urn:test:level-{level + 1}"]
        await put(kept, value_set(f"level-{level}", *[{"valueSet": below}] * 10))
    await put(kept, value_set("level-12", {"system": ANIMALS}))
    assert len(codes(await kept.get("/ValueSet/level-0/$expand"))) == 5
    query = f"system={ANIMALS}&code=cat"
    assert not told(await kept.get(f"/ValueSet/level-0/$validate-code?{query}"))["result"]


async def test_the_newest_version_is_meant_unless_one_is_named(kept):
    await put(kept, value_set("one", {"system": ANIMALS, "concept": [{"code": "dog"}]}))
    newer = value_set("two", {"system": ANIMALS, "concept": [{"code": "hen"}]})
    await put(kept, newer | {"url": "urn:test:one", "version": "2"})
    assert codes(await kept.get("/ValueSet/$expand?url=urn:test:one")) == ["hen"]
    for query in ("url=urn:test:one|1", "url=urn:test:one&valueSetVersion=1"):
        assert codes(await kept.get(f"/ValueSet/$expand?{query}")) == ["dog"]


async def test_r4s_own_hold_over_what_is_stored_under_their_address(kept):
    mine = value_set("mine", {"system": ANIMALS, "concept": [{"code": "dog"}]})
    await put(kept, mine | {"url": f"{R4}/administrative-gender"})
    assert "male" in codes(await kept.get(f"/ValueSet/$expand?url={R4}/administrative-gender"))
    assert codes(await kept.get("/ValueSet/mine/$expand")) == ["dog"]


@pytest.mark.parametrize(
    ("asked", "result", "message"),
    [
        ([{"name": "coding", "valueCoding": {"system": ANIMALS, "code": "DOG"}}], True, ""),
        (
            [*DOG, {"name": "display", "valueString": "狗"}],
            True,
            "",
        ),
        (
            [*DOG, {"name": "display", "valueString": "Cat"}],
            False,
            "display",
        ),
        (
            [
                {
                    "name": "codeableConcept",
                    "valueCodeableConcept": {
                        "coding": [
                            {"system": "urn:x", "code": "x"},
                            {"system": ANIMALS, "code": "hen"},
                        ]
                    },
                }
            ],
            True,
            "",
        ),
        ([{"name": "codeableConcept", "valueCodeableConcept": {"text": "x"}}], False, "no code"),
    ],
)
async def test_a_code_is_judged_in_each_way_it_may_be_told(kept, asked, result, message):
    await put(kept, value_set("all", {"system": ANIMALS}))
    found = told(await post(kept, parameters(*asked), "/ValueSet/all/$validate-code"))
    assert found["result"] is result
    assert message in found.get("message", "")


async def test_a_stored_expansion_is_what_there_is(kept):
    rows = [{"system": ANIMALS, "code": "dog", "contains": [{"system": ANIMALS, "code": "pug"}]}]
    found = {"resourceType": "ValueSet", "id": "x", "url": "urn:test:x", "status": "active"}
    expansion = {"timestamp": "2026-11-22T00:00:00Z", "contains": rows}
    await put(kept, found | {"expansion": expansion})
    assert codes(await kept.get("/ValueSet/x/$expand")) == ["dog", "pug"]
    for code, right in (("pug", True), ("hen", False)):
        query = f"system={ANIMALS}&code={code}"
        assert told(await kept.get(f"/ValueSet/x/$validate-code?{query}"))["result"] is right
    await put(kept, found)
    refusal(await kept.get("/ValueSet/x/$expand"), 404, "not-found")


async def test_inactive_codes_are_left_out_where_the_set_says_so(kept):
    made = value_set("active", {"system": ANIMALS})
    made["compose"]["inactive"] = False
    await put(kept, made)
    assert "dodo" not in codes(await kept.get("/ValueSet/active/$expand"))
    for query in (f"system={ANIMALS}&code=dodo", "code=dodo"):
        assert not told(await kept.get(f"/ValueSet/active/$validate-code?{query}"))["result"]
    await put(kept, value_set("around", {"valueSet": ["urn:test:active"]}))
    query = f"system={ANIMALS}&code=dodo"
    assert not told(await kept.get(f"/ValueSet/around/$validate-code?{query}"))["result"]


@pytest.mark.parametrize("named", ["1", "[]", '["ValueSet"]', "{}", "null", '"Nothing"'])
async def test_what_is_no_resource_is_refused_by_its_type(anna, named):
    body = f'{{"resourceType":{named}}}'
    answer = await anna.post("/ValueSet/$expand", content=body, headers=JSON)
    assert refusal(answer, 400, "structure")["expression"] == ["resourceType"]


@pytest.mark.parametrize(
    ("op", "value", "code"), [("=", "x", "not-found"), ("regex", "(?=x)", "not-supported")]
)
async def test_what_cannot_be_told_of_a_filter_is_said(kept, op, value, code):
    system = "urn:test:nobody" if op == "=" else ANIMALS
    include = {"system": system, "filter": [{"property": "code", "op": op, "value": value}]}
    await put(kept, value_set("odd", include))
    answer = await kept.get("/ValueSet/odd/$expand")
    assert read_issue(answer)["code"] == code


async def test_what_the_caller_may_not_read_is_not_used(gateway, kept):
    await put(kept, value_set("all", {"system": ANIMALS}))
    ben = await gateway.campus("B", "system/ValueSet.rs")
    refusal(await ben.get("/ValueSet/all/$expand"), 404, "not-found")
    assert told(await ben.get(f"/ValueSet/all/$validate-code?system={ANIMALS}&code=dog"))["message"]
    carl = await gateway.campus("C", "system/Patient.rs")
    refusal(await carl.get("/ValueSet/all/$expand"), 403, "forbidden")
    refusal(await carl.get("/ValueSet/$expand?url=urn:test:all"), 404, "not-found")


async def test_the_capabilities_are_told_without_a_token(gateway):
    nobody = gateway.client()
    found = read(await nobody.get("/metadata?mode=terminology"))
    assert found["resourceType"] == "TerminologyCapabilities"
    systems = {one["uri"] for one in found["codeSystem"]}
    assert {GENDER, "http://unitsofmeasure.org"} <= systems
    assert "http://snomed.info/sct" not in systems
    assert {one["name"] for one in found["expansion"]["parameter"]} >= {"filter", "offset", "count"}
    refusal(await nobody.get("/metadata?mode=nobody"), 400, "not-supported")


async def test_the_statement_lists_the_operations(gateway):
    found = read(await gateway.client().get("/metadata"))
    offered = {
        (one["type"], each["name"])
        for one in found["rest"][0]["resource"]
        for each in one.get("operation", [])
    }
    assert {
        ("ValueSet", "expand"),
        ("ValueSet", "validate-code"),
        ("CodeSystem", "lookup"),
        ("CodeSystem", "validate-code"),
        ("CodeSystem", "subsumes"),
        ("ConceptMap", "translate"),
    } <= offered
