"""`hutong cds-client`: order entries that sign their calls of CDS Hooks."""

from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

import typer

from gateway.access.clients import HUTONG
from gateway.access.keys import MAX_BYTES, address_of, keys_of
from gateway.cli.session import CommandError, Session, now, run
from gateway.cli.table import moment, table

app = typer.Typer(help="Register, list and revoke clients that sign their calls of CDS Hooks.")

MAX_ISSUER: Final = 500


@app.command()
def add(
    campus: Annotated[str, typer.Option(metavar="CODE", help="The campus that it speaks for.")],
    issuer: Annotated[str, typer.Option(metavar="URI", help="The iss of its tokens.")],
    jwks: Annotated[
        str, typer.Option(metavar="FILE-or-URL", help="Its public keys, or where they are.")
    ],
    ids: Annotated[
        str, typer.Option(metavar="hutong", help="Its Patient ids are this gateway's.")
    ] = "",
) -> None:
    """Trust the tokens that a client signs with these keys."""
    if not urlsplit(issuer).scheme or not issuer.isprintable() or len(issuer) > MAX_ISSUER:
        raise CommandError("The issuer is a URI, such as https://his.example.org.")
    if ids not in {"", HUTONG}:
        raise CommandError(f"--ids is {HUTONG}, or is left out.")
    keys = _keys(jwks)
    run(lambda session: _add(session, campus, issuer, keys, ids))


def _keys(given: str) -> str:
    """Return the key set that a file holds, or the address of one."""
    if "://" in given:
        return address_of(given)
    with Path(given).open("rb") as file:
        text = file.read(MAX_BYTES)
    keys_of(text)
    return text.decode()


async def _add(session: Session, code: str, issuer: str, jwks: str, ids: str) -> None:
    campus = session.campus(code)
    if not campus.active:
        raise CommandError(f"Campus {code} is not active.")
    standing = session.store.fetch("cds_clients")
    if any(row[2] == issuer and row[6] is None for row in standing):
        raise CommandError("This issuer is registered; hutong cds-client revoke ends that.")
    values = (campus.id, issuer, jwks, ids, now())
    reason = f"cds-client add --campus {code} --issuer {issuer!r} --ids {ids!r}"
    await session.change("C", [f"campus/{code}"], [("cds_client_add", values)], reason=reason)


@app.command("list")
def list_() -> None:
    """List the clients."""
    run(_list)


async def _list(session: Session) -> None:
    zone = session.settings.timezone
    codes = {campus.id: campus.code for campus in session.directory.campuses()}
    print(
        table(
            ("ID", "CAMPUS", "ISSUER", "KEYS", "IDS", "ADDED", "REVOKED"),
            [
                (
                    *(number, codes.get(campus), issuer, _shown(jwks), ids),
                    *(moment(created, zone), moment(revoked, zone)),
                )
                for number, campus, issuer, jwks, ids, created, revoked in session.store.fetch(
                    "cds_clients"
                )
            ],
        )
    )


def _shown(jwks: str) -> str:
    return " ".join(sorted(keys_of(jwks))) if jwks.lstrip().startswith("{") else jwks


@app.command()
def revoke(
    client: Annotated[str, typer.Argument(metavar="ID", help="Its number, or its issuer.")],
) -> None:
    """Trust a client's tokens no more, from within a second."""
    run(lambda session: _revoke(session, client))


async def _revoke(session: Session, wanted: str) -> None:
    found = [
        number
        for number, _, issuer, _, _, _, revoked in session.store.fetch("cds_clients")
        if revoked is None and wanted in {str(number), issuer}
    ]
    if not found:
        raise CommandError(f"There is no client {wanted}; hutong cds-client list shows all.")
    await session.change(
        "U", [f"cds-client/{found[0]}"], [("cds_client_revoke", (now(), found[0]))]
    )
