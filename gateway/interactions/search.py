"""FHIR search: on a type, in a compartment, over all types.

https://hl7.org/fhir/R4/search.html
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from operator import attrgetter
from typing import Final

from gateway.access.actor import Actor
from gateway.errors import (
    ForbiddenError,
    InvalidRequestError,
    Issue,
    NotFoundError,
    NotSupportedError,
)
from gateway.fhir.compartments import compartments
from gateway.fhir.definitions import RESOURCE_TYPES, TYPE_IDS, TYPE_NAMES
from gateway.fhir.searchparams import SearchParam, search_params
from gateway.interactions import audit_search, audit_view, detached, include, paging, published_view
from gateway.interactions.asked import CONTROLS, REPEATED, Asked, named_types
from gateway.interactions.clauses import WORDS
from gateway.interactions.door import Door, require
from gateway.interactions.look import NAMES
from gateway.interactions.names import Name, parse_name, safe
from gateway.interactions.record import record
from gateway.interactions.resolve import Asker, resolve
from gateway.interactions.results import Page
from gateway.interactions.several import resolve_each
from gateway.interactions.widening import widen
from gateway.store.query import Clause, Query, References
from gateway.store.results import Found

ESTIMATED: Final = 10_000
"""How far `_total=estimate` counts."""
INCLUDES: Final = frozenset({"_include", "_revinclude"})
PAGE_ALONE: Final = "_page has the whole search in it: nothing else is asked for beside it."
DETAILS: Final = NAMES | {"_detail"}
"""How matches are shown, which each page is asked anew."""
GUESSED: Final = frozenset(TYPE_IDS) - {
    *(audit_view.TYPE, *(TYPE_NAMES[one] for one in published_view.TYPE_NUMBERS)),
}
"""Where a guess serves: types that are found by the store's search alone."""
NEWLY: Final = frozenset({"number", "quantity", "uri", "composite", "special"})
"""Kinds of parameters that came to the index after the others."""


async def search(
    door: Door,
    actor: Actor,
    place: str,
    params: list[tuple[str, str]],
    *,
    lenient: bool = False,
) -> Page:
    """Return a page of matches, with what they include.

    `place` is a type, "*" for every type, or either in a compartment: `Patient/1/Observation`.
    """
    if type_ := place.rpartition("/")[2].strip("*"):
        require(actor, type_, "s")
    token: paging.Token | None = None
    beside: list[Issue] = []
    if pages := [value for name, value in params if name == "_page"]:
        token = paging.open_token(door, actor, place, pages[0])
        beside = _beside(params, token, lenient=lenient)
        params = token.params
    asker = Asker(door, actor, mark=token.mark if token else 0)
    asked, page = await _answered(asker, place, token, params, lenient=lenient)
    if not asked.whole and not detached.asked(asked.applied):
        detached.subset_all(page.matches)
        detached.subset_all(page.includes)
    page.notes.extend([*beside, *asked.skipped])
    if asked.newly and door.params.lacking():
        text = "Some resources are not indexed for this search yet; the reindex is under way."
        page.notes.append(Issue("warning", "incomplete", text))
    if asker.added and not pages:
        # Who asks for a number alone is told, and gets no resources.
        if not asked.counts:
            carry_links(door, actor, page, asker.added)
        tell_links(page)
    query = "&".join(f"{name}={value}" for name, value in params)
    await record(door, actor, "E", (*page.matches, *page.includes), query)
    return page


def _beside(
    params: Sequence[tuple[str, str]], token: paging.Token, *, lenient: bool
) -> list[Issue]:
    """Return what is passed over beside a page token; InvalidRequestError if that is strict.

    What the search asks for anyway may be said again: the link of a page to itself does.
    """
    first = [name for name, _ in params].index("_page")
    names = [
        name
        for index, (name, value) in enumerate(params)
        if index != first and (name, value) not in token.params and name not in DETAILS
    ]
    issues = [Issue("warning", "not-supported", PAGE_ALONE, f"http.{safe(name)}") for name in names]
    if issues and not lenient:
        raise InvalidRequestError(PAGE_ALONE, expression=issues[0].expression)
    return issues


