"""The audit is read and searched as AuditEvents."""

import pytest

from gateway.interactions import audit_search

pytestmark = pytest.mark.anyio


OWN = {
    "resourceType": "AuditEvent",
    "type": {
        "system": "http://terminology.hl7.org/CodeSystem/audit-event-type",
        "code": "rest",
    },
    "action": "D",
    "recorded": "2026-11-20T08:00:00+08:00",
    "agent": [{"requestor": True}],
    "source": {"observer": {"display": "HIS"}},
}


async def events(client, **params):
    response = await client.get("/AuditEvent", params=params)
    assert response.status_code == 200, response.text
    return [
        entry["resource"]
        for entry in response.json().get("entry", [])
        if entry["search"]["mode"] == "match"
    ]


async def patient(client):
    made = await client.post("/Patient", json={"resourceType": "Patient", "active": True})
    return made.json()["id"]


async def test_who_did_what_is_found_by_entity_and_action(anna, door):
    first, second = await patient(anna), await patient(anna)
    await anna.get(f"/Patient/{first}")
    await door.recorder.close()

    (created,) = await events(anna, entity=f"Patient/{first}", action="C")
    assert created["entity"] == [{"what": {"reference": f"Patient/{first}"}}]
    assert created["agent"][0]["who"]["display"] == "A"
    (read,) = await events(anna, entity=f"Patient/{first}", action="R")
    assert read["recorded"] >= created["recorded"]
    assert await events(anna, entity=f"Patient/{second}", action="R") == []


async def test_a_campus_sees_only_what_its_own_callers_did(gateway, anna):
    bert = await gateway.campus("B")
    made = await patient(anna)
    (event,) = await events(anna, entity=f"Patient/{made}")
    assert await events(bert, entity=f"Patient/{made}") == []
    assert (await bert.get(f"/AuditEvent/{event['id']}")).status_code == 404
    assert (await anna.get(f"/AuditEvent/{event['id']}")).status_code == 200
    root = gateway.client("root")
    assert [one["id"] for one in await events(root, entity=f"Patient/{made}")] == [event["id"]]


async def test_whoever_tries_ids_is_seen(gateway, anna, door):
    """What is hidden and what is not there leave the same record."""
    task = {"resourceType": "Task", "id": "t", "status": "draft", "intent": "order"}
    await anna.put("/Task/t", json=task)
    bert = await gateway.campus("B")
    for address in ("/Task/t", "/Task/none", "/Task/t/_history", "/Task/t/_history/1"):
        assert (await bert.get(address)).status_code == 404
    assert (await bert.put("/Task/t", json=task)).status_code == 409
    assert (await bert.get("/Task/王秀英")).status_code == 404
    await door.recorder.close()
    tried = await events(bert, outcome="4")
    assert [one["entity"][0]["what"]["reference"] for one in reversed(tried)] == [
        *("Task/t", "Task/none", "Task/t", "Task/t", "Task/t")
    ]
    assert tried[0]["action"] == "U"


async def test_events_that_members_send_stand_beside_the_audit(anna):
    made = await anna.post("/AuditEvent", json=OWN)
    assert made.status_code == 201, made.text
    assert [one["id"] for one in await events(anna, action="D")] == [made.json()["id"]]


async def test_the_audit_itself_cannot_be_written(anna):
    made = await patient(anna)
    (event,) = await events(anna, entity=f"Patient/{made}")
    changed = await anna.put(f"/AuditEvent/{event['id']}", json=event)
    assert changed.status_code == 405
    assert (await anna.delete(f"/AuditEvent/{event['id']}")).status_code == 405


async def test_pages_of_the_audit_join_without_gap_or_repetition(anna):
    made = [await patient(anna) for _ in range(7)]
    response = await anna.get("/AuditEvent", params={"action": "C", "_count": "3"})
    seen = []
    while True:
        bundle = response.json()
        seen += [
            entry["resource"]["entity"][0]["what"]["reference"]
            for entry in bundle["entry"]
            if entry["search"]["mode"] == "match"
        ]
        following = [link["url"] for link in bundle["link"] if link["relation"] == "next"]
        if not following:
            break
        response = await anna.get(following[0])
    assert seen == [f"Patient/{one}" for one in reversed(made)]


