"""`hutong jobs`: what is done beside requests."""

from typing import Annotated, Final

import typer

from gateway.cli.session import CommandError, Session, now, run
from gateway.cli.table import moment, table
from gateway.jobs.desk import TOPIC
from gateway.jobs.job import job_of

app = typer.Typer(help="Show and cancel what is done beside requests.")

SHOWN: Final = 200


@app.command("list")
def list_() -> None:
    """Show the newest jobs."""
    run(_list)


@app.command()
def cancel(name: Annotated[str, typer.Argument(metavar="JOB")]) -> None:
    """End a job; what it has written stays."""
    run(lambda session: _cancel(session, name))


async def _list(session: Session) -> None:
    jobs = [job_of(row) for row in session.store.fetch("jobs", (SHOWN,))]
    if not jobs:
        print("There are no jobs.")
        return
    zone = session.settings.timezone
    heads = ("JOB", "KIND", "CAMPUS", "BY", "STATE", "DONE", "OF", "STARTED", "ENDED")
    rows = [
        (
            *(one.name, one.kind, _code(session, one.campus), one.person, one.state),
            *(one.done, one.total, moment(one.created, zone)),
            moment(one.finished, zone) if one.finished else "",
        )
        for one in jobs
    ]
    print(table(heads, rows))


def _code(session: Session, number: int) -> str:
    campus = session.directory.campus_by_id(number)
    return campus.code if campus else ""


async def _cancel(session: Session, name: str) -> None:
    rows = session.store.fetch("job_named", (name,))
    if not rows or not job_of(rows[0]).is_open:
        raise CommandError(f"There is no job {name} that waits or runs.")
    statement = ("job_cancel", (now(), job_of(rows[0]).id))
    await session.change("D", [f"job/{name}"], [statement], notices=[(TOPIC, "")])
