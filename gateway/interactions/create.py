"""FHIR create.

https://hl7.org/fhir/R4/http.html#create. A resource whose business key its campus has used before
updates that resource (DESIGN §3, "Business keys decide").
"""

import uuid

from gateway.access.actor import Actor
from gateway.errors import ConflictError
from gateway.interactions.commit import NO_EXTRAS, Change, Extras, commit
from gateway.interactions.door import Door, require
from gateway.interactions.keys import FOR_ALL, claims, resource_id
from gateway.interactions.prepare import inspect
from gateway.interactions.results import Written
from gateway.interactions.retry import retried


async def create(
    door: Door, actor: Actor, type_: str, body: bytes, extras: Extras = NO_EXTRAS
) -> Written:
    """Return the resource that the body became: created, updated, or found unchanged."""
    require(actor, type_, "c")
    seen = inspect(body, type_)
    keys = claims(seen[0], actor.code)

    async def attempt() -> Written:
        id_ = locate(door, actor, type_, keys)
        (written,) = await commit(door, actor, [Change(type_, id_, body, seen=seen)], extras)
        return written

    return await retried(attempt)


def locate(door: Door, actor: Actor, type_: str, keys: list[tuple[str, str]]) -> str:
    """Return the id that a resource with these business keys has or gets."""
    found = {
        id_
        for system, value in keys
        if (id_ := door.store.by_key(actor.campus, type_, system, value))
    }
    if len(found) > 1:
        raise ConflictError(
            f"The identifiers lead to {len(found)} different resources.",
            expression=f"{type_}.identifier",
        )
    if found:
        return found.pop()
    if keys:
        id_ = resource_id("" if type_ in FOR_ALL else actor.code, type_, *keys[0])
        current = door.store.current(type_, id_)
        # What got the id first may bear another number since, or be another campus's.
        if current is None or (current.deleted and current.campus == actor.campus):
            return id_
    return str(uuid.uuid4())
