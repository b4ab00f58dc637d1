"""`hutong alerts`: what someone must see."""

from typing import Annotated, Final

import typer

from gateway.cli.session import CommandError, Session, now, run
from gateway.cli.table import moment, table

app = typer.Typer()

SHOWN: Final = 1000


@app.command()
def alerts(
    close: Annotated[
        list[int] | None, typer.Option(metavar="ID", help="Close this one; repeatable.")
    ] = None,
) -> None:
    """Show what someone must see; with --close, put it away."""
    if close:
        run(lambda session: _close(session, close))
    else:
        run(_show)


async def _show(session: Session) -> None:
    zone = session.settings.timezone
    rows = session.store.fetch("alerts_open", (SHOWN,))
    if not rows:
        print("Nothing is open.")
        return
    print(
        table(
            ("ID", "KIND", "PLACE", "CAMPUS", "TIMES", "FIRST", "LAST", "TEXT"),
            [
                (
                    *(id_, kind, place, session.directory.code(campus), count),
                    *(moment(first, zone), moment(last, zone), text),
                )
                for id_, kind, place, campus, text, first, last, count in rows
            ],
        )
    )


async def _close(session: Session, ids: list[int]) -> None:
    for id_ in ids:
        found = session.store.fetch("alert", (id_,))
        if not found or found[0][2] is not None:
            raise CommandError(f"There is no open alert {id_}.")
    await session.change(
        "U",
        [f"alert/{id_}" for id_ in ids],
        [("alert_close_id", (now(), id_)) for id_ in ids],
    )
