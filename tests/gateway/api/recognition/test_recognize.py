"""`ServiceRequest/$recognize`: the engine in FHIR."""

import pytest

from gateway.fhir.validation import check
from tests.gateway.api.recognition.conftest import ACT, draft, now, post, visit

AMBULATORY = {"name": "encounterClass", "valueCoding": {"system": ACT, "code": "AMB"}}


def parameters(*orders, more=(AMBULATORY,)):
    given = [{"name": "order", "resource": one} for one in orders]
    return {"resourceType": "Parameters", "parameter": [*given, *more]}


async def recognize(consortium, *orders, **more):
    body = parameters(*orders, **more)
    return await consortium.a.post("/ServiceRequest/$recognize", json=body)


def decisions(answer):
    """The parts of each decision, by name, and those of the coverage."""
    assert answer.status_code == 200, answer.text
    whole = answer.json()
    assert not [one for one in check(whole) if one.severity == "error"]
    named = [(one["name"], parts(one)) for one in whole["parameter"]]
    assert [name for name, _ in named][-1] == "coverage"
    return [found for name, found in named if name == "decision"]


def parts(one):
    found = {}
    for part in one["part"]:
        value = next((part[name] for name in part if name.startswith("value")), part)
        found.setdefault(part["name"], []).append(value)
    return found


@pytest.fixture
def own(consortium):
    """A draft for the Patient that the gateway knows."""
    subject = f"Patient/{consortium.patients['A']}"
    return lambda *args, **more: draft(*args, subject=subject, **more)


async def test_an_order_that_is_sent_along(consortium, own):
    _, observation = await consortium.measured()
    (one,) = decisions(await recognize(consortium, own()))
    assert one["outcome"] == ["may-recognise"]
    assert one["item"][0]["code"] == "LAB.ALT"
    assert one["result"][0]["reference"] == f"Observation/{observation['id']}/_history/1"
    assert len(one["rule"]) == 10
    assert one["validUntil"]
    assert one["id"]


async def test_one_decision_an_order_in_their_order(consortium, own):
    await consortium.measured()
    found = decisions(await recognize(consortium, own("1920-8", "d1"), own("1742-6", "d2")))
    assert [one["outcome"] for one in found] == [["not-eligible"], ["may-recognise"]]


@pytest.mark.parametrize(
    "subject",
    [
        {"identifier": {"system": "urn:hutong:A:pid", "value": "A-1"}},
        {"reference": "Patient?identifier=urn:hutong:A:pid|A-1"},
    ],
)
async def test_a_patient_may_be_named_by_number(consortium, subject):
    await consortium.measured()
    (one,) = decisions(await recognize(consortium, {**draft(), "subject": subject}))
    assert one["outcome"] == ["may-recognise"]


async def test_what_an_order_refers_to_is_read_from_the_store(consortium, own):
    await consortium.measured()
    drawn = await consortium.drawn(now(hours=1))
    fits = own(specimen=[{"reference": f"Specimen/{drawn['id']}"}])
    (one,) = decisions(await recognize(consortium, fits))
    assert one["outcome"] == ["may-recognise"]
    for reference in ("Specimen/none", "Nothing/1", "Specimen/"):
        other = own(specimen=[{"reference": reference, "display": "尿液"}])
        (one,) = decisions(await recognize(consortium, other))
        assert one["reason"][0]["code"] == "not-in-catalogue"


async def test_a_visit_may_be_named_by_its_number(consortium, own):
    await consortium.measured()
    number = {"system": "urn:hutong:A:visit", "value": "V1"}
    (one,) = decisions(await recognize(consortium, own(encounter={"identifier": number})))
    (other,) = decisions(await recognize(consortium, own()))
    assert one["id"] != other["id"]


async def test_what_is_left_of_a_panel_is_told(consortium, own):
    parts = [("14647-2", 4.1, "mmol/L"), ("14927-8", 1.1, "mmol/L"), ("14646-4", 1.2, "mmol/L")]
    await consortium.panel("24331-1", parts)
    (one,) = decisions(await recognize(consortium, own("24331-1")))
    assert [each["code"] for each in one["residual"]] == ["39469-2"]


@pytest.mark.parametrize("subject", ["Patient/none", "Group/1", "Patient?identifier=x|y"])
async def test_nobody_in_particular_is_said_so_of_each_order(consortium, subject):
    await consortium.measured()
    found = decisions(await recognize(consortium, draft(subject=subject)))
    assert found[0]["outcome"] == ["not-eligible"]
    assert found[0]["reason"][0]["code"] == "not-identified"
    assert "id" not in found[0]


