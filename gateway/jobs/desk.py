"""Where jobs are started, asked after and cancelled.

A job is its token's, and of its campus as which it was started; an administrator sees all. To
anybody else it is not there.
"""

import secrets
from collections.abc import Sequence
from typing import Any, Final

from gateway.access.actor import Actor
from gateway.access.audit import event
from gateway.errors import NotFoundError, TooManyJobsError
from gateway.interactions.door import Door
from gateway.jobs.job import Job, job_of, who_is, written
from gateway.store.records import Batch, StaleError, Statement, new_ticket

TOPIC: Final = "jobs"
MOST: Final = 20
"""Jobs of one token that may wait or run at a time."""
MICROSECONDS: Final = 1_000_000
RETENTION: Final = 24 * 3600 * MICROSECONDS
"""How long a job and its files stay after its end."""


async def start(
    door: Door,
    actor: Actor,
    kind: str,
    request: dict[str, Any],
    files: Sequence[tuple[object, ...]] = (),
) -> str:
    """Return the name of a new job, durable and recorded; TooManyJobsError.

    `files` are what it works on: (part, type, about, count, size, digest) of objects.
    """
    asked = "jobs_open_of", (actor.token, actor.campus)
    while True:
        ((waiting,),) = door.store.fetch(*asked)
        if waiting >= MOST:
            raise TooManyJobsError(f"{MOST} jobs of this token wait or run already.")
        try:
            return await _added(door, actor, (kind, request, files), (*asked, waiting))
        except StaleError:
            continue  # another was started, or ended, meanwhile


async def _added(
    door: Door,
    actor: Actor,
    asked: tuple[str, dict[str, Any], Sequence[tuple[object, ...]]],
    unchanged: tuple[str, tuple[object, ...], object],
) -> str:
    """Return the name of a new job; StaleError where others wait or run than were counted."""
    kind, request, files = asked
    name = secrets.token_hex(16)
    about = (name, kind, actor.campus, actor.token, who_is(actor), written(request))
    statements: list[Statement] = [("job_add", (*about, door.clock()))]
    statements += [("job_file_of", (secrets.token_hex(16), *file, name)) for file in files]
    told = written(request)
    await door.store.submit(
        Batch(
            ticket=new_ticket(),
            statements=statements,
            audit=[event(actor, "E", [f"job/{name}"], query=f"{kind} {told}")],
            notices=[(TOPIC, "")],
            unchanged=[unchanged],
        )
    )
    return name


def find(door: Door, actor: Actor, name: str) -> Job:
    """Return a job of the caller; NotFoundError."""
    rows = door.store.fetch("job_named", (name,))
    job = job_of(rows[0]) if rows else None
    if job is None or job.state == "cancelled" or not _is_owner(actor, job):
        raise NotFoundError("There is no such job.")
    return job


def _is_owner(actor: Actor, job: Job) -> bool:
    return actor.has("admin") or (actor.token == job.token and actor.campus == job.campus)


async def cancel(door: Door, actor: Actor, job: Job) -> None:
    """Return once a job is ended for good; what it had done stays, its files go."""
    if job.is_open:
        statement: Statement = ("job_cancel", (door.clock(), job.id))
    else:
        statement = ("job_put_away", (job.id,))
    await door.store.submit(
        Batch(
            ticket=new_ticket(),
            statements=[statement],
            audit=[event(actor, "D", [f"job/{job.name}"])],
            notices=[(TOPIC, "")],
        )
    )
