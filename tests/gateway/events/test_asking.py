"""A Subscription is stored if it can be served: its status, criteria and channel are looked at."""

import json

import pytest

from gateway.errors import ForbiddenError, UnprocessableError
from gateway.events.guard import guard
from gateway.fhir.codec import decode
from gateway.interactions.patch import patch, read_patch
from gateway.interactions.preconditions import NO_PRECONDITIONS
from tests.gateway.events.house import BACKPORT, subscription, topical

HOOK = "https://his.example.org/hook"
CODE = "Observation?code=http://loinc.org|2345-7"


def channel(**more):
    return subscription("s", HOOK, CODE, channel=more)


REFUSED = {
    "status active": ({"status": "active"}, "Subscription.status"),
    "status error": ({"status": "error"}, "Subscription.status"),
    "no search": ({"criteria": "something"}, "Subscription.criteria"),
    "no type": ({"criteria": "Nothing?code=1"}, "Subscription.criteria"),
    "unknown name": ({"criteria": "Observation?cod=1"}, "Subscription.criteria"),
    "unknown in a chain": ({"criteria": "Observation?patient.nam=1"}, "Subscription.criteria"),
    "bad value": ({"criteria": "Observation?date=yesterday"}, "Subscription.criteria"),
    "bad modifier": ({"criteria": "Observation?code:exact=1"}, "Subscription.criteria"),
    "shape": ({"criteria": "Observation?code=1&_sort=date"}, "Subscription.criteria"),
    "include": ({"criteria": "Observation?_include=Observation:subject"}, "Subscription.criteria"),
    "no such topic": ({"criteria": "urn:hutong:topic:weather"}, "Subscription.criteria"),
    "other topic": ({"criteria": "http://hl7.org/SubscriptionTopic/a"}, "Subscription.criteria"),
    "email": ({"channel": {"type": "email", "endpoint": HOOK}}, "Subscription.channel.type"),
    "no endpoint": ({"channel": {"type": "rest-hook"}}, "Subscription.channel.endpoint"),
    "file": (channel(endpoint="file:///etc/passwd"), "Subscription.channel.endpoint"),
    "no address": (channel(endpoint="https://[::1/hook"), "Subscription.channel.endpoint"),
    "text": (channel(payload="text/plain"), "Subscription.channel.payload"),
    "header of ours": (channel(header=["Host: x"]), "Subscription.channel.header[0]"),
    "two lines": (channel(header=["A: b\r\nHost: x"]), "Subscription.channel.header[0]"),
    "no colon": (channel(header=["X-A: b", "Nothing"]), "Subscription.channel.header[1]"),
}


ABSENT = {"extension": [{"url": "urn:test:absent", "valueCode": "unknown"}]}


@pytest.mark.parametrize("name", ["status", "criteria", "channel"])
async def test_what_has_but_an_extension_in_its_place_is_refused(house, name):
    whole = subscription("s", HOOK, CODE)
    told = {key: value for key, value in whole.items() if key != name}
    told |= {f"_{name}": ABSENT} if name != "channel" else {name: {"_type": ABSENT}}
    with pytest.raises(UnprocessableError) as caught:
        await house.put("A", told)
    assert caught.value.issues[0].expression.startswith(f"Subscription.{name}")


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
async def test_what_cannot_be_served_is_refused_by_its_place(house, case):
    changes, place = case
    with pytest.raises(UnprocessableError) as caught:
        await house.put("A", subscription("s", HOOK, CODE) | changes)
    assert caught.value.issues[0].expression == place
    assert "secret" not in str(caught.value)
    assert house.store.current("Subscription", "s") is None


async def test_a_filter_is_of_a_type_that_the_topic_is_about(house):
    with pytest.raises(UnprocessableError):
        await house.put("A", topical("s", HOOK, filters=["Patient?name=a"]))
    with pytest.raises(UnprocessableError):
        await house.put("A", topical("s", HOOK, filters=["Observation?cod=a"]))
    with pytest.raises(UnprocessableError):
        await house.put("A", topical("s", HOOK, content="everything"))
    await house.put("A", topical("s", HOOK, filters=["Observation?code=a"]))


async def test_a_custom_channel_is_refused(house):
    custom = {"url": f"{BACKPORT}channel-type", "valueCoding": {"code": "zulip"}}
    told = channel(_type={"extension": [custom]})
    with pytest.raises(UnprocessableError):
        await house.put("A", told)


@pytest.mark.parametrize("status", ["requested", "off"])
async def test_a_subscription_is_taken_as_requested_or_off(house, status):
    written = await house.put("A", channel(header=["Authorization: Bearer x"]) | {"status": status})
    assert (written.stored.version, house.status("s")) == (1, status)


async def test_an_active_one_may_be_changed_beside_what_is_told_and_to_whom(house, receiver):
    house.serve()
    await house.subscribe("A", topical("s", receiver.url))
    standing = decode(house.store.current("Subscription", "s").json())
    await house.put("A", standing | {"reason": "another"})
    assert (house.status("s"), house.stored("s")["reason"]) == ("active", "another")
    for changes in ({"status": "error"}, {"criteria": "urn:hutong:topic:task-changed"}):
        with pytest.raises(UnprocessableError):
            await house.put("A", standing | changes)
    step = [{"op": "replace", "path": "/reason", "value": "a third"}]
    asked = read_patch("json", json.dumps(step).encode())
    await patch(house.door, house.actor("A"), "Subscription", "s", asked, NO_PRECONDITIONS)
    assert (house.status("s"), house.stored("s")["reason"]) == ("active", "a third")


async def test_what_the_token_may_not_search_it_may_not_subscribe_to(house):
    await house.token(1, "narrow", "system/Subscription.cruds system/Patient.rs")
    with pytest.raises(ForbiddenError):
        await house.put("narrow", subscription("s", HOOK, CODE))
    with pytest.raises(ForbiddenError):
        await house.put(
            "narrow", subscription("s", HOOK, "Patient?_has:Observation:patient:code=1")
        )
    await house.put("narrow", subscription("s", HOOK, "Patient?name=wang"))


async def test_a_deletion_is_no_matter_for_the_guard(house):
    await guard(house.door, house.actor("A"), None, None)
