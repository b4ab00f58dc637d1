"""`ValueSet/$validate-code` judges as an expansion would show: words, systems, what is left out."""

import asyncio

import pytest

from tests.gateway.api.operations.test_inputs import parameters
from tests.gateway.api.operations.test_terminology import (
    ANIMALS,
    SYSTEM,
    codes,
    filtered,
    told,
    value_set,
)
from tests.gateway.api.samples import observation, post, put, read


@pytest.mark.parametrize(
    ("code", "display", "result"),
    [
        (f"system={ANIMALS}&code=dog", "Hound", True),
        (f"system={ANIMALS}&code=dog", "Dog", True),
        (f"system={ANIMALS}&code=dog", "Cat", False),
        ("system=urn:test:nobody&code=x", "Something", True),
        ("system=urn:test:nobody&code=x", "Nothing", False),
        ("system=urn:test:nobody&code=y", "Nothing", True),
    ],
)
async def test_a_code_may_be_called_what_the_set_calls_it(kept, code, display, result):
    named = {"system": ANIMALS, "concept": [{"code": "dog", "display": "Hound"}]}
    rows = [{"code": "x", "display": "Something"}, {"code": "y"}]
    await put(kept, value_set("own", named, {"system": "urn:test:nobody", "concept": rows}))
    await put(kept, value_set("around", {"valueSet": ["urn:test:own"]}))
    for one in ("own", "around"):
        query = f"{code}&display={display}"
        found = told(await kept.get(f"/ValueSet/{one}/$validate-code?{query}"))
        assert found["result"] is result
        expected = {"dog": "Hound", "x": "Something"}.get(code.rpartition("=")[2])
        assert found.get("display") == expected


async def test_a_coding_without_a_system_is_in_no_set(kept):
    await put(kept, value_set("all", {"system": ANIMALS}))
    coding = {"name": "coding", "valueCoding": {"code": "dog"}}
    answer = await post(kept, parameters(coding), "/ValueSet/all/$validate-code")
    assert "no code system" in told(answer)["message"]
    # A code alone is asked for as of an element that has none.
    assert told(await kept.get("/ValueSet/all/$validate-code?code=dog"))["result"]


async def test_a_whole_system_is_left_out_though_it_is_not_here(kept):
    listed = {"system": "urn:test:nobody", "concept": [{"code": "x"}]}
    parts = ({"system": ANIMALS}, listed)
    await put(kept, value_set("rest", *parts, exclude=[{"system": "urn:test:nobody"}]))
    assert "x" not in codes(await kept.get("/ValueSet/rest/$expand"))
    query = "system=urn:test:nobody&code=x"
    answer = told(await kept.get(f"/ValueSet/rest/$validate-code?{query}"))
    assert (answer["result"], answer["message"]) == (False, "The value set has no such code.")


async def test_a_code_has_its_place_whichever_way_it_is_told(anna):
    child = [{"code": "child", "valueCode": "below"}]
    concepts = [{"code": "above", "property": child}, {"code": "below"}]
    await put(anna, SYSTEM | {"concept": concepts})
    for op, value, expected in (
        ("is-a", "above", ["above", "below"]),
        ("generalizes", "below", ["above", "below"]),
        ("descendent-of", "above", ["below"]),
        ("is-not-a", "below", ["above"]),
    ):
        await put(anna, value_set("sent", filtered("code", op, value)))
        assert codes(await anna.get("/ValueSet/sent/$expand")) == expected
        for code in ("above", "below"):
            query = f"system={ANIMALS}&code={code}"
            answer = told(await anna.get(f"/ValueSet/sent/$validate-code?{query}"))
            assert answer["result"] is (code in expected)
    found = told(await anna.get(f"/CodeSystem/$subsumes?system={ANIMALS}&codeA=above&codeB=below"))
    assert found == {"outcome": "subsumes"}


async def test_what_another_campus_stores_changes_no_words_of_ones_own(gateway, kept):
    ben = await gateway.campus("B")
    await put(kept, value_set("own", {"system": ANIMALS, "concept": [{"code": "dog"}]}))
    await put(kept, value_set("first", {"system": ANIMALS, "concept": [{"code": "hen"}]}))
    other = value_set("other", {"system": ANIMALS, "concept": [{"code": "hen"}]})
    await put(ben, other | {"url": "urn:test:own"})
    for client, listed in ((kept, ["dog"]), (ben, ["hen"])):
        for address in ("url=urn:test:own", "url=urn:test:own|1"):
            assert codes(await client.get(f"/ValueSet/$expand?{address}")) == listed
        # What nobody else has is there for all.
        assert codes(await client.get("/ValueSet/$expand?url=urn:test:first")) == ["hen"]
    await put(kept, observation("o1", code={"coding": [{"system": ANIMALS, "code": "dog"}]}))
    for client, number in ((kept, 1), (ben, 0)):
        address = "/Observation?code:in=urn:test:own&_summary=count"
        assert read(await client.get(address))["total"] == number
    await kept.delete("/ValueSet/own")
    assert codes(await kept.get("/ValueSet/$expand?url=urn:test:own")) == ["hen"]


async def test_a_search_by_a_long_value_set_holds_up_nobody(anna):
    concepts = [{"code": f"c{one}"} for one in range(2_000)]
    await put(anna, SYSTEM | {"concept": concepts})
    long = value_set("long", *[filtered("code", "regex", f"d{one}") for one in range(1_000)])
    assert (await put(anna, long)).status_code == 201
    search = asyncio.create_task(anna.get("/Observation?code:in=urn:test:long"))
    turns = 0
    while not search.done():
        await asyncio.sleep(0.001)
        turns += 1
    assert read(await search)["total"] == 0
    assert turns > 20
