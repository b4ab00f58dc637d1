"""All subscribers, in memory: by id, by what they wait for, by the Patients that they name."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import Final

from gateway.errors import GatewayError, UnavailableError
from gateway.events.criteria import ALWAYS, Criterion, leads
from gateway.events.follow import OFF
from gateway.events.guard import TYPE
from gateway.events.index import Index
from gateway.events.subscriber import Rights, Row, Subscriber, rights
from gateway.events.wanted import Params, wanted
from gateway.fhir.codec import decode
from gateway.interactions.door import Door
from gateway.interactions.parameters import BUILDING, AsBuilt

TOLD: Final = "told"
"""The setting that holds the last row of the outbox that subscriptions were matched with."""
NOWHERE: Final = -1
LOST: Final = "The criteria hold no more."

log = logging.getLogger(__name__)


class Book:
    """The subscribers of one gateway. `place` is the row that the outbox was read up to.

    Whoever changes for whom changes are recorded, or moves the place, holds the `lock`. Of those
    in `touched` something may be due.
    """

    def __init__(self, door: Door) -> None:
        self._door = door
        self._built = replace(door, known=AsBuilt(door.store))
        self._defined: object = None
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

    def door(self, criterion: Criterion) -> Door:
        """Return the door that criteria are read by.

        What a version is found by is known of search parameters that are being built, too; what a
        chain leads to is not.
        """
        return self._door if criterion.leads else self._built

    async def load(self) -> None:
        """Read all subscribers anew, and where the outbox was read up to."""
        self._redefined()
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

    async def redefine(self) -> None:
        """Settle all criteria anew if search parameters were defined, built or retired."""
        # Where nobody is to be told, nothing is looked up for it.
        if self._rights and self._redefined():
            for criterion in list(self._rights):
                await self._compile(criterion)

    def _redefined(self) -> bool:
        self._door.params.forget()
        self._built.params.forget()
        before, self._defined = self._defined, self._door.params.version
        return before != self._defined

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
            subscriber.fault = subscriber.fault or criterion.fault
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
        if found.compiled.nobody or found.fault:
            await self._compile(found)
        return found

    async def _compile(self, criterion: Criterion) -> None:
        allowed = self.rights(criterion)
        for id_ in criterion.compiled.patients:
            self._naming[id_].discard(criterion)
        if allowed is not None:
            try:
                await criterion.compile(self.door(criterion), allowed.actor)
            except UnavailableError:
                raise
            except GatewayError as error:
                self._lost(criterion, error)
            else:
                criterion.fault = ""
        for id_ in criterion.compiled.patients:
            self._naming[id_].add(criterion)
        for index in self.of_type(criterion.type).values():
            index.place(criterion)

    def _lost(self, criterion: Criterion, error: GatewayError) -> None:
        """Have those put in error whose criteria were fine when they were written, and are not."""
        if criterion.leads and any(one.state == BUILDING for one in self._door.params.customs()):
            return  # It means what it meant, until what its chain is asked by is built.
        criterion.fault = f"{LOST} {error}"
        for one in self.subscribers.values():
            if criterion in one.criteria:
                one.fault = criterion.fault
                self.touched.add(one)

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
