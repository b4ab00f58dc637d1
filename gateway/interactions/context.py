"""The security context of a Binary: who may not read what it belongs to may not read it.

https://hl7.org/fhir/R4/binary.html#security
"""

from typing import Final

from gateway.access.actor import Actor
from gateway.errors import Issue
from gateway.fhir.definitions import TYPE_IDS
from gateway.interactions.door import Door
from gateway.interactions.results import Page
from gateway.store.stored import Stored

BINARY: Final = TYPE_IDS["Binary"]


def is_closed(door: Door, actor: Actor, stored: Stored) -> bool:
    """Return whether a Binary's context keeps it from the caller."""
    is_binary = stored.type_id == BINARY and not stored.deleted
    context = stored.resource().get("securityContext") if is_binary else None
    if context is None:
        return False
    type_, _, rest = context.get("reference", "").removeprefix(f"{door.base}/").partition("/")
    if type_ not in TYPE_IDS:
        # What decides is not here, so nobody else can be let in.
        return stored.campus != actor.campus
    if not actor.may(type_, "r"):
        return True
    target = door.store.current(type_, rest.partition("/")[0])
    if target is None:
        return stored.campus != actor.campus
    return not door.store.may_read(target, door.viewer(actor))


def withhold(door: Door, actor: Actor, page: Page) -> Page:
    """Take out of a page what contexts keep from the caller, and say how much that was."""
    shown = (*page.matches, *page.includes)
    closed = [one for one in shown if one.type_id == BINARY and is_closed(door, actor, one)]
    if closed:
        page.matches[:] = [one for one in page.matches if one not in closed]
        page.includes[:] = [one for one in page.includes if one not in closed]
        text = f"{len(closed)} of this page cannot be shown."
        page.notes.append(Issue("information", "informational", text))
    return page
