"""Conditional create, update, delete and read, over HTTP."""

import asyncio
import json

import pytest

from tests.gateway.api.conftest import BASE, ROOT
from tests.gateway.api.samples import JSON, PATIENT, observation, post, put, read, refusal

SYSTEM = "urn:example:card"


def card(value, **more):
    return {
        "resourceType": "Patient",
        "identifier": [{"system": SYSTEM, "value": value}],
        **more,
    }


def where(value):
    return {"If-None-Exist": f"identifier={SYSTEM}|{value}"}


async def ids_of(client, value):
    found = read(await client.get("/Patient", params={"identifier": f"{SYSTEM}|{value}"}))
    return [one["resource"]["id"] for one in found.get("entry", [])]


async def test_a_conditional_create_makes_what_is_not_there(anna):
    made = await post(anna, card("1"), **where("1"))
    again = await post(anna, card("1", gender="female"), **where("1"))
    assert (made.status_code, again.status_code) == (201, 200)
    assert again.headers["Location"] == made.headers["Location"]
    assert again.headers["ETag"] == 'W/"1"'
    assert read(again) == read(made, 201)
    assert len(await ids_of(anna, "1")) == 1


@pytest.mark.parametrize(
    "quoted",
    ["?identifier=urn%3Aexample%3Acard%7C1", "Patient?_id=p1", f"{BASE}/Patient?_id=p1"],
)
async def test_criteria_may_be_quoted_or_whole_addresses(anna, quoted):
    await put(anna, card("1", id="p1"))
    assert (await post(anna, card("1"), **{"If-None-Exist": quoted})).status_code == 200


async def test_criteria_find_what_is_made(anna):
    await put(anna, card("1", id="p1"))
    other = f"Person?identifier={SYSTEM}|1"
    alone = await post(anna, card("1"), **{"If-None-Exist": other})
    assert refusal(alone, 400, "invalid")["expression"] == ["If-None-Exist"]
    request = {"method": "POST", "url": "Patient", "ifNoneExist": other}
    sent = {"type": "batch", "entry": [{"request": request, "resource": card("1")}]}
    (told,) = read(await post(anna, {"resourceType": "Bundle", **sent}, ""))["entry"]
    (issue,) = told["response"]["outcome"]["issue"]
    assert issue["expression"] == ["Bundle.entry[0].request.ifNoneExist"]


async def test_several_matches_are_refused(anna):
    await put(anna, card("1", id="p1"))
    await put(anna, card("1", id="p2"))
    for answer in (
        await post(anna, card("1"), **where("1")),
        await anna.put(f"/Patient?identifier={SYSTEM}|1", json=card("1"), headers=JSON),
        await anna.delete(f"/Patient?identifier={SYSTEM}|1"),
        await anna.patch(
            f"/Patient?identifier={SYSTEM}|1",
            content=b"[]",
            headers={"Content-Type": "application/json-patch+json"},
        ),
    ):
        refusal(answer, 412, "multiple-matches")
    assert len(await ids_of(anna, "1")) == 2


@pytest.mark.parametrize("text", ["", "?", "identifier", "_count=1", "identifer=1", "%ff=1"])
async def test_criteria_that_find_nothing_are_refused(anna, text):
    answer = await post(anna, card("1"), **{"If-None-Exist": text})
    assert answer.status_code == 400, answer.text
    assert read(answer, 400)["issue"][0]["severity"] == "error"


async def test_criteria_match_in_the_campus_of_the_writer_only(gateway, anna):
    ben = await gateway.campus("B")
    await put(anna, card("1", id="p1"))
    made = await post(ben, card("1"), **where("1"))
    assert made.status_code == 201
    updated = await ben.put(f"/Patient?identifier={SYSTEM}|1", json=card("1", gender="male"))
    assert read(updated)["id"] == read(made, 201)["id"]
    assert (await ben.delete(f"/Patient?identifier={SYSTEM}|1")).status_code == 204
    assert (await ben.delete(f"/Patient?identifier={SYSTEM}|1")).status_code == 204
    assert await ids_of(anna, "1") == ["p1"]


