"""A result that turns out to be another patient's: whose subscribers are told what."""

import pytest

from tests.gateway.events.house import topical
from tests.gateway.interactions.consortium import HIV, observation, patient
from tests.waiting import until

TOPICS = ("result-new", "result-amended", "result-withdrawn")


def filtered(topic, receiver, whose, content="id-only"):
    filters = [f"Observation?patient=Patient/{whose}"] if whose else ["Observation"]
    return topical(f"{topic}-{whose or 'all'}", receiver.url, topic, filters, content)


async def count(house, id_):
    """How many events a subscription has by now."""
    await house.looked()
    ((*_, found),) = [row[:7] for row in house.store.fetch("subscription", (id_,))]
    return found


async def numbers(house):
    """How many events each subscription has by now, of those that have some."""
    found = {
        (topic.removeprefix("result-"), whose): await count(house, f"{topic}-{whose or 'all'}")
        for topic in TOPICS
        for whose in ("x", "y", "")
    }
    return {name: number for name, number in found.items() if number}


@pytest.fixture
async def told(house, receiver):
    for one in ("x", "y", "z"):
        await house.put("A", patient(one))
    house.serve()
    for topic in TOPICS:
        for whose in ("x", "y", ""):
            await house.subscribe("A", filtered(topic, receiver, whose))
    return house


async def test_it_is_withdrawn_for_the_one_and_new_for_the_other(told):
    await told.put("A", observation("o", "Patient/x"))
    assert await numbers(told) == {("new", "x"): 1, ("new", ""): 1}
    await told.put("A", observation("o", "Patient/y"))
    assert await numbers(told) == {
        ("new", "x"): 1,
        ("new", ""): 1,
        ("withdrawn", "x"): 1,
        ("new", "y"): 1,
        ("amended", "y"): 1,
        ("amended", ""): 1,
    }


async def test_who_is_certainly_the_same_human_has_it_still(told):
    await told.link("x", "z")
    await told.put("A", observation("o", "Patient/x"))
    await told.put("A", observation("o", "Patient/z"))
    found = await numbers(told)
    assert ("withdrawn", "x") not in found
    assert (found["new", "x"], found["amended", "x"]) == (1, 1)


async def test_what_was_no_result_before_is_new_and_withdrawn_from_nobody(told):
    await told.put("A", observation("o", "Patient/x", status="registered"))
    await told.put("A", observation("o", "Patient/y"))
    assert await numbers(told) == {("new", "y"): 1, ("new", ""): 1}


async def test_what_is_no_result_any_more_is_withdrawn_from_whom_it_was_told_of(told):
    await told.put("A", observation("o", "Patient/x"))
    await told.put("A", observation("o", "Patient/y", status="entered-in-error"))
    found = await numbers(told)
    assert (found["withdrawn", "x"], found["withdrawn", ""]) == (1, 1)


async def test_another_filter_that_no_longer_holds_withdraws_nothing(house, receiver):
    await house.put("A", patient("x"))
    house.serve()
    narrow = ["Observation?patient=Patient/x&status=final"]
    await house.subscribe("A", topical("w", receiver.url, "result-withdrawn", narrow))
    await house.put("A", observation("o", "Patient/x"))
    await house.put("A", observation("o", "Patient/x", status="corrected"))
    assert await count(house, "w") == 0


async def test_the_one_it_was_taken_from_is_told_which_and_by_whom_it_is_now(house, receiver):
    for one in ("x", "y"):
        await house.put("A", patient(one))
    house.serve()
    await house.subscribe("B", filtered("result-withdrawn", receiver, "x", "full-resource"))
    await house.put("A", observation("o", "Patient/x"))
    await house.put("A", observation("o", "Patient/y"))
    await until(lambda: receiver.events)
    (event,) = receiver.events
    (_, entry) = event.json["entry"]
    assert entry["resource"]["subject"] == {"reference": "Patient/y"}
    assert event.focus[0].endswith("/Observation/o")


async def test_nobody_is_told_what_became_of_it_where_it_is_hidden_now(house, receiver):
    for one in ("x", "y"):
        await house.put("A", patient(one))
    house.serve()
    await house.subscribe("B", filtered("result-withdrawn", receiver, "x"))
    await house.put("A", observation("o", "Patient/x"))
    await house.put("A", observation("o", "Patient/y", code=HIV))
    assert await count(house, "result-withdrawn-x") == 0
