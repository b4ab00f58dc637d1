"""Feedback of CDS Hooks: late, in batches, again, and of cards that nobody gave."""

import uuid

import pytest

from mappers.names import NON_RECOGNITION_REASON
from tests.gateway.api.recognition.conftest import draft

CDS = "http://gateway.test/cds-services/recognition-order-sign/feedback"
EARLY, LATE = "2026-11-20T08:00:00Z", "2026-11-20T08:05:00.52Z"


@pytest.fixture
async def card(consortium):
    await consortium.measured()
    (found,) = await consortium.hooks.call("order-sign", consortium.sign(draft()))
    return found


async def tell(consortium, *pieces):
    return await consortium.hooks.feedback("order-sign", *pieces)


def accepted(card, **more):
    suggestions = [{"id": card["suggestions"][0]["uuid"]}]
    return {"card": card["uuid"], "outcome": "accepted", "acceptedSuggestions": suggestions, **more}


def overridden(card, **more):
    return {"card": card["uuid"], "outcome": "overridden", **more}


def statuses(answer):
    assert answer.status_code == 200, answer.text
    return [one["status"] for one in answer.json()["feedback"]]


async def ledger(consortium, card):
    answer = await consortium.a.get(f"http://gateway.test/recognition/decisions/{card['uuid']}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_an_accepted_suggestion_is_a_recognition_by_the_user(consortium, card):
    assert statuses(await tell(consortium, accepted(card))) == ["recorded"]
    told = await ledger(consortium, card)
    assert told["state"]["choice"] == "recognised"
    assert told["answers"][0]["actor"] == "Practitioner/li"


async def test_the_acting_person_goes_before_the_user_of_the_call(consortium, card):
    consortium.a.headers["X-Hutong-Actor"] = "Wang"
    await tell(consortium, accepted(card))
    assert (await ledger(consortium, card))["answers"][0]["actor"] == "Wang"


async def test_an_override_with_a_reason_of_the_dictionary(consortium, card):
    reason = {"system": NON_RECOGNITION_REASON, "code": "02"}
    override = {"reason": reason, "userComment": "病情变化"}
    await tell(consortium, overridden(card, overrideReason=override))
    told = (await ledger(consortium, card))["answers"][0]
    assert (told["outcome"], told["reason"]) == ("not-recognised", "02")
    assert told["text"] == "病情变化"


OWN = {"system": "https://his.example.org/reasons", "code": "d7ecf885", "display": "Habit"}


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({}, None),
        ({"overrideReason": {"reason": OWN}}, "Habit"),
        ({"overrideReason": {"reason": OWN, "userComment": "again"}}, "Habit again"),
        ({"overrideReason": {"reason": {**OWN, "display": ""}}}, "d7ecf885"),
        ({"overrideReason": {"userComment": "again"}}, "again"),
        ({"overrideReason": {"reason": {"system": NON_RECOGNITION_REASON, "code": "77"}}}, "77"),
    ],
)
async def test_an_override_needs_no_reason_of_ours(consortium, card, more, text):
    assert statuses(await tell(consortium, overridden(card, **more))) == ["recorded"]
    told = (await ledger(consortium, card))["answers"][0]
    assert "reason" not in told
    assert told.get("text") == text


async def test_told_twice_it_is_kept_once(consortium, card):
    piece = accepted(card, outcomeTimestamp=EARLY)
    assert statuses(await tell(consortium, piece)) == ["recorded"]
    assert statuses(await tell(consortium, piece, piece)) == ["repeated", "repeated"]
    assert len((await ledger(consortium, card))["answers"]) == 1


async def test_the_newest_outcome_counts_whenever_it_comes(consortium, card):
    await tell(consortium, overridden(card, outcomeTimestamp=LATE))
    await tell(consortium, accepted(card, outcomeTimestamp=EARLY))
    told = await ledger(consortium, card)
    assert told["state"]["choice"] == "not-recognised"
    assert len(told["answers"]) == 2


