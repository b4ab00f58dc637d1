"""Whom a hook is about: found by identifiers, never by trying; nobody is said to be nobody."""

import pytest

from tests.gateway.api.recognition.conftest import UNKNOWN, bundle, draft, other, post, visit

FAILED = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "timeout"}]}


async def test_without_the_patient_s_numbers_it_is_412_and_says_what_is_missing(consortium):
    refused = await consortium.hooks.send("order-sign", consortium.sign(draft()), prefetch=None)
    assert refused.status_code == 412
    assert refused.json()["error"] == {
        "code": "required",
        "message": "The patient is found by the identifiers of this Patient.",
        "place": "prefetch.patient",
    }


async def test_without_the_encounter_that_is_named_it_is_412(consortium):
    prefetch = {"patient": consortium.record["Patient/p1"]}
    context = consortium.sign(draft())
    refused = await consortium.hooks.send("order-sign", context, prefetch=prefetch)
    assert (refused.status_code, refused.json()["error"]["place"]) == (412, "prefetch.encounter")


async def test_without_an_encounter_nothing_must_be_recognised(consortium):
    await consortium.measured()
    (card,) = await consortium.hooks.call("order-sign", consortium.sign(draft(), encounterId=""))
    assert card["indicator"] == "info"


NOBODY = {
    "null": None,
    "an outcome": FAILED,
    "no numbers": {"resourceType": "Patient", "id": "p1"},
    "an unknown number": {**other("A-404"), "id": "p1"},
    "another's id": {**other("A-1"), "id": "p2"},
    "another's name": {**other("A-1"), "id": "p1"},
    "another's birth date": {**other("A-1", name=[], birthDate="1991-01-01"), "id": "p1"},
    "the number of another campus's patient": {
        "resourceType": "Patient",
        "id": "p1",
        "identifier": [{"system": "urn:hutong:B:pid", "value": "B-404"}],
    },
}


@pytest.mark.parametrize("patient", NOBODY.values(), ids=NOBODY)
@pytest.mark.parametrize("hook", ["order-sign", "order-select", "patient-view"])
async def test_nobody_in_particular_is_the_one_card_never_none(consortium, hook, patient):
    await consortium.measured()
    consortium.record["Patient/p1"] = patient
    context = consortium.sign(draft(), selections=["ServiceRequest/d1"])
    (card,) = await consortium.hooks.call(hook, context)
    assert (card["summary"], card["indicator"]) == (UNKNOWN, "info")


async def test_numbers_that_only_the_client_knows_say_nothing(consortium):
    await consortium.measured()
    numbers = consortium.record["Patient/p1"]["identifier"]
    numbers.append({"system": "http://hospital.example.org/mrn", "value": "77"})
    (card,) = await consortium.hooks.call("order-sign", consortium.sign(draft()))
    assert card["suggestions"]


async def test_a_number_that_somebody_else_carries_says_that_it_is_not_certain(consortium):
    await consortium.measured()
    number = {"system": "http://hospital.example.org/mrn", "value": "77"}
    await post(consortium.a, {"resourceType": "Patient", "identifier": [number]})
    consortium.record["Patient/p1"]["identifier"].append(number)
    (card,) = await consortium.hooks.call("order-sign", consortium.sign(draft()))
    assert card["summary"] == UNKNOWN


async def test_the_record_of_another_than_the_patient_of_the_context_is_nobody(consortium):
    await consortium.measured()
    consortium.record["Patient/p1"]["id"] = "p2"
    (card,) = await consortium.hooks.call("order-sign", consortium.sign(draft()))
    assert card["summary"] == UNKNOWN


@pytest.mark.parametrize("subject", ["Patient/p2", "https://elsewhere.org/fhir/Patient/p1", ""])
async def test_an_order_for_another_than_the_patient_of_the_context_is_not_judged(
    consortium, subject
):
    await consortium.measured()
    context = consortium.sign(draft(), draft(id_="d2", subject=subject))
    (card,) = await consortium.hooks.call("order-sign", context)
    assert card["summary"] == UNKNOWN


async def test_an_order_without_a_patient_is_not_judged(consortium):
    await consortium.measured()
    order = draft()
    del order["subject"]
    (card,) = await consortium.hooks.call("order-sign", consortium.sign(order))
    assert card["summary"] == UNKNOWN


