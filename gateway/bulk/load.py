"""$import: lines of NDJSON into the store, as fast as it takes them, each by the door's rules.

A portion is written together with the place that was reached. While some are on their way the next
is prepared; each is sent on the condition that the place before it was reached, so that whatever
fails, none is left out and none is written twice.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final

import msgspec

from gateway.bulk.lines import DamagedError, Line
from gateway.bulk.portion import Entry, Judge, Portion
from gateway.bulk.record import Counts, Place, write_errors, written_with
from gateway.bulk.source import lines
from gateway.errors import ConflictError, GatewayError, UnavailableError, UnprocessableError
from gateway.fhir.definitions import TYPE_NAMES
from gateway.interactions.ahead import closely
from gateway.interactions.commit import Extras, Plan, plan, send
from gateway.interactions.retry import refusal
from gateway.jobs.run import LostError, Run
from gateway.store.body import instant
from gateway.store.records import Stale, StaleError

ATTEMPTS: Final = 8
AHEAD: Final = 2
"""Portions on their way while the next is prepared: where the disk takes long for one, the next
need not wait."""
GROWN: Final = 2
"""Portions that one grows to as long as it would only wait behind those: what two have in common,
pages of indexes above all, is then written once."""
MOST_REFUSED: Final = 100_000
"""Lines after which an import stops: the files are of another kind than they were taken for."""


class Source(msgspec.Struct):
    """A file to read: the type that its lines must have ("" any), how the manifest names it."""

    digest: bytes
    size: int
    type: str
    about: str


@dataclass(slots=True)
class Flight:
    """A portion on its way: what it was, where it began, and where it leads if it arrives."""

    portion: Portion
    is_plain: bool
    before: Place
    after: Place
    task: "asyncio.Task[Any]"


class Loader:
    """One run of an import over files that are there."""

    def __init__(self, run: Run, base: str, sources: Sequence[Source]) -> None:
        self._run = run
        self._door = replace(run.door, base=base or run.door.base)
        self._sources = sources
        self._place = Place.of(run.cursor, len(sources))
        self._flights: deque[Flight] = deque()
        self._judging: Judge | None = None  # asked for anew with each portion: a token may go

    async def load(self) -> dict[str, Any]:
        """Read what is left of all files; return what the manifest says besides its files."""
        if "number" not in self._run.cursor:
            await self._run.save(self._place.cursor, 0)
        try:
            for index in range(self._place.input, len(self._sources)):
                await self._file(index)
            await self._land()
        finally:
            tasks = [one.task for one in self._flights]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        await write_errors(self._run, self._place, [one.about for one in self._sources])
        counts = zip(self._sources, self._place.counts, strict=True)
        imported = [{"inputUrl": one.about, **its.told} for one, its in counts]
        return {
            "transactionTime": instant(self._door.clock()),
            "extension": {"imported": imported},
        }

    async def _file(self, index: int) -> None:
        source, place = self._sources[index], self._place
        number, offset = (place.number, place.offset) if place.input == index else (1, 0)
        with self._run.objects.open(source.digest) as file:
            reading = lines(file, number, offset)
            portion = Portion(index, end=offset, next=number)
            try:
                for line in reading:
                    if line is None:
                        await asyncio.sleep(0)
                        continue
                    if portion.fills(1):
                        # Whether those on their way have arrived is told in a turn of the loop.
                        await asyncio.sleep(0)
                        self._run.total = self._estimated(portion, file.tell())
                    portion = await self._line(portion, line, source)
            except DamagedError as error:
                portion.refused.append((portion.next, error))
            if portion.entries or portion.refused:
                await self._put(portion)

    async def _line(self, portion: Portion, line: Line, source: Source) -> Portion:
        """Take a line; return the portion that the next one belongs to."""
        if self._judging is None or self._judging.type != source.type:
            self._judging = self._judge(source.type)
        found = self._judging.judged(line)
        if isinstance(found, ConflictError) and (portion.entries or self._flights):
            # What its numbers lead to may be changed by the lines before it.
            await self._put(portion)
            await self._land()
            portion = Portion(portion.input)
            found = self._judge(source.type).judged(line)
        doubled = not isinstance(found, GatewayError) and (found.type, found.id) in portion.names
        if self._is_due(portion) or doubled:
            await self._put(portion)
            portion = Portion(portion.input)
        portion.add(line, found)
        return portion

    def _is_due(self, portion: Portion) -> bool:
        """Whether a portion should be written before more is read."""
        return portion.fills(1) and (portion.fills(GROWN) or not self._waits)

    @property
    def _waits(self) -> bool:
        """Whether the store is behind."""
        return sum(not one.task.done() for one in self._flights) >= AHEAD

    def _estimated(self, portion: Portion, read: int) -> int:
        """Return about how many lines there are, from the bytes that are left.

        Of a packed file what was unpacked of it and what was read of it are two things.
        """
        index, sizes = portion.input, [one.size for one in self._sources]
        passed = sum(islice(sizes, index)) + min(portion.end, read)
        lines = sum(one.lines for one in self._place.counts[:index]) + portion.next - 1
        return round(lines * sum(sizes) / passed) if passed else 0

    # Writing.

    async def _put(self, portion: Portion) -> None:
        """Send a portion; those before may still be on their way."""
        self._judging = None
        flights = self._flights
        if not all(one.is_plain and portion.may_follow(one.portion) for one in flights):
            await self._land()
        try:
            await self._send(portion)
        except UnavailableError:
            raise
        except GatewayError:
            await self._land()
            await self._carefully(portion)
            return
        await asyncio.sleep(0)
        await self._land(AHEAD)

    async def _send(self, portion: Portion) -> None:
        """Put a portion on its way; what was made of its lines is let go."""
        planned, after = await self._planned(portion)
        if self._flights and not planned.is_plain:
            # What was looked up for it may be what is on its way.
            await self._land()
            planned, after = await self._planned(portion)
        planned.batch.versions = [self._then(one) for one in planned.batch.versions]
        before, self._place = self._place, after
        task = asyncio.create_task(send(self._door, planned.batch))
        portion.forget()
        self._flights.append(Flight(portion, planned.is_plain, before, after, task))

    def _then(self, version: tuple[int, str, int]) -> tuple[int, str, int]:
        """Return the version that stands once those on their way arrived: plain, they hide nothing.

        What is not there yet comes with them; whoever hides it before this arrives is noticed.
        """
        type_, id_, number = version
        coming = number == 0 and any(
            (TYPE_NAMES[type_], id_) in one.portion.names for one in self._flights
        )
        return type_, id_, 1 if coming else number

    async def _land(self, left: int = 0) -> None:
        """Return once no more than so many are on their way."""
        while len(self._flights) > left:
            flight = self._flights.popleft()
            if not await self._arrived(flight):
                # Then none of those behind it arrives: the condition of each is that one's place.
                following = [*self._flights]
                self._flights.clear()
                await asyncio.gather(*(one.task for one in following), return_exceptions=True)
                self._place = flight.before
                for one in (flight, *following):
                    await self._carefully(one.portion)

    async def _arrived(self, flight: Flight) -> bool:
        """Return whether a portion was stored as it was planned; LostError."""
        try:
            await flight.task
        except StaleError:
            if not self._run.is_ours:
                raise LostError from None
            return False
        self._took(flight.after)
        return True

    def _took(self, place: Place) -> None:
        self._run.took(place.cursor, place.lines)
        if place.refused > MOST_REFUSED:
            raise UnprocessableError(f"More than {MOST_REFUSED} lines cannot be taken; it stops.")

    async def _planned(self, portion: Portion) -> tuple[Plan, Place]:
        """Return the commit of a portion, and the place that it leads to."""
        refused: dict[int, GatewayError] = {}
        changes = portion.changes
        planned = await plan(self._door, self._run.actor, changes, Extras(refused=refused))
        told = [(portion.entries[index].line.number, error) for index, error in refused.items()]
        counts = Counts.of(planned, len(portion.refused) + len(told))
        after = self._place.moved(portion, counts)
        written_with(self._run, planned.batch, (self._place, after), [*portion.refused, *told])
        return planned, after

    # Where something stands against it.

    async def _carefully(self, portion: Portion) -> None:
        """Write a portion with nothing else on its way; what stands against it is refused."""
        stale = Stale("")
        for _ in range(ATTEMPTS):
            self._judge_again(portion)
            try:
                with closely():
                    planned, after = await self._planned(portion)
                await send(self._door, planned.batch)
            except StaleError as error:
                if not self._run.is_ours:
                    raise LostError from None
                before, stale = stale, error.stale
                if stale == before and stale.why == "claim" and len(portion.entries) == 1:
                    break  # it claims the same however often it is prepared
            except UnavailableError:
                raise
            except GatewayError as error:
                await self._parted(portion, error)
                return
            else:
                self._place = after
                self._took(after)
                return
        await self._parted(portion, refusal(stale))

    async def _parted(self, portion: Portion, error: GatewayError) -> None:
        """Write the halves of a portion by themselves; refuse a line that is alone."""
        entries = portion.entries
        if len(entries) <= 1:
            refused = [(one.line.number, error) for one in entries]
            rest = Portion(
                portion.input, [], [*portion.refused, *refused], end=portion.end, next=portion.next
            )
            await self._carefully(rest)
            return
        for half in portion.halves():
            await self._carefully(half)

    def _judge(self, type_: str) -> Judge:
        return Judge(self._door, self._run.actor, type_)

    def _judge_again(self, portion: Portion) -> None:
        """Look again which resource each line means: a key may lead elsewhere by now."""
        judge = self._judge("")
        kept: list[Entry] = []
        for one in portion.entries:
            found = judge.judged(one.line)
            if isinstance(found, GatewayError):
                portion.refused.append((one.line.number, found))
            else:
                kept.append(Entry(one.line, found))
        portion.entries = kept
