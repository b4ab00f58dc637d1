"""Escalation by the clock: every step once, none missed, the last one until somebody answers."""

import asyncio

from gateway.workflow.critical.acknowledge import acknowledge
from gateway.workflow.critical.escalate import Escalation
from gateway.workflow.critical.task import attempts
from tests.gateway.workflow.critical.ward import MINUTE
from tests.waiting import until


def told(task):
    return [(one.kind, one.step, one.to, one.count) for one in attempts(task)]


def alerts(ward):
    return [(row[1], row[3], row[7]) for row in ward.store.fetch("alerts_open", (10,))]


async def test_somebody_is_told_at_once(ward):
    await ward.result(2.6)
    await Escalation(ward.door).step()
    assert told(await ward.task()) == [("notify", 0, "doctor", 1)]
    await Escalation(ward.door).step()
    assert told(await ward.task()) == [("notify", 0, "doctor", 1)]


async def test_steps_fire_by_the_clock(ward):
    await ward.result(2.6)
    escalation = Escalation(ward.door)
    await escalation.step()
    for minutes, steps in ((9, 1), (2, 2), (8, 2), (2, 3), (10, 4)):
        ward.clock.ahead += minutes * MINUTE
        await escalation.step()
        assert len(told(await ward.task())) == steps
    assert told(await ward.task())[1:] == [
        ("escalate", 1, "ward", 1),
        ("escalate", 2, "head", 1),
        ("escalate", 3, "medical-affairs", 1),
    ]
    assert alerts(ward) == [("critical-unanswered", 2, 1)]


async def test_the_last_step_repeats_until_it_is_answered(ward):
    await ward.result(2.6)
    escalation = Escalation(ward.door)
    ward.clock.ahead += 31 * MINUTE
    await escalation.step()
    for _ in range(3):
        ward.clock.ahead += 11 * MINUTE
        await escalation.step()
    task = await ward.task()
    assert told(task)[-1] == ("escalate", 3, "medical-affairs", 4)
    await acknowledge(ward.door, ward.actor("B"), task["id"], "2.6", "李")
    ward.clock.ahead += 60 * MINUTE
    assert not await escalation.step()
    assert alerts(ward) == []


async def test_what_fell_due_while_nothing_ran_fires_in_order(ward):
    await ward.result(2.6)
    ward.clock.ahead += 25 * MINUTE
    await Escalation(ward.door).step()
    assert [one[:2] for one in told(await ward.task())] == [
        ("notify", 0),
        ("escalate", 1),
        ("escalate", 2),
    ]


async def test_two_workers_fire_a_step_once(ward):
    await ward.result(2.6)
    ward.clock.ahead += 25 * MINUTE
    await asyncio.gather(*(Escalation(ward.door).step() for _ in range(4)))
    assert len(told(await ward.task())) == 3


async def test_a_further_value_does_not_put_off_the_next_step(ward):
    await ward.result(2.6)
    escalation = Escalation(ward.door)
    await escalation.step()
    ward.clock.ahead += 9 * MINUTE
    before = await ward.task()
    await ward.result(2.5, id_="o2")
    task = await ward.task()
    assert task["restriction"]["period"] == before["restriction"]["period"]
    assert told(task)[-1][0] == "notify"
    ward.clock.ahead += 2 * MINUTE
    await escalation.step()
    assert told(await ward.task())[-1][:2] == ("escalate", 1)


async def test_a_further_value_after_the_answer_begins_with_the_first_step(ward):
    await ward.result(2.6)
    escalation = Escalation(ward.door)
    ward.clock.ahead += 12 * MINUTE
    await escalation.step()
    task = await ward.task()
    await acknowledge(ward.door, ward.actor("B"), task["id"], "2.6", "李")
    await ward.result(2.5, id_="o2")
    await escalation.step()
    assert told(await ward.task())[-1][:2] == ("notify", 0)


async def test_a_task_that_cannot_be_escalated_does_not_hold_up_the_others(ward):
    await ward.result(2.6)
    lost = (
        "critical_put",
        ("lost", "p9", "potassium", 2, 2, 0, 0, 0, 1, None, "lab", "", None),
    )
    await ward._submit(lost)  # noqa: SLF001 - a row without its Task: no door makes one
    await Escalation(ward.door).step()
    assert told(await ward.task()) == [("notify", 0, "doctor", 1)]
    assert alerts(ward) == [("critical-unanswered", 2, 1)]


async def test_run_wakes_when_a_value_comes(ward):
    escalation = Escalation(ward.door)
    running = asyncio.create_task(escalation.run())
    await asyncio.sleep(0.05)
    await ward.result(2.6)
    await until(lambda: _told(ward))
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def _told(ward):
    return told(await ward.task())
