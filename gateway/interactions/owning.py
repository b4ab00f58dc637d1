"""Whose a resource is: whoever made it owns it for good, and nobody else changes it."""

from typing import Final

from gateway.access.actor import CONSORTIUM_CODE, Actor
from gateway.errors import ConflictError, ForbiddenError
from gateway.interactions.door import Door
from gateway.interactions.keys import organization_id
from gateway.interactions.prepare import Change
from gateway.store.records import CONSORTIUM
from gateway.store.stored import Stored

CONSORTIUM_TYPES: Final = frozenset({"Person"})
FOR_THE_CONSORTIUM: Final = frozenset({"Organization", "SearchParameter"})
"""What an administrator may write without naming a campus."""


def owner_of(actor: Actor, change: Change, current: Stored | None, door: Door) -> tuple[int, str]:
    """Return (campus, code) of who owns the resource: whoever made it, for good."""
    if change.owner is not None:
        return change.owner
    if current is not None and not current.deleted:
        return current.campus, door.directory.code(current.campus, CONSORTIUM_CODE)
    if _is_consortiums(door, change):
        return CONSORTIUM, CONSORTIUM_CODE
    if actor.campus == CONSORTIUM and change.type not in FOR_THE_CONSORTIUM:
        raise ForbiddenError("An administrator's write names its campus (header X-Hutong-Campus).")
    return actor.campus, actor.code


def _is_consortiums(door: Door, change: Change) -> bool:
    """Return whether it belongs to all: a Person, or the Organization that a campus is."""
    if change.type == "Organization":
        return any(change.id == organization_id(one.code) for one in door.directory.campuses())
    return change.type in CONSORTIUM_TYPES


def check_owner(door: Door, actor: Actor, change: Change, current: Stored | None) -> None:
    """Pass only writes to what is the actor's; what is hidden from it is not told of."""
    if current is None:
        if _is_consortiums(door, change) and not actor.has("admin"):
            raise ForbiddenError(
                f"{change.type} belongs to the consortium; an administrator writes it."
            )
        return
    if current.campus == actor.campus or (current.campus == CONSORTIUM and actor.has("admin")):
        return
    if door.store.may_read(current, door.viewer(actor)):
        raise ForbiddenError("The resource belongs to another campus.")
    raise ConflictError("This id cannot be used.")
