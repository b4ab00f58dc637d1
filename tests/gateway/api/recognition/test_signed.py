"""Hooks called with a client's own signature."""

import pytest

from tests.gateway.api.recognition.conftest import draft
from tests.hooks_client import HooksClient
from tests.signing import Signer

CDS = "http://gateway.test/cds-services"
SIGN = f"{CDS}/recognition-order-sign"


@pytest.fixture
async def signer(consortium):
    found = Signer("https://his.example.org")
    await consortium.run(("cds_client_add", (1, found.issuer, found.jwks, "hutong", 0)))
    return found


@pytest.fixture
def stranger(consortium):
    return consortium.gateway.client()


def called(consortium, stranger, signer, audience, **claims):
    stranger.headers["Authorization"] = f"Bearer {signer.token(audience, **claims)}"
    return HooksClient(stranger, "http://gateway.test", consortium.record)


async def test_a_signed_call_is_answered_and_may_give_feedback(consortium, stranger):
    await consortium.measured()
    signer = Signer("https://other.example.org", alg="RS384")
    await consortium.run(("cds_client_add", (1, signer.issuer, signer.jwks, "", 0)))
    hooks = called(consortium, stranger, signer, SIGN)
    (card,) = await hooks.call("order-sign", consortium.sign(draft()))
    for audience in (f"{SIGN}/feedback", [SIGN, "https://elsewhere.example.org"]):
        hooks = called(consortium, stranger, signer, audience)
        done = await hooks.feedback("order-sign", {"card": card["uuid"], "outcome": "overridden"})
        assert done.status_code == 200, done.text


@pytest.fixture
def by_id(consortium):
    id_ = consortium.patients["A"]
    return {**consortium.sign(draft(subject=f"Patient/{id_}")), "patientId": id_, "encounterId": ""}


async def test_a_client_registered_so_may_name_our_own_patient(consortium, stranger, signer, by_id):
    await consortium.measured()
    hooks = called(consortium, stranger, signer, SIGN)
    (card,) = await hooks.call("order-sign", by_id, prefetch=None)
    assert card["extension"]["hutong"]["outcome"] == "may-recognise"


async def test_the_same_signature_does_not_serve_twice(consortium, stranger, signer, by_id):
    hooks = called(consortium, stranger, signer, SIGN)
    assert (await hooks.send("order-sign", by_id, prefetch=None)).status_code == 200
    again = await hooks.send("order-sign", by_id, prefetch=None)
    assert again.status_code == 401
    assert "used before" in again.json()["error"]["message"]


@pytest.mark.parametrize("audience", [CDS, f"{CDS}/recognition-order-select", "https://x.org"])
async def test_a_signature_for_another_service_is_refused(consortium, stranger, signer, audience):
    hooks = called(consortium, stranger, signer, audience)
    refused = await hooks.send("order-sign", consortium.sign(draft()))
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "login")


async def test_a_signature_opens_no_other_door(consortium, stranger, signer):
    for address in ("http://gateway.test/fhir/Patient", "http://gateway.test/recognition/reasons"):
        called(consortium, stranger, signer, address)
        assert (await stranger.get(address)).status_code == 401


async def test_a_shared_secret_is_refused(consortium, stranger, signer):
    stranger.headers["Authorization"] = f"Bearer {signer.shared_secret(SIGN)}"
    hooks = HooksClient(stranger, "http://gateway.test", consortium.record)
    assert (await hooks.send("order-sign", consortium.sign(draft()))).status_code == 401
