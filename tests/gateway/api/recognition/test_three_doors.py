"""One engine: the same case gives one decision and one outcome, whichever door it comes through."""

import pytest

from tests.gateway.api.recognition.conftest import ACT, draft, now, visit

LOINC = "http://loinc.org"


async def by_hook(consortium, code):
    (card,) = await consortium.hooks.call("order-sign", consortium.sign(draft(code)))
    told = card["extension"]["hutong"]
    return told["decision"], told["outcome"], told["result"]


async def by_fhir(consortium, code):
    order = draft(code, subject=f"Patient/{consortium.patients['A']}")
    kind = {"name": "encounterClass", "valueCoding": {"system": ACT, "code": "AMB"}}
    body = {"resourceType": "Parameters", "parameter": [{"name": "order", "resource": order}, kind]}
    answer = await consortium.a.post("/ServiceRequest/$recognize", json=body)
    found = {one["name"]: one for one in answer.json()["parameter"][0]["part"]}
    reference = found["result"]["valueReference"]["reference"]
    return found["id"]["valueString"], found["outcome"]["valueCode"], reference


async def by_facade(consortium, code):
    question = {
        "patient": {"system": "urn:hutong:A:pid", "value": "A-1"},
        "orders": [{"system": LOINC, "code": code}],
        "encounterClass": "AMB",
    }
    answer = await consortium.a.post("http://gateway.test/recognition/check", json=question)
    (one,) = answer.json()["decisions"]
    return one["id"], one["outcome"], one["result"]["reference"]


DOORS = (by_hook, by_fhir, by_facade)


@pytest.mark.parametrize("days", [1, 20], ids=["usable", "out of date"])
async def test_the_same_case_is_one_decision(consortium, days):
    await consortium.measured(when=now(days=days))
    found = [await door(consortium, "1742-6") for door in DOORS]
    assert len(set(found)) == 1
    rows = consortium.door.store.fetch("decision", (found[0][0],))
    assert len(rows) == 1


async def test_the_same_order_of_doors_does_not_matter(consortium):
    await consortium.measured()
    found = [await door(consortium, "1742-6") for door in reversed(DOORS)]
    assert len(set(found)) == 1


async def test_an_answer_at_one_door_is_seen_at_all(consortium):
    await consortium.measured()
    (card,) = await consortium.hooks.call("order-sign", consortium.sign(draft()))
    piece = {"card": card["uuid"], "outcome": "overridden"}
    assert (await consortium.hooks.feedback("order-sign", piece)).status_code == 200
    address = f"http://gateway.test/recognition/decisions/{card['uuid']}"
    assert (await consortium.a.get(address)).json()["state"]["choice"] == "not-recognised"


async def test_a_visit_number_is_the_same_at_each_door(consortium):
    await consortium.measured()
    consortium.record["Encounter/e1"] = visit("AMB", "V1")
    hook = await by_hook(consortium, "1742-6")
    question = {
        "patient": {"system": "urn:hutong:A:pid", "value": "A-1"},
        "orders": [{"system": LOINC, "code": "1742-6"}],
        "encounterClass": "AMB",
        "encounter": {"system": "urn:hutong:A:visit", "value": "V1"},
    }
    answer = await consortium.a.post("http://gateway.test/recognition/check", json=question)
    assert answer.json()["decisions"][0]["id"] == hook[0]
