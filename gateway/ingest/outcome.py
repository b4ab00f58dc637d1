"""What became of a message, for whoever waits for it."""

import asyncio
from contextlib import suppress
from typing import Any, Final

import msgspec

from gateway.interactions.door import Door

WAITS, DONE, QUARANTINED, DISCARDED = 0, 1, 2, 3
POLL: Final = 0.25
"""Seconds after which the inbox is looked at all the same, if a notice was lost."""


class Outcome(msgspec.Struct, frozen=True):
    """One row of the inbox without the message itself."""

    id: int
    received: int
    campus: int
    channel: int
    format: str
    namespace: str
    control: str
    state: int
    attempts: int
    reason: str
    account: str
    finished: int | None

    def told(self) -> dict[str, Any]:
        """Return the account."""
        found: dict[str, Any] = msgspec.json.decode(self.account) if self.account else {}
        return found


class Outcomes:
    """Tells when messages are finished; one for a process."""

    def __init__(self, door: Door) -> None:
        self._store = door.store
        self._waiting: dict[str, list[asyncio.Event]] = {}
        door.store.subscribe("done", self._wake)

    def of(self, id_: int) -> Outcome | None:
        """Return how a message stands now."""
        rows = self._store.fetch("inbox_account", (id_,))
        return Outcome(*rows[0]) if rows else None

    async def finished(self, id_: int, timeout: float) -> Outcome | None:  # noqa: ASYNC109 - an answer
        """Return the message once it is finished, or as it stands when the time is up."""
        event = asyncio.Event()
        events = self._waiting.setdefault(str(id_), [])
        events.append(event)
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout
        try:
            while True:
                found = self.of(id_)
                left = end - loop.time()
                if found is None or found.state != WAITS or left <= 0:
                    return found
                await _sleep(event, min(POLL, left))
        finally:
            events.remove(event)
            if not events:
                self._waiting.pop(str(id_), None)

    def _wake(self, _topic: str, payload: str) -> None:
        for event in self._waiting.get(payload, ()):
            event.set()


async def _sleep(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    event.clear()
