"""What may be told is asked when it is told, not only when it happened."""

import asyncio
import json

import pytest

from gateway.errors import NotFoundError
from gateway.events.places import AT_ONE_ADDRESS
from tests.gateway.events.house import subscription, topical
from tests.gateway.interactions.consortium import HIV, concept, observation, patient
from tests.waiting import until


async def waiting(house, receiver, resource):
    """A result of C that A is to be told of, and cannot be yet."""
    receiver.answer = 503
    await house.put("C", resource)
    await until(lambda: house.store.fetch("subscription", ("s",))[0][8] > 0)


async def passed_over(house):
    """The event that could not be told is told no more."""
    await until(lambda: house.store.fetch("subscription", ("s",))[0][7] == 1)


@pytest.fixture
async def told(house, receiver):
    house.serve()
    await house.subscribe("A", topical("s", receiver.url))
    return receiver


async def test_a_result_that_was_hidden_meanwhile_is_not_told(house, told):
    await waiting(house, told, observation("o"))
    await house.put("C", observation("o", code=HIV))
    await passed_over(house)
    told.answer = 200
    await house.put("C", observation("later"))
    await until(lambda: 2 in told.numbers)
    assert [one.focus[0].rpartition("/")[2] for one in told.taken] == ["later"]


async def test_what_waited_for_a_place_is_judged_when_it_goes(house, receiver):
    going = asyncio.Event()

    async def wait(received):
        if received.kind == "event-notification":
            await going.wait()
        return 200

    receiver.answer = wait
    house.serve()
    places = AT_ONE_ADDRESS["prompt"]
    names = [f"s{number}" for number in range(places + 2)]
    for name in names:
        await house.subscribe("A", topical(name, receiver.url))
    await house.put("C", observation("o"))
    await until(lambda: receiver.open_now == places)
    await house.put("C", observation("o", code=HIV))
    going.set()
    await until(lambda: all(row[7] == row[6] > 0 for row in house.store.fetch("subscriptions")))
    assert len(receiver.events) == places


async def test_nothing_is_told_after_the_token_was_revoked(house, told):
    await house.token(1, "doomed", "system/*.cruds")
    await house.subscribe("doomed", topical("s", told.url) | {"reason": "again"})
    await house.revoke("doomed")
    await house.put("C", observation("o"))
    await until(lambda: house.status("s") == "error")
    assert "no longer valid" in house.stored("s")["error"]
    await house.subscribe("A", topical("s", told.url))
    await house.put("C", observation("p"))
    await until(lambda: told.events)
    assert [one.focus[0].rpartition("/")[2] for one in told.events] == ["p"]


async def test_a_subscription_without_rights_is_put_in_error_by_what_it_waits_for(house, told):
    await house.token(1, "doomed", "system/*.cruds")
    await house.subscribe("doomed", topical("s", told.url) | {"reason": "again"})
    await waiting(house, told, observation("o"))
    await house.revoke("doomed")
    await until(lambda: house.status("s") == "error")
    assert "no longer valid" in house.stored("s")["error"]


async def test_nothing_is_told_to_a_campus_that_has_left(house, told):
    await waiting(house, told, observation("o"))
    await house.deactivate("A")
    await until(lambda: house.status("s") == "error")
    told.answer = 200
    await house.put("B", observation("p"))
    assert told.taken == []


async def test_what_a_campus_shared_is_not_told_once_it_has_left(house, told):
    await waiting(house, told, observation("o"))
    await house.deactivate("C")
    await passed_over(house)
    told.answer = 200
    await house.put("B", observation("p"))
    await until(lambda: told.taken)
    assert [one.focus[0].rpartition("/")[2] for one in told.taken] == ["p"]


async def test_a_patient_who_was_unlinked_meanwhile_is_not_told_of(house, receiver):
    await house.put("A", patient("p1"))
    await house.put("B", patient("p2"))
    await house.link("p1", "p2")
    house.serve()
    filters = ["Observation?patient=Patient/p1"]
    await house.subscribe("A", topical("s", receiver.url, filters=filters))
    receiver.answer = 503
    await house.put("B", observation("o", subject="Patient/p2"))
    await until(lambda: house.store.fetch("subscription", ("s",))[0][8] > 0)
    await house.link("p1")
    await passed_over(house)
    receiver.answer = 200
    await house.put("B", observation("own"))
    await until(lambda: 2 in receiver.numbers)
    assert [one.focus[0].rpartition("/")[2] for one in receiver.taken] == ["own"]


async def test_a_subscription_breaks_no_glass(house, receiver):
    await house.token(1, "glass", "system/*.cruds break-glass")
    house.serve()
    await house.subscribe("glass", topical("s", receiver.url))
    await house.put("C", observation("hidden", code=HIV))
    await house.put("C", observation("seen"))
    await until(lambda: receiver.events)
    assert [one.focus[0].rpartition("/")[2] for one in receiver.events] == ["seen"]


async def test_other_campuses_do_not_see_the_headers_of_a_channel(house):
    line = "Authorization: Bearer very-secret"
    wanted = subscription("s", "https://his.example.org/", channel={"header": [line]})
    await house.put("A", wanted)
    assert await house.ids("B", "Subscription?_id=s") == []
    assert await house.ids("A", "Subscription?_id=s") == ["s"]
    with pytest.raises(NotFoundError):
        await house.history("B", "Subscription/s")
    trail = json.dumps([str(one) for one in house.trail()])
    assert "very-secret" not in trail


async def test_who_was_told_of_what_is_in_the_audit(house, receiver):
    house.serve()
    await house.subscribe("A", topical("s", receiver.url))
    await house.put("C", observation("o", code=concept("718-7")["coding"][0]["code"]))
    await until(lambda: receiver.events)

    def told():
        return [one for one in house.trail() if one.query == "Subscription/s"]

    (found,) = await until(told)
    assert (found.action, found.entities) == ("R", ("Observation/o/_history/1",))
