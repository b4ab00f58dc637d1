"""Lists and figures of critical values."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.workflow.critical.acknowledge import acknowledge
from gateway.workflow.critical.escalate import Escalation
from gateway.workflow.critical.figures import One, figures, summed
from gateway.workflow.critical.listing import not_judged, open_tasks
from tests.gateway.workflow.critical.ward import MINUTE, SODIUM


async def test_the_earliest_deadline_comes_first(ward):
    await ward.result(2.6)
    ward.clock.ahead += 3 * MINUTE
    await ward.result(110, id_="o2", code=SODIUM)
    await ward.result(2.5, id_="o3")
    first, second = await open_tasks(ward.door, ward.actor("B"))
    assert (first.group, first.said, first.has_number) == ("potassium", "2.5 mmol/L", True)
    assert [one.text for one in first.values] == ["2.6 mmol/L", "2.5 mmol/L"]
    assert (second.group, second.name, second.is_ours) == ("sodium", "钠", True)
    assert first.deadline < second.deadline
    assert first.overdue == 0
    ward.clock.ahead += 8 * MINUTE
    assert (await open_tasks(ward.door, ward.actor("B")))[0].overdue > 0


async def test_another_campus_sees_what_concerns_it_alone(ward):
    await ward.patient("A", "a1")
    await ward.join("a1", "p1")
    await ward.visit("A", "a1")
    await ward.result(2.6)
    assert [one.is_ours for one in await open_tasks(ward.door, ward.actor("B"))] == [False]
    assert await open_tasks(ward.door, ward.actor("C")) == []
    by_patient = await open_tasks(ward.door, ward.actor("A"), patient="a1")
    assert [(one.owner, one.performer) for one in by_patient] == [("A", "B")]


async def test_what_could_not_be_judged_is_listed_for_its_campus(ward):
    await ward.result("x", valueQuantity=None, valueString="clotted")
    (one,) = await not_judged(ward.door, ward.actor("B"), 0)
    assert (one.result, one.group, one.reason) == ("Observation/o1", "potassium", "text")
    assert await not_judged(ward.door, ward.actor("C"), 0) == []


async def test_nothing_to_divide_is_none(ward):
    (all_,) = await figures(ward.door, ward.actor("B"), 0, 2**62)
    assert (all_.values, all_.unreported_rate, all_.median, all_.p90) == (0, None, None, None)


async def test_figures_count_what_became_of_the_values(ward):
    issued = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    await ward.result(2.6, issued=issued)
    ward.clock.ahead += 3 * MINUTE
    all_, _ = await figures(ward.door, ward.actor("B"), 0, 2**62)
    assert (all_.values, all_.unreported, all_.unacknowledged) == (1, 1, 0)
    await Escalation(ward.door).step()
    ward.clock.ahead += 8 * MINUTE
    all_, of_b = await figures(ward.door, ward.actor("B"), 0, 2**62)
    assert (all_.unreported, all_.untimely, all_.unacknowledged) == (0, 1, 1)
    assert all_.untimely_rate == 1.0
    assert all_.median == pytest.approx(240, abs=30)
    assert (of_b.campus, of_b.values) == ("B", 1)
    task = await ward.task()
    await acknowledge(ward.door, ward.actor("B"), task["id"], "2.6", "李")
    all_, _ = await figures(ward.door, ward.actor("B"), 0, 2**62)
    assert all_.unacknowledged == 0
    (of_c,) = await figures(ward.door, ward.actor("C"), 0, 2**62)
    assert of_c.values == 0


@given(st.lists(st.floats(0, 1e6), min_size=1))
def test_nine_of_ten_are_within_the_p90(seconds):
    ones = [One(1, *[False] * 4, one) for one in seconds]
    found = summed("", ones)
    assert sum(one <= found.p90 for one in seconds) >= 0.9 * len(seconds)
    assert found.p90 in seconds
    assert min(seconds) <= found.median <= max(seconds)
