"""Who relied on a result is told what befalls it, in the transaction that stores it."""

import asyncio
import json

import pytest

from gateway.fhir.codec import encode
from gateway.identity.persons import person_id
from gateway.ingest.identify import IDENTITY
from gateway.interactions.commit import Change, Extras, commit
from gateway.recognition.ledger.answer import StaleDecisionError
from gateway.recognition.recall.follow import follower, recall_changes
from tests.gateway.interactions.consortium import concept, patient, pid

SECOND = 1_000_000


@pytest.fixture
async def relied(county):
    """Campus A has recognised potassium k1 of Patient b1 for its Patient a1."""
    county.follow(follower)
    await county.result()
    await county.decided()
    await county.say("recognised", person="王")
    return county


def inputs(task):
    return {
        one["type"]["text"]: one.get("valueString") or one["valueReference"]["reference"]
        for one in task["input"]
    }


def why(task):
    return task["reasonCode"]["coding"][0]["code"]


async def amended(county):
    await county.result(value=6.1, status="corrected")


async def cancelled(county):
    await county.result(status="cancelled")


async def in_error(county):
    await county.result(status="entered-in-error")


async def deleted(county):
    await county.delete("B", "Observation/k1")


async def moved(county):
    await county.put("B", {"resourceType": "Patient", "id": "b2"})
    await county.result(subject="b2")


async def unlinked(county):
    await county.join("a1", "b1", "level1")


@pytest.mark.parametrize(
    ("what", "kind", "focus"),
    [
        (amended, "amended", "Observation/k1/_history/2"),
        (cancelled, "cancelled", "Observation/k1/_history/2"),
        (in_error, "entered-in-error", "Observation/k1/_history/2"),
        (deleted, "deleted", "Observation/k1/_history/1"),
        (moved, "moved", "Observation/k1/_history/2"),
        (unlinked, "unlinked", "Observation/k1/_history/1"),
    ],
)
async def test_case_2_each_withdrawal_tells_the_campus_that_relied_on_it(relied, what, kind, focus):
    await what(relied)
    (task,) = await relied.recalls()
    assert why(task) == kind
    assert task["focus"]["reference"] == focus
    assert task["for"]["reference"] == "Patient/a1"
    assert task["status"] == "requested"
    assert inputs(task)["decision"] == "d1"
    assert inputs(task)["relied-on"] == "Observation/k1/_history/1"
    assert relied.kinds() == ["recognised", "recalled"]
    assert await relied.recalls("C") == []


async def test_the_task_is_written_in_the_transaction_of_the_change(relied):
    before = relied.store.fetch("last_row")[0][0]
    await amended(relied)
    rows = relied.store.fetch("outbox_after", (before, 10))
    result, task = (relied.store.by_integer(row[2]) for row in rows)
    assert (result.type, task.type) == ("Observation", "Task")
    # One record of the audit a transaction: this one has both.
    assert relied.trail()[-1].entities == (f"Observation/{result.id}", f"Task/{task.id}")


@pytest.mark.parametrize("how", ["viewed", "quoted", "recognised"])
async def test_who_looked_quoted_or_recognised_is_told(county, how):
    county.follow(follower)
    await county.result()
    await county.decided()
    await county.say(how)
    await amended(county)
    assert len(await county.recalls()) == 1


async def test_who_was_only_reminded_declined_or_took_it_back_is_not_told(county):
    county.follow(follower)
    await county.result()
    for id_ in ("d1", "d2", "d3"):
        await county.decided(id_)
    await county.say("not-recognised", "d2", reason="01")
    await county.say("recognised", "d3")
    await county.say("revoked", "d3")
    await amended(county)
    assert await county.recalls() == []


async def test_what_another_decision_of_the_reminder_took_back_is_not_told(relied):
    await relied.decided("d2", reminder="r-d1", outcome="context-critical")
    await relied.say("revoked", "d2")
    await amended(relied)
    assert await relied.recalls() == []


async def test_each_decision_and_each_change_has_one_task(relied):
    await relied.decided("d2", patient="a1")
    await relied.say("viewed", "d2")
    await amended(relied)
    await amended(relied)
    assert sorted(inputs(one)["decision"] for one in await relied.recalls()) == ["d1", "d2"]
    await in_error(relied)
    assert len(await relied.recalls()) == 4


