"""What may refuse a caller's write before anything follows from it: rules of single types.

The door asks each of its guards; unlike followers they may wait for what they look up. Changes that
the gateway makes by itself are not asked about.
"""

from typing import TYPE_CHECKING, Protocol

from gateway.access.actor import Actor
from gateway.fhir.codec import Resource
from gateway.store.stored import Stored

if TYPE_CHECKING:
    from gateway.interactions.door import Door


class Guard(Protocol):
    """Asked of every change that a caller asks for: silent about the types it is not for."""

    async def __call__(
        self,
        door: "Door",
        actor: Actor,
        type_: str,
        current: Stored | None,
        after: Resource | None,
    ) -> None:
        """Return if the change may be made; GatewayError. `after` is None where it deletes."""
        ...
