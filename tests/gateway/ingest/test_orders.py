"""Orders: a number never decides who."""

import pytest

from tests.gateway.ingest.messages import ZHANG, adt, orm, oru, pid

A_ZHANG = pid("1^^^A^MR", citizen=ZHANG)
B_ZHANG = pid("77^^^B^MR", citizen=ZHANG)
SYSTEM_A = "urn:hutong:A:placer"
POSTED = {
    "resourceType": "Patient",
    "identifier": [
        {"system": "urn:hutong:A:pid", "value": "1"},
        {"system": "urn:oid:2.16.156.10011.1.3", "value": ZHANG},
    ],
    "name": [{"text": "张 三"}],
    "birthDate": "1990-03-07",
    "gender": "male",
}


def order(number="ORD77", who="1", **more):
    return {
        "resourceType": "ServiceRequest",
        "identifier": [{"system": SYSTEM_A, "value": number}],
        "status": "active",
        "intent": "order",
        "code": {"text": "Panel"},
        "subject": {"reference": f"Patient/{who}"},
        **more,
    }


def answering(number="ORD77^A", **more):
    return oru(**{"who": B_ZHANG, "placer": number, **more})


async def test_a_result_is_based_on_the_order_that_another_campus_placed(county):
    await county.hear(orm("ORD77", who=A_ZHANG))
    await county.hear(answering())
    report = await county.one("DiagnosticReport")
    request = await county.one("ServiceRequest")
    assert report["basedOn"] == [{"reference": f"ServiceRequest/{request['id']}"}]
    assert request["meta"]["extension"][-1]["valueCode"] == "A"
    assert await county.all("Task") == []


async def test_a_link_that_ends_takes_the_order_back_and_asks_again(county):
    await county.hear(orm("ORD77", who=A_ZHANG), answering())
    other = pid("1^^^A^MR", citizen=ZHANG, sex="F")
    await county.hear(adt("A08", who=other, sender="A", at="20261122120000"))
    report = await county.one("DiagnosticReport", "B")
    assert "basedOn" not in report
    task = await county.one("Task", "B")
    assert task["status"] == "requested"
    assert task["groupIdentifier"]["value"] == "ORD77"
    assert task["focus"] == {"reference": f"DiagnosticReport/{report['id']}"}


async def test_a_link_that_ended_is_seen_though_its_person_changed_again(county):
    third = pid("5^^^C^MR", citizen=ZHANG)
    await county.hear(orm("ORD77", who=A_ZHANG), answering(), adt(who=third, sender="C"))
    patient = await county.one("Patient", identifier="urn:hutong:A:pid|1", _linked="false")
    await county.put("A", {**patient, "gender": "female"})
    number = {"system": "urn:hutong:C:pid", "value": "6"}
    await county.post("C", {**POSTED, "identifier": [number, POSTED["identifier"][1]]})
    persons = [len(one["link"]) for one in await county.all("Person")]
    assert persons == [3]
    await county.worker.drain()
    assert "basedOn" not in await county.one("DiagnosticReport", "B")
    assert (await county.one("Task", "B"))["groupIdentifier"]["value"] == "ORD77"


async def test_a_link_that_comes_back_brings_the_order_back(county):
    await county.hear(orm("ORD77", who=A_ZHANG), answering())
    for sex, at in (("F", "20261122120000"), ("M", "20261122130000")):
        again = pid("1^^^A^MR", citizen=ZHANG, sex=sex)
        await county.hear(adt("A08", who=again, sender="A", at=at))
    report = await county.one("DiagnosticReport", "B")
    request = await county.one("ServiceRequest", identifier=f"{SYSTEM_A}|ORD77")
    assert report["basedOn"] == [{"reference": f"ServiceRequest/{request['id']}"}]
    assert (await county.one("Task", "B"))["status"] == "completed"


async def test_the_order_is_found_by_its_number_with_what_answers_it(county):
    await county.hear(orm("ORD77", who=A_ZHANG), answering())
    actor = county.actor("A")
    from gateway.interactions.search import search  # noqa: PLC0415

    page = await search(
        county.door, actor, "ServiceRequest",
        [("identifier", f"{SYSTEM_A}|ORD77"), ("_revinclude", "DiagnosticReport:based-on")],
    )  # fmt: skip
    assert [one.type for one in (*page.matches, *page.includes)] == [
        "ServiceRequest",
        "DiagnosticReport",
    ]


