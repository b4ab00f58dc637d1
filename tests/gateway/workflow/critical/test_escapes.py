"""Ways on which a critical value could get away: none of them is one."""

import pytest

from gateway.errors import UnprocessableError
from gateway.workflow.critical.acknowledge import acknowledge
from gateway.workflow.critical.escalate import Escalation
from tests.gateway.workflow.critical.test_follow import ago
from tests.gateway.workflow.critical.ward import V3, codes

RESTRICTED = {
    "security": [
        {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
    ]
}


async def test_a_link_that_comes_later_tells_the_campus_where_the_patient_is(ward):
    await ward.patient("A", "a1")
    await ward.visit("A", "a1")
    await ward.result(2.6)
    assert await ward.tasks("A") == []

    await ward.join("a1", "p1")

    assert codes([(await ward.task("A"))["owner"]]) == ["A"]


async def test_a_merge_of_the_campus_takes_the_task_to_the_visit(ward):
    await ward.patient("B", "p2")
    await ward.patient("A", "a2")
    await ward.visit("A", "a2")
    await ward.join("a2", "p2")
    await ward.result(2.6)

    await ward.patient(
        "B",
        "p1",
        active=False,
        link=[{"other": {"reference": "Patient/p2"}, "type": "replaced-by"}],
    )

    assert codes([(await ward.task("A"))["owner"]]) == ["A"]


async def test_a_correction_that_keeps_the_old_release_is_no_old_result(ward):
    """Told a while ago and normal; what it is now is news, whatever its time says."""
    await ward.result(4.6, issued=ago(days=6, hours=23))
    await ward.result(2.6, status="corrected", issued=ago(days=8))

    assert (await ward.task())["status"] == "requested"


@pytest.mark.parametrize(
    "flag",
    [
        [{"coding": [{"system": "urn:hutong:B:flag", "code": "危急"}], "text": "HH"}],
        [{"coding": [{"system": V3, "code": "L"}]}, {"text": "LL"}],
        [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0078", "code": "LL"}]}],
        [{"coding": [{"system": V3, "code": "ll"}]}],
        [{"text": "危"}],
        [{"text": "危(高)"}],
    ],
)
async def test_a_flag_however_it_is_written(ward, flag):
    await ward.result(3.9, interpretation=flag)

    assert (await ward.task())["status"] == "requested"


async def test_nobody_rubs_out_the_attempts(ward):
    await ward.result(2.6)
    await Escalation(ward.door).step()
    task = await ward.task()
    assert task["note"]
    task.pop("note")

    with pytest.raises(UnprocessableError):
        await ward.put("B", task)


async def test_nobody_makes_it_invisible(ward):
    await ward.result(2.6)
    task = await ward.task()
    task["meta"] |= RESTRICTED

    with pytest.raises(UnprocessableError):
        await ward.put("B", task)


async def test_a_number_in_a_component(ward):
    part = {
        "code": {"coding": [{"system": "http://loinc.org", "code": "2823-3"}]},
        "valueQuantity": {"value": 2.2, "unit": "mmol/L"},
    }
    await ward.result(code="24326-1", valueQuantity=None, component=[part])

    assert (await ward.task())["status"] == "requested"


@pytest.mark.parametrize("text", ["非危急", "H", "偏高"])
async def test_a_flag_that_says_no_such_thing(ward, text):
    await ward.result(3.9, interpretation=[{"text": text}])

    assert await ward.tasks() == []


async def test_a_repeat_of_what_every_campus_was_shown_asks_nobody_again(ward):
    await ward.patient("C", "c1")
    await ward.order("C", "c1")
    based = [{"reference": "ServiceRequest/sr1"}]
    await ward.result(2.6, basedOn=based)
    task = await ward.task("C")
    await acknowledge(ward.door, ward.actor("C"), task["id"], "2.6", "李护士", "补钾")

    await ward.result(2.6, basedOn=based, issued=ago(minutes=1))

    assert (await ward.task("C"))["status"] == "completed"


async def test_a_stay_goes_before_a_visit_that_began_later(ward):
    await ward.patient("A", "a1")
    await ward.patient("C", "c1")
    await ward.join("a1", "p1", "c1")
    await ward.visit("C", "c1", id_="stay")
    await ward.visit("A", "a1", id_="visit", ward="AMB", start="2026-11-22T08:00:00+08:00")
    await ward.result(2.6)

    task = await ward.task("C")

    assert codes([task["owner"]]) == ["C"]
    assert task["encounter"]["reference"] == "Encounter/stay"


async def test_of_two_stays_the_newer_one(ward):
    await ward.patient("A", "a1")
    await ward.patient("C", "c1")
    await ward.join("a1", "p1", "c1")
    await ward.visit("A", "a1", id_="newer", start="2026-11-21T08:00:00+08:00")
    await ward.visit("C", "c1", id_="older")
    await ward.result(2.6)

    assert codes([(await ward.task("A"))["owner"]]) == ["A"]


async def test_what_is_sensitive_is_told_to_who_ordered_it_alone(ward):
    await ward.patient("A", "a1")
    await ward.patient("C", "c1")
    await ward.join("a1", "p1", "c1")
    await ward.visit("A", "a1")
    await ward.order("C", "c1")
    await ward.result(2.6, meta=RESTRICTED, basedOn=[{"reference": "ServiceRequest/sr1"}])

    task = await ward.task("C")

    assert codes([task["owner"]]) == ["C"]
    assert "encounter" not in task
    assert await ward.tasks("A") == []


async def test_a_link_that_is_cut_leaves_the_other_links_as_they_are(ward):
    """b1 is a1, and c1 too; that the latter was a mistake says nothing of where b1 is treated."""
    await ward.patient("A", "a1")
    await ward.patient("C", "c1")
    await ward.join("a1", "p1", id_="one")
    await ward.join("c1", "p1", id_="other")
    await ward.visit("A", "a1")
    await ward.result(2.6)
    assert codes([(await ward.task("A"))["owner"]]) == ["A"]

    await ward.join("c1", id_="other")

    assert codes([(await ward.task("A"))["owner"]]) == ["A"]


async def test_a_merge_that_is_taken_back_leaves_the_links_too(ward):
    await ward.patient("A", "a1")
    await ward.patient("B", "p2")
    await ward.join("a1", "p1")
    await ward.visit("A", "a1")
    merged = [{"other": {"reference": "Patient/p1"}, "type": "replaced-by"}]
    await ward.patient("B", "p2", active=False, link=merged)
    await ward.result(2.6)

    await ward.patient("B", "p2")

    assert codes([(await ward.task("A"))["owner"]]) == ["A"]
