"""Subscribers are told: of what they asked for, in order, once, and of nothing they may not see."""

import json
import os

from gateway.store.records import Batch
from tests.gateway.events.house import subscription, topical
from tests.gateway.interactions.consortium import BASE, HIV, observation, patient
from tests.waiting import until


async def test_a_subscription_becomes_active_once_its_endpoint_took_a_handshake(house, receiver):
    house.serve()
    made = await house.put("A", topical("s", receiver.url))
    assert (made.stored.version, made.stored.resource()["status"]) == (1, "requested")
    await until(lambda: house.status("s") == "active")
    (greeting,) = receiver.got
    assert (greeting.method, greeting.path) == ("POST", "/hook")
    assert greeting.headers["content-type"] == "application/fhir+json"
    assert greeting.status == {
        "subscription": {"reference": f"{BASE}/Subscription/s"},
        "topic": "urn:hutong:topic:result-new",
        "status": "requested",
        "type": "handshake",
        "events-since-subscription-start": "0",
        "events": [],
    }
    assert house.store.current("Subscription", "s").version == 2


async def test_events_are_numbered_and_told_in_the_order_of_commits(house, receiver, other):
    house.serve()
    await house.subscribe("A", topical("s", receiver.url))
    await house.subscribe("B", topical("t", other.url, content="full-resource"))
    for number in range(5):
        await house.put("C", observation(f"o{number}"))
    await until(lambda: len(receiver.events) == len(other.events) == 5)
    for told in (receiver, other):
        assert told.numbers == [1, 2, 3, 4, 5]
        assert [one.focus for one in told.events] == [
            [f"{BASE}/Observation/o{number}"] for number in range(5)
        ]
    assert [len(one.json["entry"]) for one in receiver.events] == [1] * 5
    shown = other.events[2].json["entry"][1]
    assert shown["resource"] == json.loads(house.store.current("Observation", "o2").json())
    assert shown["request"] == {"method": "PUT", "url": "Observation/o2"}
    assert other.events[2].status["events-since-subscription-start"] == "3"


async def test_r4s_own_subscription_is_told_without_a_body(house, receiver):
    house.serve()
    await house.subscribe("A", subscription("s", receiver.url))
    assert receiver.got == []
    await house.put("B", observation("o"))
    await house.put("B", observation("x", code="718-7"))
    await house.put("B", observation("o", status="amended"))
    await until(lambda: len(receiver.got) == 2)
    assert {(one.method, one.path, one.body) for one in receiver.got} == {("POST", "/hook", b"")}
    assert [one.headers["x-hutong-event"] for one in receiver.got] == ["1", "2"]


async def test_criteria_may_name_the_system_that_a_code_implies(house, receiver):
    house.serve()
    status = "http://hl7.org/fhir/observation-status"
    asked = f"Observation?status={status}|amended,{status}|corrected"
    await house.subscribe("A", subscription("s", receiver.url, criteria=asked))
    await house.put("B", observation("o"))
    await house.put("B", observation("o", status="amended"))
    await until(lambda: len(receiver.got) == 1)
    await house.put("B", observation("o", status="corrected"))
    await until(lambda: [one.headers["x-hutong-event"] for one in receiver.got] == ["1", "2"])


async def test_r4s_own_subscription_with_a_payload_has_the_resource_put_and_deleted(
    house, receiver
):
    channel = {"payload": "application/fhir+json", "header": ["Authorization: Bearer secret"]}
    house.serve()
    await house.subscribe("A", subscription("s", receiver.url, channel=channel))
    await house.put("B", observation("o", valueQuantity={"value": 5.0}))
    await house.delete("B", "Observation/o")
    await until(lambda: len(receiver.got) == 2)
    put, gone = receiver.got
    assert (put.method, put.path) == ("PUT", "/hook/Observation/o")
    assert put.headers["authorization"] == "Bearer secret"
    assert put.body == house.store.version("Observation", "o", 1).json()
    assert (gone.method, gone.path, gone.body) == ("DELETE", "/hook/Observation/o", b"")


async def test_what_is_hidden_from_the_campus_is_not_told(house, receiver):
    house.serve()
    await house.subscribe("A", topical("s", receiver.url))
    await house.put("B", observation("hidden", code=HIV))
    await house.put("B", observation("seen"))
    await until(lambda: receiver.events)
    assert [one.focus for one in receiver.events] == [[f"{BASE}/Observation/seen"]]
    assert receiver.numbers == [1]


async def test_a_filter_narrows_a_topic_to_a_patient_and_all_that_is_the_same(house, receiver):
    await house.put("A", patient("p1"))
    await house.put("B", patient("p2"))
    house.serve()
    wanted = topical("s", receiver.url, filters=["Observation?patient=Patient/p1"])
    await house.subscribe("A", wanted)
    await house.put("B", observation("before", subject="Patient/p2"))
    await house.link("p1", "p2")
    await house.put("B", observation("after", subject="Patient/p2"))
    await house.put("B", observation("own", subject="Patient/p1"))
    await until(lambda: len(receiver.events) == 2)
    assert [one.focus[0].rpartition("/")[2] for one in receiver.events] == ["after", "own"]


async def test_after_a_stop_nothing_is_told_twice(house, receiver):
    task = house.serve()
    await house.subscribe("A", topical("s", receiver.url))
    await house.put("B", observation("o1"))
    await until(lambda: receiver.numbers == [1])
    await house.stop(task)
    await house.put("B", observation("o2"))
    house.serve()
    await until(lambda: len(receiver.events) == 2)
    assert receiver.numbers == [1, 2]


async def test_what_was_not_kept_is_told_again_under_its_number(house, receiver):
    """As after a kill: the message was taken, and nothing of that is in the database."""
    task = house.serve()
    await house.subscribe("A", topical("s", receiver.url))
    await house.put("B", observation("o1"))
    await until(lambda: receiver.numbers == [1])
    await house.stop(task)
    lost = [("subscription_sent", (0, 1, "s"))]
    await house.store.submit(Batch(os.urandom(16), statements=lost))
    house.serve()
    await until(lambda: len(receiver.events) == 2)
    assert receiver.numbers == [1, 1]
    assert receiver.events[0].focus == receiver.events[1].focus
