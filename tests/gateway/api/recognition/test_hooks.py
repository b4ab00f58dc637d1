"""CDS Hooks 2.0.1, asked by a client that is written from the specification alone."""

import uuid

import pytest

from gateway.recognition.catalogue.registry import Catalogues
from mappers.names import LOINC
from tests.gateway.api.recognition.conftest import UNKNOWN, bundle, draft, now, other, post
from tests.hooks_client import check_card

CDS = "http://gateway.test/cds-services"


async def test_every_service_is_discovered_without_a_token(consortium):
    found = {one["hook"]: one["id"] for one in await consortium.hooks.services()}
    assert found == {
        "order-select": "recognition-order-select",
        "order-sign": "recognition-order-sign",
        "patient-view": "recognition-patient-view",
        "order-dispatch": "recognition-order-dispatch",
    }


async def test_a_usable_result_is_a_card_that_suggests_to_cancel_the_draft(consortium):
    report, observation = await consortium.measured()
    (card,) = await consortium.hooks.call("order-sign", consortium.sign(draft()))
    (suggestion,) = card["suggestions"]
    assert suggestion["actions"][0]["resourceId"] == "ServiceRequest/d1"
    assert [one["type"] for one in suggestion["actions"]] == ["delete"]
    assert (card["indicator"], card["selectionBehavior"]) == ("info", "at-most-one")
    told = card["extension"]["hutong"]
    assert told["outcome"] == "may-recognise"
    assert told["decision"] == card["uuid"]
    assert told["result"].startswith(f"Observation/{observation['id']}/_history/")
    (link,) = card["links"]
    assert link["url"] == f"http://gateway.test/reports/{report['id']}?version=1"
    assert card["source"]["topic"]["code"] == "LAB.ALT"
    assert "33.5" in card["detail"]
    assert "| 时效 | 通过 |" in card["detail"]


async def test_nothing_to_show_is_no_card(consortium):
    assert await consortium.hooks.call("order-sign", consortium.sign(draft())) == []


async def test_a_result_out_of_date_is_shown_and_suggests_nothing(consortium):
    await consortium.measured(when=now(days=20))
    (card,) = await consortium.hooks.call("order-sign", consortium.sign(draft()))
    assert card["extension"]["hutong"]["outcome"] == "reference-only"
    assert not {"suggestions", "selectionBehavior", "overrideReasons"} & card.keys()


async def test_what_a_panel_lacks_is_ordered_in_the_same_suggestion(consortium):
    panel, parts = _panel(consortium, "14647-2")
    await consortium.panel(panel.loinc[0], [(one.loinc[0], 1.5, one.unit) for one in parts[1:]])
    number = [{"system": "urn:hutong:A:placer", "value": "O1"}]
    order = draft(panel.loinc[0], identifier=number, note=[{"text": "空腹"}])
    (card,) = await consortium.hooks.call("order-sign", consortium.sign(order))
    (suggestion,) = card["suggestions"]
    first, rest = suggestion["actions"]
    assert (first["type"], first["resourceId"]) == ("delete", "ServiceRequest/d1")
    left = rest["resource"]
    assert (rest["type"], left["status"]) == ("create", "draft")
    assert left["code"]["coding"][0]["code"] in parts[0].loinc
    assert left["subject"] == {"reference": "Patient/p1"}
    assert left["note"] == [{"text": "空腹"}]
    assert not {"id", "identifier"} & left.keys()
    assert parts[0].name in card["detail"]


def _panel(consortium, loinc):
    """The smallest panel that an analyte is in, and its parts."""
    clock = consortium.door.clock
    book = Catalogues(consortium.door.store, clock).at(clock())
    (item,) = book.of_code(LOINC, loinc)
    panels = [one for one in book.catalogue.items if item.code in one.parts and one.loinc]
    panel = min(panels, key=lambda one: len(one.parts))
    return panel, book.parts(panel)


async def test_only_the_selected_orders_are_judged(consortium):
    await consortium.measured()
    await consortium.measured("1920-8")
    context = consortium.sign(draft(), draft("1920-8", "d2"), selections=["ServiceRequest/d2"])
    (card,) = await consortium.hooks.call("order-select", context)
    assert card["source"]["topic"]["code"] == "LAB.AST"
    assert "suggestions" not in card


async def test_a_patient_s_view_is_one_summary(consortium):
    await consortium.measured()
    context = {"userId": "Practitioner/li", "patientId": "p1"}
    (card,) = await consortium.hooks.call("patient-view", context)
    assert "检验 1" in card["summary"]
    assert "uuid" not in card


async def test_a_patient_without_results_has_no_summary(consortium):
    context = {"userId": "Practitioner/li", "patientId": "p1"}
    assert await consortium.hooks.call("patient-view", context) == []


