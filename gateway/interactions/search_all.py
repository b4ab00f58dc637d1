"""FHIR search over several types, which `_type` names: GET [base]?_type=A,B.

https://hl7.org/fhir/R4/http.html#search. Type after type, each as a search of its own: pages go
through the first type, then the next.
"""

from dataclasses import dataclass, field
from typing import Final

from gateway.access.actor import Actor
from gateway.errors import InvalidRequestError, NotSupportedError
from gateway.fhir.definitions import TYPE_IDS
from gateway.interactions import paging
from gateway.interactions.context import withhold
from gateway.interactions.door import Door, require
from gateway.interactions.history import DEFAULT_COUNT, counted
from gateway.interactions.results import Page
from gateway.interactions.search import search

PLACE: Final = "_search"

Params = list[tuple[str, str]]


@dataclass(slots=True)
class _Asked:
    """A search taken apart. `index` and `inner` say where a page begins."""

    types: list[str]
    params: Params
    applied: Params
    count: int
    index: int = 0
    inner: str = ""
    issued: int = 0
    page: Page = field(default_factory=lambda: Page([]))
    total: int | None = 0


async def search_all(door: Door, actor: Actor, params: Params, *, lenient: bool = False) -> Page:
    """Return a page of matches of the types that `_type` names, in their order."""
    asked = _asked(door, actor, params)
    for type_ in asked.types:
        require(actor, type_, "s")
    is_first = not (asked.index or asked.inner)
    more = ""
    while not more and asked.index < len(asked.types):
        left = asked.count - len(asked.page.matches)
        if not left and asked.count:
            more = _seal(door, actor, asked, "")
            break
        inner = await _inner(door, actor, asked, left, lenient=lenient)
        more = _seal(door, actor, asked, inner) if inner else ""
        asked.index += 1
    total = asked.total if is_first else None
    return Page(
        asked.page.matches, asked.page.includes, asked.page.notes, more, asked.applied, total
    )


async def _inner(door: Door, actor: Actor, asked: _Asked, left: int, *, lenient: bool) -> str:
    """Add what one type gives; return the token of its next page."""
    params = [*asked.params, ("_count", str(left))]
    if asked.inner:
        params, asked.inner = [("_page", asked.inner)], ""
    type_ = asked.types[asked.index]
    found = withhold(door, actor, await search(door, actor, type_, params, lenient=lenient))
    page = asked.page
    here = {(one.type, one.id) for one in (*page.matches, *page.includes)}
    page.matches.extend(found.matches)
    page.includes.extend(one for one in found.includes if (one.type, one.id) not in here)
    page.notes.extend(one for one in found.notes if one not in page.notes)
    if asked.total is not None:
        asked.total = None if found.total is None else asked.total + found.total
    return found.next


def _seal(door: Door, actor: Actor, asked: _Asked, inner: str) -> str:
    asked.total = None if "_total" not in dict(asked.params) else asked.total
    token = paging.Token(asked.index, asked.count, (inner,), asked.issued, asked.applied)
    return paging.seal(door, actor, PLACE, token)


def _asked(door: Door, actor: Actor, params: Params) -> _Asked:
    token = None
    if pages := [value for name, value in params if name == "_page"]:
        token = paging.open_token(door, actor, PLACE, pages[0])
        params = token.params
    types, rest, count = [], [], DEFAULT_COUNT
    for name, value in params:
        if name == "_type":
            types += value.split(",")
        elif name == "_count":
            count = counted(value)
        elif name.partition(":")[0] == "_sort":
            raise NotSupportedError("_sort goes with one type.", expression="http._sort")
        else:
            rest.append((name, value))
    if not types or not all(one in TYPE_IDS for one in types):
        raise InvalidRequestError("_type names R4 resource types.", expression="http._type")
    asked = _Asked(list(dict.fromkeys(types)), rest, list(params), count)
    if token:
        asked.index, asked.inner = token.mark, str(token.after[0] or "")
        asked.issued = token.issued
    return asked
