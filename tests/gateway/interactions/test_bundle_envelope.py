"""What a bundle says beside its resources: what is unknown there is refused, not passed over."""

import pytest

from gateway.errors import InvalidRequestError
from gateway.interactions.bundle import bundle
from tests.gateway.interactions.consortium import encoded, patient
from tests.gateway.interactions.sending import entry, send

MATCHED = entry("PUT", "Patient/p1", patient())


@pytest.mark.parametrize("kind", ["batch", "transaction"])
@pytest.mark.parametrize(
    ("of_bundle", "of_entry", "of_request", "place"),
    [
        ({}, {}, {"ifmatch": 'W/"9"'}, "Bundle.entry[0].request.ifmatch"),
        ({}, {}, {"ifMatch": ""}, "Bundle.entry[0].request.ifMatch"),
        ({}, {}, {"ifMatch": None}, "Bundle.entry[0].request.ifMatch"),
        ({}, {"requests": {}}, {}, "Bundle.entry[0].requests"),
        ({"entries": []}, {}, {}, "Bundle.entries"),
        ({"resourceType": "Parameters"}, {}, {}, "resourceType"),
        ({"resourceType": None}, {}, {}, "resourceType"),
    ],
)
async def test_what_a_bundle_does_not_have_is_refused(  # noqa: PLR0917 - its parts
    house, kind, of_bundle, of_entry, of_request, place
):
    sent = {"resourceType": "Bundle", "type": kind, **of_bundle}
    sent["entry"] = [MATCHED | of_entry | {"request": MATCHED["request"] | of_request}]
    with pytest.raises(InvalidRequestError) as caught:
        await bundle(house.door, house.actor("A"), encoded(sent))
    assert [one.expression for one in caught.value.issues] == [place]
    assert await house.ids("A", "Patient") == []


async def test_what_else_a_bundle_may_have_is_passed_over(house):
    more = {"extension": [{"url": "urn:test:x", "valueString": "x"}]}
    wrong = entry("PUT", "Patient/p2", patient("p2", gender="woman"))
    sent = {"resourceType": "Bundle", "id": "b", "type": "batch", "meta": {"profile": ["urn:x"]}}
    sent["timestamp"] = "2026-11-22T08:00:00Z"
    sent["entry"] = [MATCHED | more | {"request": MATCHED["request"] | more}, wrong]
    _, results = await bundle(house.door, house.actor("A"), encoded(sent))
    assert [one.status for one in results] == [201, 400]
    assert results[1].error.expression == "Bundle.entry[1].resource.Patient.gender"


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_a_version_is_matched_only_where_one_is_written_over(house, method):
    asked = entry(method, "Patient", patient() if method == "POST" else None, ifMatch='W/"1"')
    with pytest.raises(InvalidRequestError) as caught:
        await send(house, "A", asked)
    assert caught.value.expression == "Bundle.entry[0].request.ifMatch"
