"""Observation `$lastn`: the newest of each kind, over all that are certainly one patient.

https://hl7.org/fhir/R4/observation-operation-lastn.html. Two Observations are of a kind if they
share a code, or one that shares codes with both is there; without codes their texts must be equal.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Final, NamedTuple

from gateway.access.actor import Actor
from gateway.errors import CostlyError, InvalidRequestError, NotSupportedError
from gateway.fhir.definitions import TYPE_IDS
from gateway.interactions import detached, include
from gateway.interactions.asked import Asked
from gateway.interactions.door import Door, require
from gateway.interactions.names import parse_name
from gateway.interactions.record import record
from gateway.interactions.resolve import Asker
from gateway.interactions.results import Page
from gateway.interactions.search import carry_links, parse, tell_links
from gateway.operations.observation import observation
from gateway.store.query import Clause, Query
from gateway.store.stored import Stored

OBSERVATION: Final = "Observation"
SUBJECTS: Final = frozenset({"patient", "subject"})
KINDS: Final = ("code", "combo-code", "component-code", "category")
READ: Final = 2_000
MOST_READ: Final = 200_000
MOST: Final = 5_000
MAX_MAX: Final = 1_000
ORDER: Final = frozenset({"_count", "_explain", "_sort", "_summary", "_total"})

Params = list[tuple[str, str]]


class Hit(NamedTuple):
    """One Observation and when it was made."""

    at: int
    row: int
    stored: Stored


async def lastn(door: Door, actor: Actor, params: Params, most: int, *, lenient: bool) -> Page:
    """Return the newest `most` of each kind among what a search finds, newest first."""
    require(actor, OBSERVATION, "s")
    asker = Asker(door, actor)
    asked = await parse(asker, OBSERVATION, params, lenient=lenient)
    _check(asked.applied)
    if most > MAX_MAX:
        raise InvalidRequestError(f"max is at most {MAX_MAX}.", expression="http.max")
    groups = Groups(most)
    if not asked.nobody:
        async for stored in found(door, actor, tuple(asked.clauses)):
            seen = observation(stored)
            groups.add(seen.code.names(), Hit(seen.at(door.zone), stored.row, stored))
    matches = [one.stored for one in sorted(groups.hits(), key=_newest)]
    if len(matches) > MOST:
        raise CostlyError(f"More than {MOST} would be returned; ask for fewer.", expression="max")
    includes, told = include.expand(door, actor, matches, asked.includes)
    page = Page(matches, includes, [*asked.skipped, *told], applied=_applied(asked, most))
    if not asked.whole and not detached.asked(asked.applied):
        detached.subset_all(page.matches)
    if asker.added:
        carry_links(door, actor, page, asker.added)
        tell_links(page)
    query = "&".join(f"{name}={value}" for name, value in page.applied)
    await record(door, actor, "E", (*page.matches, *page.includes), f"Observation/$lastn?{query}")
    return Page(page.matches, page.includes, page.notes, "", page.applied, len(matches))


async def found(door: Door, actor: Actor, clauses: tuple[Clause, ...]) -> AsyncIterator[Stored]:
    """Yield every Observation that clauses find, as of now."""
    after, more, mark, count = None, True, 0, 0
    while more:
        query = Query(
            TYPE_IDS[OBSERVATION], door.viewer(actor), clauses, count=READ, mark=mark, after=after
        )
        page = await door.store.search(query)
        for one in page.matches:
            yield one
        await asyncio.sleep(0)
        count += len(page.matches)
        if count > MOST_READ:
            raise CostlyError(f"More than {MOST_READ} Observations would be looked through.")
        after, more, mark = page.last, page.more, page.mark


class Groups:
    """Observations by kind, of each kind the newest few; kinds that turn out the same are one."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._parents: dict[tuple[str, str], tuple[str, str]] = {}
        self._hits: dict[tuple[str, str], list[Hit]] = {}
        self._bounds: dict[tuple[str, str], int] = {}

    def add(self, names: Iterable[tuple[str, str]], hit: Hit) -> None:
        """Take one in; all its names are one kind from now on."""
        roots = list(dict.fromkeys(self._root(one) for one in names))
        first = max(roots, key=lambda one: len(self._hits[one]))
        hits = self._hits[first]
        for other in roots:
            if other != first:
                self._parents[other] = first
                hits += self._hits.pop(other)
        hits.append(hit)
        # Cut now and then, not at each: what is kept stays small, and so does the work. Where many
        # are as old as one another all stay, and it is tried again when there are twice as many.
        if len(hits) > self._bounds.get(first, 2 * self._most + READ):
            kept = self._hits[first] = self._newest(hits)
            self._bounds[first] = max(2 * self._most + READ, 2 * len(kept))

    def hits(self) -> list[Hit]:
        """Return the newest of each kind."""
        return [one for hits in self._hits.values() for one in self._newest(hits)]

    def _root(self, name: tuple[str, str]) -> tuple[str, str]:
        if name not in self._parents:
            self._parents[name] = name
            self._hits[name] = []
        while (parent := self._parents[name]) != name:
            self._parents[name] = self._parents[parent]
            name = parent
        return name

    def _newest(self, hits: list[Hit]) -> list[Hit]:
        """Return the newest, with those that are as old as the last of them."""
        hits = sorted(hits, key=_newest)
        if len(hits) <= self._most:
            return hits
        oldest = hits[self._most - 1].at
        return [one for one in hits if one.at >= oldest]


def _newest(one: Hit) -> tuple[int, int]:
    return -one.at, -one.row


def _check(applied: Params) -> None:
    names = [parse_name(name) for name, _ in applied]
    if refused := ORDER & {one.code for one in names}:
        raise NotSupportedError(
            f"$lastn takes no {min(refused)}.", expression=f"http.{min(refused)}"
        )
    if not any(one.code in SUBJECTS and one.modifier != "missing" for one in names):
        raise InvalidRequestError("$lastn takes patient or subject.", expression="http.patient")
    if not any(one.code.startswith(KINDS) for one in names):
        raise InvalidRequestError("$lastn takes category or code.", expression="http.category")


def _applied(asked: Asked, most: int) -> Params:
    return [*asked.applied, ("max", str(most))]
