"""A result that is recognised is judged again by the table of the campus that recognises it."""

import pytest


async def critical(county, who="A"):
    found = await county.search(who, "Task?code=critical-ack")
    return [one.resource() for one in found.matches]


async def test_case_8_recognising_a_critical_value_opens_its_task(county):
    await county.result(value=2.1)
    await county.decided()
    await county.say("viewed")
    assert await critical(county) == []
    await county.say("recognised")
    (task,) = await critical(county)
    assert task["reasonReference"]["reference"] == "Observation/k1/_history/1"
    assert county.kinds() == ["viewed", "recognised"]


async def test_a_value_within_the_limits_opens_nothing(county):
    await county.result(value=4.2)
    await county.decided()
    await county.say("recognised")
    assert await critical(county) == []


async def test_a_value_that_this_campus_was_shown_is_not_carried_twice(county):
    await county.result(value=2.1)
    for id_ in ("d1", "d2"):
        await county.decided(id_)
        await county.say("recognised", id_, by_hook=True)
    (task,) = await critical(county)
    assert "input" not in task  # where further values would stand


@pytest.mark.parametrize("outcome", ["not-recognised", "quoted"])
async def test_another_answer_carries_nothing(county, outcome):
    await county.result(value=2.1)
    await county.decided()
    await county.say(outcome, reason="01")
    assert await critical(county) == []


async def test_the_measurements_of_a_report_are_judged_each(county):
    await county.result(value=2.1)
    report = {
        "resourceType": "DiagnosticReport",
        "id": "r1",
        "status": "final",
        "code": {"text": "电解质"},
        "subject": {"reference": "Patient/b1"},
        "result": [{"reference": "Observation/k1"}],
    }
    await county.put("B", report)
    await county.decided(result="DiagnosticReport/r1")
    await county.say("recognised")
    assert len(await critical(county)) == 1
