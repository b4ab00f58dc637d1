"""Runs jobs in the worker: a few at a time, under a lease that it renews while it works.

A runner that was killed leaves a lease behind that ends; whoever finds the job then goes on from
the place that was saved last. A runner that is merely slow finds its writes refused.
"""

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gateway.errors import GatewayError, Issue, UnavailableError
from gateway.interactions.door import Door
from gateway.jobs.desk import RETENTION, TOPIC
from gateway.jobs.job import NUMBERS, Job, State, job_of, written
from gateway.jobs.run import LEASE, LostError, Run
from gateway.store.objects import Objects
from gateway.store.records import Batch, StaleError, Statement, new_ticket

AT_ONCE: Final = 2
"""Jobs that run at a time in a process; one of a campus while others wait."""
PAUSE: Final = 1.0
"""Seconds between two looks for work that nobody told of."""
BEAT: Final = 2.0
TIDY: Final = 60.0
PORTION: Final = 100
ATTEMPTS: Final = 3
"""Times that a job may fail without coming further before it is given up."""
DEATHS: Final = 8
"""The same of times that it was taken up at all: whoever does it may be killed by it."""

Handler = Callable[[Run], Awaitable[dict[str, Any]]]
"""Does a job from `run.cursor` on, again after a kill; returns what the manifest says of it."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Running:
    """A job that this process does; `run` once it is ours."""

    campus: int
    task: asyncio.Task[None]
    run: Run | None = None


class Runner:
    """A task of the worker. `handlers` are by kind; `only` is the one job that is done here."""

    def __init__(
        self, door: Door, objects: Objects, handlers: Mapping[str, Handler], *, only: str = ""
    ) -> None:
        self._door = door
        self._objects = objects
        self._handlers = handlers
        self._only = only
        self._running: dict[int, _Running] = {}
        self._woken = asyncio.Event()

    async def run(self) -> None:
        """Work until cancelled."""
        self._door.store.subscribe(TOPIC, lambda *_: self._woken.set())
        tidying = asyncio.create_task(self._tidy())
        try:
            while True:
                self._woken.clear()
                with suppress(UnavailableError):
                    # What runs goes on; what waits is seen when the database is back.
                    self._look()
                with suppress(TimeoutError):
                    async with asyncio.timeout(PAUSE):
                        await self._woken.wait()
        finally:
            tasks = [tidying, *(one.task for one in self._running.values())]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def drain(self) -> None:
        """Work until nothing waits that this process can take: for commands and tests."""
        while True:
            self._look()
            if not self._running:
                return
            await asyncio.wait(
                [one.task for one in self._running.values()],
                return_when=asyncio.FIRST_COMPLETED,
            )

    def _look(self) -> None:
        """Start what may start, and end what was cancelled."""
        for id_, one in list(self._running.items()):
            if one.task.done():
                del self._running[id_]
            elif one.run is not None and not one.run.is_ours:
                one.task.cancel()
        now = self._door.clock()
        found = [job_of(row) for row in self._door.store.fetch("jobs_open")]
        free = [one for one in found if one.id not in self._running and one.until < now]
        free = [one for one in free if self._only in {"", one.name}]
        while free and len(self._running) < AT_ONCE:
            job = min(free, key=self._turn)
            free.remove(job)
            self._running[job.id] = _Running(job.campus, asyncio.create_task(self._do(job)))

    def _turn(self, job: Job) -> tuple[bool, int]:
        """Return in which order jobs come: first those of campuses that none is run for."""
        busy = {one.campus for one in self._running.values()}
        return job.campus in busy, job.id

    async def _do(self, waiting: Job) -> None:
        try:
            job = await self._taken(waiting)
            if job is not None:
                run = Run(self._door, self._objects, job, job.cursor, job.done, job.total)
                self._running[job.id].run = run
                await self._beaten(run)
        except UnavailableError:
            log.warning("jobs: the store does not answer, a job waits")
        except LostError:
            log.info("jobs: a job was cancelled, or another runner has it")
        finally:
            self._woken.set()

    async def _taken(self, job: Job) -> Job | None:
        """Return the job as ours, None if somebody else was quicker."""
        until = self._door.clock() + LEASE
        batch = Batch(
            new_ticket(),
            statements=[("job_take", (until, job.id))],
            unchanged=[("job_take_term", (job.id,), job.term)],
        )
        try:
            await self._door.store.submit(batch)
        except StaleError:
            return None
        taken = job_of(self._door.store.fetch("job", (job.id,))[0])
        if taken.term != job.term + 1 or not taken.is_open:
            return None
        return taken

    async def _beaten(self, run: Run) -> None:
        """Do the job while its lease is renewed."""
        beating = asyncio.create_task(self._beat(run))
        try:
            await self._done(run)
        finally:
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)

    async def _beat(self, run: Run) -> None:
        while True:
            await asyncio.sleep(BEAT)
            until = self._door.clock() + LEASE
            kept = (until, run.done, max(run.total, run.done), run.job.id, run.job.term)
            with suppress(UnavailableError):
                await self._door.store.submit(Batch(new_ticket(), statements=[("job_keep", kept)]))

    async def _done(self, run: Run) -> None:
        handler = self._handlers.get(run.job.kind)
        if handler is None or run.job.attempts > DEATHS:
            text = "The job ended whoever did it." if handler else "No such job is known here."
            await self._end(run, "failed", _told(GatewayError(text)))
            return
        try:
            result = await handler(run)
        except (UnavailableError, LostError):
            raise
        except GatewayError as error:
            await self._end(run, "failed", _told(error))
        except Exception as error:  # noqa: BLE001 - a defect must not end the worker
            _log(run.job, error)
            if run.job.attempts >= ATTEMPTS:
                failure = GatewayError("The gateway failed at this job; what it did before stays.")
                await self._end(run, "failed", _told(failure))
        else:
            await self._end(run, "done", result)

    async def _end(self, run: Run, state: State, result: dict[str, Any]) -> None:
        ended = (NUMBERS[state], written(result), self._door.clock(), run.job.id)
        batch = Batch(
            new_ticket(),
            statements=[("job_progress", (run.done, run.total, run.job.id)), ("job_end", ended)],
            unchanged=[("job_term", (run.job.id,), run.job.term)],
        )
        try:
            await self._door.store.submit(batch)
        except StaleError as error:
            raise LostError from error

    # What is over.

    async def _tidy(self) -> None:
        while True:
            with suppress(UnavailableError):
                while await self.tidy():
                    pass
            await asyncio.sleep(TIDY)

    async def tidy(self) -> int:
        """Forget a portion of what ended long ago or was cancelled; return how many jobs.

        The files themselves go when the janitor of objects finds that no row names them.
        """
        store = self._door.store
        expired = store.fetch("jobs_expired", (self._door.clock() - RETENTION, PORTION))
        cancelled = store.fetch("jobs_cancelled", (PORTION,))
        statements: list[Statement] = []
        for (id_,) in {*expired, *cancelled}:
            statements += [("job_files_drop", (id_,)), ("job_issues_drop", (id_,))]
        statements += [("job_drop", (id_,)) for (id_,) in expired]
        if statements:
            await store.submit(Batch(new_ticket(), statements=statements))
        return len(statements)


def _told(error: GatewayError) -> dict[str, Any]:
    """Return what a row says of a failure."""
    return {"status": error.status, "issues": [_issue(one) for one in error.issues]}


def _issue(one: Issue) -> dict[str, str]:
    return {
        "severity": one.severity,
        "code": one.code,
        "text": one.text,
        "expression": one.expression,
        "diagnostics": one.diagnostics,
    }


def _log(job: Job, error: Exception) -> None:
    # Places only: the message of a foreign error may hold a patient's data.
    places = [
        f"{Path(one.filename).name}:{one.lineno}"
        for one in traceback.extract_tb(error.__traceback__)
    ]
    log.error("jobs: %s failed: %s at %s", job.kind, type(error).__name__, " ".join(places[-8:]))
