"""FHIR history of one resource, of a type and of all, newest first.

https://hl7.org/fhir/R4/http.html#history. Pages are cut by place, never by number: what is written
meanwhile moves none of them.
"""

from dataclasses import dataclass, field, replace

from msgspec.structs import replace as changed

from gateway.access.actor import Actor
from gateway.errors import ForbiddenError, InvalidRequestError, NotFoundError, NotSupportedError
from gateway.fhir.dates import interval, plussed
from gateway.fhir.definitions import RESOURCE_TYPES, TYPE_IDS
from gateway.interactions import paging, published_view
from gateway.interactions.context import is_closed
from gateway.interactions.door import Door, require
from gateway.interactions.record import record
from gateway.interactions.results import Page
from gateway.store.stored import Stored
from gateway.store.versions import Versions

DEFAULT_COUNT = 50
MAX_COUNT = 1000
TICKS = 10

Params = list[tuple[str, str]]


async def history(door: Door, actor: Actor, type_: str, id_: str, params: Params) -> Page:
    """Return a page of one resource's versions, tombstones included."""
    require(actor, type_, "r")
    current = door.store.current(type_, id_) or published_view.find(type_, id_)
    if (
        current is None
        or not door.store.may_read(current, door.viewer(actor))
        or is_closed(door, actor, current)
    ):
        raise NotFoundError(f"There is no such {type_}.")
    asked = _asked(door, actor, f"{type_}/{id_}", params)
    query = changed(asked.query, viewer=door.viewer(actor), key=current.key)
    await record(door, actor, "R", (current,), "_history")
    if current.key < 0:
        # R4's own never change.
        return Page([] if asked.is_counted else [current], applied=asked.applied, total=1)
    return await _page(door, actor, f"{type_}/{id_}", replace(asked, query=query))


async def history_of_type(door: Door, actor: Actor, type_: str, params: Params) -> Page:
    """Return a page of the versions of all resources of a type that the caller may read."""
    require(actor, type_, "r")
    asked = _asked(door, actor, f"{type_}/_history", params)
    query = changed(asked.query, viewer=door.viewer(actor), types=(TYPE_IDS[type_],))
    page = await _page(door, actor, f"{type_}/_history", replace(asked, query=query))
    await record(door, actor, "R", page.matches, f"{type_}/_history")
    return page


async def history_of_all(door: Door, actor: Actor, params: Params) -> Page:
    """Return a page of the versions of everything that the caller may read."""
    types = [name for name in RESOURCE_TYPES if actor.may(name, "r")]
    if not types:
        raise ForbiddenError("The token's scopes allow read on no type.")
    asked = _asked(door, actor, "_history", params)
    some = () if len(types) == len(RESOURCE_TYPES) else tuple(TYPE_IDS[one] for one in types)
    query = changed(asked.query, viewer=door.viewer(actor), types=some)
    page = await _page(door, actor, "_history", replace(asked, query=query))
    await record(door, actor, "R", page.matches, "_history")
    return page


@dataclass(frozen=True, slots=True)
class _Asked:
    """A history taken apart; `issued` is when its first page was made, 0 if this is it."""

    query: Versions
    applied: Params = field(default_factory=list)
    issued: int = 0
    is_counted: bool = False


def _asked(door: Door, actor: Actor, place: str, params: Params) -> _Asked:
    token = None
    if pages := [value for name, value in params if name == "_page"]:
        token = paging.open_token(door, actor, place, pages[0])
        params = [*token.params, *(pair for pair in params if pair[0] not in {"_page", "_count"})]
    else:
        _each_once(params)
    query = Versions(door.viewer(actor), count=DEFAULT_COUNT)
    for name, value in params:
        query = _narrowed(door, query, name, value)
    applied = list(params)
    if token:
        query = changed(query, count=token.count, before=int(token.after[0] or 0))
    elif not any(name == "_count" for name, _ in applied):
        applied.append(("_count", str(query.count)))
    is_counted = ("_summary", "count") in params or not query.count
    return _Asked(query, applied, token.issued if token else 0, is_counted)


def _each_once(params: Params) -> None:
    names = [name for name, _ in params]
    for name in ("_at", "_count", "_since"):
        if names.count(name) > 1:
            raise InvalidRequestError(f"{name} is given once.", expression=f"http.{name}")


def _narrowed(door: Door, query: Versions, name: str, value: str) -> Versions:
    """Return the query with what one parameter asks for."""
    match name:
        case "_count":
            return changed(query, count=counted(value))
        case "_since":
            return changed(query, since=_rows(door, name, value)[0])
        case "_at":
            return changed(query, held=_rows(door, name, value))
        case "_summary" if value in {"count", "false"}:
            return query
        case "_list":
            raise NotSupportedError("_list is not supported in a history.", expression="http._list")
        case _:
            raise InvalidRequestError(
                "A history takes _at, _count, _since, _elements, _format, _pretty and _summary.",
                expression=f"http.{name[:32]}",
            )


async def _page(door: Door, actor: Actor, place: str, asked: _Asked) -> Page:
    query = asked.query
    if asked.is_counted:
        return Page([], applied=asked.applied, total=await door.store.count_versions(query))
    found = await door.store.versions(changed(query, count=query.count + 1))
    shown, more = found[: query.count], ""
    if len(found) > query.count:
        last = shown[-1].version if query.key else shown[-1].row
        token = paging.Token(0, query.count, (last,), asked.issued, asked.applied)
        more = paging.seal(door, actor, place, token)
    total = None if more or query.before else len(shown)
    return Page(_open(door, actor, shown), next=more, applied=asked.applied, total=total)


def _open(door: Door, actor: Actor, shown: list[Stored]) -> list[Stored]:
    return [one for one in shown if not is_closed(door, actor, one)]


def _rows(door: Door, name: str, value: str) -> tuple[int, int]:
    """Return a time as rows: the first microsecond at or after its ends."""
    try:
        lo, hi = interval(plussed(value), door.zone)
    except ValueError as error:
        raise InvalidRequestError(
            f"{name} takes a date or an instant.", expression=f"http.{name}"
        ) from error
    return -(-lo // TICKS), -(-hi // TICKS)


def counted(value: str) -> int:
    """Return a `_count`, no larger than MAX_COUNT."""
    if not (value.isascii() and value.isdigit()):
        raise InvalidRequestError("_count is a whole number.", expression="http._count")
    return min(int(value[:9]), MAX_COUNT)
