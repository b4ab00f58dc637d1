"""FHIR history of one resource, newest first.

https://hl7.org/fhir/R4/http.html#history
"""

from gateway.access.actor import Actor
from gateway.errors import InvalidRequestError, NotFoundError
from gateway.interactions import paging
from gateway.interactions.door import Door, require
from gateway.interactions.record import record
from gateway.interactions.results import Page

DEFAULT_COUNT = 50
MAX_COUNT = 1000
NEWEST = 2**62


async def history(
    door: Door, actor: Actor, type_: str, id_: str, params: list[tuple[str, str]]
) -> Page:
    """Return a page of versions, tombstones included."""
    require(actor, type_, "r")
    current = door.store.current(type_, id_)
    if current is None or not door.store.may_read(current, door.viewer(actor)):
        raise NotFoundError(f"There is no such {type_}.")
    count, before = DEFAULT_COUNT, NEWEST
    for name, value in params:
        if name == "_count":
            count = counted(value)
        elif name == "_page":
            token = paging.open_token(door, actor, f"{type_}/{id_}", value)
            count, before = token.count, int(token.after[0] or 0)
        else:
            raise InvalidRequestError(
                "A history takes _count alone.", expression=f"http.{name[:32]}"
            )
    versions = door.store.history(current.key, before, count + 1) if count else []
    await record(door, actor, "R", (current,), "_history")
    more = ""
    if len(versions) > count:
        versions = versions[:count]
        token = paging.Token(0, count, (versions[-1].version,), 0, [])
        more = paging.seal(door, actor, f"{type_}/{id_}", token)
    total = current.version if not count else None if more or before != NEWEST else len(versions)
    return Page(versions, next=more, applied=[("_count", str(count))], total=total)


def counted(value: str) -> int:
    """Return a `_count`, no larger than MAX_COUNT."""
    if not (value.isascii() and value.isdigit()):
        raise InvalidRequestError("_count is a whole number.", expression="http._count")
    return min(int(value[:9]), MAX_COUNT)
