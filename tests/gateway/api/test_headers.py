"""Headers that come more than once, and those that come empty."""

import json

import pytest

from tests.gateway.api.samples import JSON, PATIENT, put, read, refusal

CHANGED = PATIENT | {"gender": "male"}


def twice(name, *values):
    return [("Content-Type", JSON["Content-Type"]), *((name, value) for value in values)]


async def replace(client, headers):
    return await client.put("/Patient/p1", content=json.dumps(CHANGED), headers=headers)


async def test_a_list_may_come_in_several_lines(anna):
    await put(anna, PATIENT)
    wanted = twice("Accept", "application/fhir+xml", "application/fhir+json;q=0.1")
    answer = await anna.get("/Patient/p1", headers=wanted)
    assert answer.headers["Content-Type"].startswith("application/fhir+xml")
    known = twice("If-None-Match", 'W/"7"', 'W/"1"', 'W/"8"')
    assert (await anna.get("/Patient/p1", headers=known)).status_code == 304
    refusal(await replace(anna, twice("If-Match", 'W/"1"', "latest")), 400, "invalid")
    refusal(await replace(anna, twice("If-Match", 'W/"8"', 'W/"9"')), 412, "conflict")
    preferred = twice("Prefer", "handling=lenient", "return=minimal", "wait=10")
    assert not (await replace(anna, preferred)).content


@pytest.mark.parametrize(
    "name", ["If-None-Exist", "If-Modified-Since", "X-Hutong-Actor", "X-Hutong-Campus", "Range"]
)
async def test_what_has_one_value_comes_once(anna, name):
    issue = refusal(await replace(anna, twice(name, "a=b", "a=c")), 400, "invalid")
    assert issue["expression"] == [name]


async def test_what_is_said_twice_alike_is_said_once(anna):
    headers = twice("X-Hutong-Actor", "Wang", "Wang") + twice("X-Other", "a", "b")
    assert (await replace(anna, headers)).status_code == 201


@pytest.mark.parametrize("empty", ["", " "])
async def test_an_empty_if_match_matches_nothing(anna, empty):
    await put(anna, PATIENT)
    for answer in (
        await put(anna, CHANGED, **{"If-Match": empty}),
        await anna.delete("/Patient/p1", headers={"If-Match": empty}),
    ):
        assert refusal(answer, 400, "invalid")["expression"] == ["If-Match"]
    assert read(await anna.get("/Patient/p1"))["meta"]["versionId"] == "1"
