"""The façade: /recognition in plain JSON."""

import pytest

from gateway.access.audit import read_event
from tests.gateway.api.recognition.conftest import now

ROOT = "http://gateway.test/recognition"
CODE = {"system": "http://loinc.org", "code": "1742-6"}
PATIENT = {"system": "urn:hutong:A:pid", "value": "A-1"}
QUESTION = {"patient": PATIENT, "orders": [CODE], "encounterClass": "AMB", "doctor": "李医生"}


async def ask(consortium, **more):
    answer = await consortium.a.post(f"{ROOT}/check", json={**QUESTION, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def reply(consortium, decision, outcome, **more):
    body = {"outcome": outcome, "actor": "李医生", **more}
    headers = more.pop("headers", {})
    body.pop("headers", None)
    return await consortium.a.post(
        f"{ROOT}/decisions/{decision}/answer", json=body, headers=headers
    )


@pytest.fixture
async def decision(consortium):
    await consortium.measured()
    (found,) = (await ask(consortium))["decisions"]
    return found["id"]


async def test_a_usable_result_is_told_with_its_rules(consortium):
    report, observation = await consortium.measured()
    told = await ask(consortium, orders=[{**CODE, "id": "line 1"}])
    (one,) = told["decisions"]
    assert told["identified"] is True
    assert told["coverage"] == {"included": ["A", "B"], "silent": []}
    assert (one["outcome"], one["order"], one["own"]) == ("may-recognise", "line 1", False)
    assert one["item"]["code"] == "LAB.ALT"
    assert one["result"]["reference"] == f"Observation/{observation['id']}/_history/1"
    assert (one["result"]["campus"], one["result"]["atIs"]) == ("B", "collection")
    assert [rule["id"] for rule in one["rules"]][:2] == ["ID", "STATUS"]
    assert {rule["verdict"] for rule in one["rules"]} <= {"pass", "fail", "unknown"}
    assert report["id"] in str(one["rules"])


async def test_decisions_come_in_the_order_of_the_question(consortium):
    await consortium.measured()
    orders = [{**CODE, "code": "1920-8"}, CODE, {**CODE, "code": "0-0"}]
    told = await ask(consortium, orders=orders)
    reasons = [one["reason"]["code"] for one in told["decisions"]]
    assert reasons == ["no-result", "consortium", "not-in-catalogue"]


async def test_asking_again_is_the_same_decision(consortium):
    await consortium.measured()
    first, second = [await ask(consortium) for _ in range(2)]
    assert first == second


async def test_nobody_in_particular_is_said_so_of_each_order(consortium):
    await consortium.measured()
    for wrong in ({"value": "A-404"}, {"name": "李四"}, {"birthDate": "1991-01-01"}):
        told = await ask(consortium, patient={**PATIENT, **wrong})
        (one,) = told["decisions"]
        assert told["identified"] is False
        assert (one["outcome"], one["reason"]["code"]) == ("not-eligible", "not-identified")
        assert "id" not in one


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"orders": [CODE]}, "patient"),
        ({"patient": PATIENT}, "orders"),
        ({**QUESTION, "orders": []}, "orders"),
        ({**QUESTION, "orders": [CODE] * 201}, "orders"),
        ({**QUESTION, "orders": [{"code": "x"}]}, "orders[0].system"),
        ({**QUESTION, "orders": [{**CODE, "code": ""}]}, "orders[0].code"),
        ({**QUESTION, "orders": [{**CODE, "specimin": "x"}]}, "orders[0]"),
        ({**QUESTION, "orders": [{**CODE, "occurrence": "soon"}]}, "orders[0].occurrence"),
        ({**QUESTION, "patient": {"system": "s", "value": ""}}, "patient"),
        ({**QUESTION, "patient": {"value": "1"}}, "patient.system"),
        ({**QUESTION, "doctor": 7}, "doctor"),
    ],
)
async def test_a_malformed_question_is_told_where(consortium, body, place):
    refused = await consortium.a.post(f"{ROOT}/check", json=body)
    assert (refused.status_code, refused.json()["error"]["place"]) == (400, place)


async def test_side_and_technique_are_told_apart(consortium):
    ct = {"system": "urn:hutong:A:item", "code": "local", "name": "胸部CT"}
    told = await ask(
        consortium,
        orders=[{**ct, "technique": "平扫"}, {**ct, "technique": "增强"}, {**ct, "technique": "?"}],
    )
    first, second, third = told["decisions"]
    assert first["item"]["code"] != second["item"]["code"]
    assert third["reason"]["code"] == "not-in-catalogue"


async def test_a_visit_number_tells_one_visit_from_the_next(consortium):
    await consortium.measured()
    ids = {
        (await ask(consortium, encounter={"system": "urn:hutong:A:visit", "value": number}))[
            "decisions"
        ][0]["id"]
        for number in ("V1", "V2", "V1")
    }
    assert len(ids) == 2


# What was decided, and what is said to it.


async def test_a_decision_is_kept_and_decided_again_alike(consortium, decision):
    kept = (await consortium.a.get(f"{ROOT}/decisions/{decision}?replay=true")).json()
    assert (kept["id"], kept["doctor"], kept["door"]) == (decision, "李医生", "facade")
    assert kept["replay"]["same"] is True
    assert kept["replay"]["decision"]["rules"] == kept["rules"]


