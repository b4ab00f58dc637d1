"""`hutong token`: bearer tokens of campuses. Only their hashes are stored."""

import secrets
from hashlib import sha256
from typing import Annotated, Final

import typer

from gateway.access.scopes import DEFAULT, Scopes
from gateway.cli.session import CommandError, Session, now, run
from gateway.cli.table import moment, table

app = typer.Typer(help="Issue, list and revoke bearer tokens.")

TOKEN_BYTES: Final = 32
"""256 random bits."""


@app.command()
def issue(
    campus: Annotated[str, typer.Option(metavar="CODE", help="The campus that it speaks for.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(metavar="SCOPE", help=f"What it may do; repeatable. Default: {DEFAULT}."),
    ] = None,
    name: Annotated[str, typer.Option(help="What the audit calls it.")] = "",
) -> None:
    """Make a token and print it, and only it; it cannot be shown again."""
    scopes = Scopes.parse(" ".join(scope or [DEFAULT]))
    if not scopes.text:
        raise CommandError("A token without any scope is of no use.")
    print(run(lambda session: _issue(session, campus, scopes, name.strip())))


async def _issue(session: Session, code: str, scopes: Scopes, name: str) -> str:
    campus = session.campus(code)
    if not campus.active:
        raise CommandError(f"Campus {code} is not active.")
    token = secrets.token_urlsafe(TOKEN_BYTES)
    values = (campus.id, name, sha256(token.encode()).digest(), scopes.text, now())
    reason = f"token issue --campus {code} --name {name!r} --scope {scopes.text!r}"
    await session.change("C", [f"campus/{code}"], [("token_add", values)], reason=reason)
    return token


@app.command("list")
def list_() -> None:
    """List tokens by number and name, never the token itself."""
    run(_list)


async def _list(session: Session) -> None:
    zone = session.settings.timezone
    codes = {campus.id: campus.code for campus in session.directory.campuses()}
    print(
        table(
            ("ID", "CAMPUS", "NAME", "SCOPES", "ISSUED", "REVOKED"),
            [
                (id_, codes.get(campus), name, scopes, moment(created, zone), moment(revoked, zone))
                for id_, campus, name, _, scopes, created, revoked in session.store.fetch("tokens")
            ],
        )
    )


@app.command()
def revoke(
    token: Annotated[str, typer.Argument(metavar="ID", help="Its number, or its name.")],
) -> None:
    """End a token: it counts no more within a second."""
    run(lambda session: _revoke(session, token))


async def _revoke(session: Session, wanted: str) -> None:
    standing = [
        (str(id_), name)
        for id_, _, name, _, _, _, revoked in session.store.fetch("tokens")
        if revoked is None
    ]
    by_number = [id_ for id_, _ in standing if id_ == wanted]
    found = by_number or [id_ for id_, name in standing if name == wanted]
    if not found:
        raise CommandError(f"There is no valid token {wanted}; hutong token list shows all.")
    if len(found) > 1:
        raise CommandError(f"Several tokens are called {wanted}; give the number of one.")
    number = int(found[0])
    await session.change("U", [f"token/{number}"], [("token_revoke", (now(), number))])
