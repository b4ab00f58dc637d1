"""A critical value is answered by reading it back, by a person of the campus that must answer."""

import asyncio

import pytest

from gateway.errors import ConflictError, ForbiddenError, NotFoundError, UnprocessableError
from gateway.workflow.critical.acknowledge import acknowledge
from gateway.workflow.critical.open import open_groups
from gateway.workflow.critical.task import attempts, last_output
from tests.gateway.workflow.critical.ward import MINUTE, codes

HOUR = 60 * MINUTE


async def answer(ward, read_back="2.6", campus="B", person="李护士", **more):
    task = await ward.task()
    written = await acknowledge(
        ward.door, ward.actor(campus), task["id"], read_back, person, **more
    )
    return written.stored.resource(), written.changed


@pytest.mark.parametrize("heard", ["2.6", "2.60", "２．６", " 2.6 ", "2.6 mmol/L", "2.6mmol/l"])
async def test_a_right_read_back_closes_it(ward, heard):
    await ward.result(2.6)
    task, _ = await answer(ward, heard, comment="补钾")
    assert task["status"] == "completed"
    assert last_output(task, "read-back") == heard.strip()
    assert last_output(task, "actor") == "李护士"
    assert last_output(task, "disposition") == "补钾"
    assert [one for one in task["output"] if "valueDateTime" in one]
    assert open_groups(ward.store, ["p1"]) == {}


@pytest.mark.parametrize("heard", ["6.2", "26", "", "2.6 mg/dL", ">2.6", "yes", "2.6e99999", "2,6"])
async def test_a_wrong_one_is_an_error_that_names_both(ward, heard):
    await ward.result(2.6)
    with pytest.raises(UnprocessableError) as error:
        await answer(ward, heard)
    assert "2.6 mmol/L" in str(error.value)
    assert (heard or "(none)") in str(error.value)
    task = await ward.task()
    assert task["status"] == "requested"
    assert [one.kind for one in attempts(task)] == ["wrong-read-back"]


async def test_the_same_person_twice_is_one_answer(ward):
    await ward.result(2.6)
    first, changed = await answer(ward)
    second, again = await answer(ward)
    assert (changed, again) == (True, False)
    assert first == second


async def test_the_same_key_twice_is_one_answer(ward):
    await ward.result(2.6)
    first, _ = await answer(ward, key="k1")
    second, changed = await answer(ward, person="王护士", key="k1")
    assert not changed
    assert first == second


async def test_a_double_tap_is_one_answer(ward):
    await ward.result(2.6)
    found = await asyncio.gather(*(answer(ward) for _ in range(5)))
    assert sorted(changed for _, changed in found) == [False] * 4 + [True]


async def test_another_person_hears_that_it_is_answered(ward):
    await ward.result(2.6)
    await answer(ward)
    with pytest.raises(ConflictError):
        await answer(ward, person="王护士")


async def test_a_call_of_another_campus_is_an_attempt(ward):
    await ward.patient("A", "a1")
    await ward.join("a1", "p1")
    await ward.visit("A", "a1")
    await ward.result(2.6)
    with pytest.raises(ForbiddenError):
        await answer(ward, campus="B", person="检验科")
    task = await ward.task("A")
    assert task["status"] == "requested"
    assert [(one.kind, one.to, one.person) for one in attempts(task)] == [("call", "B", "检验科")]
    await answer(ward, campus="A")
    assert (await ward.task("A"))["status"] == "completed"


async def test_who_may_not_see_it_does_not_learn_of_it(ward):
    await ward.result(2.6)
    task = await ward.task()
    with pytest.raises(NotFoundError):
        await acknowledge(ward.door, ward.actor("C"), task["id"], "2.6", "x")
    with pytest.raises(NotFoundError):
        await acknowledge(ward.door, ward.actor("B"), "none", "2.6", "x")


async def test_nobody_is_nobody(ward):
    await ward.result(2.6)
    with pytest.raises(UnprocessableError):
        await answer(ward, person="")


async def test_the_newest_value_is_read_back(ward):
    await ward.result(2.6)
    await ward.result(2.4, id_="o2")
    with pytest.raises(UnprocessableError):
        await answer(ward, "2.6")
    assert (await answer(ward, "2.4"))[0]["status"] == "completed"


async def test_of_a_withdrawn_value_the_one_before_is_read_back(ward):
    await ward.result(2.6)
    await ward.result(2.4, id_="o2")
    await ward.result(2.4, id_="o2", status="entered-in-error")
    assert (await answer(ward, "2.6"))[0]["status"] == "completed"


async def test_where_nothing_stands_any_more_it_is_acknowledged_all_the_same(ward):
    await ward.result(2.6)
    await ward.delete("B", "Observation/o1")
    assert (await answer(ward, "撤回"))[0]["status"] == "completed"


async def test_a_comparator_is_read_back_as_a_number(ward):
    value = {"value": 1.5, "comparator": "<", "unit": "mmol/L"}
    await ward.result(valueQuantity=value)
    with pytest.raises(UnprocessableError):
        await answer(ward, ">1.5")
    assert (await answer(ward, "1.5"))[0]["status"] == "completed"


async def test_a_finding_without_number_is_acknowledged_by_its_text_or_a_button(ward):
    more = {"valueQuantity": None, "valueString": ">>>> Acute MI <<<<"}
    await ward.result(code="8601-7", **more)
    with pytest.raises(UnprocessableError):
        await answer(ward, "normal")
    assert (await answer(ward, "true"))[0]["status"] == "completed"


async def test_a_further_value_opens_it_again_within_a_day(ward):
    await ward.result(2.6)
    first, _ = await answer(ward)
    ward.clock.ahead += 5 * HOUR
    await ward.result(2.5, id_="o2")
    task = await ward.task()
    assert task["id"] == first["id"]
    assert task["status"] == "requested"
    assert task["restriction"]["period"]["end"] > first["restriction"]["period"]["end"]
    assert ward.row(task)[7:10] == (0, ward.row(task)[5], None)
    with pytest.raises(UnprocessableError):
        await answer(ward, "2.6")
    assert (await answer(ward, "2.5"))[0]["status"] == "completed"


async def test_after_a_day_it_is_a_new_one(ward):
    await ward.result(2.6)
    await answer(ward)
    ward.clock.ahead += 25 * HOUR
    await ward.result(2.5, id_="o2")
    assert len(await ward.tasks()) == 2


async def test_a_correction_of_an_answered_value_asks_again(ward):
    await ward.result(2.6)
    await answer(ward)
    await ward.result(4.6, status="corrected")
    task = await ward.task()
    assert task["status"] == "requested"
    assert (await answer(ward, "4.6"))[0]["status"] == "completed"


async def test_an_answered_value_is_shown_to_a_campus_that_it_concerns_later(ward):
    await ward.patient("C", "c1")
    await ward.order("C", "c1")
    await ward.result(2.6)
    await answer(ward)
    report = {
        "resourceType": "DiagnosticReport",
        "id": "r1",
        "status": "final",
        "code": {"text": "K"},
        "subject": {"reference": "Patient/p1"},
        "result": [{"reference": "Observation/o1"}],
        "basedOn": [{"reference": "ServiceRequest/sr1"}],
    }
    await ward.put("B", report)
    task = await ward.task("C")
    assert task["status"] == "requested"
    assert codes([task["owner"]]) == ["C"]