async def _ids(client, query):
    response = await client.get(f"/AuditEvent?{query}")
    assert response.status_code == 200, response.text
    return [
        one["resource"]["id"]
        for one in response.json().get("entry", ())
        if one["search"]["mode"] == "match"
    ]


async def test_the_audit_answers_by_what_its_events_say(anna, door):
    made = await patient(anna)
    await anna.get(f"/Patient/{made}")
    await door.recorder.close()
    about = f"entity=Patient/{made}"
    read, created = await _ids(anna, about)
    same = [read, created]
    assert await _ids(anna, f"patient=Patient/{made}") == same
    assert await _ids(anna, f"{about}&type=rest") == same
    assert await _ids(anna, f"{about}&type=other") == []
    assert await _ids(anna, f"{about}&subtype=read") == [read]
    assert await _ids(anna, f"{about}&action:not=R") == [created]
    assert await _ids(anna, f"{about}&agent-name=A") == same
    assert await _ids(anna, f"{about}&agent=Patient/{made}") == []
    assert await _ids(anna, f"_id={read}") == [read]
    assert await _ids(anna, f"_id={read},{created}&_sort=date") == [created, read]
    assert await _ids(anna, f"{about}&_sort=date") == [created, read]
    assert await _ids(anna, f"{about}&_sort=-date") == same
    assert await _ids(anna, f"{about}&date=ge2020-01-01") == same
    assert await _ids(anna, f"{about}&date=lt2020-01-01") == []


async def test_the_audit_counts_what_it_finds(anna, door):
    made = await patient(anna)
    for _ in range(3):
        await anna.get(f"/Patient/{made}")
    await door.recorder.close()
    for more in (
        "_summary=count",
        "_count=0",
        "_count=1&_total=accurate",
        "_count=1&_total=estimate",
    ):
        answer = await anna.get(f"/AuditEvent?entity=Patient/{made}&{more}")
        assert answer.json()["total"] == 4, answer.text
    answer = await anna.get("/AuditEvent?_summary=count")
    assert answer.json()["total"] >= 4


@pytest.mark.parametrize("sort", ["date", "-date", "_lastUpdated"])
async def test_a_page_that_looks_no_further_goes_on(anna, door, monkeypatch, sort):
    monkeypatch.setattr(audit_search, "SCANNED", 2)
    made = await patient(anna)
    await anna.post("/AuditEvent", json=OWN)
    for _ in range(5):
        await anna.get(f"/Patient/{made}")
    await door.recorder.close()
    address, seen = f"/AuditEvent?action=R,D&_sort={sort}&_count=3", []
    while address:
        bundle = (await anna.get(address)).json()
        seen += [one["resource"] for one in bundle.get("entry", ())]
        links = {one["relation"]: one["url"] for one in bundle["link"]}
        address = links.get("next")
    assert len(seen) == len({one["id"] for one in seen}) == 6
    if sort != "_lastUpdated":
        dates = [one["recorded"] for one in seen if one["action"] == "R"]
        assert dates == sorted(dates, reverse=sort == "-date")
    assert [one["action"] for one in seen].index("D") == {"date": 0, "-date": 5}.get(sort, 0)


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("_sort=action", "http._sort"),
        ("_include=AuditEvent:entity", "http._include"),
        ("_revinclude=*", "http._revinclude"),
        ("patient.name=x", "http.patient"),
        ("_has:Provenance:target:agent=x", "http._has"),
    ],
)
async def test_what_the_audit_does_not_answer_is_refused_by_name(anna, query, place):
    answer = await anna.get(f"/AuditEvent?{query}")
    assert answer.status_code == 400
    assert answer.json()["issue"][0]["expression"] == [place]
