"""$export: everything of a level as it stood at a moment, in files of NDJSON.

https://hl7.org/fhir/uv/bulkdata/STU2/export.html. Versions are streamed type by type in the order
of their rows; a file that is done is told of with the place that was reached, so that a job goes
on behind the last one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from gateway.bulk import walk
from gateway.bulk.walk import Range, Whose
from gateway.bulk.wanted import PATIENT, Wanted, clauses, read
from gateway.errors import Issue
from gateway.fhir import subset
from gateway.fhir.codec import decode, decode_exact, encode
from gateway.fhir.compartments import compartments
from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.extract import extract
from gateway.fhir.outcome import operation_outcome
from gateway.interactions.door import Door
from gateway.jobs.file import File
from gateway.jobs.run import Run
from gateway.store.body import fill, instant, unpack
from gateway.store.query import Clause
from gateway.store.stored import Stored

KIND: Final = "export"
FILE_BYTES: Final = 64 * 1024 * 1024
FILE_ROWS: Final = 100_000
BUFFER: Final = 1024 * 1024
ENTRIES: Final = 100
"""Deletions in a Bundle."""
OUTPUT, DELETED, ERROR = "output", "deleted", "error"


@dataclass(slots=True)
class Place:
    """How far an export is: the snapshot, the part, the type by its number, the last row."""

    mark: int
    part: str = OUTPUT
    type: int = 0
    row: int = 0

    @property
    def cursor(self) -> dict[str, Any]:
        """What is saved."""
        return {"mark": self.mark, "part": self.part, "type": self.type, "row": self.row}


async def export(run: Run) -> dict[str, Any]:
    """Do an export; return what the manifest says besides its files."""
    wanted = read(run.job.request)
    if not run.cursor:
        await run.save(_begin(run.door, wanted).cursor, 0, ())
    job = Export(run, wanted, Place(**run.cursor))
    await job.write()
    return {"transactionTime": instant(job.moment), "request": wanted.address}


def _begin(door: Door, wanted: Wanted) -> Place:
    # Every row up to the newest one is there to be read; none before it can come later.
    ((mark,),) = door.store.fetch("last_row")
    return Place(mark, row=wanted.since)


class Export:
    """One run of an export."""

    def __init__(self, run: Run, wanted: Wanted, place: Place) -> None:
        self._run = run
        self._door = replace(run.door, base=wanted.base or run.door.base)
        self._wanted = wanted
        self._place = place
        self._members = self._keys()
        self._file: File | None = None
        self._count = run.done

    @property
    def moment(self) -> int:
        """The moment of the snapshot; of an empty store it is now."""
        return self._place.mark or self._run.job.created

    async def write(self) -> None:
        """Write what is left of the export."""
        try:
            self._run.total = await self._total()
            if self._place.part == OUTPUT:
                await self._each_type(self._outputs)
                self._place.part, self._place.type = DELETED, 0
                self._place.row = self._wanted.since
            if self._wanted.since and self._place.part == DELETED:
                await self._each_type(self._deletions)
            if self._place.part != ERROR:
                await self._notes()
        finally:
            if self._file is not None:
                self._file.discard()

    async def _each_type(self, work: Callable[[str], Awaitable[None]]) -> None:
        types = self._wanted.types
        while self._place.type < len(types):
            type_ = types[self._place.type]
            if self._run.actor.may(type_, "r"):
                await work(type_)
            self._place.type += 1
            self._place.row = self._wanted.since

    # What there is.

    async def _outputs(self, type_: str) -> None:
        queries = [
            await clauses(self._door, self._run.actor, type_, query)
            for query in self._wanted.filters.get(type_, ())
        ]
        names = self._names(type_)
        while True:
            what, whose = Range(type_, self._place.row, self._place.mark), Whose(self._run.actor)
            rows, last = await walk.page(self._door, whose, what)
            if not last:
                break
            chosen = await self._chosen(what, whose, rows, queries)
            reading = walk.bodies(self._door, whose, what.mark, chosen, self._is_inside)
            async for portion in reading:
                await self._add(OUTPUT, type_, portion, names)
            self._place.row = last
            self._count += len(rows)
            self._run.done = self._count
            await self._close_full()
        await self._close()

    async def _chosen(
        self,
        what: Range,
        whose: Whose,
        rows: list[walk.Row],
        queries: Sequence[tuple[Clause, ...]],
    ) -> list[walk.Row]:
        if self._wanted.level != "system" or self._members is not None:
            rows = await walk.of_patients(self._door, what, rows, self._members)
        return await walk.matching(self._door, whose.actor, rows, queries)

    async def _add(
        self, part: str, type_: str, portion: Sequence[Stored], names: frozenset[str]
    ) -> None:
        if not portion:
            return
        if self._file is None:
            self._file = File(self._run.objects, part, type_)
        # Beside the loop: unpacking a page takes milliseconds, a large Binary more.
        await asyncio.to_thread(_write, self._file, portion, names)

    def _is_inside(self, one: Stored) -> bool:
        """Return whether a version is itself of the patients that are asked for."""
        if (self._wanted.level == "system" and self._members is None) or one.type == PATIENT:
            return True
        wanted, params = self._wanted.patients, compartments()[PATIENT][one.type]
        references = extract(decode(one.json()), self._door.zone, self._door.base).references
        return any(
            param in params and type_ == PATIENT and (wanted is None or id_ in wanted)
            for param, type_, id_ in references
        )

    def _names(self, type_: str) -> frozenset[str]:
        elements = self._wanted.elements
        return frozenset((*elements.get("", ()), *elements.get(type_, ())))

    def _keys(self) -> set[int] | None:
        if self._wanted.patients is None:
            return None
        fetch, type_ = self._run.door.store.fetch, TYPE_IDS[PATIENT]
        return {key for id_ in self._wanted.patients for (key,) in fetch("key_id", (type_, id_))}

    # What is gone.

    async def _deletions(self, type_: str) -> None:
        while True:
            what, whose = Range(type_, self._place.row, self._place.mark), Whose(self._run.actor)
            rows, last = await walk.page(self._door, whose, what, "walk_deleted")
            if not last:
                break
            gone = [one for one, _ in rows if self._was_inside(one)]
            if gone and self._file is None:
                self._file = File(self._run.objects, DELETED, "Bundle")
            for start in range(0, len(gone), ENTRIES):
                assert self._file is not None  # noqa: S101 - made above
                self._file.add(_deletions(gone[start : start + ENTRIES]), 1)
            self._place.row = last
            await self._close_full()
        await self._close()

    def _was_inside(self, gone: Stored) -> bool:
        """Return whether what is gone was of the patients that are asked for."""
        if self._members is None:
            return True
        if gone.type == PATIENT:
            return gone.key in self._members
        before = self._door.store.version(gone.type, gone.id, gone.version - 1)
        if before is None or before.deleted:
            return False
        references = extract(decode(before.json()), self._door.zone, self._door.base).references
        wanted = set(self._wanted.patients or ())
        return any(type_ == PATIENT and id_ in wanted for _, type_, id_ in references)

    # Files.

    async def _close_full(self) -> None:
        file = self._file
        if file is not None and (file.size >= FILE_BYTES or file.count >= FILE_ROWS):
            await self._close()

    async def _close(self) -> None:
        """Make the file durable, with the place that was reached."""
        if self._file is None:
            return
        statement = await self._file.keep(self._run.job.id)
        self._file = None
        await self._run.save(self._place.cursor, self._count, [statement])

    async def _notes(self) -> None:
        """Write what was passed over into the file of errors."""
        if not self._wanted.notes:
            return
        issues = [Issue(**one) for one in self._wanted.notes]
        self._file = File(self._run.objects, ERROR, "OperationOutcome")
        self._file.add(encode(operation_outcome(issues)) + b"\n", 1)
        self._place.part = ERROR
        await self._close()

    async def _total(self) -> int:
        total = 0
        for type_ in self._wanted.types:
            values = (TYPE_IDS[type_], self._wanted.since, self._place.mark)
            total += int((await self._door.store.scan("walk_count", values))[0][0])
        return total


def _write(file: File, portion: Sequence[Stored], names: frozenset[str]) -> None:
    """Write a line for each version; few are held at a time, however large they unpack."""
    lines: list[bytes] = []
    size = 0
    for one in portion:
        whole = fill(unpack(one.codec, one.body), one.hole, one.version, one.row)
        lines.append(encode(subset.chosen(decode_exact(whole), names)) if names else whole)
        size += len(lines[-1])
        if size > BUFFER:
            file.add(b"\n".join([*lines, b""]), len(lines))
            lines, size = [], 0
    if lines:
        file.add(b"\n".join([*lines, b""]), len(lines))


def _deletions(gone: Sequence[Stored]) -> bytes:
    """Return a line that tells of deletions, as the guide has it."""
    entries = [{"request": {"method": "DELETE", "url": f"{one.type}/{one.id}"}} for one in gone]
    return encode({"resourceType": "Bundle", "type": "transaction", "entry": entries}) + b"\n"
