"""The one reader of the outbox: what subscriptions match becomes their events, numbered.

The events of a portion, the numbers that they got and the place in the outbox are one commit; so
after a kill nothing is missed and nothing counted twice, and nobody is told of what is not durable.
"""

import asyncio
import logging
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from gateway.errors import CostlyError, UnavailableError
from gateway.events.book import NOWHERE, TOLD, Book
from gateway.events.facts import Facts
from gateway.events.follow import ALERT
from gateway.events.index import Index
from gateway.events.subscriber import NO_RIGHT, Rights, Subscriber
from gateway.events.topics import Occasion, occasions
from gateway.fhir.codec import decode
from gateway.fhir.definitions import TYPE_NAMES
from gateway.interactions.door import Door
from gateway.store.query import Clause, Query
from gateway.store.records import Batch, Statement
from gateway.store.stored import Stored

PORTION: Final = 200
EVENTS: Final = 2_000
"""Events after which a portion ends: while they are written, all other writers wait."""
REMEMBERED: Final = 2.0
"""Seconds after which the place is kept where nothing matched; looked at twice it is the same."""
LINKS: Final = frozenset({"Person", "Patient"})
PAUSES: Final = (0.2, 1.0, 0.0)
"""Seconds before a change is looked at again that something went wrong with."""
PASSED_OVER: Final = "A change could not be matched with subscriptions: see the log."
COSTLY: Final = "The criteria take too long to be matched; narrow them."

Matched = list[Subscriber]

log = logging.getLogger(__name__)


class Scanner:
    """Reads the outbox for the subscribers of a book. `base` is our own address."""

    def __init__(self, door: Door, book: Book, base: str) -> None:
        self._door = door
        self._book = book
        self._base = base
        self._kept = 0.0

    async def step(self) -> bool:
        """Look at the next changes; return whether there were any."""
        async with self._book.lock:
            if self._book.place == NOWHERE:
                return False
            rows = self._door.store.fetch("outbox_after", (self._book.place, PORTION))
            if rows:
                await self._book.redefine()
                await self._portion([(row, TYPE_NAMES[type_]) for row, type_, *_ in rows])
            return bool(rows)

    async def _portion(self, rows: list[tuple[int, str]]) -> None:
        counts: defaultdict[Subscriber, int] = defaultdict(int)
        statements: list[Statement] = []
        place = self._book.place
        for row, type_ in rows:
            for subscriber in await self._try(row, type_):
                counts[subscriber] += 1
                number = subscriber.number + counts[subscriber]
                event = ("subscription_event_add", (number, row, subscriber.id))
                statements.append(event)
            place = row
            if len(statements) >= EVENTS:
                break
        statements += [
            ("subscription_count", (one.number + count, one.id)) for one, count in counts.items()
        ]
        await self._keep(place, statements)
        self._book.place = place
        for subscriber, count in counts.items():
            subscriber.number += count
        self._book.touched |= counts.keys()

    async def _keep(self, place: int, statements: list[Statement]) -> None:
        """Return once events, and the place behind them, are durable."""
        now = asyncio.get_running_loop().time()
        if not statements and now - self._kept < REMEMBERED:
            return
        told = ("setting_put", (TOLD, str(place)))
        await self._door.store.submit(Batch(os.urandom(16), statements=[*statements, told]))
        self._kept = now

    async def _try(self, row: int, type_: str) -> Matched:
        """Return who waits for a change; a defect of ours must not hold up all that come after."""
        for pause in PAUSES:
            try:
                return await self._look(row, type_)
            except UnavailableError:
                raise
            except Exception as error:  # noqa: BLE001 - whatever broke, the others are told
                log.error("subscriptions: a change is not understood: %s", type(error).__name__)  # noqa: TRY400
            await asyncio.sleep(pause)
        now = self._door.clock()
        raised = ("alert_raise", (ALERT, f"outbox {row}", 0, PASSED_OVER, now, now))
        await self._door.store.submit(Batch(os.urandom(16), statements=[raised]))
        return []

    async def _look(self, row: int, type_: str) -> Matched:
        self._book.changed(type_)
        indexes = {topic: one for topic, one in self._book.of_type(type_).items() if one}
        if not indexes and type_ not in LINKS:
            return []
        ((*columns, _),) = self._door.store.fetch("current_by_row", (row,))
        stored = Stored(*columns)
        before = self._before(stored)
        if type_ in LINKS:
            await self._book.relink(set(_linked(stored)) | set(_linked(before)))
        found: dict[str, Subscriber] = {}
        await self._book.settle(type_)
        old, new = self._facts(before), self._facts(None if stored.deleted else stored)
        for one in _occasions(indexes, type_, old, new):
            facts, other = (old, new) if one.before else (new, old)
            its = await self._matching(indexes[one.topic], facts)
            if one.alone:
                its -= await self._matching(indexes[one.topic], other)
            found |= {each.id: each for each in its if row > each.start > 0}
        return list(found.values())

    def _before(self, stored: Stored) -> Stored | None:
        """Return the version before, None where nothing stood there."""
        if stored.version == 1:
            return None
        found = self._door.store.version(stored.type, stored.id, stored.version - 1)
        return found if found and not found.deleted else None

    def _facts(self, stored: Stored | None) -> Facts | None:
        return Facts(self._door, stored, self._base) if stored else None

    async def _matching(self, index: Index, facts: Facts | None) -> set[Subscriber]:
        """Return whom a version concerns, if there is one, and who may be told of it."""
        found: set[Subscriber] = set()
        if facts is None:
            return found
        for criterion, members in index.candidates(facts):
            left = criterion.left(facts)
            if left is None:
                continue  # so do most: who may be told is asked of the others alone
            allowed = self._book.rights(criterion)
            if allowed is None:
                self._doom(members.values(), NO_RIGHT)
            elif await self._is_wanted(left, members.values(), allowed, facts):
                found.update(members.values())
        return found

    async def _is_wanted(
        self,
        left: tuple[Clause, ...],
        members: Iterable[Subscriber],
        allowed: Rights,
        facts: Facts,
    ) -> bool:
        stored = facts.stored
        if not allowed.may_read(self._door, stored):
            return False
        if not left:
            return True
        try:
            query = Query(stored.type_id, allowed.viewer, left)
            return await self._door.store.matches(query, stored.row)
        except CostlyError:
            # It held up all others for its time.
            self._doom(members, COSTLY)
            return False

    def _doom(self, subscribers: Iterable[Subscriber], fault: str) -> None:
        """Have those put in error who cannot be told."""
        for one in subscribers:
            one.fault = fault
            self._book.touched.add(one)


def _occasions(
    indexes: Mapping[str, Index], type_: str, old: Facts | None, new: Facts | None
) -> Iterator[Occasion]:
    """Yield on what occasions somebody may be told: of criteria (""), of topics."""
    if "" in indexes:
        yield Occasion("", before=new is None)
    if len(indexes) > ("" in indexes):
        was, after = (one.stored.resource() if one else None for one in (old, new))
        yield from (one for one in occasions(type_, was, after) if one.topic in indexes)


def _linked(stored: Stored | None) -> Iterator[str]:
    """Yield the Patients that a Person or Patient speaks of as the same."""
    if stored is None or stored.deleted:
        return
    body = stored.json()
    if stored.type == "Patient" and b'"link"' not in body:
        return
    if stored.type == "Patient":
        yield stored.id
    for link in decode(body).get("link", ()):
        target = link.get("target") or link.get("other") or {}
        type_, _, id_ = target.get("reference", "").rpartition("/")
        if type_.endswith("Patient"):
            yield id_
