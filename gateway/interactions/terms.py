"""Definitions that a caller may read, and the codes that a search names by them.

https://hl7.org/fhir/R4/search.html#token: `:in`, `:not-in`, `:above`, `:below`.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

from gateway.access.actor import Actor
from gateway.errors import CostlyError, InvalidRequestError, NotFoundError, NotSupportedError
from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.library import Definition, Find, Library, worked_out
from gateway.fhir.searchparams import search_params
from gateway.interactions import published_view
from gateway.interactions.door import Door, require
from gateway.interactions.values import bars, unescape
from gateway.store.query import Campuses, Query, Uris
from gateway.store.stored import Stored
from gateway.terminology import systems, value_sets

Pairs = set[tuple[str | None, str | None]]

VERSIONS: Final = 20
MEMBERS: Final = 10_000
"""Codes of a value set that a search asks for."""


class Finder:
    """Finds definitions for one caller, and remembers which of those stored were used."""

    def __init__(self, door: Door, actor: Actor) -> None:
        self._door = door
        self._actor = actor
        self.used: dict[tuple[str, str], Stored] = {}

    async def __call__(self, type_: str, url: str) -> Definition | None:
        """Return the newest definition with an address that the caller may read.

        The campus's own hold over those of others: nobody else changes what its words mean.
        """
        if not self._actor.may(type_, "s"):
            return None
        found = (
            self._at(type_, url) if url.startswith(f"{type_}/") else await self._named(type_, url)
        )
        if found is None:
            return None
        self.used[type_, found.id] = found
        return definition(found)

    def _at(self, type_: str, url: str) -> Stored | None:
        """Return what a relative reference leads to."""
        door, id_ = self._door, url.removeprefix(f"{type_}/")
        stored = door.store.current(type_, id_) or published_view.find(type_, id_)
        readable = stored and not stored.deleted
        if not readable or not stored or not door.store.may_read(stored, door.viewer(self._actor)):
            return None
        return stored

    async def _named(self, type_: str, url: str) -> Stored | None:
        address, _, version = url.partition("|")
        clause = Uris(search_params(type_)["url"].stores, (("exact", address),))
        viewer = self._door.viewer(self._actor)
        for whose in ((Campuses((self._actor.campus,)),), ()):
            asked = Query(TYPE_IDS[type_], viewer, (clause, *whose), count=VERSIONS)
            for one in (await self._door.store.search(asked)).matches:
                if not version or one.resource().get("version") == version:
                    return one
        return None


def definition(stored: Stored) -> Definition:
    """Return a stored resource as a definition."""
    return Definition((stored.type, stored.id, stored.row), stored.resource())


def finder(door: Door, actor: Actor) -> Find:
    """Return how definitions are found for a caller of a search by codes."""
    found = Finder(door, actor)

    async def find(type_: str, url: str) -> Definition | None:
        require(actor, type_, "s")
        return await found(type_, url)

    return find


async def members(find: Find, code: str, url: str) -> Pairs:
    """Return the codes of a value set."""
    address = unescape(url)

    def work(library: Library) -> Pairs:
        resource = value_sets.find(library, address)
        if resource is None:
            raise NotFoundError("The value set is not stored here.")
        found = value_sets.listed(library, resource)
        if len(found) > MEMBERS:
            raise CostlyError(f"The value set has more than {MEMBERS} codes.")
        return _pairs(found)

    return await _told(code, find, work)


def _pairs(names: Iterable[tuple[str, str]]) -> Pairs:
    return {(system, code) for system, code in names}


async def relatives(find: Find, code: str, way: str, value: str) -> Pairs:
    """Return a code with all below it, or above it, in its code system."""
    system, *rest = bars(value)
    if len(rest) != 1 or not system or not rest[0]:
        raise InvalidRequestError(f"{code}:{way} takes 'system|code'.", expression=f"http.{code}")

    def work(library: Library) -> Pairs:
        known = systems.find(library, system)
        if known is None:
            raise NotFoundError("The code system is not stored here with its codes.")
        codes = known.below(rest[0]) if way == "below" else known.above(rest[0])
        if len(codes) > value_sets.MOST:
            raise CostlyError(f"There are more than {value_sets.MOST} codes.")
        return {(system, one) for one in codes}

    return await _told(code, find, work)


async def _told(code: str, find: Find, work: Callable[[Library], Pairs]) -> Pairs:
    """Return what some work finds; what stands against it is told of the search parameter."""
    try:
        # What a value set lists may take a second to go through, and others wait for the loop.
        return await worked_out(find, work, run=asyncio.to_thread)
    except CostlyError as error:
        raise CostlyError(f"{code}: {error}", expression=f"http.{code}") from error
    except (NotFoundError, NotSupportedError) as error:
        raise InvalidRequestError(f"{code}: {error}", expression=f"http.{code}") from error
