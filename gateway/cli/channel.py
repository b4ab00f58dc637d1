"""`hutong channel`: a campus's sending applications, and how each is treated."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Annotated, Final

import typer

from gateway.access.campus import OPTIONS
from gateway.cli.charset import codec
from gateway.cli.session import CommandError, Session, run
from gateway.cli.table import moment, table

app = typer.Typer(help="List and set the channels that messages come through.")

DURATION: Final = re.compile(r"[1-9]\d{0,4}[smhd]", re.ASCII)
SECTION: Final = re.compile(r"[A-Z]{2,3}", re.ASCII)
CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "ack": ("received", "processed"),
    "mode": ("original", "enhanced"),
    "qc": ("msh16",),
    "status": ("F", "P"),
    "ca": ("cancelled",),
    "report-key": ("filler+code",),
    "comment": ("interpretation",),
}


@app.command("list")
def list_() -> None:
    """List channels with what was set on them."""
    run(_list)


async def _list(session: Session) -> None:
    zone = session.settings.timezone
    codes = {campus.id: campus.code for campus in session.directory.campuses()}
    print(
        table(
            ("CHANNEL", "SET", "FIRST", "LAST"),
            [
                (
                    f"{codes.get(campus)}/{name}",
                    " ".join(f"{key}={value}" for key, value in json.loads(options).items()),
                    moment(first_seen, zone),
                    moment(last_seen, zone),
                )
                for _, campus, name, options, first_seen, last_seen in session.store.fetch(
                    "channels"
                )
            ],
        )
    )


@app.command("set")
def set_(
    channel: Annotated[str, typer.Argument(metavar="CAMPUS/NAME")],
    options: Annotated[
        list[str],
        typer.Argument(
            metavar="KEY=VALUE...", help=f"Keys: {', '.join(OPTIONS)}; no value: the default."
        ),
    ],
) -> None:
    """Set options of a channel, also of one that has not sent yet."""
    code, slash, name = channel.partition("/")
    if not (code and slash and name):
        raise CommandError("Name a channel as CAMPUS/NAME; hutong channel list shows all.")
    given = dict(_pair(option) for option in options)
    run(lambda session: _set(session, code, name, given))


def _pair(option: str) -> tuple[str, str]:
    key, equals, value = option.partition("=")
    if not equals or key not in OPTIONS:
        raise CommandError(f"{option!r} is no option: give KEY=VALUE, KEY of {', '.join(OPTIONS)}.")
    return key, value.strip()


async def _set(session: Session, code: str, name: str, given: Mapping[str, str]) -> None:
    campus = session.campus(code)
    known = session.store.fetch("channel", (campus.id, name))
    options: dict[str, str] = json.loads(known[0][1]) if known else {}
    for key, value in given.items():
        if value:
            options[key] = CHECKS[key](session, key, value)
        else:
            options.pop(key, None)
    text = json.dumps(options, ensure_ascii=False, sort_keys=True)
    reason = " ".join(f"{key}={value}" for key, value in given.items())
    await session.change(
        "U",
        [f"channel/{code}/{name}"],
        [("channel_put", (campus.id, name, text))],
        reason=reason,
    )


def _choice(_: Session, key: str, value: str) -> str:
    if value not in CHOICES[key]:
        raise CommandError(f"{key} is {' or '.join(CHOICES[key])}.")
    return value


def _campus(session: Session, _: str, value: str) -> str:
    return session.campus(value).code


def _charset(_: Session, key: str, value: str) -> str:
    return codec(key, value)


def _section(_: Session, key: str, value: str) -> str:
    if not SECTION.fullmatch(value):
        raise CommandError(f"{key} is a code of HL7 table 0074, such as LAB or MB.")
    return value


def _duration(_: Session, key: str, value: str) -> str:
    if not DURATION.fullmatch(value):
        raise CommandError(f"{key} is a number with s, m, h or d, such as 30m.")
    return value


CHECKS: Final[Mapping[str, Callable[[Session, str, str], str]]] = {
    "ack": _choice,
    "mode": _choice,
    "orders-from": _campus,
    "qc": _choice,
    "status": _choice,
    "ca": _choice,
    "report-key": _choice,
    "comment": _choice,
    "section": _section,
    "charset": _charset,
    "silent-after": _duration,
}
