"""A critical result has its Task with it: opened, appended to, never closed silently."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from gateway.errors import UnprocessableError
from gateway.interactions.bundle import bundle as transaction
from gateway.workflow.critical.open import open_groups
from mappers.names import LOINC
from tests.gateway.interactions.consortium import encoded
from tests.gateway.workflow.critical.ward import SODIUM, codes, flagged, potassium


def ago(**time):
    return (datetime.now(UTC) - timedelta(**time)).isoformat(timespec="seconds")


async def test_a_critical_value_opens_a_task_in_its_own_transaction(ward):
    await ward.result(2.6)
    task = await ward.task()
    assert task["status"] == "requested"
    assert task["priority"] == "stat"
    assert task["focus"]["reference"] == "Observation/o1"
    assert task["reasonReference"]["reference"] == "Observation/o1/_history/1"
    assert task["for"]["reference"] == "Patient/p1"
    assert "input" not in task
    assert "output" not in task
    period = task["restriction"]["period"]
    start, end = map(datetime.fromisoformat, (period["start"], period["end"]))
    assert end - start == timedelta(minutes=10)
    assert codes([task["owner"], task["requester"]]) == ["B", "B"]
    assert list(open_groups(ward.store, ["p1"])) == ["potassium"]


async def test_a_normal_value_opens_nothing(ward):
    await ward.result(4.0)
    assert await ward.tasks() == []


@pytest.mark.parametrize("flag", ["HH", "LL", "AA"])
async def test_the_laboratorys_own_flag_is_enough(ward, flag):
    await ward.result(4.0, code="9999-9", interpretation=flagged(flag))
    assert (await ward.task())["reasonCode"]["coding"][1]["code"] == "flag"


async def test_a_preliminary_value_counts(ward):
    await ward.result(2.6, status="preliminary")
    await ward.result(2.6, status="final")
    task = await ward.task()
    assert "input" not in task  # the same value, now final, is no further one


async def test_a_further_value_is_appended_with_its_version(ward):
    await ward.result(2.6)
    await ward.result(2.4, id_="o2")
    task = await ward.task()
    (entry,) = task["input"]
    assert entry["valueReference"] == {
        "reference": "Observation/o2/_history/1",
        "display": "2.4 mmol/L",
    }


async def test_two_criticals_of_one_transaction_share_the_task(ward):
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {"resource": one, "request": {"method": "PUT", "url": f"Observation/{one['id']}"}}
            for one in (
                potassium("o1", 2.6),
                potassium("o2", 2.5),
                potassium("o3", 110, code=SODIUM),
            )
        ],
    }
    await transaction(ward.door, ward.actor("B"), encoded(bundle))
    tasks = await ward.tasks()
    assert sorted(len(one.get("input", [])) for one in tasks) == [0, 1]


async def test_the_same_again_changes_nothing(ward):
    await ward.result(2.6)
    before = await ward.task()
    await ward.result(2.6)
    assert await ward.task() == before


async def test_who_answers_is_the_campus_of_the_current_encounter(ward):
    await ward.patient("A", "a1")
    await ward.patient("C", "c1")
    await ward.join("a1", "p1", "c1")
    await ward.visit("A", "a1")
    await ward.order("C", "c1")
    await ward.result(2.6, basedOn=[{"reference": "ServiceRequest/sr1"}])
    task = await ward.task("A")
    assert codes([task["owner"]]) == ["A"]
    assert codes(task["restriction"]["recipient"]) == ["A", "C", "B"]
    assert [one["id"] for one in await ward.tasks("C")] == [task["id"]]
    assert task["encounter"]["reference"] == "Encounter/e1"


async def test_without_an_encounter_the_ordering_campus_answers(ward):
    await ward.patient("C", "c1")
    await ward.order("C", "c1")
    await ward.visit("A", "c1", status="finished")
    await ward.result(2.6, basedOn=[{"reference": "ServiceRequest/sr1"}])
    assert codes([(await ward.task("C"))["owner"]]) == ["C"]


async def test_the_task_follows_the_patient_to_another_campus(ward):
    await ward.patient("A", "a1")
    await ward.join("a1", "p1")
    await ward.result(2.6)
    assert await ward.tasks("A") == []
    await ward.visit("A", "a1")
    assert codes([(await ward.task("A"))["owner"]]) == ["A"]


async def test_one_task_for_all_patients_of_a_link_set(ward):
    await ward.patient("A", "a1")
    await ward.join("a1", "p1")
    await ward.result(2.6)
    await ward.result(2.5, campus="A", id_="o2", subject="a1")
    assert len((await ward.task())["input"]) == 1
    assert list(open_groups(ward.store, ["a1"])) == ["potassium"]


async def test_an_unlinked_patient_has_a_task_of_its_own(ward):
    await ward.patient("A", "a1")
    await ward.join("a1", "p1")
    await ward.visit("A", "a1")
    await ward.result(2.4, campus="A", id_="o0", subject="a1")
    await ward.result(2.6)
    (task,) = await ward.tasks("A")
    assert len(task["input"]) == 1
    await ward.join("a1")
    mine = await ward.task("A", "&patient=a1")
    assert mine["id"] == task["id"]
    assert codes([mine["owner"]]) == ["A"]
    theirs = await ward.task("B", "&patient=p1")
    assert theirs["focus"]["reference"] == "Observation/o1"
    assert codes([theirs["owner"]]) == ["B"]
    assert "A" not in codes(theirs["restriction"]["recipient"])


async def test_a_task_leaves_a_campus_that_never_had_the_patient(ward):
    await ward.patient("A", "a1")
    await ward.join("a1", "p1")
    await ward.visit("A", "a1")
    await ward.result(2.6)
    assert codes([(await ward.task("B"))["owner"]]) == ["A"]
    await ward.join("a1")
    assert codes([(await ward.task("B"))["owner"]]) == ["B"]


async def test_an_order_that_is_found_later_is_told_too(ward):
    await ward.patient("C", "c1")
    await ward.order("C", "c1")
    await ward.result(2.6)
    assert await ward.tasks("C") == []
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
    assert codes([(await ward.task("C"))["owner"]]) == ["C"]


async def test_a_correction_never_closes_silently(ward):
    await ward.result(2.6)
    await ward.result(4.6, status="corrected")
    task = await ward.task()
    assert task["status"] == "requested"
    (entry,) = task["input"]
    assert entry["type"]["coding"][0]["code"] == "correction"
    assert entry["valueReference"]["reference"] == "Observation/o1/_history/2"
    assert task["description"] == "钾 4.6 mmol/L 更正 / correction"


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled"])
async def test_a_withdrawal_is_named(ward, status):
    await ward.result(2.6)
    await ward.result(2.6, status=status)
    (entry,) = (await ward.task())["input"]
    assert entry["type"]["coding"][0]["code"] == "withdrawn"


async def test_a_deletion_is_named(ward):
    await ward.result(2.6)
    await ward.delete("B", "Observation/o1")
    (entry,) = (await ward.task())["input"]
    assert entry["type"]["coding"][0]["code"] == "withdrawn"


async def test_a_result_that_moves_opens_a_task_for_the_right_patient(ward):
    await ward.patient("B", "p2")
    await ward.result(2.6)
    await ward.result(2.6, subject="p2")
    tasks = {one["for"]["reference"]: one for one in await ward.tasks()}
    assert set(tasks) == {"Patient/p1", "Patient/p2"}
    (entry,) = tasks["Patient/p1"]["input"]
    assert entry["type"]["coding"][0]["code"] == "moved"
    assert "p2" not in str(tasks["Patient/p1"])


async def test_old_results_open_none_and_late_ones_do(ward):
    await ward.result(2.6, issued=ago(days=30))
    assert await ward.tasks() == []
    await ward.result(2.5, id_="o2", issued=ago(hours=20))
    task = await ward.task()
    assert {"system": "urn:hutong:cs:tag", "code": "late"} in task["meta"]["tag"]


async def test_a_result_that_was_performed_long_ago_and_released_now_is_neither(ward):
    await ward.result(2.6, effectiveDateTime=ago(days=9), issued=ago(minutes=1))
    assert "tag" not in (await ward.task())["meta"]


async def test_a_critical_value_of_nobody_has_a_task_too(ward):
    await ward.result(2.6, subject=None)
    assert "for" not in await ward.task()


async def test_what_cannot_be_judged_is_listed(ward):
    await ward.result(2.6, unit="mEq/kg")
    assert await ward.tasks() == []
    ((result, reason),) = [
        (row[0], row[5]) for row in ward.store.fetch("critical_unjudged", (0, 10))
    ]
    assert (result, reason) == ("Observation/o1", "unit")
    await ward.result(4.0)
    assert ward.store.fetch("critical_unjudged", (0, 10)) == []


async def test_free_text_of_an_ecg_is_listed_and_alarms_nobody(ward):
    said = {name: at for name, at in potassium("o1", 4).items() if name != "valueQuantity"}
    said |= {"code": {"coding": [{"system": LOINC, "code": "8601-7"}]}, "valueString": "窦性心律"}
    await ward.put("B", said)
    listed = [(row[0], row[5]) for row in ward.store.fetch("critical_unjudged", (0, 10))]
    assert listed == [("Observation/o1", "text")]
    assert ward.store.fetch("alerts_open", (10,)) == []


async def test_two_processes_at_once_make_one_task(ward):
    await asyncio.gather(*(ward.result(2.6, id_=f"o{at}") for at in range(8)))
    assert len((await ward.task())["input"]) == 7


@pytest.mark.parametrize(
    "change",
    [
        {"status": "completed"},
        {"status": "cancelled"},
        {"status": "entered-in-error"},
        {"output": [{"type": {"text": "read-back"}, "valueString": "2.6"}]},
        {"owner": {"display": "nobody"}},
        {"restriction": {"repetitions": 1}},
        {"code": {"text": "another"}},
    ],
)
async def test_nobody_closes_or_empties_it_by_put(ward, change):
    await ward.result(2.6)
    task = await ward.task()
    with pytest.raises(UnprocessableError):
        await ward.put("B", {**task, **change})
    assert (await ward.task())["status"] == "requested"


async def test_it_is_not_deleted_and_not_made_by_hand(ward):
    await ward.result(2.6)
    task = await ward.task()
    with pytest.raises(UnprocessableError):
        await ward.delete("B", f"Task/{task['id']}")
    with pytest.raises(UnprocessableError):
        await ward.put("B", {**task, "id": "mine"})


async def test_somebody_may_say_that_he_is_at_it(ward):
    await ward.result(2.6)
    task = await ward.task()
    await ward.put("B", {**task, "status": "in-progress", "note": [{"text": "on my way"}]})
    assert (await ward.task())["status"] == "in-progress"
