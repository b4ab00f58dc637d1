"""How far an import is, and what could not be taken: written with each portion."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.bulk.portion import Portion, outcomes
from gateway.errors import GatewayError
from gateway.interactions.commit import Plan
from gateway.jobs.file import File
from gateway.jobs.job import written
from gateway.jobs.run import Run
from gateway.store.records import Batch, Statement

ISSUES: Final = 50


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of lines."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0

    @classmethod
    def of(cls, planned: Plan, refused: int) -> "Counts":
        """Return what becomes of the lines of a portion if it arrives."""
        writes = [item.write for item in planned.items[: planned.count]]
        created = sum(one is not None and one.op == "create" for one in writes)
        unchanged = sum(one is None for one in writes)
        return cls(created, len(writes) - created - unchanged, unchanged, refused)

    @property
    def told(self) -> dict[str, int]:
        """How the manifest says it."""
        return {
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "refused": self.refused,
        }

    @property
    def lines(self) -> int:
        """How many lines these were."""
        return self.created + self.updated + self.unchanged + self.refused

    def plus(self, other: "Counts") -> "Counts":
        """Return both together."""
        mine, its = self.told, other.told
        return Counts(**{name: mine[name] + its[name] for name in mine})


@dataclass(frozen=True, slots=True)
class Place:
    """How far an import is: the file by its number, the next line and its byte, all counts."""

    input: int
    number: int
    offset: int
    counts: tuple[Counts, ...]

    @classmethod
    def of(cls, cursor: Mapping[str, Any], inputs: int) -> "Place":
        """Return the place that a cursor names; the beginning if it is empty."""
        if "number" not in cursor:
            return cls(0, 1, 0, (Counts(),) * inputs)
        counts = tuple(Counts(*one) for one in cursor["counts"])
        return cls(cursor["input"], cursor["number"], cursor["offset"], counts)

    @property
    def cursor(self) -> dict[str, Any]:
        """What is saved."""
        return {
            "input": self.input,
            "number": self.number,
            "offset": self.offset,
            "counts": [list(one.told.values()) for one in self.counts],
        }

    @property
    def lines(self) -> int:
        """How many lines were seen to."""
        return sum(one.lines for one in self.counts)

    @property
    def refused(self) -> int:
        """How many of them could not be taken."""
        return sum(one.refused for one in self.counts)

    def moved(self, portion: Portion, counts: Counts) -> "Place":
        """Return the place behind a portion."""
        every = list(self.counts)
        every[portion.input] = every[portion.input].plus(counts)
        return Place(portion.input, portion.next, portion.end, tuple(every))


def written_with(
    run: Run,
    batch: Batch,
    places: tuple[Place, Place],
    refused: Sequence[tuple[int, GatewayError]],
) -> None:
    """Let a batch say how far the import is, on the condition that it was where it began."""
    before, after = places
    extras = run.extras(after.cursor, after.lines)
    if refused:
        kept = zlib.compress(outcomes(refused))
        batch.statements.append(
            ("job_issue_add", (run.job.id, str(after.input), len(refused), kept))
        )
    batch.statements += extras.statements
    reached = ("job_cursor", (run.job.id,), written(before.cursor))
    batch.unchanged += [*extras.unchanged, reached]


async def write_errors(run: Run, place: Place, names: Sequence[str]) -> None:
    """Make the files of what could not be taken, one for each input that has some."""
    files: dict[str, File] = {}
    after = 0
    fetch = run.door.store.fetch
    try:
        while rows := fetch("job_issues", (run.job.id, after, ISSUES)):
            after = rows[-1][0]
            for _, about, count, lines in rows:
                if about not in files:
                    told = names[int(about)]
                    files[about] = File(run.objects, "error", "OperationOutcome", told)
                files[about].add(zlib.decompress(lines), count)
        statements: list[Statement] = [await one.keep(run.job.id) for one in files.values()]
    finally:
        for one in files.values():
            one.discard()
    if statements:
        statements.append(("job_issues_drop", (run.job.id,)))
        await run.save(place.cursor, place.lines, statements)
