"""Histories over HTTP: of one resource, of a type, of all."""

from datetime import datetime, timedelta, timezone

from tests.gateway.api.conftest import BASE
from tests.gateway.api.samples import PATIENT, link, observation, post, put, read, refusal


async def filled(anna):
    for number in range(3):
        await put(anna, PATIENT | {"birthDate": f"195{number}"})
        await put(anna, observation(f"o{number}"))
    await anna.delete("/Observation/o1")


def told(bundle):
    return [
        (one["fullUrl"].removeprefix(f"{BASE}/"), one["response"]["etag"])
        for one in bundle.get("entry", [])
    ]


async def all_pages(client, address):
    found, answer = [], read(await client.get(address))
    while True:
        assert answer["type"] == "history"
        found += told(answer)
        following = link(answer, "next")
        if not following:
            return found
        answer = read(await client.get(following))


async def test_the_history_of_a_type_and_of_all(anna):
    await filled(anna)
    patients = [("Patient/p1", f'W/"{n}"') for n in (3, 2, 1)]
    assert told(read(await anna.get("/Patient/_history"))) == patients
    everything = read(await anna.get("/_history"))
    assert len(everything["entry"]) == 7
    gone = everything["entry"][0]
    assert (gone["request"]["method"], "resource" in gone) == ("DELETE", False)
    assert everything["total"] == 7
    for address in ("/_history", "/Patient/_history", "/Patient/p1/_history"):
        whole = await all_pages(anna, address)
        assert await all_pages(anna, f"{address}?_count=2") == whole
        counted = read(await anna.get(f"{address}?_summary=count"))
        assert (counted["total"], "entry" in counted) == (len(whole), False)


async def test_a_history_tells_by_which_request_a_version_came(anna):
    await put(anna, PATIENT)
    await anna.delete("/Patient/p1")
    await put(anna, PATIENT)
    history = read(await anna.get("/Patient/p1/_history"))
    assert [(one["request"]["method"], one["request"]["url"]) for one in history["entry"]] == [
        ("PUT", "Patient/p1"),
        ("DELETE", "Patient/p1"),
        ("PUT", "Patient/p1"),
    ]
    assert [one["response"]["status"][:3] for one in history["entry"]] == ["201", "204", "201"]
    made = read(await post(anna, {"resourceType": "Patient"}), 201)
    (one,) = read(await anna.get(f"/Patient/{made['id']}/_history"))["entry"]
    assert one["request"] == {"method": "POST", "url": "Patient"}


async def test_pages_stay_while_versions_are_added(anna):
    await filled(anna)
    whole = await all_pages(anna, "/_history")
    first = read(await anna.get("/_history?_count=3"))
    await put(anna, PATIENT | {"birthDate": "1999"})
    rest = await all_pages(anna, link(first, "next"))
    assert told(first) + rest == whole


async def test_a_history_since_and_at_a_time(anna):
    await filled(anna)
    versions = read(await anna.get("/Patient/p1/_history"))["entry"]
    newest, middle, _ = [one["resource"]["meta"]["lastUpdated"] for one in versions]
    for address in ("/Patient/p1/_history", "/Patient/_history"):
        since = await anna.get(address, params={"_since": middle})
        assert [tag for _, tag in told(read(since))] == ['W/"3"', 'W/"2"']
        at = await anna.get(address, params={"_at": middle})
        assert [tag for _, tag in told(read(at))] == ['W/"2"']
        both = await anna.get(address, params={"_since": newest, "_at": "2026"})
        assert [tag for _, tag in told(read(both))] == ['W/"3"']
        assert told(read(await anna.get(f"{address}?_at=2001"))) == []
    shifted = datetime.fromisoformat(middle).astimezone(timezone(timedelta(hours=8))).isoformat()
    since = await anna.get(f"/Patient/p1/_history?_since={shifted}")
    assert [tag for _, tag in told(read(since))] == ['W/"3"', 'W/"2"']
    one = read(await anna.get("/_history", params={"_since": middle, "_count": 1}))
    assert link(one, "self").endswith(f"_since={middle}&_count=1")
    assert len(await all_pages(anna, link(one, "next"))) == 4


async def test_what_is_hidden_has_no_history(gateway, anna):
    ben = await gateway.campus("B")
    await put(anna, PATIENT)
    await put(anna, {"resourceType": "Task", "id": "t", "status": "draft", "intent": "order"})
    assert told(read(await ben.get("/_history"))) == [("Patient/p1", 'W/"1"')]
    assert told(read(await ben.get("/Task/_history"))) == []
    assert read(await ben.get("/Task/_history?_count=0"))["total"] == 0
    labs = await gateway.campus("L", "system/Observation.r")
    assert told(read(await labs.get("/_history"))) == []
    refusal(await labs.get("/Patient/_history"), 403, "forbidden")
    nobody = await gateway.campus("N", "ingest")
    refusal(await nobody.get("/_history"), 403, "forbidden")
    first = read(await anna.get("/_history?_count=1"))
    refusal(await ben.get(link(first, "next")), 400, "expired")


async def test_a_history_in_part(anna):
    await filled(anna)
    found = read(await anna.get("/Patient/_history?_elements=birthDate&_count=1"))
    shown = found["entry"][0]["resource"]
    assert set(shown) == {"resourceType", "id", "meta", "birthDate"}
    assert "_elements=birthDate" in link(found, "next")


async def test_what_a_history_does_not_know_is_refused(anna):
    for query in ("_sort=date", "_since=x", "_at=", "_list=1", "_elements=colour"):
        assert (await anna.get(f"/Patient/_history?{query}")).status_code == 400, query
    refusal(await anna.post("/_history", content=b""), 405, "not-supported")