async def test_what_says_the_same_in_a_new_version_recalls_nothing(relied):
    await relied.result(basedOn=[{"reference": "ServiceRequest/s1"}])
    assert await relied.recalls() == []


async def test_a_withdrawn_task_is_not_made_again_by_a_retry(relied):
    await amended(relied)
    (task,) = await relied.recalls()
    done = {**task, "status": "completed"}
    del done["meta"]
    await relied.put("A", json.loads(json.dumps(done)))
    events = [one for one in relied.kinds() if one == "recalled"]
    assert events == ["recalled"]
    (task,) = await relied.recalls()
    assert task["status"] == "completed"


async def report(county, *results, **more):
    resource = {
        "resourceType": "DiagnosticReport",
        "id": "r1",
        "status": "final",
        "code": concept("24326-1"),
        "subject": {"reference": "Patient/b1"},
        **more,
    }
    if results:
        resource["result"] = [{"reference": f"Observation/{one}"} for one in results]
    return await county.put("B", resource)


async def test_a_measurement_that_changes_reaches_decisions_on_its_report(county):
    county.follow(follower)
    await county.result()
    await report(county, "k1")
    await county.decided(result="DiagnosticReport/r1")
    await county.say("recognised")
    await amended(county)
    (task,) = await county.recalls()
    assert inputs(task)["change"] == "Observation/k1/_history/2"
    assert task["focus"]["reference"] == "DiagnosticReport/r1/_history/1"


async def test_a_report_that_changes_reaches_decisions_on_its_measurements(relied):
    await report(relied, "k1")
    await report(relied, "k1", status="cancelled")
    (task,) = await relied.recalls()
    assert why(task) == "cancelled"


async def test_report_and_measurement_that_change_together_tell_once(county):
    county.follow(follower)
    await county.result()
    await report(county, "k1")
    await county.decided(result="DiagnosticReport/r1")
    await county.say("recognised")
    changes = []
    for name in ("Observation/k1", "DiagnosticReport/r1"):
        stored = (await county.read("B", name)).resource()
        body = encode({**stored, "status": "entered-in-error"})
        changes.append(Change(*name.split("/"), body))
    await commit(county.door, county.actor("B"), changes)
    (task,) = await county.recalls()
    assert inputs(task)["change"] == "DiagnosticReport/r1/_history/2"


async def test_a_withdrawn_study_reaches_decisions_on_the_report_that_names_it(county):
    county.follow(follower)
    study = {
        "resourceType": "ImagingStudy",
        "id": "s1",
        "status": "available",
        "subject": {"reference": "Patient/b1"},
    }
    await county.put("B", study)
    await report(county, imagingStudy=[{"reference": "ImagingStudy/s1"}])
    await county.decided(result="DiagnosticReport/r1", item="CT")
    await county.say("recognised")
    await county.put("B", {**study, "numberOfInstances": 3})
    assert await county.recalls() == []
    await county.put("B", {**study, "status": "cancelled"})
    assert [why(one) for one in await county.recalls()] == ["cancelled"]


async def test_a_link_that_another_still_holds_is_not_cut(relied):
    """A rule and a hand may both join two Patients."""
    await relied.put("C", {"resourceType": "Patient", "id": "c1", "identifier": [pid("C", "1")]})
    await relied.join("a1", "c1")
    await relied.join("c1", "b1")
    await relied.join("a1", "b1", "level1")
    assert await relied.recalls() == []
    await relied.join("c1", "b1", "level1")
    assert [why(one) for one in await relied.recalls()] == ["unlinked"]


async def test_a_person_that_is_deleted_unlinks(relied):
    id_ = person_id("hand|a1|b1")
    change = Change("Person", id_, None, 1, IDENTITY)
    await commit(relied.door, relied.admin(), [change], Extras(trusted=True))
    (task,) = await relied.recalls()
    assert inputs(task)["change"] == f"Person/{id_}/_history/2"


async def test_a_merge_that_its_campus_takes_back_unlinks(relied):
    """b2 was replaced by b1, who is a1: its results were a1's until it was one of its own again."""
    replaced = {"type": "replaced-by", "other": {"reference": "Patient/b1"}}
    b2 = {"resourceType": "Patient", "id": "b2", "active": False}
    await relied.put("B", {**b2, "link": [replaced]})
    await relied.result("k2", subject="b2")
    await relied.decided("d2", result="Observation/k2")
    await relied.say("recognised", "d2")
    await relied.put("B", {**b2, "active": True})
    (task,) = await relied.recalls()
    assert (inputs(task)["decision"], why(task)) == ("d2", "unlinked")
    assert inputs(task)["change"] == "Patient/b2/_history/2"


