"""Orders that a hook names without sending them along: of our store, else of the prefetch.

https://cds-hooks.hl7.org/hooks/order-dispatch/
"""

from dataclasses import replace
from typing import Final

import msgspec

from gateway.access.actor import Actor
from gateway.api.hooks.context import ORDER, Bundle, Called, Draft, tail
from gateway.api.hooks.whose import Missing, prefetched
from gateway.errors import PreconditionError
from gateway.interactions.door import Door
from gateway.recognition.elements import read
from gateway.recognition.orders import Held, order

KEYS: Final = ("order", "dispatchedOrders")


def with_orders(door: Door, actor: Actor, called: Called) -> Called | None:
    """Return the call with its orders, None where the client says that it has them not."""
    if not called.references:
        return called
    wanted = [name for name in called.references if name.startswith(f"{ORDER}/")]
    drafts = {name: draft for name in wanted if (draft := _stored(door, actor, name))}
    if len(drafts) == len(wanted):
        return replace(called, drafts=tuple(drafts.values()))
    sent = _sent(called)
    if sent is None:
        return None
    for name in wanted:
        if name not in drafts and name not in sent:
            raise PreconditionError("This order was not sent.", expression="prefetch.order")
    found = (drafts.get(name) or sent[name] for name in wanted)
    return replace(called, drafts=tuple(found))


def _stored(door: Door, actor: Actor, name: str) -> Draft | None:
    """Return an order of the caller's own campus: another's of the same id is another order."""
    stored = door.store.current(ORDER, name.partition("/")[2])
    if stored is None or stored.deleted or stored.campus != actor.campus:
        return None
    body = stored.json()
    one = order(body, name)
    subject = one.subject.reference if one.subject else ""
    return Draft(name, name, one, body, subject.removeprefix("Patient/") or "-")


def _sent(called: Called) -> dict[str, Draft] | None:
    """Return the orders of the prefetch by name, None where it says that there are none."""
    held = [(key, prefetched(called, key)) for key in KEYS]
    if any(isinstance(body, Missing) for _, body in held):
        return None
    found: dict[str, Draft] = {}
    for key, body in held:
        if body is not None and not isinstance(body, Missing):
            found |= _read(body, f"prefetch.{key}")
    return found


def _read(body: msgspec.Raw, place: str) -> dict[str, Draft]:
    """Return the orders that a resource is, or holds as a Bundle."""
    kind = read(body, Held, place)
    if kind.resource_type == "Bundle":
        entries = read(body, Bundle, place).entry
        found: dict[str, Draft] = {}
        for index, entry in enumerate(entries):
            found |= _read(entry.resource, f"{place}.entry[{index}].resource")
        return found
    name = tail(f"{kind.resource_type}/{kind.id}")
    if kind.resource_type != ORDER or not name:
        return {}
    return {name: Draft(place, name, order(body, place), bytes(body))}
