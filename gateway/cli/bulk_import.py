"""`hutong import`: NDJSON from files, by the same rules as $import."""

import asyncio
import dataclasses
import json
import sys
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from gateway import app as gateway
from gateway.bulk.handlers import handlers
from gateway.bulk.order import INPUT, KIND, Order
from gateway.bulk.source import MOST
from gateway.cli.session import CommandError, Session, run
from gateway.fhir.definitions import TYPE_IDS
from gateway.interactions.door import Door
from gateway.jobs import desk
from gateway.jobs.job import Job, job_of
from gateway.jobs.runner import Runner
from gateway.store.objects import LocalObjects

app = typer.Typer()

PIECE: Final = 1024 * 1024
PAUSE: Final = 0.2
SHOWN: Final = 50
"""Lines of which is said why they were not taken."""


@app.command()
def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", exists=True, dir_okay=False)],
    campus: Annotated[str, typer.Option(metavar="CODE", help="Whose the resources are.")],
    type_: Annotated[
        str, typer.Option("--type", metavar="TYPE", help="The type that every line must have.")
    ] = "",
) -> None:
    """Take in resources from files of NDJSON, plain or gzip, and say what became of them."""
    if type_ and type_ not in TYPE_IDS:
        raise CommandError("--type is a resource type of R4.")
    if not run(lambda session: _import(session, files, campus, type_)):
        raise typer.Exit(1)


async def _import(session: Session, files: list[Path], campus: str, type_: str) -> bool:
    owner = session.campus(campus)
    actor = dataclasses.replace(session.actor, campus=owner.id, code=owner.code)
    objects = LocalObjects(session.settings.data_dir)
    kept = [await _kept(objects, file, type_) for file in files]
    door = await gateway.open_door(session.settings, session.store)
    name = await desk.start(door, actor, KIND, Order("hutong import", door.base).request, kept)
    # Here, or in a gateway that runs and was quicker; if one of them dies the other goes on.
    allowed = session.settings.allowed_targets
    job = await _watched(door, name, Runner(door, objects, handlers(allowed), only=name))
    await door.recorder.close()
    return _told(door, objects, job)


async def _kept(objects: LocalObjects, path: Path, type_: str) -> tuple[object, ...]:
    """Return what a job is told of a file, once the gateway has it."""
    incoming = objects.begin(MOST)
    try:
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                incoming.write(piece)
    except BaseException:
        incoming.discard()
        raise
    return INPUT, type_, path.name, 0, incoming.size, await objects.keep(incoming)


async def _watched(door: Door, name: str, runner: Runner) -> Job:
    """Return the job once it has ended; say how far it is where somebody looks."""
    working = asyncio.create_task(runner.drain())
    while True:
        job = job_of(door.store.fetch("job_named", (name,))[0])
        if not job.is_open:
            await working
            return job
        if working.done():
            working.result()
            working = asyncio.create_task(runner.drain())
        if sys.stderr.isatty():
            print(f"\r{job.done:,} of about {job.total:,} lines", end="", file=sys.stderr)
        await asyncio.sleep(PAUSE)


def _told(door: Door, objects: LocalObjects, job: Job) -> bool:
    """Say what became of each file; return whether every line was taken."""
    if job.state != "done":
        issues = job.result.get("issues", ())
        raise CommandError("; ".join(one["text"] for one in issues) or f"The job is {job.state}.")
    fine = True
    for one in job.result["extension"]["imported"]:
        print(
            f"{one['inputUrl']}: {one['created']:,} created, {one['updated']:,} updated,"
            f" {one['unchanged']:,} unchanged, {one['refused']:,} refused"
        )
        fine = fine and not one["refused"]
    for _, part, _, about, _, _, digest in door.store.fetch("job_files", (job.id,)):
        if part == "error":
            _show(about, objects, digest)
    return fine


def _show(about: str, objects: LocalObjects, digest: bytes) -> None:
    with objects.open(digest) as file:
        for number, line in enumerate(file):
            if number == SHOWN:
                print(f"{about}: …")
                return
            for issue in json.loads(line)["issue"]:
                print(f"{about} {_words(issue)}")


def _words(issue: dict[str, Any]) -> str:
    place = "".join(f" ({one})" for one in issue.get("expression", ()))
    return f"{issue['diagnostics']}: {issue['details']['text']}{place}"