async def test_who_looks_at_a_decision_is_on_record(consortium, decision):
    await consortium.a.get(f"{ROOT}/decisions/{decision}", headers={"X-Hutong-Actor": "Wang"})
    await consortium.door.recorder.close()
    rows = consortium.door.store.fetch("audit_after", (0, 1000))
    looked = [one for row in rows if (one := read_event(row[4])).person == "Wang"]
    assert [one.query for one in looked] == [f"recognition/decisions/{decision}"]
    assert f"Patient/{consortium.patients['A']}" in looked[0].entities


async def test_an_item_has_an_english_name(consortium):
    consortium.a.headers["Accept-Language"] = "en"
    (one,) = (await ask(consortium))["decisions"]
    assert one["item"]["display"] == "Alanine aminotransferase"


async def test_a_decision_is_its_campus_s_alone(consortium, decision):
    for path in (f"/decisions/{decision}", f"/decisions/{decision}?replay=true"):
        hidden = await consortium.b.get(f"{ROOT}{path}")
        assert (hidden.status_code, hidden.json()["error"]["code"]) == (404, "not-found")


@pytest.mark.parametrize("query", ["?replay=yes", "?again=true"])
async def test_another_parameter_is_refused(consortium, decision, query):
    assert (await consortium.a.get(f"{ROOT}/decisions/{decision}{query}")).status_code == 400


async def test_a_recognition_is_recorded_once_revoked_and_given_again(consortium, decision):
    states = []
    for outcome in ("viewed", "recognised", "recognised", "revoked", "recognised", "quoted"):
        done = await reply(consortium, decision, outcome)
        assert done.status_code == 200, done.text
        states.append((done.json()["repeated"], done.json()["state"]["choice"]))
    assert states == [
        (False, ""),
        (False, "recognised"),
        (True, "recognised"),
        (False, "revoked"),
        (False, "recognised"),
        (False, "recognised"),
    ]
    kept = (await consortium.a.get(f"{ROOT}/decisions/{decision}")).json()
    assert len(kept["answers"]) == 5


async def test_a_refusal_names_a_reason_of_the_dictionary(consortium, decision):
    done = await reply(consortium, decision, "not-recognised", reason="01", explained="spoken")
    assert done.json()["answer"]["reason"] == "01"
    for wrong in ({}, {"reason": "77"}, {"reason": "08"}, {"reason": "98"}):
        refused = await reply(consortium, decision, "not-recognised", **wrong)
        assert refused.status_code == 400
        assert refused.json()["error"]["place"] in {"reason", "text"}


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"outcome": "recognised"}, "actor"),
        ({"outcome": "recognised", "actor": " "}, "actor"),
        ({"actor": "x"}, "outcome"),
        ({"outcome": "liked", "actor": "x"}, "outcome"),
        ({"outcome": "viewed", "actor": "x", "explained": "sung"}, "explained"),
    ],
)
async def test_a_malformed_answer_is_told_where(consortium, decision, body, place):
    refused = await consortium.a.post(f"{ROOT}/decisions/{decision}/answer", json=body)
    assert (refused.status_code, refused.json()["error"]["place"]) == (400, place)


async def test_an_answer_to_what_nobody_decided_is_not_found(consortium):
    assert (await reply(consortium, "nothing", "viewed")).status_code == 404


async def test_what_no_longer_holds_is_409(consortium):
    _, observation = await consortium.measured()
    (one,) = (await ask(consortium))["decisions"]
    gone = {**observation, "status": "entered-in-error"}
    await consortium.b.put(f"/Observation/{observation['id']}", json=gone)
    late = await reply(consortium, one["id"], "recognised")
    assert (late.status_code, late.json()["error"]["code"]) == (409, "conflict")


async def test_what_is_out_of_date_may_be_viewed_not_recognised(consortium):
    await consortium.measured(when=now(days=20))
    (one,) = (await ask(consortium))["decisions"]
    assert one["outcome"] == "reference-only"
    assert (await reply(consortium, one["id"], "recognised")).status_code == 422


async def test_the_reasons_are_told_in_two_languages(consortium):
    chinese = (await consortium.a.get(f"{ROOT}/reasons")).json()["reasons"]
    english = (await consortium.a.get(f"{ROOT}/reasons", headers={"Accept-Language": "en"})).json()[
        "reasons"
    ]
    by_code = {one["code"]: one for one in chinese}
    assert not by_code["98"]["countsAsRefusal"]
    assert by_code["08"]["requiresText"]
    assert chinese[0]["display"] != english[0]["display"]


async def test_a_token_needs_the_scope(consortium):
    reader = await consortium.gateway.campus("C", "system/*.cruds")
    for method, path in (
        ("POST", "/check"),
        ("GET", "/reasons"),
        ("GET", "/decisions/x"),
        ("POST", "/decisions/x/answer"),
    ):
        refused = await reader.request(method, f"{ROOT}{path}", json={})
        assert refused.status_code == 403
    nobody = await consortium.gateway.client().get(f"{ROOT}/reasons")
    assert nobody.json()["error"]["code"] == "login"
