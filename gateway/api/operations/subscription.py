"""`Subscription/$status`, `Subscription/{id}/$status`, `Subscription/{id}/$events`.

https://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition-backport-subscription-events.html
"""

import difflib
import uuid
from typing import Any, Final

from gateway.api.answer import Answer
from gateway.api.call import Call
from gateway.api.operations.inputs import Given, Inputs, Param, inputs
from gateway.errors import InvalidRequestError
from gateway.events import replay
from gateway.events.follow import STATES
from gateway.fhir.codec import encode
from gateway.store.body import instant

STATUS: Final = (Param("id", ("id",), many=True), Param("status", ("code",), many=True))
EVENTS: Final = (
    Param("eventsSinceNumber", ("string",)),
    Param("eventsUntilNumber", ("string",)),
    Param("content", ("code",)),
)
DIGITS: Final = 15


async def standing(call: Call) -> Answer:
    """Return how one subscription stands, or those of the caller."""
    asked = await inputs(call, STATUS)
    if call.id:
        found = [await replay.status(call.door, call.actor, call.id)]
    else:
        ids = [str(one) for one in asked.all("id")]
        states = [_state(one) for one in asked.given.get("status", ())]
        found = await replay.statuses(call.door, call.actor, ids, states)
    return Answer(_searchset(found, call.door.clock()))


async def events(call: Call) -> Answer:
    """Return events that were told, or should have been."""
    asked = await inputs(call, EVENTS)
    numbers = _number(asked, "eventsSinceNumber") or 1, _number(asked, "eventsUntilNumber")
    content: Any = asked.text("content")
    return Answer(await replay.events(call.door, call.actor, call.id, numbers, content))


def _state(given: Given) -> str:
    text = str(given.value)
    if text not in STATES:
        near = difflib.get_close_matches(text, STATES, 3, 0.6)
        hint = f"Near: {', '.join(near)}." if near else f"There are: {', '.join(STATES)}."
        told = f"A subscription has no such status. {hint}"
        raise InvalidRequestError(told, expression=given.place)
    return text


def _number(asked: Inputs, name: str) -> int | None:
    text = asked.text(name)
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= DIGITS):
        raise InvalidRequestError(f"{name} is a number.", expression=asked.place(name))
    return int(text)


def _searchset(found: list[dict[str, Any]], now: int) -> bytes:
    entries = [
        {"fullUrl": f"urn:uuid:{one['id']}", "resource": one, "search": {"mode": "match"}}
        for one in found
    ]
    bundle = {
        "resourceType": "Bundle",
        "id": str(uuid.uuid4()),
        "type": "searchset",
        "timestamp": instant(now),
        "total": len(entries),
    }
    return encode(bundle | ({"entry": entries} if entries else {}))
