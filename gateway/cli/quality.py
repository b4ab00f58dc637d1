"""`hutong quality`: what proves the quality of laboratories, and so their marks (HR)."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.session import Session, now, run
from gateway.cli.sheets import telling
from gateway.cli.table import table
from gateway.recognition.catalogue.registry import Catalogues
from gateway.recognition.quality.evidence import of_row
from gateway.recognition.quality.files import Known, read

app = typer.Typer(help="Import and list evidence of laboratories' quality.")


@app.command("import")
def import_(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="xlsx or JSON.")
    ],
) -> None:
    """Take in rounds and certificates; failed ones take back the marks of their period."""
    body = file.read_bytes()
    run(lambda session: _import(session, body))


async def _import(session: Session, body: bytes) -> None:
    catalogues = Catalogues(session.store, now, zone=session.settings.timezone)
    campuses = {campus.code: campus.id for campus in session.directory.campuses()}
    known = Known(campuses, catalogues.codes())
    with telling():
        statements = read(body, known, now())
    await session.change("C", ["quality"], statements, reason=f"{len(statements)} rows")
    print(f"Rows taken: {len(statements)}.")


@app.command("list")
def list_() -> None:
    """List all evidence, and whether the results of its period were seen through."""
    run(_list)


async def _list(session: Session) -> None:
    codes = {campus.id: campus.code for campus in session.directory.campuses()}
    print(
        table(
            ("CAMPUS", "ITEM", "MARK", "SCHEME", "ROUND", "FROM", "TO", "PASSED", "RESULTS"),
            [
                (
                    *(codes.get(one.campus), one.item, one.told, one.scheme, one.round),
                    *(one.starts, one.ends, "yes" if one.passed else "no"),
                    "seen through" if one.done else "waiting",
                )
                for one in map(of_row, session.store.fetch("evidence_all"))
            ],
        )
    )
