"""What becomes of a decision, through the real doors: answered, recalled, suspended, counted."""

from dataclasses import replace

import pytest

from gateway.recognition.catalogue.registry import Catalogues, pack
from gateway.recognition.catalogue.starter import starter
from gateway.recognition.ledger.ordering import Ordering
from gateway.recognition.recall import contradiction, follow
from gateway.workflow.critical import follow as critical
from mappers.names import LOINC
from tests.gateway.api.recognition.conftest import draft, now, post

ROOT = "http://gateway.test/recognition"
PATIENT = {"system": "urn:hutong:A:pid", "value": "A-1"}
ALT, POTASSIUM = "1742-6", "2823-3"


@pytest.fixture
def door(door):
    catalogues = Catalogues(door.store, door.clock, zone=door.zone)
    followers = (
        critical.follower,
        follow.follower,
        contradiction.follower,
        Ordering(catalogues).follower,
    )
    return replace(door, followers=followers)


async def check(consortium, code=ALT):
    orders = [{"system": LOINC, "code": code}]
    question = {"patient": PATIENT, "orders": orders, "encounterClass": "AMB", "doctor": "李"}
    answer = await consortium.a.post(f"{ROOT}/check", json=question)
    (decision,) = answer.json()["decisions"]
    return decision


async def reply(consortium, decision, outcome, **more):
    body = {"outcome": outcome, "actor": "李医生", **more}
    return await consortium.a.post(f"{ROOT}/decisions/{decision['id']}/answer", json=body)


async def tasks(client, code):
    found = (await client.get("/Task", params={"code": code})).json()
    return [one["resource"] for one in found.get("entry", ())]


async def statistics(consortium, **params):
    return (await consortium.a.get(f"{ROOT}/statistics", params=params)).json()


async def correct(consortium, observation, **more):
    id_ = observation["id"]
    changed = {**observation, "status": "corrected", **more}
    del changed["meta"]
    answer = await consortium.b.put(f"/Observation/{id_}", json=changed)
    assert answer.status_code == 200, answer.text


async def test_case_2_a_result_that_is_amended_after_recognition_is_told(consortium):
    _, observation = await consortium.measured()
    decision = await check(consortium)
    assert (await reply(consortium, decision, "recognised")).status_code == 200
    quantity = {**observation["valueQuantity"], "value": 90.1}
    await correct(consortium, observation, valueQuantity=quantity)
    (task,) = await tasks(consortium.a, "recognition-recall")
    assert task["focus"]["reference"] == f"Observation/{observation['id']}/_history/2"
    told = {one["type"]["text"]: one.get("valueString") for one in task["input"]}
    assert told["decision"] == decision["id"]
    assert task["reasonCode"]["coding"][0]["code"] == "amended"
    assert await tasks(consortium.b, "recognition-recall") == []
    assert (await reply(consortium, decision, "quoted")).status_code == 409
    assert (await check(consortium))["id"] != decision["id"]


async def test_case_13_a_card_that_is_ignored_is_unanswered_when_the_order_arrives(consortium):
    await consortium.measured()
    await consortium.hooks.call("order-sign", consortium.sign(draft()))
    assert (await statistics(consortium))["unanswered"] == 0
    order = draft(subject=f"Patient/{consortium.patients['A']}", status="active")
    await post(consortium.a, order)
    found = await statistics(consortium)
    assert (found["reminded"], found["unanswered"], found["rates"]["perReminder"]) == (1, 1, 0.0)


async def test_case_14_recognised_revoked_and_recognised_counts_once(consortium):
    await consortium.measured()
    decision = await check(consortium)
    for outcome in ("recognised", "revoked", "recognised", "recognised"):
        answer = await reply(consortium, decision, outcome)
        assert answer.status_code == 200, answer.text
    found = await statistics(consortium)
    assert (found["reminded"], found["recognised"], found["revoked"]) == (1, 1, 0)
    assert found["rates"]["perReminder"] == 1.0


async def test_case_15_a_series_that_is_due_is_no_refusal(consortium):
    await consortium.measured()
    decision = await check(consortium)
    answer = await reply(consortium, decision, "not-recognised", reason="99", explained="spoken")
    assert answer.status_code == 200, answer.text
    found = await statistics(consortium, by="reason")
    assert (found["notRecognised"], found["exempt"], found["refusalRate"]) == (0, 1, None)
    (group,) = found["groups"]
    assert (group["reason"], group["reasonName"]) == ("99", "诊断或病情监测需要连续性检查")