@pytest.mark.parametrize("first", ["order", "result"])
async def test_order_and_result_find_each_other_in_either_order_of_arrival(county, first):
    messages = [orm("ORD77", who=A_ZHANG), answering()]
    await county.hear(*(messages if first == "order" else reversed(messages)))
    report = await county.one("DiagnosticReport")
    placed = await county.one("ServiceRequest", identifier=f"{SYSTEM_A}|ORD77")
    assert report["basedOn"] == [{"reference": f"ServiceRequest/{placed['id']}"}]


async def test_an_order_that_is_not_there_is_asked_for_and_the_task_closes_when_it_comes(county):
    await county.hear(answering())
    task = await county.one("Task")
    assert task["status"] == "requested"
    assert task["code"]["coding"][0]["code"] == "order-reconcile"
    report = await county.one("DiagnosticReport")
    assert task["focus"] == {"reference": f"DiagnosticReport/{report['id']}"}
    own = await county.one("ServiceRequest", identifier="urn:hutong:B:filler|R1")
    assert report["basedOn"] == [{"reference": f"ServiceRequest/{own['id']}"}]
    assert not any(one.get("system") == SYSTEM_A for one in own["identifier"])
    await county.hear(orm("ORD77", who=A_ZHANG))
    placed = await county.one("ServiceRequest", identifier=f"{SYSTEM_A}|ORD77")
    assert (await county.one("DiagnosticReport"))["basedOn"] == [
        {"reference": f"ServiceRequest/{placed['id']}"}
    ]
    assert (await county.one("Task"))["status"] == "completed"


async def test_orders_that_come_together_close_the_task_of_each(county):
    for number in (1, 2, 3):
        await county.hear(answering(f"ORD{number}^A", filler=f"R{number}", control=f"r{number}"))
    assert len(await county.all("Task")) == 3
    who = (await county.post("A", POSTED))["id"]
    for number in (1, 3):
        await county.post("A", order(f"ORD{number}", who))
    await county.worker.drain()
    told = {one["groupIdentifier"]["value"]: one["status"] for one in await county.all("Task")}
    assert told == {"ORD1": "completed", "ORD2": "requested", "ORD3": "completed"}


async def test_the_task_is_seen_by_both_campuses_and_no_third(county):
    await county.hear(answering())
    assert len(await county.all("Task", "A")) == len(await county.all("Task", "B")) == 1
    assert await county.all("Task", "C") == []


async def test_a_correction_after_the_order_was_found_keeps_it(county):
    await county.hear(answering(), orm("ORD77", who=A_ZHANG))
    await county.hear(answering(status="C", issued="20261122100000", control="2"))
    report = await county.one("DiagnosticReport")
    placed = await county.one("ServiceRequest", identifier=f"{SYSTEM_A}|ORD77")
    assert report["status"] == "corrected"
    assert report["basedOn"] == [{"reference": f"ServiceRequest/{placed['id']}"}]
    assert (await county.one("Task"))["status"] == "completed"


async def test_an_order_of_another_patient_is_not_the_one_that_is_meant(county):
    await county.hear(orm("ORD77", who=pid("9^^^A^MR", "李^四")))
    await county.hear(answering())
    report = await county.one("DiagnosticReport")
    other = await county.one("ServiceRequest", identifier=f"{SYSTEM_A}|ORD77")
    assert report["basedOn"] != [{"reference": f"ServiceRequest/{other['id']}"}]
    assert (await county.one("Task"))["status"] == "requested"


async def test_the_task_closes_when_the_patients_are_linked_later(county):
    await county.hear(orm("ORD77", who=pid("1^^^A^MR")))
    await county.hear(answering(who=pid("77^^^B^MR")))
    assert (await county.one("Task"))["status"] == "requested"
    await county.hear(
        adt(sender="A", who=A_ZHANG, at="20261122110000"),
        adt(sender="B", who=B_ZHANG, at="20261122110000"),
    )
    assert (await county.one("Task"))["status"] == "completed"


