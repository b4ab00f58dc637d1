"""FHIR create.

https://hl7.org/fhir/R4/http.html#create. A resource whose business key its campus has used before
updates that resource (DESIGN §3, "Business keys decide").
"""

import uuid

from gateway.access.actor import Actor
from gateway.errors import ConflictError
from gateway.fhir.definitions import TYPE_IDS
from gateway.interactions.commit import NO_EXTRAS, Change, Extras, commit
from gateway.interactions.door import Door, require
from gateway.interactions.keys import FOR_ALL, claims, resource_id
from gateway.interactions.prepare import inspect
from gateway.interactions.results import Written
from gateway.interactions.retry import retried
from gateway.store.records import Require


async def create(
    door: Door, actor: Actor, type_: str, body: bytes, extras: Extras = NO_EXTRAS
) -> Written:
    """Return the resource that the body became: created, updated, or found unchanged."""
    require(actor, type_, "c")
    seen = inspect(body, type_)
    keys = claims(seen[0], actor.code)

    async def attempt() -> Written:
        id_, leads = locate(door, actor, type_, keys)
        change = Change(type_, id_, body, seen=seen, leads=leads)
        (written,) = await commit(door, actor, [change], extras)
        return written

    return await retried(attempt)


def locate(
    door: Door, actor: Actor, type_: str, keys: list[tuple[str, str]]
) -> tuple[str, tuple[Require, ...]]:
    """Return the id that a resource with these business keys has or gets, and where each leads."""
    leads = tuple(
        Require(
            TYPE_IDS[type_],
            actor.campus,
            system,
            value,
            door.store.by_key(actor.campus, type_, system, value) or "",
        )
        for system, value in keys
    )
    return _located(door, actor, type_, leads), leads


def _located(door: Door, actor: Actor, type_: str, leads: tuple[Require, ...]) -> str:
    found = {one.id for one in leads} - {""}
    if len(found) > 1:
        raise ConflictError(
            f"The identifiers lead to {len(found)} different resources.",
            expression=f"{type_}.identifier",
        )
    if found:
        return found.pop()
    if leads:
        first = leads[0]
        code = "" if type_ in FOR_ALL else actor.code
        id_ = resource_id(code, type_, first.system, first.value)
        current = door.store.current(type_, id_)
        # What got the id first may bear another number since, or be another campus's.
        if current is None or (current.deleted and current.campus == actor.campus):
            return id_
    return str(uuid.uuid4())
