"""All subscribers, in memory: by id, by what they wait for, by the Patients that they name."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from typing import Final

from gateway.errors import GatewayError
from gateway.events.criteria import ALWAYS, Criterion, leads
from gateway.events.follow import OFF
from gateway.events.guard import TYPE
from gateway.events.index import Index
from gateway.events.subscriber import Rights, Row, Subscriber, rights
from gateway.events.wanted import Params, wanted
from gateway.fhir.codec import decode
from gateway.interactions.door import Door

TOLD: Final = "told"
"""The setting that holds the last row of the outbox that subscriptions were matched with."""
NOWHERE: Final = -1

log = logging.getLogger(__name__)


class Book:
    """The subscribers of one gateway. `place` is the row that the outbox was read up to.

    Whoever changes for whom changes are recorded, or moves the place, holds the `lock`. Of those
    in `touched` something may be due.
    """

    def __init__(self, door: Door) -> None:
        self._door = door
        self.lock = asyncio.Lock()
        self.place = NOWHERE
        self.touched: set[Subscriber] = set()
        self.subscribers: dict[str, Subscriber] = {}
        self._indexes: dict[str, dict[str, Index]] = {}
        self._criteria: dict[tuple[str, Params, int, int], Criterion] = {}
        self._rights: dict[Criterion, Subscriber] = {}
        self._naming: defaultdict[str, set[Criterion]] = defaultdict(set)
        self._led: defaultdict[str, set[Criterion]] = defaultdict(set)
        self._stale: defaultdict[str, set[Criterion]] = defaultdict(set)

    @property
    def is_recording(self) -> bool:
        """Whether anybody waits for changes."""
        return self.place != NOWHERE

    def of_type(self, type_: str) -> dict[str, Index]:
        """Return the indexes of a type by topic."""
        return self._indexes.get(type_, {})

    def rights(self, criterion: Criterion) -> Rights | None:
        """Return what those may be told whose criteria these are."""
        return rights(self._door, self._rights[criterion])

    async def load(self) -> None:
        """Read all subscribers anew, and where the outbox was read up to."""
        self.subscribers.clear()
        self._indexes.clear()
        self._criteria.clear()
        self._rights.clear()
        self._naming.clear()
        self._led.clear()
        self._stale.clear()
        for row in self._door.store.fetch("subscriptions"):
            await self._take(Row(*row))
        found = self._door.store.fetch("setting", (TOLD,))
        starts = [one.start for one in self.subscribers.values() if one.start]
        self.place = NOWHERE
        if starts:
            self.place = int(found[0][0]) if found else min(starts)

    async def refresh(self, id_: str) -> None:
        """Read one subscriber anew."""
        rows = self._door.store.fetch("subscription", (id_,))
        self._drop(id_)
        for row in rows:
            await self._take(Row(*row))
        if not any(one.start for one in self.subscribers.values()):
            self.place = NOWHERE

    async def relink(self, patients: Iterable[str]) -> None:
        """Settle anew the criteria that name these Patients, or led to them."""
        for criterion in {one for id_ in patients for one in self._naming.get(id_, ())}:
            await self._compile(criterion)

    def changed(self, type_: str) -> None:
        """Have criteria settled anew that were resolved over resources of a type."""
        for criterion in self._led.get(type_, ()):
            self._stale[criterion.type].add(criterion)

    async def settle(self, type_: str) -> None:
        """Have the criteria of a type mean what they do now."""
        always = {one for one in self._led.get(ALWAYS, ()) if one.type == type_}
        for criterion in self._stale.pop(type_, set()) | always:
            await self._compile(criterion)

    async def _take(self, row: Row) -> None:
        stored = self._door.store.current(TYPE, row.id)
        if stored is None or stored.deleted or row.state == OFF:
            return
        try:
            asked = wanted(decode(stored.json()), self._door.zone)
        except GatewayError:
            log.error("subscriptions: %s/%s cannot be read", TYPE, row.id)  # noqa: TRY400
            return
        subscriber = self.subscribers[row.id] = Subscriber(**asdict(row), wanted=asked)
        self.touched.add(subscriber)
        for type_, params in asked.criteria:
            criterion = await self._criterion(subscriber, type_, params)
            subscriber.criteria.append(criterion)
            of_type = self._indexes.setdefault(type_, {})
            of_type.setdefault(asked.topic, Index()).add(criterion, subscriber)

    async def _criterion(self, subscriber: Subscriber, type_: str, params: Params) -> Criterion:
        key = type_, params, subscriber.campus, subscriber.token
        found = self._criteria.get(key)
        if found is None:
            led = leads(self._door, type_, params)
            found = self._criteria[key] = Criterion(type_, params, led)
            for one in led:
                self._led[one].add(found)
        # The newest of those who ask the same: its token was good a moment ago.
        self._rights[found] = subscriber
        if found.compiled.nobody:
            await self._compile(found)
        return found

    async def _compile(self, criterion: Criterion) -> None:
        allowed = self.rights(criterion)
        for id_ in criterion.compiled.patients:
            self._naming[id_].discard(criterion)
        if allowed is not None:
            try:
                await criterion.compile(self._door, allowed.actor)
            except GatewayError as error:
                # Was fine when it was written: a scope, or what a chain leads to, has gone since.
                log.warning("subscriptions: criteria no longer hold: %s", type(error).__name__)
        for id_ in criterion.compiled.patients:
            self._naming[id_].add(criterion)
        for index in self.of_type(criterion.type).values():
            index.place(criterion)

    def _drop(self, id_: str) -> None:
        subscriber = self.subscribers.pop(id_, None)
        if subscriber is None:
            return
        for criterion in subscriber.criteria:
            self._indexes[criterion.type][subscriber.wanted.topic].drop(criterion, subscriber)
        self._forget(subscriber)

    def _forget(self, gone: Subscriber) -> None:
        """Let go of criteria that nobody else has."""
        used = {one: who for who in self.subscribers.values() for one in who.criteria}
        for key, criterion in list(self._criteria.items()):
            if criterion not in gone.criteria:
                continue
            if criterion in used:
                self._rights[criterion] = used[criterion]
                continue
            del self._criteria[key], self._rights[criterion]
            self._stale[criterion.type].discard(criterion)
            for patient in criterion.compiled.patients:
                self._naming[patient].discard(criterion)
            for led in criterion.leads:
                self._led[led].discard(criterion)
