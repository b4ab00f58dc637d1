"""`hutong ingest`: messages from files, as if their sender had sent them."""

from pathlib import Path
from typing import Annotated, Final

import typer

from adapters.base import Received
from adapters.errors import EnvelopeError
from gateway import app as gateway
from gateway.access.directory import UnknownSenderError
from gateway.cli.session import CommandError, Session, run
from gateway.ingest.formats import FORMATS
from gateway.ingest.intake import keep, open_message
from gateway.ingest.outcome import DONE, WAITS, Outcome, Outcomes
from gateway.ingest.worker import Worker
from gateway.interactions.door import Door

app = typer.Typer(help="Take in messages from files.")

SECONDS: Final = 60.0


@app.command()
def ingest(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", exists=True, dir_okay=False)],
    campus: Annotated[
        str, typer.Option(metavar="CODE", help="Whose they are. Default: what each message says.")
    ] = "",
    format_: Annotated[
        str, typer.Option("--format", help=f"One of {', '.join(FORMATS)}.")
    ] = "hl7v2",
) -> None:
    """Take in messages from files and say what became of each."""
    if format_ not in FORMATS:
        raise CommandError(f"--format is one of {', '.join(FORMATS)}.")
    if not run(lambda session: _ingest(session, files, campus, format_)):
        raise typer.Exit(1)


async def _ingest(session: Session, files: list[Path], campus: str, format_: str) -> bool:
    owner = session.campus(campus) if campus else None
    door = await gateway.open_door(session.settings, session.store)
    fine = True
    for file in files:
        for number, body in enumerate(FORMATS[format_].split(file.read_bytes()), 1):
            place = f"{file.name} {number}"
            try:
                arrival = open_message(door, Received(format_, body, ""), owner)
            except (EnvelopeError, UnknownSenderError) as error:
                print(f"{place}: refused: {error}")
                fine = False
                continue
            kept = await keep(door, arrival)
            outcome = await _outcome(door, kept.id, alone=session.store.alone)
            print(f"{place}: {_told(outcome, fresh=kept.fresh)}")
            fine = fine and outcome is not None and outcome.state == DONE
    await door.recorder.close()
    return fine


async def _outcome(door: Door, id_: int, *, alone: bool) -> Outcome | None:
    """Return what became of a message; the worker of a running gateway takes it, or this one."""
    outcomes = Outcomes(door)
    if alone:
        await Worker(door).drain()
        return outcomes.of(id_)
    return await outcomes.finished(id_, SECONDS)


def _told(outcome: Outcome | None, *, fresh: bool) -> str:
    if outcome is None or outcome.state == WAITS:
        return "waits"
    if outcome.state == DONE:
        if not fresh:
            return "taken in before"
        made = outcome.told().get("made", ())
        return f"stored, {len(made)} resources written" if made else "nothing changed"
    place = outcome.told().get("quarantine", {}).get("place", "")
    return f"quarantined: {outcome.reason} {place}".rstrip()
