"""Requests of the shapes that the specification and the hooks' pages show as examples.

https://cds-hooks.hl7.org/2.0/#example, https://cds-hooks.hl7.org/hooks/; written anew, not copied.
"""

import pytest

from tests.gateway.api.recognition.conftest import bundle, draft

CDS = "http://gateway.test/cds-services"
ACCESS = {
    "access_token": "opaque",
    "token_type": "Bearer",
    "expires_in": 300,
    "scope": "user/Patient.read user/Observation.read",
    "subject": "cds-service4",
}
DIET = {
    "resourceType": "NutritionOrder",
    "id": "pureeddiet-simple",
    "status": "draft",
    "patient": {"reference": "Patient/1288992"},
    "dateTime": "2014-09-17",
    "oralDiet": {"type": [{"coding": [{"code": "1010"}], "text": "Pureed diet"}]},
}
DRUG = {
    "resourceType": "MedicationRequest",
    "id": "smart-MedicationRequest-103",
    "meta": {"lastUpdated": "2018-04-30T13:25:40.845-04:00"},
    "status": "draft",
    "intent": "order",
    "medicationCodeableConcept": {"text": "Amoxicillin"},
    "subject": {"reference": "Patient/1288992"},
    "dosageInstruction": [{"doseAndRate": {"doseQuantity": {"value": 5, "unit": "mL"}}}],
}
TASK = {
    "resourceType": "Task",
    "status": "draft",
    "intent": "order",
    "code": {"coding": [{"code": "fulfill"}]},
    "focus": {"reference": "ServiceRequest/proc002"},
    "for": {"reference": "Patient/1288992"},
    "owner": {"reference": "Organization/some-performer"},
}
USER = {"userId": "PractitionerRole/123", "patientId": "1288992"}
ORDERS = {"encounterId": "89284", "draftOrders": bundle(DIET, DRUG)}
CONTEXTS = {
    "patient-view": {**USER, "userId": "Practitioner/example", "encounterId": "89284"},
    "order-select": {
        **USER,
        **ORDERS,
        "selections": [f"{one['resourceType']}/{one['id']}" for one in (DIET, DRUG)],
    },
    "order-sign": {**USER, **ORDERS},
    "order-dispatch": {
        "patientId": "1288992",
        "dispatched-orders": ["ServiceRequest/proc002"],
        "performer": "Organization/some-performer",
        "fulfillment-tasks": [TASK],
    },
}


def example(hook, **more):
    return {
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "fhirServer": "http://hooks.smarthealthit.org:9080",
        "hook": hook,
        "fhirAuthorization": ACCESS,
        "context": CONTEXTS[hook],
        "extension": {"com.example.timestamp": "2017-11-27T22:13:25Z"},
        **more,
    }


@pytest.mark.parametrize("hook", CONTEXTS)
async def test_an_example_without_its_prefetch_is_412_for_the_hook_s_own_key(consortium, hook):
    refused = await consortium.a.post(f"{CDS}/recognition-{hook}", json=example(hook))
    assert refused.status_code == 412, refused.text
    assert refused.json()["error"]["place"].startswith("prefetch.")


@pytest.mark.parametrize("hook", CONTEXTS)
async def test_an_example_s_patient_whom_nobody_here_knows_is_the_one_card(consortium, hook):
    prefetch = {
        "patient": {
            "resourceType": "Patient",
            "gender": "male",
            "birthDate": "1925-12-23",
            "id": "1288992",
            "active": True,
        },
        "encounter": {"resourceType": "Encounter", "id": "89284", "class": {"code": "AMB"}},
        "dispatchedOrders": bundle(draft(id_="proc002", subject="Patient/1288992")),
    }
    answer = await consortium.a.post(
        f"{CDS}/recognition-{hook}", json=example(hook, prefetch=prefetch)
    )
    assert answer.status_code == 200, answer.text
    (card,) = answer.json()["cards"]
    assert card["indicator"] == "info"
    assert "uuid" not in card
