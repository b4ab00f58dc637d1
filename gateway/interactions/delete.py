"""FHIR delete: a tombstone, the history stays.

https://hl7.org/fhir/R4/http.html#delete
"""

from gateway.access.actor import Actor
from gateway.interactions.commit import Change, commit
from gateway.interactions.door import Door, require
from gateway.interactions.preconditions import NO_PRECONDITIONS, Preconditions
from gateway.interactions.read_only import refuse_write
from gateway.interactions.results import Written
from gateway.interactions.retry import retried
from gateway.store.stored import Stored


async def delete(
    door: Door, actor: Actor, type_: str, id_: str, given: Preconditions = NO_PRECONDITIONS
) -> Stored | None:
    """Return the tombstone; None where there was nothing that the caller may see."""
    require(actor, type_, "d")
    refuse_write(type_, id_)

    async def attempt() -> Written | None:
        current = door.store.current(type_, id_)
        if current is None or not door.store.may_read(current, door.viewer(actor)):
            given.check(None)
            return None
        expect = given.check(current)
        (written,) = await commit(door, actor, [Change(type_, id_, None, expect)])
        return written

    written = await retried(attempt)
    return written.stored if written else None