async def test_fifty_callers_make_one(anna):
    jobs = [post(anna, card("7", birthDate=f"19{n:02}-01-01"), **where("7")) for n in range(50)]
    answers = await asyncio.gather(*jobs)
    assert sorted(one.status_code for one in answers) == [200] * 49 + [201]
    assert len({one.headers["Location"] for one in answers}) == 1
    assert len(await ids_of(anna, "7")) == 1


async def test_other_criteria_are_races_too(anna):
    """Whoever asks in other words for what somebody makes at the same moment finds it."""
    told = [
        f"identifier={SYSTEM}|7",
        "identifier=7",
        "birthdate=1950-01-01",
        "family=%E7%8E%8B",
        "gender=female&birthdate=1950",
    ]
    made = card("7", birthDate="1950-01-01", gender="female", name=[{"family": "王"}])
    jobs = [post(anna, made, **{"If-None-Exist": told[n % 5]}) for n in range(25)]
    answers = await asyncio.gather(*jobs)
    assert sorted(one.status_code for one in answers) == [200] * 24 + [201]


async def test_a_conditional_update_finds_or_makes(anna):
    address = f"/Patient?identifier={SYSTEM}|1"
    made = await anna.put(address, json=card("1"))
    changed = await anna.put(address, json=card("1", gender="male"))
    named = await anna.put("/Patient?identifier=2", json=card("2", id="mine"))
    assert read(named, 201)["id"] == "mine"
    assert read(changed)["id"] == read(made, 201)["id"]
    assert read(changed)["meta"]["versionId"] == "2"
    other = await anna.put(address, json=card("1", id="other"))
    assert refusal(other, 400, "invalid")["expression"] == ["Patient.id"]
    taken = await anna.put("/Patient?identifier=3", json=card("3", id="mine"))
    refusal(taken, 409, "conflict")


async def test_a_conditional_update_by_an_id_makes_what_has_it(gateway, anna):
    nameless = {"resourceType": "Patient", "active": True}
    address = "/Patient?_id=new"

    async def put_by(client, where, body):
        return await client.put(where, content=json.dumps(body), headers=JSON)

    for status in (201, 200, 200):
        made = read(await put_by(anna, address, nameless), status)
        assert made["id"] == "new"
    assert read(await put_by(anna, address, nameless | {"id": "new"}))["id"] == "new"
    for where, body in (
        ("/Patient?_id=a,b", nameless),
        ("/Patient?_id=a&_id=b", nameless),
        ("/Patient?_id=a_b", nameless),
        ("/Patient?_id=a", nameless | {"id": "b"}),
    ):
        refusal(await put_by(anna, where, body), 400, "invalid")
    refusal(await put_by(anna, "/Patient?_id=new&active=false", nameless), 409, "conflict")
    basic = {"resourceType": "OperationDefinition", "name": "X", "status": "active"}
    basic |= {"kind": "query", "code": "x", "system": False, "type": False, "instance": False}
    own = await put_by(anna, "/OperationDefinition?_id=Resource-meta", basic)
    refusal(own, 403, "forbidden")
    ben = await gateway.campus("B")
    assert (await put_by(ben, address, nameless)).status_code in {403, 409}
    assert read(await anna.get("/Patient?_summary=count"))["total"] == 1


async def test_conditional_updates_at_once_make_one(anna):
    address = f"/Patient?identifier={SYSTEM}|1"
    jobs = [anna.put(address, json=card("1", birthDate=f"19{n}-01-01")) for n in range(10, 30)]
    answers = await asyncio.gather(*jobs)
    assert sorted(one.status_code for one in answers) == [200] * 19 + [201]
    assert len(await ids_of(anna, "1")) == 1


