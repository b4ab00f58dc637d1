"""FHIR conditional create: If-None-Exist.

https://hl7.org/fhir/R4/http.html#ccreate
"""

from gateway.access.actor import Actor
from gateway.interactions.commit import Change, Extras, commit
from gateway.interactions.create import locate
from gateway.interactions.door import Door, require
from gateway.interactions.keys import claims
from gateway.interactions.matching import Params, match
from gateway.interactions.prepare import inspect
from gateway.interactions.record import record
from gateway.interactions.results import Written
from gateway.interactions.retry import retried


async def create(door: Door, actor: Actor, type_: str, body: bytes, params: Params) -> Written:
    """Return the one resource that the criteria find, untouched, else what the body became."""
    require(actor, type_, "c")
    seen = inspect(body, type_)
    keys = claims(seen[0], actor.code)

    async def attempt() -> Written:
        matched = await match(door, actor, type_, params)
        if matched.found is not None:
            await record(door, actor, "R", (matched.found,))
            return Written(matched.found, created=False, changed=False)
        id_, leads = locate(door, actor, type_, keys)
        change = Change(type_, id_, body, seen=seen, leads=leads)
        (written,) = await commit(door, actor, [change], Extras(absent=[matched.guard]))
        return written

    return await retried(attempt)