async def test_a_corrected_number_that_ends_a_rules_link_unlinks(county):
    county.follow(follower)
    citizen = {"system": "urn:oid:2.16.156.10011.1.3", "value": "11010519491231002X"}
    known = {"name": [{"text": "李雷"}], "birthDate": "1949-12-31", "gender": "female"}
    for who, id_ in (("A", "a9"), ("B", "b9")):
        await county.put(who, patient(id_, identifier=[pid(who, id_), citizen], **known))
    await county.result(subject="b9")
    await county.decided(patient="a9")
    await county.say("viewed")
    await county.put("B", patient("b9", identifier=[pid("B", "b9")], **known))
    assert [why(one) for one in await county.recalls()] == ["unlinked"]
    # What is linked again is not taken back, and cut again is told again.
    await county.put("B", patient("b9", identifier=[pid("B", "b9"), citizen], **known))
    await county.put("B", patient("b9", identifier=[pid("B", "b9")], **known))
    assert len(await county.recalls()) == 2


async def test_an_own_result_is_not_unlinked_with_the_others(relied):
    await relied.result("k2", subject="a1", who="A")
    await relied.decided("d2", result="Observation/k2", source=1)
    await relied.say("viewed", "d2")
    await unlinked(relied)
    assert [inputs(one)["decision"] for one in await relied.recalls()] == ["d1"]


async def test_a_round_that_fails_recalls_once_however_often_its_portion_is_done(relied):
    for _ in range(2):
        followed = recall_changes(relied.door, ["Observation/k1", "Observation/none"], "EQA 2026-1")
        extras = Extras(statements=followed.statements, trusted=True)
        await commit(relied.door, relied.admin(), followed.changes, extras)
    (task,) = await relied.recalls()
    assert why(task) == "mark-recalled"
    assert task["note"] == [{"text": "EQA 2026-1"}]
    assert relied.kinds() == ["recognised", "recalled"]


async def test_an_answer_and_an_amendment_at_the_same_moment_miss_no_recall(county):
    """Whichever is first: the answer is refused, or it is recalled."""
    county.follow(follower)
    for number in range(12):
        id_, result = f"d{number}", f"k{number}"
        await county.result(result)
        await county.decided(id_, result=f"Observation/{result}")
        answered, _ = await asyncio.gather(
            county.say("recognised", id_),
            county.result(result, value=6.1, status="corrected"),
            return_exceptions=True,
        )
        told = [one for one in await county.recalls() if inputs(one)["decision"] == id_]
        assert len(told) == (0 if isinstance(answered, Exception) else 1)


@pytest.fixture
async def tube(county):
    """Campus A has recognised a potassium that was measured in specimen s1."""
    county.follow(follower)
    await specimen(county)
    await county.result(specimen={"reference": "Specimen/s1"})
    await county.decided()
    return county


async def specimen(county, **more):
    tube = {"resourceType": "Specimen", "id": "s1", "subject": {"reference": "Patient/b1"}}
    await county.put("B", {**tube, "type": {"coding": [{"code": "SER"}]}, **more})


async def test_a_specimen_that_is_found_to_be_haemolysed_spoils_its_results(tube):
    await tube.say("recognised")
    await specimen(tube, receivedTime="2026-11-20T08:00:00Z")
    assert await tube.recalls() == []
    await specimen(tube, note=[{"text": "标本溶血"}])
    (task,) = await tube.recalls()
    assert why(task) == "amended"


async def test_nor_is_a_result_of_it_taken_over_any_more(tube):
    await specimen(tube, note=[{"text": "标本溶血"}])
    with pytest.raises(StaleDecisionError):
        await tube.say("recognised")


async def test_a_remark_against_a_result_is_told(relied):
    await relied.result(note=[{"text": "标本溶血，结果仅供参考"}])
    (task,) = await relied.recalls()
    assert why(task) == "amended"


async def test_a_result_that_is_final_no_more_is_told(relied):
    await relied.result(status="preliminary")
    (task,) = await relied.recalls()
    assert why(task) == "amended"