async def test_case_17_without_reminders_there_is_no_rate(consortium):
    found = await statistics(consortium)
    assert found["reminded"] == 0
    assert set(found["rates"].values()) == {None}


async def test_case_18_an_own_result_is_shown_and_counts_in_no_rate(consortium):
    consortium.patients["B"], kept = consortium.patients["A"], consortium.patients["B"]
    consortium.b, other = consortium.a, consortium.b
    await consortium.measured()
    consortium.patients["B"], consortium.b = kept, other
    decision = await check(consortium)
    assert decision["own"] is True
    await reply(consortium, decision, "recognised")
    found = await statistics(consortium)
    assert (found["reminded"], found["recognised"], found["saved"]) == (0, 0, 0)


async def test_contradicting_blood_groups_make_the_link_s_results_not_eligible(consortium):
    await consortium.measured()
    decision = await check(consortium)
    await reply(consortium, decision, "viewed")
    for client, code, group in ((consortium.a, "A", "A型"), (consortium.b, "B", "O型")):
        resource = {
            "resourceType": "Observation",
            "status": "final",
            "code": {"coding": [{"system": LOINC, "code": "883-9"}]},
            "subject": {"reference": f"Patient/{consortium.patients[code]}"},
            "effectiveDateTime": now(hours=1),
            "valueString": group,
        }
        await post(client, resource)
    assert (await check(consortium))["outcome"] == "not-eligible"
    (recalled,) = await tasks(consortium.a, "recognition-recall")
    assert recalled["reasonCode"]["coding"][0]["code"] == "suspended"
    for client in (consortium.a, consortium.b):
        (task,) = await tasks(client, "identity-review")
        id_ = task["id"]
        del task["meta"]
        done = await client.put(f"/Task/{id_}", json={**task, "status": "completed"})
        assert done.status_code == 200, done.text
    assert (await check(consortium))["outcome"] != "not-eligible"


async def test_case_8_a_critical_value_is_answered_here_too_when_it_is_recognised(consortium):
    await consortium.measured(POTASSIUM, 2.1, "mmol/L")
    decision = await check(consortium, POTASSIUM)
    assert decision["outcome"] == "context-critical"
    answer = await reply(consortium, decision, "recognised")
    assert answer.status_code == 200, answer.text
    (task,) = await tasks(consortium.a, "critical-ack")
    assert task["status"] == "requested"


async def test_the_reasons_are_a_code_system_where_fhir_is_asked_for(consortium):
    headers = {"Accept": "application/fhir+json"}
    answer = await consortium.a.get(f"{ROOT}/reasons", headers=headers)
    assert answer.headers["content-type"].startswith("application/fhir+json")
    found = answer.json()
    assert (found["resourceType"], found["url"]) == (
        "CodeSystem",
        "urn:hutong:cs:non-recognition-reason",
    )


async def test_an_open_critical_value_has_its_card_though_no_result_is_left(consortium):
    """It was measured under a name alone, so that it is no result of the item: nobody is told K."""
    named = {"text": "血钾"}
    drawn = await consortium.drawn(now(hours=1))
    await consortium.observed(drawn, POTASSIUM, 7.4, "mmol/L", code=named)
    (card,) = await consortium.hooks.call("order-sign", consortium.sign(draft(POTASSIUM)))
    assert (card["indicator"], "suggestions" in card) == ("critical", False)
    assert "有未处理的危急值" in card["summary"]
    assert card["uuid"] == (await check(consortium, POTASSIUM))["id"]


@pytest.mark.parametrize("hook", ["order-sign", "patient-view"])
async def test_without_a_catalogue_in_force_the_card_says_that_nothing_was_checked(
    consortium, hook
):
    await consortium.measured()
    ended = (1, 1, "2000-01-01", "2001-01-01", "质控办", "", pack(starter()))
    await consortium.run(("catalogue_start", ended))
    (card,) = await consortium.hooks.call(hook, consortium.sign(draft()))
    assert card["summary"] == "当前没有有效的互认目录，未作互认检查"
