"""Feedback: what became of cards, into the ledger.

https://cds-hooks.hl7.org/2.0/#feedback. It may come late, in batches, and again.
"""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

import msgspec

from gateway.access.clients import Caller
from gateway.api.answer import Answer
from gateway.api.call import Call
from gateway.api.hooks.caller import caller_of
from gateway.api.hooks.cards import suggestion_id
from gateway.api.hooks.serve import service_of
from gateway.api.hooks.suggest import kind_of
from gateway.api.problem import JSON, as_problem
from gateway.errors import InvalidRequestError, NotFoundError
from gateway.fhir.codec import encode
from gateway.recognition.elements import Coding, read
from gateway.recognition.ledger.answer import answer
from gateway.recognition.ledger.model import Said
from gateway.recognition.reasons import REASONS
from gateway.recognition.service import StoredDecision
from mappers.names import NON_RECOGNITION_REASON

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
MAX_TEXT: Final = 4_000
MAX_PIECES: Final = 500


class Accepted(msgspec.Struct, frozen=True):
    """A suggestion that was taken."""

    id: str


class OverrideReason(msgspec.Struct, frozen=True, rename="camel"):
    """Why a card was not followed."""

    reason: Coding | None = None
    user_comment: str = ""


class Feedback(msgspec.Struct, frozen=True, rename="camel"):
    """What became of one card."""

    card: str
    outcome: Literal["accepted", "overridden"]
    outcome_timestamp: str
    accepted_suggestions: tuple[Accepted, ...] = ()
    override_reason: OverrideReason | None = None


class Sent(msgspec.Struct, frozen=True):
    """The body."""

    feedback: tuple[Feedback, ...]


async def feedback(call: Call) -> Answer:
    """Return what was recorded; 404 where a card or suggestion is not known, the rest is kept."""
    caller = await caller_of(call)
    service_of(call)
    sent = read(await call.resource(), Sent, "").feedback
    if not 0 < len(sent) <= MAX_PIECES:
        raise InvalidRequestError(f"There are 1 to {MAX_PIECES} pieces.", expression="feedback")
    # All is looked at before any of it is written.
    moments = [_moment(one, f"feedback[{index}]") for index, one in enumerate(sent)]
    told = [
        {"card": one.card, "status": await _taken(call, caller, one, at)}
        for one, at in zip(sent, moments, strict=True)
    ]
    return _answer(told)


def _answer(told: list[dict[str, str]]) -> Answer:
    for index, one in enumerate(told):
        if one["status"].startswith("unknown"):
            word = one["status"].removeprefix("unknown-")
            place = f"feedback[{index}].{'card' if word == 'card' else 'acceptedSuggestions'}"
            problem = as_problem(NotFoundError(f"There is no such {word}.", expression=place))
            whole = {**msgspec.json.decode(problem.body), "feedback": told}
            return Answer(encode(whole), problem.status_code, kind=JSON)
    return Answer(encode({"feedback": told}), kind=JSON)


def _moment(one: Feedback, place: str) -> int:
    """Return when it happened (µs), of feedback that says all that it must."""
    if one.outcome == "accepted" and not one.accepted_suggestions:
        raise InvalidRequestError("This is missing.", expression=f"{place}.acceptedSuggestions")
    try:
        at = datetime.fromisoformat(one.outcome_timestamp)
        return (at - EPOCH) // MICROSECOND
    except (ValueError, TypeError, OverflowError) as error:
        # TypeError: without a zone it is no moment.
        raise InvalidRequestError(
            "This is no time with its zone (RFC 3339 §5.6).", expression=f"{place}.outcomeTimestamp"
        ) from error


async def _taken(call: Call, caller: Caller, one: Feedback, at: int) -> str:
    """Return what became of one piece: recorded, repeated, recalled, or what is not known."""
    stored = _stored(call, caller, one.card)
    if stored is None:
        return "unknown-card"
    kind = kind_of(stored.decision)
    known = suggestion_id(stored.id, kind) if kind else ""
    if any(not known or each.id != known for each in one.accepted_suggestions):
        return "unknown-suggestion"
    person = caller.actor.person or stored.request.doctor
    done = await answer(
        call.door, call.service.catalogues, caller.actor, stored.id, _said(one, at, person)
    )
    return "recalled" if done.task else "repeated" if done.repeated else "recorded"


def _stored(call: Call, caller: Caller, card: str) -> StoredDecision | None:
    try:
        id_ = str(uuid.UUID(card))
    except ValueError:
        return None
    return call.service.recognition.stored(caller.actor, id_)


def _said(one: Feedback, at: int, person: str) -> Said:
    if one.outcome == "accepted":
        return Said("recognised", person=person, at=at, by_hook=True)
    given = one.override_reason or OverrideReason()
    code, text = _reason(given.reason), given.user_comment
    if given.reason is not None and not code:
        # The client's own reason is none of the dictionary; its words are kept.
        text = " ".join(filter(None, (given.reason.display or given.reason.code, text)))
    said: dict[str, Any] = {"reason": code, "text": text[:MAX_TEXT]}
    return Said("not-recognised", **said, person=person, at=at, by_hook=True)


def _reason(given: Coding | None) -> str:
    if given is None or given.system != NON_RECOGNITION_REASON:
        return ""
    return given.code if given.code in REASONS else ""
