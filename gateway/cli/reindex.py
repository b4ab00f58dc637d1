"""`hutong reindex`: makes the index of every resource anew, beside a running gateway or without."""

import typer

from gateway.access.audit import Recorder
from gateway.cli.session import Session, run
from gateway.interactions.door import Door
from gateway.interactions.refold import refold
from gateway.interactions.reindex import finish, step

app = typer.Typer()


@app.command()
def reindex() -> None:
    """Make the index of every resource anew from what is stored; nothing stops meanwhile."""
    count, names = run(_all)
    print(f"{count:,} resources are indexed.")
    if names:
        print(f"{names:,} names compare and sound as they are read now.")


async def _all(session: Session) -> tuple[int, int]:
    door = Door(
        store=session.store,
        directory=session.directory,
        recorder=Recorder(session.store),
        zone=session.settings.timezone,
        clock=lambda: 0,
        page_key=b"",
        base=f"{session.settings.public_url.rstrip('/')}/fhir"
        if session.settings.public_url
        else "",
    )
    after, total = 0, 0
    while True:
        after, count = await step(door, after, everything=True)
        if not count:
            names = await refold(door)
            await finish(door)
            return total, names
        total += count
        if total % 10_000 < count:
            print(f"{total:,} …", flush=True)