async def test_another_campus_s_patient_is_nobody_here(consortium):
    other = {
        "resourceType": "Patient",
        "identifier": [{"system": "urn:hutong:B:pid", "value": "B-9"}],
    }
    stranger = await post(consortium.b, other)
    (one,) = decisions(await recognize(consortium, draft(subject=f"Patient/{stranger['id']}")))
    assert one["reason"][0]["code"] == "not-identified"


async def test_a_trial_is_not_kept(consortium, own):
    await consortium.measured(when=now(days=10))
    at = {"name": "at", "valueDateTime": now(days=9)}
    (one,) = decisions(await recognize(consortium, own(), more=(AMBULATORY, at)))
    assert one["outcome"] == ["may-recognise"]
    address = f"http://gateway.test/recognition/decisions/{one['id'][0]}"
    assert (await consortium.a.get(address)).status_code == 404


async def test_a_stored_order_is_judged_by_get_and_recorded_by_post(consortium, own):
    await consortium.measured()
    seen = await post(consortium.a, {**visit("AMB"), "status": "in-progress"})
    order = await post(consortium.a, own(encounter={"reference": f"Encounter/{seen['id']}"}))
    address = f"/ServiceRequest/{order['id']}/$recognize"
    (looked,) = decisions(await consortium.a.get(address))
    kept = f"http://gateway.test/recognition/decisions/{looked['id'][0]}"
    assert (await consortium.a.get(kept)).status_code == 404
    (done,) = decisions(await consortium.a.post(address))
    assert done == looked
    assert (await consortium.a.get(kept)).json()["encounterClass"] == "AMB"


async def test_an_order_that_is_not_there_is_not_found(consortium):
    missing = await consortium.a.get("/ServiceRequest/none/$recognize")
    assert (missing.status_code, missing.json()["resourceType"]) == (404, "OperationOutcome")


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"resourceType": "Bundle", "type": "batch"}, "resourceType"),
        (parameters(), "Parameters.parameter"),
        (parameters(draft(), more=[AMBULATORY, AMBULATORY]), "Parameters.parameter[2]"),
        (
            parameters(draft(), more=[{"name": "now", "valueDateTime": "2026"}]),
            "Parameters.parameter[1]",
        ),
        (
            parameters(draft(), more=[{"name": "at", "valueString": "2026"}]),
            "Parameters.parameter[1]",
        ),
        (
            parameters({"resourceType": "Patient"}),
            "Parameters.parameter[0].resource.resourceType",
        ),
        (
            parameters(draft(), draft(subject="Patient/p2")),
            "Parameters.parameter[1].resource.subject",
        ),
    ],
)
async def test_a_malformed_question_is_told_where(consortium, body, place):
    refused = await consortium.a.post("/ServiceRequest/$recognize", json=body)
    assert refused.status_code == 400
    (issue,) = refused.json()["issue"]
    assert issue["expression"] == [place]


async def test_an_order_that_breaks_r4_is_told_where(consortium):
    order = draft()
    del order["subject"]
    refused = await recognize(consortium, order)
    assert refused.status_code == 400
    assert refused.json()["issue"][0]["code"] in {"structure", "required"}
    assert "subject" in refused.text


async def test_the_capability_statement_lists_the_operation(consortium):
    statement = (await consortium.a.get("/metadata")).json()
    by_type = {one["type"]: one for one in statement["rest"][0]["resource"]}
    told = {
        name: {one["name"] for one in by_type[name]["operation"]}
        for name in ("ServiceRequest", "Patient")
    }
    assert told["ServiceRequest"] - told["Patient"] == {"recognize"}


async def test_what_every_type_offers_the_order_offers_too(consortium, own):
    order = await post(consortium.a, own())
    for path in ("", f"/{order['id']}", f"/{order['id']}/_history", f"/{order['id']}/_history/1"):
        assert (await consortium.a.get(f"/ServiceRequest{path}")).status_code == 200, path
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    found = await consortium.a.post("/ServiceRequest/_search", content="_id=x", headers=form)
    assert found.status_code == 200
    assert (await consortium.a.get("/ServiceRequest/$recognize")).status_code == 405
    assert (await consortium.a.get("/Patient/$recognize")).status_code == 404


async def test_a_token_needs_the_scope(consortium):
    reader = await consortium.gateway.campus("C", "system/*.cruds")
    refused = await reader.post("/ServiceRequest/$recognize", json=parameters(draft()))
    assert (refused.status_code, refused.json()["issue"][0]["code"]) == (403, "forbidden")
