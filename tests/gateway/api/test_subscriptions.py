"""`$status` and `$events` of subscriptions, and what the CapabilityStatement says of them."""

import asyncio
import json
from dataclasses import replace
from ipaddress import ip_network

import pytest

from gateway.access.targets import Targets
from gateway.events import follow
from gateway.events.guard import guard
from gateway.events.post import Post
from gateway.events.service import Events
from tests.gateway.api.conftest import BASE, Gateway
from tests.gateway.api.samples import observation, put, read, refusal
from tests.gateway.events.house import topical
from tests.gateway.events.receiver import Receiver
from tests.waiting import until


@pytest.fixture
async def serving(door):
    """A gateway whose subscribers may be on this machine, and are told."""
    told = replace(door, guards=(("Subscription", guard),), followers=(follow.follower,))
    events = Events(told, BASE, Post(Targets((ip_network("127.0.0.0/8"),))))
    task = asyncio.create_task(events.run())
    opened = Gateway(told)
    yield opened
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await opened.close()


@pytest.fixture
async def receiver():
    opened = await Receiver().start()
    yield opened
    await opened.stop()


def parameters(resource):
    return {
        one["name"]: value
        for one in resource["parameter"]
        for name, value in one.items()
        if name.startswith("value")
    }


async def made(serving, receiver, count):
    anna = await serving.campus("A")
    read(await put(anna, topical("s", receiver.url)), 201)

    async def active():
        return (await anna.get("/Subscription/s")).json()["status"] == "active"

    await until(active)
    for number in range(count):
        await put(anna, observation(f"o{number}"))
    await until(lambda: receiver.numbers == list(range(1, count + 1)))
    return anna


async def test_events_are_told_again_by_their_numbers(serving, receiver):
    anna = await made(serving, receiver, 4)
    address = "/Subscription/s/$events"
    asked = {"eventsSinceNumber": "2", "eventsUntilNumber": "3", "content": "full-resource"}
    found = read(await anna.get(address, params=asked))
    assert found["type"] == "history"
    status = found["entry"][0]["resource"]
    assert parameters(status)["type"] == "query-event"
    assert parameters(status)["events-since-subscription-start"] == "4"
    events = [one["part"] for one in status["parameter"] if one["name"] == "notification-event"]
    assert [one[0]["valueString"] for one in events] == ["2", "3"]
    assert [one["resource"]["id"] for one in found["entry"][1:]] == ["o1", "o2"]
    body = {
        "resourceType": "Parameters",
        "parameter": [{"name": "eventsSinceNumber", "valueString": "4"}],
    }
    headers = {"Content-Type": "application/fhir+json"}
    posted = read(await anna.post(address, content=json.dumps(body), headers=headers))
    assert len(posted["entry"]) == 1
    refusal(await anna.get(address, params={"eventsSinceNumber": "two"}), 400, "invalid")
    refusal(await anna.get(address, params={"content": "much"}), 400, "invalid")


async def test_an_answer_holds_no_more_than_some_megabytes(serving, receiver):
    anna = await made(serving, receiver, 0)
    for number in range(100):
        large = observation(f"o{number}") | {"note": [{"text": "x" * 190_000}]}
        read(await put(anna, large), 201)
    await until(lambda: receiver.numbers == list(range(1, 101)))
    answer = await anna.get("/Subscription/s/$events?content=full-resource")
    assert 16_000_000 < len(answer.content) < 17_000_000
    _, *entries = read(answer)["entry"]
    assert [one["resource"]["id"] for one in entries] == [f"o{n}" for n in range(len(entries))]


async def test_events_are_shown_as_far_as_the_caller_may_read_now(serving, receiver):
    anna = await made(serving, receiver, 1)
    bert = await serving.campus("B")
    await put(bert, observation("theirs"))
    await until(lambda: receiver.numbers == [1, 2])
    hidden = {"code": {"coding": [{"system": "http://loinc.org", "code": "10351-5"}]}}
    await put(bert, observation("theirs") | hidden)
    found = read(await anna.get("/Subscription/s/$events"))
    events = [one for one in found["entry"][0]["resource"]["parameter"] if "part" in one]
    assert [len(one["part"]) for one in events] == [3, 2]
    refusal(await bert.get("/Subscription/s/$events"), 404, "not-found")
    refusal(await bert.get("/Subscription/s/$status"), 404, "not-found")


async def test_status_tells_how_subscriptions_stand(serving, receiver):
    anna = await made(serving, receiver, 2)
    receiver.answer = 500
    await put(anna, topical("t", receiver.url))

    async def failed():
        return (await anna.get("/Subscription/t")).json()["status"] == "error"

    await until(failed)
    one = read(await anna.get("/Subscription/s/$status"))
    (entry,) = one["entry"]
    assert one["type"] == "searchset"
    assert parameters(entry["resource"]) == {
        "subscription": {"reference": f"{BASE}/Subscription/s"},
        "topic": "urn:hutong:topic:result-new",
        "status": "active",
        "type": "query-status",
        "events-since-subscription-start": "2",
    }
    every = read(await anna.get("/Subscription/$status"))
    assert len(every["entry"]) == every["total"] == 2
    (broken,) = read(await anna.get("/Subscription/$status?status=error"))["entry"]
    assert parameters(broken["resource"])["error"]["text"].endswith("status 500.")
    for asked, hint in (("activ", "Near: active."), ("x", "There are: requested, active,")):
        issue = refusal(await anna.get(f"/Subscription/$status?status={asked}"), 400, "invalid")
        assert hint in issue["details"]["text"]
        assert issue["expression"] == ["http.status"]
    named = read(await anna.get("/Subscription/$status?id=s&id=none"))
    assert len(named["entry"]) == 1
    bert = await serving.campus("B")
    assert read(await bert.get("/Subscription/$status"))["total"] == 0


async def test_the_topics_are_found_in_the_capability_statement(gateway):
    statement = read(await gateway.client().get("/metadata"))
    (told,) = [one for one in statement["rest"][0]["resource"] if one["type"] == "Subscription"]
    assert [one["valueCanonical"].rpartition(":")[2] for one in told["extension"]] == [
        *("result-new", "result-amended", "result-withdrawn"),
        *("critical-open", "task-changed", "link-changed"),
    ]
    assert told["supportedProfile"][0].endswith("/backport-subscription")
    assert {one["name"] for one in told["operation"]} >= {"status", "events"}
