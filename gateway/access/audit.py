"""The record of who did what: one event a request with all its entities (DESIGN §3, "Audit").

The store chains the events; all that a record says is in its body, so that the chain covers it.
It is shown as https://hl7.org/fhir/R4/auditevent.html.
"""

import time
from collections.abc import Iterable
from typing import Final, Literal

import msgspec

from gateway.access.actor import Actor
from gateway.store.records import Audited

Action = Literal["C", "R", "U", "D", "E"]
"""https://hl7.org/fhir/R4/valueset-audit-event-action.html; a search is E."""

Outcome = Literal["0", "4", "8", "12"]
"""https://hl7.org/fhir/R4/valueset-audit-event-outcome.html; a refusal is 4."""

QUERY_LIMIT: Final = 4096
"""Characters of a query that are kept."""


def _now() -> int:
    return time.time_ns() // 1000


class Event(msgspec.Struct, omit_defaults=True, frozen=True):
    """One record. `entities` are relative references, with their version where it is known."""

    at: int
    token: int
    campus: int
    action: Action
    name: str = ""
    person: str = ""
    entities: tuple[str, ...] = ()
    outcome: Outcome = "0"
    query: str = ""
    reason: str = ""
    break_glass: bool = False


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Event).decode


def event(  # noqa: PLR0913 - a record has as many parts as the standard names
    actor: Actor,
    action: Action,
    entities: Iterable[str],
    *,
    outcome: Outcome = "0",
    query: str = "",
    reason: str = "",
    break_glass: bool = False,
    at: int | None = None,
) -> Audited:
    """Return the record of what an actor did to entities; `at` in microseconds, by default now."""
    moment = _now() if at is None else at
    record = Event(
        at=moment,
        token=actor.token,
        campus=actor.campus,
        action=action,
        name=actor.name,
        person=actor.person,
        entities=tuple(entities),
        outcome=outcome,
        query=query[:QUERY_LIMIT],
        reason=reason,
        break_glass=break_glass,
    )
    return Audited(moment, actor.campus, actor.token, _encode(record))


def read_event(body: bytes) -> Event:
    """Return the record that a row of the audit holds."""
    return _decode(body)
