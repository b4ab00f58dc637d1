"""Back pressure: acknowledgements slow down before results come later than promised.

DESIGN §3: a result is searchable at most one second after its acknowledgement. So none leaves
while the oldest waiting message is older than `OLDEST`, or while more wait than have been
processed of late in that time.
"""

import asyncio
from collections import deque
from typing import Final

from gateway.errors import UnavailableError
from gateway.interactions.door import Door

OLDEST: Final = 400_000
"""Microseconds that the oldest message may have waited."""
WINDOW: Final = 2_000_000
"""Microseconds over which the rate is measured."""
LEAST: Final = 8
"""So many may wait whatever the rate."""
STEP: Final = 0.005
PATIENCE: Final = 20.0
"""Seconds after which a sender is answered all the same: most give up after thirty."""


class Pressure:
    """Lets acknowledgements pass; one for all connections of a process."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._done: deque[int] = deque(maxlen=1024)
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []
        self._task: asyncio.Task[None] | None = None
        door.store.subscribe("done", self._count)

    async def passed(self, id_: int) -> bool:
        """Return True once message `id_` may be acknowledged, False if patience ran out."""
        if not self._waiting and self._is_free(id_):
            return True
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((id_, future))
        if self._task is None:
            self._task = asyncio.create_task(self._watch())
        try:
            async with asyncio.timeout(PATIENCE):
                await future
        except TimeoutError:
            return False
        return True

    def _count(self, _topic: str, _payload: str) -> None:
        self._done.append(self._door.clock())

    def _is_free(self, id_: int) -> bool:
        try:
            ((depth, oldest, first),) = self._door.store.fetch("inbox_pressure")
        except UnavailableError:
            # A database that is away for a moment: whoever waits for it goes on waiting.
            return False
        if first is None or first > id_:
            return True
        now = self._door.clock()
        lately = sum(at > now - WINDOW for at in self._done)
        return bool(now - oldest < OLDEST and depth <= max(LEAST, lately * OLDEST // WINDOW))

    async def _watch(self) -> None:
        """Let those pass that may, the first to come first, until none waits."""
        try:
            while self._waiting:
                await asyncio.sleep(STEP)
                while self._waiting and (
                    self._waiting[0][1].done() or self._is_free(self._waiting[0][0])
                ):
                    _, future = self._waiting.pop(0)
                    if not future.done():
                        future.set_result(None)
        finally:
            self._task = None
