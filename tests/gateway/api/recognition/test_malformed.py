"""Calls of hooks that break the specification: 400 with the place, never an exception."""

import json
import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.gateway.api.recognition.conftest import bundle, draft

CDS = "http://gateway.test/cds-services"
SIGN = f"{CDS}/recognition-order-sign"
GONE = object()


def call(hook="order-sign", **context):
    whole = {
        "userId": "Practitioner/li",
        "patientId": "urn:hutong:A:pid|A-1",
        "draftOrders": bundle(draft(subject="Patient/urn:hutong:A:pid|A-1")),
        **context,
    }
    kept = {name: value for name, value in whole.items() if value is not GONE}
    return {"hook": hook, "hookInstance": str(uuid.uuid4()), "context": kept}


def with_order(**elements):
    return call(draftOrders=bundle(draft(**elements)))


WRONG = [
    ({**call(), "hook": "order-select"}, "hook"),
    ({**call(), "hook": 1}, "hook"),
    ({**call(), "hookInstance": "1"}, "hookInstance"),
    ({**call(), "hookInstance": None}, "hookInstance"),
    ({"hook": "order-sign", "context": {}}, "hookInstance"),
    ({"hook": "order-sign", "hookInstance": str(uuid.uuid4())}, "context"),
    ({**call(), "context": []}, "context"),
    ({**call(), "prefetch": []}, "prefetch"),
    ({**call(), "prefetch": {"patient": 1}}, "prefetch.patient"),
    (
        {**call(), "prefetch": {"patient": {"resourceType": "Bundle"}}},
        "prefetch.patient.resourceType",
    ),
    (
        {**call(), "prefetch": {"patient": {"resourceType": "Patient", "identifier": {}}}},
        "prefetch.patient.identifier",
    ),
    ({**call(), "prefetch": {"encounter": {"class": "AMB"}}}, "prefetch.encounter.class"),
    ({**call(), "fhirAuthorization": {}}, "fhirAuthorization.access_token"),
    (
        {
            **call(),
            "fhirAuthorization": {
                "access_token": "x",
                "token_type": "Bearer",
                "expires_in": 1,
                "scope": "x",
                "subject": "x",
            },
        },
        "fhirServer",
    ),
    (call(userId=GONE), "context.userId"),
    (call(userId="li"), "context.userId"),
    (call(userId="Device/1"), "context.userId"),
    (call(patientId=GONE), "context.patientId"),
    (call(patientId=""), "context.patientId"),
    (call(patientId=7), "context.patientId"),
    (call(draftOrders=GONE), "context.draftOrders"),
    (call(draftOrders=draft()), "context.draftOrders.resourceType"),
    (call(draftOrders={"entry": []}), "context.draftOrders.resourceType"),
    (
        call(draftOrders={"resourceType": "Bundle", "entry": [{}]}),
        "context.draftOrders.entry[0].resource",
    ),
    (call(draftOrders=bundle({"id": "1"})), "context.draftOrders.entry[0].resource.resourceType"),
    (call(draftOrders=bundle(*[draft()] * 201)), "context.draftOrders.entry"),
    (with_order(code="ALT"), "context.draftOrders.entry[0].resource.code"),
    (
        with_order(occurrenceDateTime="soon", subject="Patient/urn:hutong:A:pid|A-1"),
        "context.draftOrders.entry[0].resource.occurrenceDateTime",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("body", "place"), WRONG)
async def test_a_malformed_call_is_told_where(consortium, body, place):
    refused = await consortium.a.post(SIGN, json=body)
    assert (refused.status_code, refused.json()["error"]["place"]) == (400, place)


SELECT = [
    ({"selections": GONE}, "context.selections"),
    ({"selections": []}, "context.selections"),
    ({"selections": "ServiceRequest/d1"}, "context.selections"),
    ({"selections": ["ServiceRequest/d1", "ServiceRequest/d9"]}, "context.selections[1]"),
]


@pytest.mark.parametrize(("more", "place"), SELECT)
async def test_selections_name_drafts(consortium, more, place):
    body = call("order-select", **{"selections": ["ServiceRequest/d1"], **more})
    refused = await consortium.a.post(f"{CDS}/recognition-order-select", json=body)
    assert (refused.status_code, refused.json()["error"]["place"]) == (400, place)


DISPATCH = [
    ({"performer": GONE}, "context.performer"),
    ({"performer": "lab"}, "context.performer"),
    ({}, "context.dispatchedOrders"),
    ({"order": "x1"}, "context.order"),
    ({"dispatchedOrders": ["ServiceRequest/x1", "x2"]}, "context.dispatchedOrders[1]"),
]


@pytest.mark.parametrize(("more", "place"), DISPATCH)
async def test_a_dispatch_names_order_and_performer(consortium, more, place):
    body = call("order-dispatch", **{"performer": "Organization/lab", **more})
    refused = await consortium.a.post(f"{CDS}/recognition-order-dispatch", json=body)
    assert (refused.status_code, refused.json()["error"]["place"]) == (400, place)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"null", b"[" * 5000])
async def test_what_is_no_object_is_refused(consortium, body):
    headers = {"Content-Type": "application/json"}
    refused = await consortium.a.post(SIGN, content=body, headers=headers)
    assert refused.status_code == 400


async def test_another_format_is_refused(consortium):
    refused = await consortium.a.post(SIGN, content=b"{}", headers={"Content-Type": "text/plain"})
    assert refused.status_code == 415


async def test_no_value_is_repeated_in_an_error(consortium):
    body = with_order(code={"coding": [{"system": 7, "code": "病人李四"}]})
    refused = await consortium.a.post(SIGN, json=body)
    assert refused.status_code == 400
    assert "李四" not in refused.text


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=12)
    | st.sampled_from(["Patient/p1", "ServiceRequest/d1", "urn:hutong:A:pid|A-1", "2026-11-22"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "resourceType",
                    "entry",
                    "resource",
                    "id",
                    "code",
                    "coding",
                    "subject",
                    "identifier",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
FIELDS = [
    *("userId", "patientId", "encounterId", "draftOrders", "selections"),
    *("order", "dispatchedOrders", "performer"),
]
HOOKS = ["order-select", "order-sign", "patient-view", "order-dispatch"]


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    hook=st.sampled_from(HOOKS),
    name=st.sampled_from(FIELDS),
    value=ANYTHING,
    prefetch=st.dictionaries(st.sampled_from(["patient", "encounter", "order"]), ANYTHING),
)
async def test_any_call_is_answered(consortium, hook, name, value, prefetch):
    """Whatever comes, it is cards, a 400 with a place, or a 412: never a defect."""
    context = call(hook, performer="Organization/lab", selections=["ServiceRequest/d1"])["context"]
    body = {**call(hook), "context": {**context, name: value}, "prefetch": prefetch}
    answer = await consortium.a.post(
        f"{CDS}/recognition-{hook}",
        content=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code in {200, 400, 412}, answer.text
    if answer.status_code == 200:
        assert isinstance(answer.json()["cards"], list)
    else:
        assert answer.json()["error"]["message"]
