"""The record of who did what: one event a request with all its entities (DESIGN §3, "Audit").

The store chains the events; all that a record says is in its body, so that the chain covers it.
It is shown as https://hl7.org/fhir/R4/auditevent.html.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from typing import Final, Literal, Protocol

import msgspec
from typing_extensions import override

from gateway.access.actor import Actor
from gateway.errors import UnavailableError
from gateway.store.records import Audited, Batch, Commit, Statement, new_ticket

Action = Literal["C", "R", "U", "D", "E"]
"""https://hl7.org/fhir/R4/valueset-audit-event-action.html; a search is E."""

Outcome = Literal["0", "4", "8", "12"]
"""https://hl7.org/fhir/R4/valueset-audit-event-outcome.html; a refusal is 4."""

Entity = str | tuple[str, str]
"""A relative reference, or (type, id)."""

QUERY_LIMIT: Final = 4096
"""Characters of a query that are kept."""

WINDOW: Final = 0.05
"""Seconds that a record waits for others: half of the promise, the commit has the other half."""
ROOM: Final = 4096
BATCH: Final = 1024
ADDRESSES: Final = 1000
ELSEWHERE: Final = "other"
MINUTE: Final = 60_000_000

log = logging.getLogger(__name__)


def _now() -> int:
    return time.time_ns() // 1000


class Event(msgspec.Struct, omit_defaults=True, frozen=True):
    """One record. `entities` are relative references, with their version where it is known."""

    at: int
    token: int
    campus: int
    action: Action
    name: str = ""
    person: str = ""
    entities: tuple[str, ...] = ()
    outcome: Outcome = "0"
    query: str = ""
    reason: str = ""
    break_glass: bool = False


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Event).decode


def event(  # noqa: PLR0913 - a record has as many parts as the standard names
    actor: Actor,
    action: Action,
    entities: Iterable[Entity],
    *,
    outcome: Outcome = "0",
    query: str = "",
    reason: str = "",
    at: int | None = None,
) -> Audited:
    """Return the record of what an actor did to entities; `at` is now if not given."""
    moment = _now() if at is None else at
    record = Event(
        at=moment,
        token=actor.token,
        campus=actor.campus,
        action=action,
        name=actor.name,
        person=actor.person,
        entities=tuple([one if isinstance(one, str) else "/".join(one) for one in entities]),
        outcome=outcome,
        query=query[:QUERY_LIMIT],
        reason=reason,
        break_glass=actor.has("break-glass"),
    )
    return Audited(moment, actor.campus, actor.token, _encode(record))


def read_event(body: bytes) -> Event:
    """Return the record that a row of the audit holds."""
    return _decode(body)


class Submits(Protocol):
    """The part of a store that the recorder uses."""

    async def submit(self, batch: Batch) -> Commit:
        """Return once the batch is durable; UnavailableError."""


class Recorder:
    """Writes the records of plain reads in batches, so that a read does not wait for the disk.

    A record is durable within 100 ms; where the store is slower than the reads, the reads wait,
    `room` of them recorded at most. A kill loses no more than that. One recorder a process.
    """

    def __init__(
        self, store: Submits, *, room: int = ROOM, clock: Callable[[], int] = _now
    ) -> None:
        self._store = store
        self._room = room
        self._clock = clock
        self._waiting: list[Audited] = []
        self._refused: dict[tuple[int, str], int] = {}
        self._task: asyncio.Task[None] | None = None
        self._freed = asyncio.Event()

    async def add(self, audited: Audited) -> None:
        """Take the record of a plain read; returns at once unless too many wait."""
        while len(self._waiting) >= self._room:
            self._freed.clear()
            await self._freed.wait()
        self._waiting.append(audited)
        self._start()

    async def keep(self, audited: Audited) -> None:
        """Return once the record is durable: of a refusal, an export, a break-glass."""
        await self._store.submit(Batch(ticket=new_ticket(), audit=[audited]))

    def refused(self, address: str) -> None:
        """Count a call without a valid token."""
        key = self._clock() // MINUTE, address
        if key not in self._refused and len(self._refused) >= ADDRESSES:
            # Whoever calls from ever new addresses must not fill the memory or the table.
            key = key[0], ELSEWHERE
        self._refused[key] = self._refused.get(key, 0) + 1
        self._start()

    async def close(self) -> None:
        """Write what waits, and stop."""
        while self._task is not None:
            await asyncio.shield(self._task)

    def _start(self) -> None:
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._flush())

    async def _flush(self) -> None:
        try:
            await asyncio.sleep(WINDOW)
            while self._waiting or self._refused:
                await self._write()
        finally:
            self._task = None

    async def _write(self) -> None:
        records = self._waiting[:BATCH]
        refused, self._refused = self._refused, {}
        counts: list[Statement] = [
            ("refusal_count", (minute, address, count))
            for (minute, address), count in refused.items()
        ]
        batch = Batch(ticket=new_ticket(), statements=counts, audit=records)
        while True:
            try:
                await self._store.submit(batch)
            except UnavailableError:
                # The same ticket again: if the store had taken the batch, it is not taken twice.
                log.warning("audit: the store does not answer, %d records wait", len(records))
                await asyncio.sleep(WINDOW)
            else:
                break
        del self._waiting[: len(records)]
        self._freed.set()


class Unshown(Recorder):
    """Keeps no record: what is read with it is shown to nobody."""

    @override
    async def add(self, audited: Audited) -> None:
        pass

    @override
    async def keep(self, audited: Audited) -> None:
        pass
