"""`hutong catalogue`: what is recognised, for how long, at what price."""

import time
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from gateway.cli.session import CommandError, Session, now, run
from gateway.cli.sheets import telling
from gateway.cli.table import table
from gateway.recognition.catalogue.cells import CellError, day
from gateway.recognition.catalogue.files import WRITERS, read
from gateway.recognition.catalogue.model import Catalogue
from gateway.recognition.catalogue.publish import is_stored, publish
from gateway.recognition.catalogue.registry import Catalogues, holds
from gateway.recognition.catalogue.starter import FROM

app = typer.Typer(help="Import, export and list the catalogue of mutual recognition.")

FORMS: Final = ", ".join(WRITERS)


@app.command("import")
def import_(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="xlsx or FHIR JSON.")
    ],
    approver: Annotated[
        str, typer.Option(metavar="NAME", help="Who approved it. Default: what the file says.")
    ] = "",
    effective_from: Annotated[
        str, typer.Option(metavar="DATE", help="Default: what the file says, else today.")
    ] = "",
) -> None:
    """Make a file the next version of the catalogue; the one before ends where it begins."""
    try:
        start = day(effective_from) if effective_from else ""
    except CellError as error:
        raise CommandError("--effective-from is a date, such as 2026-07-01.") from error
    body = file.read_bytes()
    run(lambda session: _import(session, body, approver.strip(), start))


async def _import(session: Session, body: bytes, approver: str, start: str) -> None:
    campuses = frozenset(campus.code for campus in session.directory.campuses())
    with telling():
        given = read(body, campuses)
    given = msgspec.structs.replace(
        given,
        approver=approver or given.approver,
        effective_from=start or _own_start(given),
    )
    catalogues = _catalogues(session)
    today = catalogues.day(now())
    published = publish(given, catalogues.versions(), today=today, at=now())
    made = published.catalogue
    await session.change(
        "C",
        [f"catalogue/{made.version}"],
        published.statements,
        reason=f"approved by {made.approver}, from {made.effective_from}",
    )
    if not is_stored(session.store, published):
        raise CommandError("Another catalogue was imported at the same moment; nothing was stored.")
    until = f" to {made.effective_to}" if made.effective_to else ""
    print(
        f"Version {made.version}: {len(made.items)} items from {made.effective_from}{until},"
        f" approved by {made.approver}."
    )
    for version, date in published.ended:
        print(f"Version {version} ends on {date}.")


def _own_start(given: Catalogue) -> str:
    """Return the first day that a file says; that of the proposals is nobody's wish."""
    return "" if given.effective_from == FROM else given.effective_from


@app.command()
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", dir_okay=False, help=f"{FORMS}.")],
    version: Annotated[
        int, typer.Option(metavar="NUMBER", help="Default: the one in force, else the newest.")
    ] = 0,
) -> None:
    """Write a version of the catalogue into a file, to be changed and imported again."""
    if file.suffix.lower() not in WRITERS:
        raise CommandError(f"FILE ends in one of {FORMS}.")
    catalogue = run(lambda session: _find(session, version))
    file.write_bytes(WRITERS[file.suffix.lower()](catalogue))
    print(f"Version {catalogue.version}: {len(catalogue.items)} items.")


async def _find(session: Session, version: int) -> Catalogue:
    catalogues = _catalogues(session)
    found = catalogues.in_force(catalogues.day(now())) or catalogues.versions()
    book = catalogues.version(version or found[-1].version)
    if book is None:
        raise CommandError(f"There is no version {version}; hutong catalogue list shows all.")
    return book.catalogue


@app.command("list")
def list_() -> None:
    """List all versions of the catalogue."""
    run(_list)


async def _list(session: Session) -> None:
    catalogues = _catalogues(session)
    today = catalogues.day(now())
    print(
        table(
            ("VERSION", "FROM", "TO", "STATE", "ITEMS", "APPROVER"),
            [
                (
                    one.version,
                    one.effective_from,
                    one.effective_to,
                    _state(one, today),
                    _size(catalogues, one.version),
                    one.approver or "nobody: proposals, to be approved",
                )
                for one in catalogues.versions()
            ],
        )
    )


def _size(catalogues: Catalogues, version: int) -> int:
    book = catalogues.version(version)
    return len(book.catalogue.items) if book else 0


def _state(one: Catalogue, today: str) -> str:
    if one.effective_to and one.effective_to <= one.effective_from:
        return "replaced"
    if holds(one, today):
        return "in force"
    return "to come" if one.effective_from > today else "over"


def _catalogues(session: Session) -> Catalogues:
    zone = session.settings.timezone
    return Catalogues(session.store, now, zone=zone, ticks=time.monotonic)
