"""FHIR update, also with a client's id.

https://hl7.org/fhir/R4/http.html#update
"""

import re

from gateway.access.actor import Actor
from gateway.errors import InvalidRequestError, VersionConflictError
from gateway.interactions.audit_view import refuse_write
from gateway.interactions.commit import Change, check_owner, commit
from gateway.interactions.door import Door, require
from gateway.interactions.prepare import inspect
from gateway.interactions.results import Written
from gateway.interactions.retry import retried
from gateway.store.stored import Stored

ID = re.compile(r"[A-Za-z0-9\-.]{1,64}", re.ASCII)
ETAG = re.compile(r'(?:W/)?"(\d{1,18})"', re.ASCII)


async def update(  # noqa: PLR0913, PLR0917 - a PUT has these parts
    door: Door, actor: Actor, type_: str, id_: str, body: bytes, if_match: str = ""
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
        current = door.store.current(type_, id_)
        if if_match:
            # Whose it is comes first: what is hidden must not tell its version.
            check_owner(door, actor, Change(type_, id_, body), current)
        expect = expected(if_match, current)
        (written,) = await commit(door, actor, [Change(type_, id_, body, expect, seen=seen)])
        return written

    return await retried(attempt, final=frozenset({"claim"}))


def expected(if_match: str, current: Stored | None) -> int | None:
    """Return the version that `If-Match` asks for; VersionConflictError if another is current."""
    if not if_match:
        return None
    found = ETAG.fullmatch(if_match.strip())
    if not found:
        raise InvalidRequestError('If-Match has the form W/"3".', expression="If-Match")
    version = int(found[1])
    if current is None or current.deleted or current.version != version:
        raise VersionConflictError("Another version is current.", expression="If-Match")
    return version
