"""The audit is read and searched as AuditEvents."""

import pytest

pytestmark = pytest.mark.anyio


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
    own = {
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
    made = await anna.post("/AuditEvent", json=own)
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
