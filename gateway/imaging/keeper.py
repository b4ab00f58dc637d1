"""Keeps each study's resource in step with its objects.

DESIGN §3, "Detached parts": a version at the first object, then at most one a second while objects
arrive, the last never later than 1 s after its object, and one when the study is settled. What is
still to be told stands in the store, so nothing is forgotten when the process dies.
"""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from gateway.errors import UnavailableError
from gateway.imaging.receive import TOPIC
from gateway.imaging.stored_object import StoredObject
from gateway.imaging.version import tell
from gateway.interactions.door import Door

GAP: Final = 1.0
"""Seconds from one version to the next."""
HASTE: Final = 0.4
"""So much earlier it is begun at most, to be there when it is due."""
SETTLED: Final = 10.0
"""Seconds without an object after which a study counts as complete."""
POLL: Final = 0.5
PORTION: Final = 1000

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Study:
    """One study while its objects arrive. Times are those of the event loop."""

    uid: str
    objects: list[StoredObject] = field(default_factory=list)
    told: int = 0
    begun: float = 0.0
    lasted: float = 0.0
    changed: float = 0.0
    task: asyncio.Task[None] | None = None
    wake: asyncio.Event = field(default_factory=asyncio.Event)


class Keeper:
    """Tells what arrives; one for the gateway. `address` is that of DICOMweb."""

    def __init__(self, door: Door, address: str, *, settled: float = SETTLED) -> None:
        self._door = door
        self._address = address
        self._settled = settled
        self._studies: dict[str, Study] = {}
        self._wake = asyncio.Event()
        door.store.subscribe(TOPIC, self._notice)

    async def run(self) -> None:
        """Keep studies until cancelled; what is told is finished first."""
        try:
            while True:
                self._wake.clear()
                self._look()
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL):
                        await self._wake.wait()
        finally:
            tasks = [one.task for one in self._studies.values() if one.task]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def drain(self) -> None:
        """Return once everything is told, though perhaps not settled."""
        for uid, _, _ in self._door.store.fetch("studies_open", (PORTION,)):
            study = self._studies.setdefault(uid, Study(uid))
            await self._tell(study, receiving=True)

    def _notice(self, _topic: str, uid: str) -> None:
        study = self._studies.get(uid)
        if study is None:
            self._wake.set()
        else:
            study.wake.set()

    def _look(self) -> None:
        """Start on studies that have something to tell: new ones, and those of before a crash."""
        for uid, _, _ in self._door.store.fetch("studies_open", (PORTION,)):
            study = self._studies.get(uid)
            if study is None:
                study = self._studies[uid] = Study(uid)
            if study.task is None:
                study.task = asyncio.create_task(self._follow(study))
                study.task.add_done_callback(partial(self._forget, uid))

    def _forget(self, uid: str, _: object) -> None:
        self._studies.pop(uid, None)

    async def _follow(self, study: Study) -> None:
        """Tell of one study until it is settled."""
        loop = asyncio.get_running_loop()
        while True:
            study.wake.clear()
            try:
                if await self._tell(study, receiving=True):
                    study.changed = loop.time()
                elif loop.time() - study.changed >= self._settled:
                    if await self._settle(study):
                        return
                    continue
            except UnavailableError:
                await asyncio.sleep(POLL)
                continue
            except Exception as error:  # noqa: BLE001 - the others go on; it is tried again
                log.error("imaging: a study is left waiting: %s", type(error).__name__)  # noqa: TRY400
                await asyncio.sleep(self._settled)
                continue
            await self._rest(study, loop)

    async def _rest(self, study: Study, loop: asyncio.AbstractEventLoop) -> None:
        """Wait for objects, and then until the next version is due."""
        left = study.changed + self._settled - loop.time()
        with suppress(TimeoutError):
            async with asyncio.timeout(min(max(left, 0.01), POLL)):
                await study.wake.wait()
        if study.wake.is_set():
            due = study.begun + GAP - min(study.lasted, HASTE)
            await asyncio.sleep(max(due - loop.time(), 0))

    async def _tell(self, study: Study, *, receiving: bool) -> bool:
        """Return whether there was anything to tell, once it is told."""
        rows = self._door.store.fetch(
            "objects_of_study", (study.uid, study.objects[-1].id if study.objects else 0)
        )
        study.objects += [StoredObject(*row) for row in rows]
        if not study.objects or study.objects[-1].id <= study.told:
            return False
        loop = asyncio.get_running_loop()
        study.begun = loop.time()
        await tell(self._door, study.objects, self._address, receiving=receiving)
        study.told = study.objects[-1].id
        study.lasted = loop.time() - study.begun
        return True

    async def _settle(self, study: Study) -> bool:
        """Make the last version; False if objects came meanwhile."""
        last = study.objects[-1].id if study.objects else 0
        await tell(self._door, study.objects, self._address, receiving=False)
        ((newest, _, settled),) = self._door.store.fetch("study", (study.uid,))
        return bool(settled) or newest == last