async def test_a_number_without_a_namespace_is_the_senders_own(county):
    await county.hear(orm("ORD77", who=A_ZHANG))
    await county.hear(answering("ORD77"))
    own = await county.one("ServiceRequest", identifier="urn:hutong:B:placer|ORD77")
    assert (await county.one("DiagnosticReport"))["basedOn"] == [
        {"reference": f"ServiceRequest/{own['id']}"}
    ]
    assert await county.all("Task") == []


async def test_a_channel_may_say_whose_orders_it_answers(county):
    await county.set("B", "LIS", '{"orders-from": "A"}')
    await county.hear(orm("ORD77", who=A_ZHANG))
    await county.hear(answering("ORD77"))
    placed = await county.one("ServiceRequest", identifier=f"{SYSTEM_A}|ORD77")
    assert (await county.one("DiagnosticReport"))["basedOn"] == [
        {"reference": f"ServiceRequest/{placed['id']}"}
    ]


@pytest.mark.parametrize("first", ["posted", "sent"])
async def test_a_his_that_posts_and_a_lis_that_repeats_leave_one_order_and_patient(county, first):
    patient = {
        "resourceType": "Patient",
        "identifier": [{"system": "urn:hutong:A:pid", "value": "1"}],
        "name": [{"text": "张三"}],
    }
    sent = orm("ORD77", who=A_ZHANG, at="20261122070000")
    if first == "sent":
        await county.hear(sent)
    made = await county.post("A", patient)
    await county.post("A", order(who=made["id"], priority="stat"))
    if first == "posted":
        await county.hear(sent)
    assert (await county.one("Patient"))["id"] == made["id"]
    request = await county.one("ServiceRequest")
    assert request["subject"]["reference"] == f"Patient/{made['id']}"
    assert request["priority"] == "stat"


async def test_a_posted_order_is_found_too_and_closes_the_task(county):
    await county.hear(answering())
    patient = await county.post("A", POSTED)
    await county.post("A", order(who=patient["id"]))
    await county.worker.drain()
    assert (await county.one("Task"))["status"] == "completed"


async def test_an_order_inferred_from_a_result_is_marked_and_gives_way_to_the_real_one(county):
    await county.hear(oru(placer="P1"))
    inferred = await county.one("ServiceRequest")
    assert inferred["meta"]["tag"][0]["code"] == "inferred"
    await county.hear(orm("P1", sender="B", at="20261122070000"))
    real = await county.one("ServiceRequest")
    assert real["id"] == inferred["id"]
    assert "tag" not in real["meta"]


async def test_reports_that_name_one_number_ask_for_one_order(county):
    second = oru(filler="R2", placer="P1").split("\r")[2:]
    await county.hear(oru(placer="P1") + "\r".join(second))
    assert len(await county.all("DiagnosticReport")) == 2
    assert len(await county.all("ServiceRequest")) == 1


async def test_an_order_number_used_for_another_patient_is_quarantined(county):
    await county.hear(orm("P1", sender="B"))
    outcome = await county.hear(oru(placer="P1", who=pid("2^^^B^MR", "李^四"), control="2"))
    assert (outcome.state, outcome.reason) == (2, "other-patient")


async def test_a_cancelled_order_is_revoked_and_an_older_new_order_does_not_revive_it(county):
    await county.hear(orm("P1", sender="B", control="OC", at="20261122080000"))
    await county.hear(orm("P1", sender="B", control="NW", at="20261122070000", number="2"))
    assert (await county.one("ServiceRequest"))["status"] == "revoked"


async def test_an_order_placed_further_is_based_on_the_one_it_names(county):
    await county.hear(orm("ORD77", who=A_ZHANG))
    await county.hear(orm("ORD77^A", sender="B", who=B_ZHANG, filler="F1", number="2"))
    placed = await county.one("ServiceRequest", identifier=f"{SYSTEM_A}|ORD77")
    further = await county.one("ServiceRequest", identifier="urn:hutong:B:filler|F1")
    assert further["basedOn"] == [{"reference": f"ServiceRequest/{placed['id']}"}]


async def test_one_order_number_of_two_patients_in_one_message_is_quarantined(county):
    first, second = (oru(placer="P1", filler=f"R{n}", who=pid(f"{n}^^^B^MR")) for n in (1, 2))
    outcome = await county.hear(first + second.partition("\r")[2])
    assert outcome.reason == "other-patient"
    assert not await county.all("DiagnosticReport")