async def test_a_patient_may_be_named_by_number_without_any_prefetch(consortium):
    await consortium.measured()
    number = "urn:hutong:A:pid|A-1"
    order = draft(subject=f"Patient/{number}")
    context = consortium.sign(order, patientId=number, encounterId="")
    (card,) = await consortium.hooks.call("order-sign", context, prefetch=None)
    assert card["extension"]["hutong"]["outcome"] == "may-recognise"


async def test_our_own_id_is_not_taken_of_a_token(consortium):
    await consortium.measured()
    own = consortium.patients["A"]
    context = consortium.sign(draft(subject=f"Patient/{own}"), patientId=own, encounterId="")
    refused = await consortium.hooks.send("order-sign", context, prefetch=None)
    assert refused.status_code == 412
    (card,) = await consortium.hooks.call("order-sign", context)
    assert card["summary"] == UNKNOWN


async def test_prefetched_results_are_no_evidence(consortium):
    prefetch = {
        "patient": consortium.record["Patient/p1"],
        "encounter": visit("AMB"),
        "results": bundle({"resourceType": "Observation", "status": "final", "code": {}}),
    }
    context = consortium.sign(draft())
    assert await consortium.hooks.call("order-sign", context, prefetch=prefetch) == []


# Which visit.


async def test_another_visit_is_another_decision_where_its_number_is_known(consortium):
    await consortium.measured()
    seen = set()
    for number in ("V1", "V2", "V1", ""):
        consortium.record["Encounter/e1"] = visit("AMB", number)
        (card,) = await consortium.hooks.call("order-sign", consortium.sign(draft()))
        seen.add(card["uuid"])
    assert len(seen) == 3


async def test_the_context_may_name_the_visit_by_its_number(consortium):
    await consortium.measured()
    name = "urn:hutong:A:visit|V1"
    consortium.record[f"Encounter/{name}"] = visit("AMB")
    context = consortium.sign(draft(), encounterId=name)
    (card,) = await consortium.hooks.call("order-sign", context)
    consortium.record["Encounter/e1"] = visit("AMB", "V1")
    (same,) = await consortium.hooks.call("order-sign", consortium.sign(draft()))
    assert same["uuid"] == card["uuid"]


async def test_a_visit_that_is_stored_here_needs_no_prefetch(consortium):
    await consortium.measured()
    stored = {**visit("IMP", "V1"), "status": "in-progress"}
    del stored["id"]
    await post(consortium.a, stored)
    prefetch = {"patient": consortium.record["Patient/p1"]}
    context = consortium.sign(draft(), encounterId="urn:hutong:A:visit|V1")
    (card,) = await consortium.hooks.call("order-sign", context, prefetch=prefetch)
    address = f"http://gateway.test/recognition/decisions/{card['uuid']}"
    assert (await consortium.a.get(address)).json()["encounterClass"] == "IMP"


@pytest.mark.parametrize("encounter", [None, FAILED])
async def test_an_encounter_that_the_client_does_not_have_leaves_the_class_unknown(
    consortium, encounter
):
    await consortium.measured()
    consortium.record["Encounter/e1"] = encounter
    (card,) = await consortium.hooks.call("order-sign", consortium.sign(draft()))
    address = f"http://gateway.test/recognition/decisions/{card['uuid']}"
    assert "encounterClass" not in (await consortium.a.get(address)).json()


@pytest.mark.parametrize(
    "subject",
    [
        {"identifier": {"system": "urn:hutong:A:pid", "value": "A-1"}},
        {"reference": "Patient?identifier=urn:hutong:A:pid|A-1"},
    ],
)
async def test_an_order_may_name_its_patient_by_number(consortium, subject):
    await consortium.measured()
    order = {**draft(), "subject": subject}
    (card,) = await consortium.hooks.call("order-sign", consortium.sign(order))
    assert card["suggestions"]
    order["subject"] = {"identifier": {"system": "urn:hutong:A:pid", "value": "A-404"}}
    (card,) = await consortium.hooks.call("order-sign", consortium.sign(order))
    assert card["summary"] == UNKNOWN