@pytest.mark.parametrize(
    "named",
    [
        lambda name: {"order": name},
        lambda name: {"dispatchedOrders": [name]},
        lambda name: {"dispatched-orders": [name]},
    ],
    ids=["1.0", "1.1", "as the page of 1.1 has it"],
)
async def test_an_order_about_to_be_dispatched_is_read_from_our_store(consortium, named):
    await consortium.measured()
    order = await post(consortium.a, draft(subject=f"Patient/{consortium.patients['A']}"))
    context = {"patientId": "p1", "performer": "Organization/lab"}
    context |= named(f"ServiceRequest/{order['id']}")
    (card,) = await consortium.hooks.call("order-dispatch", context)
    assert card["extension"]["hutong"]["outcome"] == "may-recognise"
    assert "suggestions" not in card


async def test_an_order_about_to_be_dispatched_is_read_from_the_prefetch(consortium):
    await consortium.measured()
    consortium.record["ServiceRequest?_id=ServiceRequest/x1,ServiceRequest/x2"] = bundle(
        draft(id_="x1"), draft("1920-8", "x2")
    )
    orders = ["ServiceRequest/x1", "ServiceRequest/x2"]
    context = {"patientId": "p1", "performer": "Organization/lab", "dispatchedOrders": orders}
    (card,) = await consortium.hooks.call("order-dispatch", context)
    assert card["source"]["topic"]["code"] == "LAB.ALT"


async def test_another_campus_s_order_of_the_same_id_is_another_order(consortium):
    await consortium.measured()
    order = await post(consortium.b, draft(subject=f"Patient/{consortium.patients['B']}"))
    context = {"patientId": "p1", "performer": "Organization/lab"}
    context["order"] = f"ServiceRequest/{order['id']}"
    prefetch = {"patient": consortium.record["Patient/p1"]}
    refused = await consortium.hooks.send("order-dispatch", context, prefetch=prefetch)
    assert (refused.status_code, refused.json()["error"]["place"]) == (412, "prefetch.order")
    (card,) = await consortium.hooks.call("order-dispatch", context)
    assert card["summary"] == "未能取得医嘱内容，未作互认检查"


async def test_a_stored_order_of_another_patient_is_not_judged(consortium):
    await consortium.measured()
    stranger = await post(consortium.a, other("A-2"))
    order = await post(consortium.a, draft(subject=f"Patient/{stranger['id']}"))
    context = {"patientId": "p1", "performer": "Organization/lab"}
    context["order"] = f"ServiceRequest/{order['id']}"
    (card,) = await consortium.hooks.call("order-dispatch", context)
    assert card["summary"] == UNKNOWN


# Once.


async def test_a_double_click_or_another_draft_is_one_decision(consortium):
    await consortium.measured()
    instance = str(uuid.uuid4())
    cards = [
        (await consortium.hooks.call("order-sign", consortium.sign(order), **more))[0]
        for order, more in (
            (draft(), {"hookInstance": instance}),
            (draft(), {"hookInstance": instance}),
            (draft(id_="d7"), {}),
        )
    ]
    context = consortium.sign(draft(), selections=["ServiceRequest/d1"])
    cards += await consortium.hooks.call("order-select", context)
    assert len({card["uuid"] for card in cards}) == 1


async def test_two_drafts_of_one_item_are_one_card_that_cancels_both(consortium):
    await consortium.measured()
    context = consortium.sign(draft(), draft(id_="d2"))
    (card,) = await consortium.hooks.call("order-sign", context)
    named = [one["resourceId"] for one in card["suggestions"][0]["actions"]]
    assert named == ["ServiceRequest/d1", "ServiceRequest/d2"]


# Where a result is looked at.


async def test_a_measurement_without_a_report_leads_to_the_patient_s_results(consortium):
    drawn = await consortium.drawn(now(hours=20))
    await consortium.observed(drawn, "1742-6", 33.5, "U/L")
    (card,) = await consortium.hooks.call("order-sign", consortium.sign(draft()))
    (link,) = card["links"]
    assert link["url"] == f"http://gateway.test/patients/{consortium.patients['B']}"


