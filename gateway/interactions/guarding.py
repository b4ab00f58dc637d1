"""What may refuse a caller's write before anything follows from it: rules of single types.

The door asks the guard of each type; unlike followers it may wait for what it looks up. Changes
that the gateway makes by itself are not asked about.
"""

from typing import TYPE_CHECKING, Protocol

from gateway.access.actor import Actor
from gateway.fhir.codec import Resource
from gateway.store.stored import Stored

if TYPE_CHECKING:
    from gateway.interactions.door import Door
    from gateway.interactions.item import Item


class Guard(Protocol):
    """Asked of every change to a resource of its type that a caller asks for."""

    async def __call__(
        self, door: "Door", actor: Actor, current: Stored | None, after: Resource | None
    ) -> None:
        """Return if the change may be made; GatewayError. `after` is None where it deletes."""
        ...


async def guarded(door: "Door", actor: Actor, item: "Item") -> None:
    """Pass what no guard refuses."""
    for type_, guard in () if item.trusted else door.guards:
        if item.change.type == type_:
            after = item.prepared.resource if item.prepared else None
            await guard(door, actor, item.current, after)
