"""One run of a job: what its handler works with, and how it makes sure of what it has done.

Whatever a handler writes rides with the place that it has come to, in one transaction, on the
condition that the job is still this runner's: a portion is done and told of, or neither.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.access.actor import Actor
from gateway.interactions.commit import Extras
from gateway.interactions.door import Door
from gateway.jobs.job import Job, written
from gateway.store.objects import Objects
from gateway.store.records import Batch, StaleError, Statement, new_ticket

LEASE: Final = 15_000_000
"""Microseconds after which another may take up a job whose runner does not stir."""


class LostError(Exception):
    """The job was cancelled, or another runner has it now."""


@dataclass(slots=True)
class Run:
    """A job in the hands of a runner. `done` and `total` are what callers are told."""

    door: Door
    objects: Objects
    job: Job
    cursor: dict[str, Any] = field(default_factory=dict)
    done: int = 0
    total: int = 0

    @property
    def actor(self) -> Actor:
        """As whom it works: asked anew each time, since a token may be revoked."""
        return self.job.actor(self.door)

    @property
    def is_ours(self) -> bool:
        """Whether the job is still this runner's."""
        return self.door.store.fetch("job_term", (self.job.id,)) == [(self.job.term,)]

    def extras(
        self, cursor: dict[str, Any], done: int, statements: Sequence[Statement] = ()
    ) -> Extras:
        """Return what makes a commit say how far the job has come."""
        return Extras(
            statements=[*statements, self._saved(cursor, done)],
            unchanged=[("job_term", (self.job.id,), self.job.term)],
        )

    def took(self, cursor: dict[str, Any], done: int) -> None:
        """Take note that a commit with such extras is durable."""
        self.cursor, self.done = cursor, done

    async def save(
        self, cursor: dict[str, Any], done: int, statements: Sequence[Statement] = ()
    ) -> None:
        """Return once it is durable how far the job has come; LostError."""
        extras = self.extras(cursor, done, statements)
        batch = Batch(new_ticket(), statements=extras.statements, unchanged=extras.unchanged)
        try:
            await self.door.store.submit(batch)
        except StaleError as error:
            raise LostError from error
        self.took(cursor, done)

    def _saved(self, cursor: dict[str, Any], done: int) -> Statement:
        until = self.door.clock() + LEASE
        return "job_save", (written(cursor), done, max(self.total, done), until, self.job.id)
