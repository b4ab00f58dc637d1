"""Patient and Encounter `$everything`: the compartment, then all that it refers to, in pages.

https://hl7.org/fhir/R4/patient-operation-everything.html. A page goes on where the one before
ended: type after type, newest first, then what stands around it by name; nothing comes twice. What
is written meanwhile moves none of it (`gateway.interactions.paging`).
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from gateway.access.actor import Actor
from gateway.errors import GoneError, InvalidRequestError, Issue, NotFoundError
from gateway.fhir.clinical import DATES
from gateway.fhir.compartments import compartments
from gateway.fhir.dates import MAX_TICK, MIN_TICK, interval
from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.searchparams import search_params
from gateway.interactions import detached, paging
from gateway.interactions.context import is_closed
from gateway.interactions.door import Door, require
from gateway.interactions.history import counted
from gateway.interactions.record import record
from gateway.interactions.results import Page
from gateway.operations.references import Gathering, Name, visible
from gateway.store.query import (
    Clause,
    Dates,
    Either,
    Ids,
    Missing,
    Place,
    Query,
    References,
    Updated,
)
from gateway.store.results import Found
from gateway.store.stored import Stored

COUNT: Final = 1_000
"""Resources on a page, unless fewer are asked for."""
WALKED: Final = 2_000
LINKED: Final = "Certainly linked Patients are covered too; _linked=false switches this off."
TICKS: Final = 10

Params = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for. `span` (ticks) are care dates, `since` a row, 0 for none.

    `types` are none for every type; `whole` keeps what a search leaves out; `params` as given.
    """

    params: Params
    count: int = COUNT
    since: int = 0
    span: tuple[int, int] | None = None
    types: frozenset[str] = frozenset()
    linked: bool = True
    whole: bool = False


async def everything(door: Door, actor: Actor, name: Name, params: Params) -> Page:
    """Return a page of what belongs to a Patient or Encounter, and what that refers to."""
    require(actor, name[0], "r")
    root = door.store.current(*name)
    if root is None or not door.store.may_read(root, door.viewer(actor)):
        raise NotFoundError(f"There is no such {name[0]}.")
    if root.deleted:
        raise GoneError(f"This {name[0]} was deleted.")
    address = f"{'/'.join(name)}/$everything"
    token = None
    if pages := [value for key, value in params if key == "_page"]:
        token = paging.open_token(door, actor, address, pages[0])
    asked = _asked(door, token.params if token else params)
    page = await _Record(door, actor, root, asked, token).page()
    query = "&".join(f"{key}={value}" for key, value in params)
    await record(door, actor, "E", (*page.matches, *page.includes), f"{address}?{query}")
    return page


