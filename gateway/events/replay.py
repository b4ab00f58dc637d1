"""How subscriptions stand, and what they were told: `$status` and `$events`.

https://hl7.org/fhir/uv/subscriptions-backport/operations.html. What is shown is what the caller may
read now, whatever was told before.
"""

from collections.abc import Collection
from typing import Any, Final

from gateway.access.actor import Actor
from gateway.errors import InvalidRequestError
from gateway.events.guard import TYPE
from gateway.events.notification import Event, Teller
from gateway.events.subscriber import Rights, Row
from gateway.events.wanted import CONTENTS, Content, Wanted, wanted
from gateway.fhir.codec import decode
from gateway.interactions.door import Door, require
from gateway.interactions.read import read
from gateway.interactions.record import record
from gateway.store.stored import Stored

MOST: Final = 1_000
"""Events of one answer; the next are asked for by their numbers."""
MOST_BYTES: Final = 16 * 1024 * 1024
"""Bytes of the resources in one answer, unless its first is larger."""


async def statuses(
    door: Door, actor: Actor, ids: Collection[str], states: Collection[str]
) -> list[dict[str, Any]]:
    """Return how subscriptions stand: those of some ids and states, all that the caller reads."""
    require(actor, TYPE, "r")
    viewer = door.viewer(actor)
    rows = door.store.fetch("subscriptions_of", (actor.campus,))
    shown: list[Stored] = []
    found = []
    for row in [Row(*one) for one in rows]:
        stored = door.store.current(TYPE, row.id)
        if (ids and row.id not in ids) or (states and row.status not in states):
            continue
        if stored is None or stored.deleted or not door.store.may_read(stored, viewer):
            continue
        shown.append(stored)
        found.append(_teller(door, row, stored).status("query-status", row.number))
    await record(door, actor, "R", shown, "$status")
    return found


async def status(door: Door, actor: Actor, id_: str) -> dict[str, Any]:
    """Return how one subscription stands."""
    stored = await read(door, actor, TYPE, id_)
    row = _row(door, stored)
    return _teller(door, row, stored).status("query-status", row.number)


async def events(
    door: Door, actor: Actor, id_: str, numbers: tuple[int, int | None], content: Content
) -> bytes:
    """Return a notification of the events from a number to a number, both of them included."""
    stored = await read(door, actor, TYPE, id_)
    if content and content not in CONTENTS:
        told = f"content is {', '.join(CONTENTS)}."
        raise InvalidRequestError(told, expression="http.content")
    row = _row(door, stored)
    first, last = numbers
    asked = (id_, first, row.number if last is None else last, MOST)
    teller = _teller(door, row, stored)
    allowed = Rights(actor, door.viewer(actor))
    found, size = list[Event](), 0
    for number, place in door.store.fetch("subscription_events", asked):
        rows = door.store.fetch("current_by_row", (place,))
        version = Stored(*rows[0][:-1]) if rows else None
        if version is not None and not allowed.may_read(door, version):
            version = None
        event = Event(number, place, version)
        size += event.size(content or teller.wanted.content or "id-only")
        if found and size > MOST_BYTES:
            break
        found.append(event)
    await record(door, actor, "R", [one.stored for one in found if one.stored], f"{TYPE}/{id_}")
    return teller.bundle("query-event", row.number, found, content)


def _row(door: Door, stored: Stored) -> Row:
    """Return how a subscription stands; one that was stored before there were any stands still."""
    rows = door.store.fetch("subscription", (stored.id,))
    if rows:
        return Row(*rows[0])
    return Row(stored.id, stored.campus, 0, stored.version, 3, 0, 0, 0, 0, None, None, 0, "")


def _teller(door: Door, row: Row, stored: Stored) -> Teller:
    return Teller(door.base, door.clock(), row, _wanted(door, stored))


def _wanted(door: Door, stored: Stored) -> Wanted:
    return wanted(decode(stored.json()), door.zone)
