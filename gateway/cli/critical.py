"""`hutong critical`: which results are critical, and how they escalate."""

import zlib
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from gateway.cli.session import CommandError, Session, now, run
from gateway.cli.sheets import telling
from gateway.cli.table import moment, table
from gateway.workflow.critical.files import WRITERS, read
from gateway.workflow.critical.model import COUNTY, Body
from gateway.workflow.critical.model import Table as Critical
from gateway.workflow.critical.registry import Tables

app = typer.Typer(help="Import, export and list the tables of critical values.")

FORMS: Final = ", ".join(WRITERS)
Campus = Annotated[str, typer.Option(metavar="CODE", help="Default: the county's table.")]


@app.command("import")
def import_(  # noqa: PLR0913, PLR0917 - the command has these options
    file: Annotated[
        Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="xlsx or FHIR JSON.")
    ],
    campus: Campus = "",
    approver: Annotated[str, typer.Option(metavar="NAME", help="Who approved it.")] = "",
    source: Annotated[str, typer.Option(metavar="TEXT", help="Where it is from.")] = "",
    effective_from: Annotated[
        str, typer.Option(metavar="DATE", help="The first day. Default: today.")
    ] = "",
    effective_to: Annotated[
        str, typer.Option(metavar="DATE", help="The first day on which it holds no more.")
    ] = "",
) -> None:
    """Make a file the table of the county or of a campus; the newest one in force holds."""
    body = file.read_bytes()
    heading = (approver.strip(), source.strip() or file.name)
    days = _day(effective_from, "--effective-from"), _day(effective_to, "--effective-to")
    run(lambda session: _import(session, body, campus, heading, days))


async def _import(
    session: Session, body: bytes, campus: str, heading: tuple[str, str], days: tuple[str, str]
) -> None:
    number = session.campus(campus).id if campus else COUNTY
    with telling():
        given = read(body)
    tables = _tables(session)
    if not given.rows:
        # A sheet of settings alone keeps the rows that hold.
        standing = [one for one in tables.of(number) if one.campus == number]
        given = Body(standing[0].rows if standing else (), given.settings)
    approver, source = heading
    starts = days[0] or datetime.now(session.settings.timezone).date().isoformat()
    packed = zlib.compress(msgspec.json.encode(given))
    row = (number, starts, days[1] or None, approver, source, now(), packed)
    await session.change(
        "C",
        [f"critical/{campus or 'county'}"],
        [("critical_table_add", row)],
        reason=f"approved by {approver or 'nobody'}, from {starts}",
    )
    by = f"approved by {approver}" if approver else "approved by nobody yet"
    print(
        f"{campus or 'county'}: {len(given.rows)} rows, {len(given.settings)} settings"
        f" from {starts}, {by}."
    )


@app.command()
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", dir_okay=False, help=f"{FORMS}.")],
    campus: Campus = "",
) -> None:
    """Write the table in force into a file, to be changed and imported again."""
    if file.suffix.lower() not in WRITERS:
        raise CommandError(f"FILE ends in one of {FORMS}.")
    found = run(lambda session: _find(session, campus))
    file.write_bytes(WRITERS[file.suffix.lower()](Body(found.rows, found.settings)))
    print(f"{found.code}: {len(found.rows)} rows, {len(found.settings)} settings.")


async def _find(session: Session, campus: str) -> Critical:
    number = session.campus(campus).id if campus else COUNTY
    for one in _tables(session).of(number):
        if one.campus == number:
            return one
    raise CommandError(f"{campus} has no table of its own in force; the county's holds.")


@app.command("list")
def list_() -> None:
    """List the tables that are in force."""
    run(_list)


async def _list(session: Session) -> None:
    zone = session.settings.timezone
    imported = {row[0]: row[1] for row in session.store.fetch("critical_table_times")}
    print(
        table(
            ("TABLE", "ID", "ROWS", "SETTINGS", "FROM", "TO", "IMPORTED", "APPROVER", "SOURCE"),
            [
                (
                    *(one.code, one.id, len(one.rows), len(one.settings)),
                    *(one.effective_from, one.effective_to, moment(imported.get(one.id), zone)),
                    one.approver or "nobody: to be approved",
                    one.source,
                )
                for one in _tables(session).all()
            ],
        )
    )


def _tables(session: Session) -> Tables:
    return Tables(session.store, session.settings.timezone)


def _day(text: str, option: str) -> str:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date().isoformat() if text else ""  # noqa: DTZ007
    except ValueError as error:
        raise CommandError(f"{option} is a date, such as 2026-07-01.") from error