async def test_images_without_a_conclusion_are_read_again(consortium):
    study = {
        "resourceType": "ImagingStudy",
        "identifier": [{"system": "urn:dicom:uid", "value": "urn:oid:2.25.77"}],
        "status": "available",
        "subject": {"reference": f"Patient/{consortium.patients['B']}"},
        "started": now(hours=20),
        "modality": [{"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "CT"}],
        "description": "胸部CT平扫",
        "series": [
            {
                "uid": "2.25.78",
                "modality": {"code": "CT"},
                "numberOfInstances": 1,
                "instance": [
                    {"uid": "2.25.79", "sopClass": {"code": "urn:oid:1.2.840.10008.5.1.4.1.1.2"}}
                ],
            }
        ],
    }
    await post(consortium.b, study)
    order = draft(code={"text": "胸部CT平扫"})
    (card,) = await consortium.hooks.call("order-sign", consortium.sign(order))
    assert (card["extension"]["hutong"]["outcome"], card["indicator"]) == ("reread", "warning")
    assert card["links"][0]["url"] == "http://gateway.test/studies/2.25.77"
    assert "suggestions" not in card
    assert {one["code"] for one in card["overrideReasons"]} >= {"01", "98", "image-quality"}
    assert "specimen-unfit" not in {one["code"] for one in card["overrideReasons"]}


# What is passed over.


@pytest.mark.parametrize(
    "more", [{"status": "revoked"}, {"status": "completed"}, {"doNotPerform": True}]
)
async def test_what_is_not_to_be_done_is_not_judged(consortium, more):
    await consortium.measured()
    assert await consortium.hooks.call("order-sign", consortium.sign(draft(**more))) == []


async def test_orders_of_the_specification_s_examples_are_none_of_ours(consortium):
    diet = {"resourceType": "NutritionOrder", "id": "pureed", "status": "draft"}
    drug = {"resourceType": "MedicationRequest", "id": "103", "status": "draft"}
    context = {
        "userId": "PractitionerRole/123",
        "patientId": "p1",
        "encounterId": "e1",
        "selections": ["NutritionOrder/pureed", "MedicationRequest/103"],
        "draftOrders": bundle(diet, drug),
    }
    assert await consortium.hooks.call("order-select", context) == []


async def test_access_to_the_client_s_own_server_is_not_used(consortium):
    await consortium.measured()
    access = {
        "access_token": "some-opaque-fhir-access-token",
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "user/Patient.read user/Observation.read",
        "subject": "cds-service4",
    }
    server = "http://hooks.smarthealthit.org:9080"
    order = draft(subject=f"{server}/Patient/p1")
    more = {"fhirServer": server, "fhirAuthorization": access}
    (card,) = await consortium.hooks.call("order-sign", consortium.sign(order), **more)
    assert card["suggestions"]


# Words, silence, browsers.


async def test_a_card_speaks_english_where_that_is_preferred(consortium):
    await consortium.measured()
    consortium.a.headers["Accept-Language"] = "en-GB, zh;q=0.5"
    (card,) = await consortium.hooks.call("order-sign", consortium.sign(draft()))
    assert card["summary"].startswith("Alanine aminotransferase: may be recognised")
    assert "| Time | pass |" in card["detail"]


@pytest.mark.parametrize(
    ("asked", "english"),
    [("en", True), ("zh-CN, en;q=0.9", False), ("fr, en;q=0.1", True), ("en;q=x, zh", False)],
)
async def test_the_preferred_of_the_two_languages_is_taken(consortium, asked, english):
    await consortium.measured()
    consortium.a.headers["Accept-Language"] = asked
    (card,) = await consortium.hooks.call("order-sign", consortium.sign(draft()))
    assert card["summary"].isascii() is english


async def test_a_silent_campus_is_never_a_false_none(consortium):
    await consortium.run(
        ("channel_put", (2, "LIS", '{"silent-after": "1h"}')),
        ("channel_seen", (2, "LIS", 1, consortium.door.clock() - 7_200_000_000)),
    )
    (card,) = await consortium.hooks.call("order-sign", consortium.sign(draft()))
    assert card["indicator"] == "info"
    assert "1 家院区" in card["summary"]
    context = {"userId": "Practitioner/li", "patientId": "p1"}
    assert len(await consortium.hooks.call("patient-view", context)) == 1


async def test_names_from_anybody_s_system_are_no_markup(consortium):
    code = {"coding": [{"system": LOINC, "code": "1742-6"}], "text": "|[x](http://evil)|<b>"}
    await consortium.measured(code=code)
    (card,) = await consortium.hooks.call("order-sign", consortium.sign(draft()))
    assert "[x](" not in card["detail"]
    assert "<b>" not in card["detail"]


async def test_a_page_in_a_browser_may_call(consortium):
    stranger = consortium.gateway.client()
    for path in ("", "/recognition-order-sign", "/recognition-order-sign/feedback"):
        asked = await stranger.options(f"{CDS}{path}", headers={"Origin": "https://his.example"})
        assert asked.status_code == 204
        assert asked.headers["access-control-allow-origin"] == "*"
        assert "authorization" in asked.headers["access-control-allow-headers"]
        assert "access-control-allow-credentials" not in asked.headers
    refused = await stranger.post(f"{CDS}/recognition-order-sign", json={})
    assert refused.status_code == 401
    assert refused.headers["access-control-allow-origin"] == "*"


# Who may call.


async def test_a_token_needs_the_scope(consortium):
    reader = await consortium.gateway.campus("C", "system/*.cruds")
    refused = await reader.post(f"{CDS}/recognition-order-sign", json={})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/recognition-nothing", 404),
        ("POST", "/recognition-nothing/feedback", 404),
        ("GET", "/recognition-order-sign", 405),
        ("POST", "", 405),
        ("GET", "/recognition-order-sign/x/y", 404),
    ],
)
async def test_errors_are_a_short_object(consortium, method, path, status):
    refused = await consortium.a.request(method, f"{CDS}{path}")
    assert refused.status_code == status
    assert refused.json()["error"].keys() <= {"code", "message", "place"}
    assert refused.headers["content-type"].startswith("application/json")


def test_the_client_knows_a_bad_card():
    card = {"summary": "x" * 140, "indicator": "info", "source": {"label": "y"}}
    with pytest.raises(AssertionError):
        check_card(card)