async def test_a_conditional_update_looks_at_the_version(anna):
    address = f"/Patient?identifier={SYSTEM}|1"
    refusal(await anna.put(address, json=card("1"), headers={"If-Match": 'W/"1"'}), 412, "conflict")
    await anna.put(address, json=card("1"))
    stale = await anna.put(address, json=card("1"), headers={"If-Match": 'W/"2"'})
    refusal(stale, 412, "conflict")
    there = await anna.put(address, json=card("1"), headers={"If-None-Match": "*"})
    refusal(there, 412, "conflict")


async def test_what_needs_criteria_says_so(anna):
    for method in ("PUT", "DELETE", "PATCH"):
        answer = await anna.request(method, "/Patient", json=card("1"), headers=JSON)
        assert answer.status_code == 400, method


async def test_a_put_that_must_not_meet_a_resource(anna):
    assert (await put(anna, PATIENT, **{"If-None-Match": "*"})).status_code == 201
    refusal(await put(anna, PATIENT, **{"If-None-Match": "*"}), 412, "conflict")
    refusal(await put(anna, PATIENT, **{"If-None-Match": 'W/"1"'}), 412, "conflict")
    assert (await put(anna, PATIENT, **{"If-None-Match": 'W/"2"'})).status_code == 200
    await anna.delete("/Patient/p1")
    assert (await put(anna, PATIENT, **{"If-None-Match": "*"})).status_code == 201


async def test_puts_that_must_not_meet_a_resource_race(anna):
    jobs = [
        put(anna, PATIENT | {"birthDate": f"19{n}-01-01"}, **{"If-None-Match": "*"})
        for n in range(10, 30)
    ]
    answers = await asyncio.gather(*jobs)
    assert sorted(one.status_code for one in answers) == [201] + [412] * 19


async def test_scopes_hold_for_conditional_interactions(gateway):
    writer = await gateway.campus("W", "system/*.cud")
    refusal(await post(writer, card("1"), **where("1")), 403, "forbidden")
    refusal(await writer.delete("/Patient?identifier=1"), 403, "forbidden")
    reader = await gateway.campus("R", "system/*.rs")
    refusal(await post(reader, card("1"), **where("1")), 403, "forbidden")
    refusal(await reader.put("/Patient?identifier=1", json=card("1")), 403, "forbidden")


async def test_link_sets_do_not_widen_criteria(gateway, anna):
    await put(anna, PATIENT)
    await put(anna, PATIENT | {"id": "p2"})
    await put(anna, observation("o1", "Patient/p2"))
    person = {
        "resourceType": "Person",
        "id": "both",
        "link": [
            {"target": {"reference": f"Patient/{id_}"}, "assurance": "level4"}
            for id_ in ("p1", "p2")
        ],
    }
    administrator = gateway.client(ROOT, **{"X-Hutong-Campus": "A"})
    assert (await put(administrator, person)).status_code == 201
    assert len(read(await anna.get("/Observation?subject=Patient/p1"))["entry"]) > 1
    made = await post(anna, observation("x"), **{"If-None-Exist": "subject=Patient/p1"})
    assert made.status_code == 201
    found = await administrator.put("/Person?_id=both", json=person | {"gender": "female"})
    assert read(found)["id"] == "both"


async def test_criteria_in_the_query_of_a_create_are_those_of_the_header(anna):
    address = f"/Patient?identifier={SYSTEM}|1"
    first = await post(anna, card("1"), address)
    again = await post(anna, card("1"), address)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["id"] == first.json()["id"]
    both = await post(anna, card("1"), address, **{"If-None-Exist": f"identifier={SYSTEM}|1"})
    refusal(both, 400, "invalid")
    refusal(await post(anna, card("1"), "/Patient?colour=red"), 400, "invalid")
    refusal(await post(anna, card("1"), "/Patient?_count=1"), 400, "not-supported")