async def test_an_unknown_card_of_a_batch_is_named_and_the_rest_is_kept(consortium, card):
    stranger = {"card": str(uuid.uuid4()), "outcome": "overridden"}
    answer = await tell(consortium, stranger, accepted(card))
    assert answer.status_code == 404
    assert answer.json()["error"]["place"] == "feedback[0].card"
    assert [one["status"] for one in answer.json()["feedback"]] == ["unknown-card", "recorded"]


async def test_a_card_is_unknown_to_another_campus(consortium, card):
    body = {"feedback": [overridden(card, outcomeTimestamp=EARLY)]}
    answer = await consortium.b.post(CDS, json=body)
    assert answer.status_code == 404
    assert (await ledger(consortium, card))["answers"] == []


async def test_an_unknown_suggestion_is_named(consortium, card):
    piece = {**accepted(card), "acceptedSuggestions": [{"id": str(uuid.uuid4())}]}
    answer = await tell(consortium, piece)
    assert answer.json()["error"]["place"] == "feedback[0].acceptedSuggestions"
    assert (await ledger(consortium, card))["answers"] == []


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ({"outcome": "ignored"}, "feedback[1].outcome"),
        ({"outcome": "accepted"}, "feedback[1].acceptedSuggestions"),
        ({"outcomeTimestamp": "yesterday"}, "feedback[1].outcomeTimestamp"),
        ({"outcomeTimestamp": "2026-11-20T08:00:00"}, "feedback[1].outcomeTimestamp"),
        ({"outcomeTimestamp": None}, "feedback[1].outcomeTimestamp"),
        ({"card": 7}, "feedback[1].card"),
        ({"overrideReason": "none"}, "feedback[1].overrideReason"),
    ],
)
async def test_of_a_batch_with_a_malformed_piece_nothing_is_kept(consortium, card, more, place):
    answer = await tell(consortium, accepted(card), {**overridden(card), **more})
    assert (answer.status_code, answer.json()["error"]["place"]) == (400, place)
    assert (await ledger(consortium, card))["answers"] == []


@pytest.mark.parametrize("body", [{}, {"feedback": []}, {"feedback": {}}, []])
async def test_feedback_is_an_array_with_something_in_it(consortium, body):
    assert (await consortium.a.post(CDS, json=body)).status_code == 400


@pytest.mark.parametrize("card", ["", "card", "x" * 4000])
async def test_what_is_no_uuid_is_an_unknown_card(consortium, card):
    answer = await tell(consortium, {"card": card, "outcome": "overridden"})
    assert answer.status_code == 404


async def test_feedback_on_a_result_that_was_amended_is_kept_and_recalled(consortium):
    _, observation = await consortium.measured()
    (card,) = await consortium.hooks.call("order-sign", consortium.sign(draft()))
    changed = {**observation, "status": "corrected"}
    changed["valueQuantity"] = {**observation["valueQuantity"], "value": 88}
    put = await consortium.b.put(f"/Observation/{observation['id']}", json=changed)
    assert put.status_code == 200, put.text
    assert statuses(await tell(consortium, accepted(card))) == ["recalled"]
    tasks = await consortium.a.get("/Task?code=urn:hutong:cs:task|recognition-recall")
    assert len(tasks.json()["entry"]) == 1


@pytest.mark.parametrize("id_", ["", "none"])
async def test_a_card_without_a_suggestion_has_none_to_accept(consortium, id_):
    # Older than its validity: it is shown for reference, and nothing is suggested.
    await consortium.measured(effectiveDateTime="2020-01-01T08:00:00+08:00")
    (shown,) = await consortium.hooks.call("order-sign", consortium.sign(draft()))
    assert "suggestions" not in shown
    piece = {"card": shown["uuid"], "outcome": "accepted", "outcomeTimestamp": EARLY}
    answer = await tell(consortium, {**piece, "acceptedSuggestions": [{"id": id_}]})
    assert answer.status_code == 404
    assert (await ledger(consortium, shown))["answers"] == []
