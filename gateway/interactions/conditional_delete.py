"""FHIR conditional delete: DELETE [base]/[type]?criteria, of one resource.

https://hl7.org/fhir/R4/http.html#3.1.0.7.1. Several matches are refused: what a caller did not
mean to lose is not lost by a criterion that finds more than was thought.
"""

from gateway.access.actor import Actor
from gateway.interactions.commit import Change, Extras, commit
from gateway.interactions.door import Door, require
from gateway.interactions.matching import Params, match
from gateway.interactions.preconditions import Preconditions
from gateway.interactions.read_only import refuse_write
from gateway.interactions.results import Written
from gateway.interactions.retry import retried
from gateway.store.stored import Stored


async def delete(
    door: Door, actor: Actor, type_: str, params: Params, given: Preconditions
) -> Stored | None:
    """Return the tombstone of the one resource that the criteria find; None where none is."""
    require(actor, type_, "d")

    async def attempt() -> Written | None:
        matched = await match(door, actor, type_, params)
        given.check(matched.found)
        if matched.found is None:
            return None
        id_, version = matched.found.id, matched.found.version
        refuse_write(type_, id_)
        change = Change(type_, id_, None, version)
        (written,) = await commit(door, actor, [change], Extras(absent=[matched.guard]))
        return written

    written = await retried(attempt)
    return written.stored if written else None
