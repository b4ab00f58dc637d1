"""Whether a resource is right, and whether a write of it would be taken.

https://hl7.org/fhir/R4/resource-operation-validate.html
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.access.actor import Actor
from gateway.errors import GatewayError, Issue
from gateway.fhir.codec import Resource, encode
from gateway.interactions.commit import Change
from gateway.interactions.door import Door, require
from gateway.interactions.keys import claims
from gateway.interactions.owning import check_owner
from gateway.interactions.read_only import refuse_write
from gateway.interactions.record import record
from gateway.interactions.references import unresolved
from gateway.interactions.terms import Finder

LETTERS: Final = {"create": "c", "update": "u", "delete": "d"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be validated. `id` is that of the address, "" of a type."""

    type: str
    id: str
    resource: Resource | None
    mode: str = ""
    profiles: Sequence[str] = ()


async def validated(door: Door, actor: Actor, asked: Asked) -> list[Issue]:
    """Return every finding, none where all is well."""
    issues = _allowed(door, actor, asked) if asked.mode in LETTERS else []
    resource = asked.resource
    if resource is None:
        return issues
    named = resource.get("resourceType")
    if named != asked.type:
        text = f"The address asks for {asked.type}."
        return [*issues, Issue("error", "invalid", text, "resourceType")]
    # FHIRPath takes a tenth of a second to load: whoever never validates does without.
    from gateway.conformance.examine import examined  # noqa: PLC0415

    finder = Finder(door, actor)
    issues += await examined(finder, resource, asked.profiles)
    issues += unresolved(asked.type, resource, door.base)
    stored = [one for one in finder.used.values() if one.key > 0]
    await record(door, actor, "E", stored, f"{asked.type}/$validate")
    return issues


def _allowed(door: Door, actor: Actor, asked: Asked) -> list[Issue]:
    """Return what stands against the write that is meant."""
    try:
        require(actor, asked.type, LETTERS[asked.mode])
        if asked.mode == "create":
            return _taken(door, actor, asked.resource or {})
        id_ = asked.id or str((asked.resource or {}).get("id", ""))
        if not id_:
            text = f"The mode {asked.mode} names the resource by its id."
            return [Issue("error", "required", text, f"{asked.type}.id")]
        if asked.id and asked.resource and asked.resource.get("id", asked.id) != asked.id:
            text = "The id in the body must be the one in the address."
            return [Issue("error", "value", text, f"{asked.type}.id")]
        refuse_write(asked.type, id_)
        _check_standing(door, actor, asked, id_)
    except GatewayError as error:
        return list(error.issues)
    return []


def _check_standing(door: Door, actor: Actor, asked: Asked, id_: str) -> None:
    """Pass where what stands there may be written over, or deleted."""
    current = door.store.current(asked.type, id_)
    hidden = current and not door.store.may_read(current, door.viewer(actor))
    # A delete of what is hidden is one of what is not there.
    if not (asked.mode == "delete" and hidden):
        body = encode(asked.resource) if asked.resource else None
        check_owner(door, actor, Change(asked.type, id_, body), current)


def _taken(door: Door, actor: Actor, resource: Any) -> list[Issue]:
    """Return whether a business key leads a create to a resource that is there."""
    for system, value in claims(resource, actor.code):
        if door.store.by_key(actor.campus, str(resource.get("resourceType")), system, value):
            text = "A resource with this business key is there: a create would update it."
            return [Issue("information", "duplicate", text, "identifier")]
    return []
