"""`hutong quarantine`: messages that were acknowledged and could not be stored."""

import json
import sys
from typing import Annotated, Any, Final

import typer

from gateway.cli.session import CommandError, Session, now, run
from gateway.cli.table import moment, table
from gateway.ingest.reasons import REASONS

app = typer.Typer(help="See to messages that could not be stored.")

SHOWN: Final = 10_000
STATES: Final = ("waiting", "done", "quarantined", "discarded")
QUARANTINED: Final = 2
INBOX: Final = ("inbox", "")

Ids = Annotated[list[int] | None, typer.Argument(metavar="ID...")]
All = Annotated[bool, typer.Option("--all", help="All that are in quarantine.")]


@app.command("list")
def list_() -> None:
    """List what is in quarantine, with reason and place."""
    run(_list)


async def _list(session: Session) -> None:
    zone = session.settings.timezone
    rows = session.store.fetch("inbox_held", (SHOWN,))
    if not rows:
        print("Nothing is in quarantine.")
        return
    channels = {one.id: one.name for one in session.directory.channels()}
    print(
        table(
            ("ID", "RECEIVED", "CHANNEL", "FORMAT", "CONTROL", "TRIES", "REASON", "PLACE"),
            [
                (
                    *(row[0], moment(row[1], zone), f"{row[5]}/{channels.get(row[3], '-')}"),
                    *(row[4], row[6], row[8], row[9], _place(row[10])),
                )
                for row in rows
            ],
        )
    )


def _place(account: str) -> str:
    """Return the place that the account names for its quarantine."""
    found = json.loads(account) if account else {}
    held = found.get("quarantine") if isinstance(found, dict) else None
    return str(held.get("place", "")) if isinstance(held, dict) else ""


@app.command()
def show(
    id_: Annotated[int, typer.Argument(metavar="ID")],
    raw: Annotated[bool, typer.Option("--raw", help="The bytes of the message instead.")] = False,
) -> None:
    """Show a message's account; with --raw, the message itself, which is audited."""
    run(lambda session: _show_raw(session, id_) if raw else _show(session, id_))


async def _show(session: Session, id_: int) -> None:
    row = _row(session, "inbox_account", id_)
    zone = session.settings.timezone
    channels = {one.id: one.name for one in session.directory.channels()}
    shown = {
        "id": row[0],
        "received": moment(row[1], zone),
        "channel": f"{row[5]}/{channels.get(row[3], '-')}",
        "format": row[4],
        "control": row[6],
        "state": STATES[row[7]],
        "tries": row[8],
        "reason": _reason(row[9]),
        "finished": moment(row[11], zone),
    }
    for name, value in shown.items():
        print(f"{name:9} {value}")
    if row[10]:
        print(json.dumps(json.loads(row[10]), ensure_ascii=False, indent=2))


def _reason(code: str) -> str:
    known = REASONS.get(code)
    return f"{code}: {known.en} ({known.zh})" if known else code


async def _show_raw(session: Session, id_: int) -> None:
    row = _row(session, "inbox_get", id_)
    await session.change("R", [f"inbox/{id_}"], [], notices=())
    sys.stdout.flush()
    sys.stdout.buffer.write(row[-1])
    sys.stdout.buffer.flush()


def _row(session: Session, statement: str, id_: int) -> Any:
    found = session.store.fetch(statement, (id_,))
    if not found:
        raise CommandError(f"There is no message {id_}.")
    return found[0]


@app.command()
def retry(ids: Ids = None, every: All = False) -> None:
    """Take messages again, after their cause is mended."""
    run(lambda session: _retry(session, ids or [], every=every))


async def _retry(session: Session, ids: list[int], *, every: bool) -> None:
    chosen = _chosen(session, ids, every=every)
    await session.change(
        "U",
        [f"inbox/{id_}" for id_ in chosen],
        [("inbox_again", (id_,)) for id_ in chosen],
        reason="quarantine retry",
        notices=[INBOX],
    )
    print(f"{len(chosen)} taken again.")


@app.command()
def discard(
    reason: Annotated[str, typer.Option(help="Why; it is kept with the message.")],
    ids: Ids = None,
    every: All = False,
) -> None:
    """Give messages up. The raw message stays."""
    if not reason.strip():
        raise CommandError("--reason must say why.")
    run(lambda session: _discard(session, ids or [], reason.strip(), every=every))


async def _discard(session: Session, ids: list[int], reason: str, *, every: bool) -> None:
    chosen = _chosen(session, ids, every=every)
    moment_ = now()
    await session.change(
        "U",
        [f"inbox/{id_}" for id_ in chosen],
        [
            (
                "inbox_discard",
                (f"{reason} ({_row(session, 'inbox_account', id_)[9]})", moment_, id_),
            )
            for id_ in chosen
        ],
        reason=reason,
        notices=[INBOX],
    )
    print(f"{len(chosen)} discarded.")


def _chosen(session: Session, ids: list[int], *, every: bool) -> list[int]:
    """Return the ids to act on: all of them must be in quarantine."""
    if every == bool(ids):
        raise CommandError("Give the numbers of messages, or --all.")
    if every:
        return [row[0] for row in session.store.fetch("inbox_held", (SHOWN,))]
    for id_ in ids:
        if _row(session, "inbox_account", id_)[7] != QUARANTINED:
            raise CommandError(f"Message {id_} is not in quarantine.")
    return list(dict.fromkeys(ids))