def _asked(door: Door, params: Params) -> Asked:
    given = dict(params)
    since = _ticks(door, given, "_since")
    first, last = _ticks(door, given, "start"), _ticks(door, given, "end")
    span = (first[0] if first else MIN_TICK, last[1] if last else MAX_TICK)
    if span[0] >= span[1]:
        raise InvalidRequestError("end is before start.", expression="http.end")
    named = [one for key, value in params if key == "_type" for one in value.split(",")]
    if any(one not in TYPE_IDS for one in named):
        raise InvalidRequestError("_type takes names of resource types.", expression="http._type")
    return Asked(
        params,
        count=max(counted(given["_count"]), 1) if "_count" in given else COUNT,
        since=-(-since[0] // TICKS) if since else 0,
        span=span if first or last else None,
        types=frozenset(named),
        linked=given.get("_linked") != "false",
        whole=given.get("_detail") == "full",
    )


def _ticks(door: Door, given: Mapping[str, str], name: str) -> tuple[int, int] | None:
    try:
        return interval(given[name], door.zone) if name in given else None
    except ValueError as error:
        raise InvalidRequestError(f"{name} takes a date.", expression=f"http.{name}") from error


class _Record:
    """One record: whose it is, which types it has, and how far the pages have come."""

    def __init__(
        self, door: Door, actor: Actor, root: Stored, asked: Asked, token: paging.Token | None
    ) -> None:
        self._door = door
        self._actor = actor
        self._root = root
        self._asked = asked
        self._token = token
        self._mark = token.mark if token else 0
        self._persons: set[str] = set()
        self._own = self._owners()
        self._members = compartments()[root.type]
        self._readable = sorted(one for one in self._members if actor.may(one, "r"))
        self._types = [one for one in self._readable if self._wants(one)]
        self._withheld = 0

    def _owners(self) -> list[str]:
        """Return the Patients whom the record is about, the one that was asked for first."""
        id_ = self._root.id
        if self._root.type != "Patient":
            return self._subjects()
        if not self._asked.linked:
            return [id_]
        ids, self._persons = self._door.store.link_set([id_])
        return [id_, *sorted(ids - {id_})]

    def _subjects(self) -> list[str]:
        """Return the Patients that an Encounter is of, with those who are certainly the same."""
        store, params = self._door.store, search_params(self._root.type)["patient"].stores
        names = [store.fetch("key_name", (one,))[0] for one in store.targets(self._root, params)]
        ids = [id_ for type_, id_ in names if type_ == TYPE_IDS["Patient"]]
        return sorted(store.link_set(ids)[0]) if ids else []

    async def page(self) -> Page:
        """Return the page."""
        head, linked = await self._head()
        stage, *place = self._token.after if self._token else (0,)
        members, stage, after = await self._walk(int(stage or 0), tuple(place) or None)
        page = Page([*head, *members], linked, applied=list(self._asked.params))
        more: Place = (stage, *(after or ()))
        if stage == len(self._types):
            whole = [*head, *linked, *members] if self._is_whole() else None
            start = str(after[0]) if after else ""
            around, last, notes = await self._around(whole, start, self._asked.count - len(members))
            page.includes.extend(around)
            page.notes.extend(notes)
            more = (stage, last) if last is not None else ()
        return self._finished(page, more)

    def _is_whole(self) -> bool:
        """Return whether a first page has all that the members refer to before it."""
        return self._token is None and not self._asked.since and not self._asked.types

    def _finished(self, page: Page, more: Place) -> Page:
        if not self._asked.whole:
            detached.subset_all(page.matches)
            detached.subset_all(page.includes)
        closed = partial(is_closed, self._door, self._actor)
        shown = [one for one in page.matches if not closed(one)]
        self._withheld += len(page.matches) - len(shown)
        page.matches[:] = shown
        self._tell(page)
        if not more:
            total = None if self._token else len(page.matches)
            return Page(page.matches, page.includes, page.notes, "", page.applied, total)
        issued = self._token.issued if self._token else 0
        token = paging.Token(self._mark, self._asked.count, more, issued, self._asked.params)
        place = f"{self._root.type}/{self._root.id}/$everything"
        following = paging.seal(self._door, self._actor, place, token)
        return Page(page.matches, page.includes, page.notes, following, page.applied)

    def _tell(self, page: Page) -> None:
        texts = [f"{self._withheld} of this page can no longer be shown."] if self._withheld else []
        if not self._token:
            texts += [LINKED] if len(self._own) > 1 and self._persons else []
            if hidden := len(self._members) - len(self._readable):
                texts.append(f"The token's scopes leave {hidden} types out.")
        page.notes.extend(Issue("information", "informational", one) for one in texts)

    async def _head(self) -> tuple[list[Stored], list[Stored]]:
        """Return what the first page begins with: the root; the Patients and Persons linked."""
        if self._token:
            return [], []
        viewer, ids = self._door.viewer(self._actor), Ids((self._root.id,))
        asked = Query(self._root.type_id, viewer, (ids,), count=1)
        self._mark = (await self._door.store.search(asked)).mark
        named = [("Patient", id_) for id_ in self._own if self._root.type == "Patient"]
        named = [one for one in named if one[1] != self._root.id]
        named += [("Person", id_) for id_ in sorted(self._persons)]
        linked = [visible(self._door, self._actor, one) for one in named if self._wants(one[0])]
        root = [self._root] if self._wants(self._root.type) else []
        return root, [one for one in linked if one is not None]

    def _wants(self, type_: str) -> bool:
        return not self._asked.types or type_ in self._asked.types

    def _is_head(self, stored: Stored) -> bool:
        if stored.type == "Person":
            return stored.id in self._persons
        if stored.type == "Patient":
            return self._root.type == "Patient" and stored.id in self._own
        return stored.key == self._root.key

    async def _walk(
        self, stage: int, after: Place | None
    ) -> tuple[list[Stored], int, Place | None]:
        """Return members from a place on, and the place where they end."""
        members: list[Stored] = []
        while stage < len(self._types):
            room = self._asked.count - len(members)
            if room <= 0:
                return members, stage, after
            found = await self._look(self._types[stage], after, room, self._asked.since)
            members += [one for one in found.matches if not self._is_head(one)]
            self._withheld += found.withheld
            after = found.last if found.more else None
            stage += not found.more
        return members, stage, after

    async def _look(self, type_: str, after: Place | None, count: int, since: int) -> Found:
        clauses: list[Clause] = [self._belonging(type_)]
        if since:
            clauses.append(Updated((("ge", since, since + 1),)))
        if self._asked.span is not None:
            clauses += _within(type_, self._asked.span)
        query = Query(
            TYPE_IDS[type_],
            self._door.viewer(self._actor),
            tuple(clauses),
            count=count,
            mark=self._mark,
            after=after,
        )
        return await self._door.store.search(query)

    def _belonging(self, type_: str) -> Clause:
        ids = self._own if self._root.type == "Patient" else [self._root.id]
        of = self._root.type_id
        return References(self._members[type_], tuple((of, id_) for id_ in ids))

    async def _all(self) -> AsyncIterator[Stored]:
        """Yield whom the record is of, and every member of whatever age."""
        # The Patient of an Encounter is no head of its record, but stands around it.
        patients = self._own if self._root.type == "Patient" else []
        heads = [
            *(("Patient", one) for one in patients),
            *(("Person", one) for one in self._persons),
        ]
        for name in dict.fromkeys([(self._root.type, self._root.id), *heads]):
            if (stored := visible(self._door, self._actor, name)) is not None:
                yield stored
        for type_ in self._readable:
            after, more = None, True
            while more:
                found = await self._look(type_, after, WALKED, 0)
                for one in found.matches:
                    yield one
                await asyncio.sleep(0)
                after, more = found.last, found.more

    async def _around(
        self, whole: Sequence[Stored] | None, start: str, room: int
    ) -> tuple[list[Stored], str | None, list[Issue]]:
        """Return what stands around the members, from a name on, and where it ends.

        `whole` are all the members, where one page has them; else they are walked again.
        """
        if self._asked.types and self._asked.types <= self._members.keys():
            return [], None, []
        gathered = await self._gathered(whole)
        names = sorted(one for one in gathered.names() if one > start)
        chosen = names[: max(room, 0)]
        shown = [visible(self._door, self._actor, _name(one)) for one in chosen]
        last = (chosen[-1] if chosen else start) if len(names) > len(chosen) else None
        return [one for one in shown if one is not None], last, gathered.notes

    async def _gathered(self, whole: Sequence[Stored] | None) -> Gathering:
        door, actor, since = self._door, self._actor, self._asked.since
        of_new = Gathering(door, actor, self._own, lambda one: self._wants(one.type))
        if whole is not None:
            for one in whole:
                of_new.add(one)
            return of_new
        # What an old member refers to is news only where it changed itself.
        of_old = Gathering(
            door, actor, self._own, lambda one: self._wants(one.type) and one.row >= since
        )
        async for one in self._all():
            (of_new if one.row >= since else of_old).add(one)
        of_new.take(of_old)
        return of_new


def _name(text: str) -> Name:
    type_, _, id_ = text.partition("/")
    return type_, id_


def _within(type_: str, span: tuple[int, int]) -> list[Clause]:
    """Return the clause of care within a time; what has no date of care stays in."""
    param = search_params(type_).get(DATES.get(type_, "date"))
    if param is None or param.kind != "date":
        return []
    lo, hi = span
    overlapping: tuple[Clause, ...] = (
        Dates(param.stores, (("gt", lo, lo),)),
        Dates(param.stores, (("lt", hi, hi),)),
    )
    return [Either((overlapping, (Missing((param.present,), missing=True),)))]
