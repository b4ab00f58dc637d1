"""`hutong subscriptions`: who is told of what changes, and who does not answer."""

from typing import Annotated, Final

import typer

from gateway.cli.session import Session, run
from gateway.cli.table import moment, table
from gateway.events.follow import STATES

app = typer.Typer()

HEADS: Final = ("ID", "CAMPUS", "STATUS", "EVENTS", "WAITING", "FAILURES", "LAST SENT", "ERROR")


@app.command()
def subscriptions(
    *,
    waiting: Annotated[
        bool, typer.Option("--waiting", help="Only those with events that did not arrive.")
    ] = False,
) -> None:
    """Show the subscriptions of all campuses, and how far each was told."""
    run(lambda session: _show(session, only_waiting=waiting))


async def _show(session: Session, *, only_waiting: bool) -> None:
    zone = session.settings.timezone
    rows = []
    for row in session.store.fetch("subscriptions"):
        id_, campus, _, _, state, _, number, delivered, failures, _, _, sent, error = row
        if only_waiting and number == delivered:
            continue
        found = session.directory.campus_by_id(campus)
        last = moment(sent, zone) if sent else "-"
        told = (number, number - delivered, failures, last, error)
        rows.append((id_, found.code if found else "", STATES[state], *told))
    print(table(HEADS, rows) if rows else "There is none.")