async def _answered(
    asker: Asker,
    place: str,
    token: paging.Token | None,
    params: list[tuple[str, str]],
    *,
    lenient: bool,
) -> tuple[Asked, Page]:
    """Return what is asked, and its page: by a guess where that serves."""
    *compartment, type_ = place.split("/")
    type_ = type_.strip("*")
    asker.guess = token is None and place in GUESSED
    asked = await parse(asker, type_, params, lenient=lenient)
    if asker.guessed:
        if asked.is_plain and (page := await _page(asker, asked, None, place)).matches:
            return asked, page
        # There is nothing, or a Patient is alone no more.
        asker.guess = False
        asker.added.clear()
        asked = await parse(asker, type_, params, lenient=lenient)
    if compartment:
        _belong(asker, asked, *compartment)
    return asked, await _page(asker, asked, token, place)


async def parse(asker: Asker, type_: str, params: list[tuple[str, str]], *, lenient: bool) -> Asked:
    """Return the search that parameters ask for."""
    asked = Asked(type_, () if type_ else named_types(params))
    # What the others are read under comes first.
    asker.linked = ("_linked", "false") not in params
    for text, value in params:
        name = parse_name(text)
        try:
            audit_search.refuse(type_, name, value)
            if name.text in CONTROLS:
                _alone(asked, name.text)
                CONTROLS[name.text](asker.door, asked, value)
            elif name.code in INCLUDES:
                asked.includes.append(include.parse(asker.door.params, name, value, type_))
            else:
                asked.clauses.append(await _criterion(asker, asked, name, value))
        except InvalidRequestError as error:
            if not lenient:
                raise
            asked.skipped += [replace(issue, severity="warning") for issue in error.issues]
            continue
        asked.applied.append((text, value))
    return asked


def _alone(asked: Asked, code: str) -> None:
    """Pass a parameter that says one thing once."""
    if code not in REPEATED and any(text == code for text, _ in asked.applied):
        raise InvalidRequestError(f"{code} is given once.", expression=f"http.{code}")


async def _criterion(asker: Asker, asked: Asked, name: Name, value: str) -> Clause:
    """Return the clause of a parameter: of the type, of all types, or of each that is named."""
    params, types = asker.door.params, asked.named
    if types and (name.code == "_list" or name.code in params.of("")):
        types = ()
    for one in types or (asked.type,):
        _once(asked, params.of(one).get(name.code))
        asked.newly = asked.newly or is_new(one, name.text)
    if types:
        return await resolve_each(asker, types, name, value)
    return await resolve(asker, asked.type, name, value)


def _once(asked: Asked, param: SearchParam | None) -> None:
    """Pass what comes once, where a custom parameter's definition says so."""
    if param is None or param.limits.repeated:
        return
    if any(parse_name(text).code == param.code for text, _ in asked.applied):
        raise InvalidRequestError(
            f"{param.code} is asked for once: its definition says so.",
            expression=f"http.{param.code}",
        )


@lru_cache(4_096)
def is_new(type_: str, text: str) -> bool:
    """Return whether a parameter needs index tables that older data may lack."""
    name = parse_name(text)
    param = search_params(type_ or "Binary").get(name.code)
    return (
        bool(name.modifier or name.chain or (param and param.kind in NEWLY)) or name.code in WORDS
    )


def _belong(asker: Asker, asked: Asked, kind: str, id_: str) -> None:
    """Narrow a search to a compartment; NotFoundError where there is none such."""
    members = compartments().get(kind)
    if members is None:
        kinds = ", ".join(sorted(compartments()))
        raise NotSupportedError(
            f"{kind} has no compartment; these have one: {kinds}.", expression="http.path"
        )
    if asked.type and asked.type not in members:
        raise NotSupportedError(
            f"{asked.type} is in no compartment of a {kind}.", expression="http.path"
        )
    require(asker.actor, kind, "r")
    store = asker.door.store
    stored = store.current(kind, id_)
    viewer = asker.door.viewer(asker.actor)
    if stored is None or stored.deleted or not store.may_read(stored, viewer):
        raise NotFoundError(f"There is no such {kind}.")
    if asked.type:
        params = members[asked.type]
    else:
        asked.types = tuple(one for one in members if not asked.types or one in asked.types)
        asked.nobody = asked.nobody or not asked.types
        params = tuple(dict.fromkeys(one for name in asked.types for one in members[name]))
    clause = References(params, ((TYPE_IDS[kind], id_),))
    asked.clauses.append(widen(asker.door, clause, asker.added) if asker.linked else clause)


