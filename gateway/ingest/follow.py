"""What follows from a change whoever made it: links looked at again, Tasks closed.

It reads the outbox, which is written in the same transaction as each change; so nothing is lost
when two campuses' Patients come in the same instant, and neither saw the other.
"""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from gateway.errors import UnavailableError
from gateway.fhir.definitions import TYPE_IDS, TYPE_NAMES
from gateway.fhir.searchparams import search_params
from gateway.identity.persons import basis, linked, named
from gateway.ingest.defect import where
from gateway.ingest.identify import follow, identify
from gateway.ingest.parting import parted, partings
from gateway.ingest.reconcile import KINDS, settlement
from gateway.interactions.door import Door
from gateway.store.records import Batch, StaleError
from gateway.store.standing import in_parts, standing
from gateway.store.stored import Stored
from mappers.base import Resource

SETTING: Final = "followed"
TYPES: Final = tuple(TYPE_IDS[name] for name in ("Patient", "Person", "ServiceRequest", "Task"))
PATIENT, PERSON, REQUEST, TASK_ID = TYPES
PORTION: Final = 200
TOGETHER: Final = 25
"""Changes of a type that are looked at together; meanwhile messages wait."""
LIMIT: Final = 1000
POLL: Final = 0.5
PAUSE: Final = 0.02
"""Seconds in which changes gather: what is found here is rare, and looked at once."""
REMEMBERED: Final = 2.0
"""Seconds after which the place in the outbox is kept; what was seen twice changes nothing."""

Look = Callable[[list[str]], Awaitable[None]]
"""What is done about the changed resources of a type, by their ids."""

log = logging.getLogger(__name__)


class Follower:
    """Follows the changes of the whole store."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._wake = asyncio.Event()
        self._row = -1
        self._kept = 0.0
        task = search_params("Task")
        self._group = task["group-identifier"].stores[0]
        self._about = task["subject"].stores[0]
        self._looks: dict[int, Look] = {
            PATIENT: self._look_at_patients,
            PERSON: self._look_at_persons,
            REQUEST: self._look_at_requests,
            TASK_ID: self._settle,
        }
        door.store.subscribe("resource", lambda *_: self._wake.set())

    async def run(self) -> None:
        """Follow until cancelled."""
        while True:
            self._wake.clear()
            try:
                busy = await self.step()
                await self._remember(asyncio.get_running_loop().time())
            except UnavailableError:
                busy = False
            if not busy:
                await self._rest()
            await asyncio.sleep(PAUSE)

    async def step(self) -> bool:
        """Look at the next changes; return whether there were any."""
        if self._row < 0:
            found = self._door.store.fetch("setting", (SETTING,))
            self._row = int(found[0][0]) if found else 0
        # Asked for first: what is no newer is among the rows, or of other types and passed by. Else
        # an hour of nothing but results would be gone through again at each of them.
        ((tip,),) = self._door.store.fetch("last_row")
        rows = self._door.store.fetch("outbox_of", (self._row, *TYPES, PORTION))
        for type_, look in self._looks.items():
            changed = list(dict.fromkeys(id_ for _, kind, id_ in rows if kind == type_))
            for at in range(0, len(changed), TOGETHER):
                await self._try_together(type_, look, changed[at : at + TOGETHER])
                await asyncio.sleep(0)  # messages go first
        last = rows[-1][0] if rows else self._row
        self._row = last if len(rows) == PORTION else max(last, tip)
        return bool(rows)

    async def _try_together(self, type_: int, look: Look, ids: list[str]) -> None:
        """Look at some changes; if one of them is a defect of ours, at each by itself."""
        try:
            await look(ids)
        except UnavailableError:
            raise
        except Exception:  # noqa: BLE001 - it is told when the one is looked at that it comes of
            for id_ in ids:
                await self._try(type_, look, id_)

    async def _try(self, type_: int, look: Look, id_: str) -> None:
        """Look at one change; a defect of ours must not hold up all that come after."""
        try:
            await look([id_])
        except UnavailableError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever broke, the others are followed
            log.error("follow: %s failed: %s", TYPE_NAMES[type_], where(error))  # noqa: TRY400

    async def _rest(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL):
                await self._wake.wait()

    async def _remember(self, now: float) -> None:
        if now - self._kept < REMEMBERED:
            return
        self._kept = now
        known = self._door.store.fetch("setting", (SETTING,))
        if not known or int(known[0][0]) != self._row:
            place = ("setting_put", (SETTING, str(self._row)))
            await self._door.store.submit(Batch(os.urandom(16), statements=[place]))

    async def _look_at_patients(self, ids: list[str]) -> None:
        await identify(self._door, ids)
        await self._settle(self._tasks_about(ids))

    async def _look_at_persons(self, ids: list[str]) -> None:
        joined: list[str] = []
        for stored in self._standing("Person", ids):
            await self._part(parted(self._door, stored, self._row))
            if stored.deleted:
                continue
            person = stored.resource()
            if basis(person) != "rule":
                await identify(self._door, named(person))
            joined += linked(person)
        await self._settle(self._tasks_about(joined))

    async def _look_at_requests(self, ids: list[str]) -> None:
        await self._settle(self._tasks_for(self._standing("ServiceRequest", ids)))

    def _standing(self, type_: str, ids: list[str]) -> list[Stored]:
        return list(standing(self._door.store, ((type_, id_) for id_ in ids)).values())

    async def _part(self, patients: set[str]) -> None:
        """Take back what rested on a link that has ended."""
        for _ in range(LIMIT):
            try:
                for changes in partings(self._door, patients):
                    await follow(self._door, changes, [])
            except StaleError:
                continue
            return

    def _tasks_about(self, patients: list[str]) -> list[str]:
        """Return the Tasks about Patients, or about whoever they are joined to."""
        joined = sorted(self._door.store.link_set(patients)[0])
        return [
            task
            for size, part in in_parts(joined)
            for _, task in self._door.store.fetch(
                f"naming_of_{size}", (self._about, PATIENT, *part, size * LIMIT)
            )
        ]

    def _tasks_for(self, orders: list[Stored]) -> list[str]:
        """Return the Tasks that ask for the number of an order."""
        numbers: dict[str, dict[str, None]] = {}
        for stored in orders:
            for system, value in () if stored.deleted else _numbers(stored.resource()):
                numbers.setdefault(system, {})[value] = None
        return [
            task
            for system, values in numbers.items()
            for size, part in in_parts(list(values))
            for _, task in self._door.store.fetch(
                f"carrying_of_{size}", (self._group, system, *part, size * LIMIT)
            )
        ]

    async def _settle(self, tasks: list[str]) -> None:
        for id_ in dict.fromkeys(tasks):
            for _ in range(LIMIT):
                stored = self._door.store.current("Task", id_)
                if stored is None or stored.deleted:
                    break
                try:
                    await follow(self._door, settlement(self._door, stored), [])
                except StaleError:
                    continue
                break


def _numbers(request: Resource) -> list[tuple[str, str]]:
    """Return the numbers of an order as Tasks may ask for it; of `number/item` the number too."""
    found = []
    for identifier in request.get("identifier", ()):
        system, value = identifier.get("system", ""), identifier.get("value", "")
        root, _, own = system.rpartition(":")
        if not root.startswith("urn:hutong:") or not value:
            continue
        asked = [kind for kind, kinds in KINDS.items() if own in kinds]
        values = dict.fromkeys((value, value.partition("/")[0]))
        found += [(f"{root}:{kind}", one) for kind in asked for one in values]
    return found
