"""FHIR update, also with a client's id.

https://hl7.org/fhir/R4/http.html#update
"""

import re

from gateway.access.actor import Actor
from gateway.errors import InvalidRequestError
from gateway.interactions.commit import Change, commit
from gateway.interactions.door import Door, require
from gateway.interactions.owning import check_owner
from gateway.interactions.preconditions import NO_PRECONDITIONS, Preconditions
from gateway.interactions.prepare import inspect
from gateway.interactions.read_only import refuse_write
from gateway.interactions.results import Written
from gateway.interactions.retry import retried

ID = re.compile(r"[A-Za-z0-9\-.]{1,64}", re.ASCII)


async def update(  # noqa: PLR0913, PLR0917 - a PUT has these parts
    door: Door,
    actor: Actor,
    type_: str,
    id_: str,
    body: bytes,
    given: Preconditions = NO_PRECONDITIONS,
) -> Written:
    """Return the resource after the update; one that had not been there is created."""
    require(actor, type_, "u")
    refuse_write(type_, id_)
    if not ID.fullmatch(id_):
        raise InvalidRequestError("An id has 1-64 letters, digits, '-' and '.'.", expression="id")
    seen = inspect(body, type_)
    if seen[0].get("id") != id_:
        raise InvalidRequestError(
            "The id in the body must be the one in the address.", expression=f"{type_}.id"
        )

    async def attempt() -> Written:
        expect = None
        if given:
            current = door.store.current(type_, id_)
            # Whose it is comes first: what is hidden must not tell its version.
            check_owner(door, actor, Change(type_, id_, body), current)
            expect = given.check(current)
        (written,) = await commit(door, actor, [Change(type_, id_, body, expect, seen=seen)])
        return written

    return await retried(attempt, final=frozenset({"claim"}))