def _readable(actor: Actor, asked: Asked) -> None:
    """Narrow a search over several types to those that the caller may search."""
    if asked.type:
        return
    if not (asked.clauses or asked.types or asked.nobody):
        raise NotSupportedError(
            "A search over all types takes _type or another criterion.", expression="http._type"
        )
    wanted = asked.types or RESOURCE_TYPES
    asked.types = tuple(one for one in wanted if actor.may(one, "s"))
    if not asked.types and not asked.nobody:
        raise ForbiddenError("The token's scopes do not allow search on these types.")
    if len(asked.types) == len(RESOURCE_TYPES):
        asked.types = ()


def _query(asker: Asker, asked: Asked, token: paging.Token | None) -> Query:
    return Query(
        type=TYPE_IDS[asked.type] if asked.type else 0,
        viewer=asker.door.viewer(asker.actor),
        clauses=tuple(asked.clauses),
        sort=asked.sort,
        count=asked.count,
        mark=token.mark if token else 0,
        after=token.after if token else None,
        types=tuple(TYPE_IDS[one] for one in asked.types),
    )


async def _page(
    asker: Asker,
    asked: Asked,
    token: paging.Token | None,
    place: str,
) -> Page:
    door, actor = asker.door, asker.actor
    _readable(actor, asked)
    if token:
        asked.count = token.count
    query = _query(asker, asked, token)
    notes = [await _explain(door, query, asked)] if asked.explain else []
    if asked.nobody:
        return Page([], notes=notes, applied=asked.applied, total=0)
    if asked.counts:
        count = await _count(door, actor, query)
        return Page([], notes=notes, applied=asked.applied, total=count)
    found = await _found(door, actor, query)
    if found.withheld:
        text = f"{found.withheld} of this page can no longer be shown."
        notes.append(Issue("information", "informational", text))
    more = ""
    total: int | None = None
    if found.more and found.last is not None:
        issued = token.issued if token else 0
        seal = paging.Token(found.mark, asked.count, found.last, issued, asked.applied)
        more = paging.seal(door, actor, place, seal)
    elif not token:
        total = len(found.matches)
    if total is None and asked.total != "none":
        total = await _total(asker, query, asked, notes)
    includes, told = include.expand(door, actor, found.matches, asked.includes)
    return Page(found.matches, includes, [*notes, *told], more, asked.applied, total)


async def _found(door: Door, actor: Actor, query: Query) -> Found:
    """Return what is stored, and of two kinds of type what is there without having been."""
    if query.type == TYPE_IDS[audit_view.TYPE]:
        return await audit_search.merged(door, actor, query)
    if query.type in published_view.TYPE_NUMBERS:
        return await published_view.merged(door, query)
    return await door.store.search(query)


async def _total(asker: Asker, query: Query, asked: Asked, notes: list[Issue]) -> int:
    """Return how many match; an estimate counts so far and says that there are more."""
    door, actor = asker.door, asker.actor
    if asked.total == "accurate":
        return await _count(door, actor, query)
    count = await _count(door, actor, query, ESTIMATED)
    if count >= ESTIMATED:
        text = f"The total is an estimate: {ESTIMATED} or more."
        notes.append(Issue("information", "informational", text))
    return count


async def _count(door: Door, actor: Actor, query: Query, most: int = 0) -> int:
    """Return how many match, R4's own and the audit's among them."""
    own = len(await published_view.matching(door, query))
    if query.type == TYPE_IDS[audit_view.TYPE]:
        own = await audit_search.count(door, actor, query)
    return own + await door.store.count(query, most)


def carry_links(door: Door, actor: Actor, page: Page, linked: Iterable[str]) -> None:
    """Let a page carry the linked Patients that were searched too, and their Persons."""
    viewer = door.viewer(actor)
    here = {(one.type, one.id) for one in (*page.matches, *page.includes)}
    names = {(type_, id_) for type_, _, id_ in (name.partition("/") for name in linked)}
    found = door.store.currents(one for one in names - here if actor.may(one[0], "r"))
    page.includes.extend(
        one
        for one in sorted(found, key=attrgetter("type", "id"))
        if not one.deleted and door.store.may_read(one, viewer)
    )


def tell_links(page: Page) -> None:
    """Say that linked Patients were searched too."""
    page.notes.append(
        Issue(
            "information",
            "informational",
            "The search covers certainly linked Patients too; _linked=false switches this off.",
        )
    )


async def _explain(door: Door, query: Query, asked: Asked) -> Issue:
    if asked.nobody:
        return Issue("information", "informational", "plan: a chain leads to nobody")
    plan = await door.store.explain_to(query)
    return Issue(
        "information",
        "informational",
        f"plan: walks {plan.driver}, {max(len(plan.conditions) - 1, 0)} conditions",
    )
