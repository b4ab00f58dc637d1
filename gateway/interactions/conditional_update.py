"""FHIR conditional update: PUT [base]/[type]?criteria.

https://hl7.org/fhir/R4/http.html#cond-update
"""

import msgspec

from gateway.access.actor import Actor
from gateway.errors import ConflictError, InvalidRequestError
from gateway.interactions.commit import Change, Extras, commit
from gateway.interactions.create import locate
from gateway.interactions.door import Door, require
from gateway.interactions.keys import claims
from gateway.interactions.matching import Match, Params, match
from gateway.interactions.owning import check_owner
from gateway.interactions.preconditions import Preconditions
from gateway.interactions.prepare import Seen, inspect
from gateway.interactions.read_only import refuse_write
from gateway.interactions.results import Written
from gateway.interactions.retry import retried
from gateway.interactions.update import ID


async def update(  # noqa: PLR0913, PLR0917 - a PUT has these parts
    door: Door,
    actor: Actor,
    type_: str,
    body: bytes,
    params: Params,
    given: Preconditions,
) -> Written:
    """Return the one resource that the criteria find, updated; where there is none, a new one."""
    require(actor, type_, "u")
    seen = inspect(body, type_)
    named = str(seen[0].get("id", ""))
    refuse_write(type_, named)

    async def attempt() -> Written:
        matched = await match(door, actor, type_, params)
        one = Change(type_, named, body, seen=seen)
        change = settle(door, actor, one, matched, given)
        (written,) = await commit(door, actor, [change], Extras(absent=[matched.guard]))
        return written

    return await retried(attempt)


def settle(
    door: Door, actor: Actor, change: Change, matched: Match, given: Preconditions
) -> Change:
    """Return the change with the id that it writes. Its own is the one that the body names."""
    type_, seen, found = change.type, change.seen, matched.found
    given.check(found)
    if found is not None:
        if change.id not in {"", found.id}:
            raise InvalidRequestError(
                "The id in the body is not that of the resource that the criteria find.",
                expression=f"{type_}.id",
            )
        return _changed(change, found.id, found.version)
    change = _named(change, matched)
    if not change.id:
        id_, leads = locate(door, actor, type_, _keys(seen, actor))
        return msgspec.structs.replace(change, id=id_, leads=leads)
    current = door.store.current(type_, change.id)
    check_owner(door, actor, change, current)
    if current is not None and not current.deleted:
        raise ConflictError(
            f"{type_}/{change.id} is there, but the criteria do not find it.",
            expression=f"{type_}.id",
        )
    return _changed(change, change.id, current.version if current else 0)


def _named(change: Change, matched: Match) -> Change:
    """Return the change with the id that the criteria name, if they name one.

    A new resource with another id would not be what they find: each call would make one more.
    """
    if not matched.ids:
        return change
    named = matched.ids[0]
    if len(set(matched.ids)) > 1 or change.id not in {"", named} or not ID.fullmatch(named):
        raise InvalidRequestError(
            "The criteria name an id that nothing has, and that the new resource would not have.",
            expression="http._id",
        )
    refuse_write(change.type, named)
    return _changed(change, named, None)


def _changed(change: Change, id_: str, expect: int | None) -> Change:
    return msgspec.structs.replace(change, id=id_, expect=expect)


def _keys(seen: Seen | None, actor: Actor) -> list[tuple[str, str]]:
    return claims(seen[0], actor.code) if seen else []
