"""`hutong campus`: the members of the consortium. Each is an Organization too."""

import json
import time
from typing import Annotated, Any, Final

import typer

from gateway.access.campus import Campus
from gateway.cli import campus_rules as rules
from gateway.cli.campus_rules import Given, Profile
from gateway.cli.session import CONFIG, CommandError, Session, now, run
from gateway.cli.table import table
from gateway.store.records import Statement

app = typer.Typer(help="Add, list, set and deactivate campuses.")

Code = Annotated[str, typer.Argument(metavar="CODE", help="Part of all its identifier systems.")]
Zone = Annotated[
    str | None, typer.Option(help="Zone of its messages' times. Default: HUTONG_TIMEZONE.")
]
Charset = Annotated[
    str | None, typer.Option(help="Of its messages. Default: what each message says, else seen.")
]
AETitles = Annotated[
    list[str] | None, typer.Option("--ae-title", metavar="AET", help="Of its stations; repeatable.")
]
Senders = Annotated[
    list[str] | None,
    typer.Option(
        "--sender", metavar="MSH4", help="A name that its messages are sent under; repeatable."
    ),
]
Peers = Annotated[
    list[str] | None,
    typer.Option(
        "--peer",
        metavar="CIDR",
        help="A network, or the name of a TLS client, that may speak for it; repeatable."
        " Default: any.",
    ),
]
Mark = Annotated[
    str | None, typer.Option(metavar="TEXT", help="Short name on the pages, 1-4 characters.")
]

Rate = Annotated[
    str | None,
    typer.Option(
        metavar="N/s", help="Most requests by HTTP of all its tokens, also N/m. Default: no limit."
    ),
]

ORGANIZATION_TYPE: Final = "http://terminology.hl7.org/CodeSystem/organization-type"


@app.command()
def add(  # noqa: PLR0913 - one argument an option
    code: Code,
    *,
    name: Annotated[str, typer.Option(help="Its whole name.")],
    zone: Zone = None,
    charset: Charset = None,
    ae_title: AETitles = None,
    sender: Senders = None,
    peer: Peers = None,
    mark: Mark = None,
    rate: Rate = None,
) -> None:
    """Add a campus; it counts within a second."""
    given = Given(name, zone, charset, ae_title, sender, peer, mark or "", rate=rate)
    run(lambda session: _add(session, code, given))


async def _add(session: Session, code: str, given: Given) -> None:
    others = session.directory.campuses()
    rules.new_code(code, (campus.code for campus in others))
    blank = Profile(code, "", "", session.settings.timezone.key, "", (), (), (), active=True)
    made = rules.profile(code, given, blank, others)
    values = (*_columns(made)[:-1], now())
    try:
        adding: Statement = ("campus_add", (code, *values))
        await _store(session, made, [adding, _rate(made)], f"campus add {code}")
    except RuntimeError as error:
        if "campus.code" not in str(error):
            raise
        # Another command was quicker.
        raise CommandError(f"There is a campus {code} already.") from error


@app.command("set")
def set_(  # noqa: PLR0913 - one argument an option
    code: Code,
    *,
    name: Annotated[str | None, typer.Option(help="Its whole name.")] = None,
    zone: Zone = None,
    charset: Charset = None,
    ae_title: AETitles = None,
    sender: Senders = None,
    peer: Peers = None,
    mark: Mark = None,
    rate: Rate = None,
    active: Annotated[
        bool | None, typer.Option("--active", help="Take it back after deactivate.")
    ] = None,
) -> None:
    """Change a campus. A repeatable option replaces all of its kind; "" leaves none."""
    given = Given(name, zone, charset, ae_title, sender, peer, mark, active, rate)
    run(lambda session: _set(session, code, given))


@app.command()
def deactivate(code: Code) -> None:
    """Refuse a campus's senders and tokens, and end its sharing; its data stays."""
    run(lambda session: _set(session, code, Given(active=False)))


async def _set(session: Session, code: str, given: Given) -> None:
    old = _profile(session.campus(code))
    others = [campus for campus in session.directory.campuses() if campus.code != code]
    made = rules.profile(code, given, old, others)
    statements: list[Statement] = [("campus_set", (*_columns(made), code)), _rate(made)]
    reason = f"campus set {code}" if made.active or not old.active else f"campus deactivate {code}"
    if _organization(made) == _organization(old):
        await session.change("U", [f"campus/{code}"], statements, reason=reason)
    else:
        await _store(session, made, statements, reason)


@app.command("list")
def list_() -> None:
    """List campuses, the inactive ones too."""
    run(_list)


async def _list(session: Session) -> None:
    print(
        table(
            (
                "CODE",
                "MARK",
                "NAME",
                "ZONE",
                "CHARSET",
                "SENDERS",
                "PEERS",
                "AE TITLES",
                "RATE",
                "STATE",
            ),
            [
                (
                    *(campus.code, campus.mark, campus.name, campus.zone, campus.charset),
                    *map(" ".join, (campus.senders, campus.peers, campus.ae_titles)),
                    campus.rate,
                    "active" if campus.active else "inactive",
                )
                for campus in session.directory.campuses()
            ],
        )
    )


def _profile(campus: Campus) -> Profile:
    return Profile(
        campus.code,
        campus.name,
        campus.mark,
        campus.zone,
        campus.charset,
        campus.senders,
        campus.peers,
        campus.ae_titles,
        campus.active,
        campus.rate,
    )


def _rate(made: Profile) -> Statement:
    return "campus_rate", (made.rate, made.code)


def _columns(made: Profile) -> tuple[object, ...]:
    """Return the values of the statement `campus_set` without the code."""
    return (
        *(made.name, made.mark, made.zone, made.charset),
        *(_listed(names) for names in (made.senders, made.peers, made.ae_titles)),
        int(made.active),
    )


def _listed(names: tuple[str, ...]) -> str:
    return json.dumps(names, ensure_ascii=False)


async def _store(session: Session, made: Profile, statements: list[Statement], reason: str) -> None:
    """Store campus and Organization together."""
    # Imported here: the schemas behind it are not needed to list or to explain.
    from gateway.access.audit import Recorder  # noqa: PLC0415
    from gateway.fhir.codec import encode  # noqa: PLC0415
    from gateway.interactions.commit import Change, Extras, commit  # noqa: PLC0415
    from gateway.interactions.door import Door  # noqa: PLC0415
    from gateway.interactions.keys import organization_id  # noqa: PLC0415
    from gateway.interactions.retry import retried  # noqa: PLC0415
    from gateway.store.records import CONSORTIUM  # noqa: PLC0415

    door = Door(
        store=session.store,
        directory=session.directory,
        recorder=Recorder(session.store),
        zone=session.settings.timezone,
        clock=lambda: time.time_ns() // 1000,
        page_key=b"",
    )
    id_ = organization_id(made.code)
    change = Change(
        "Organization",
        id_,
        encode(_organization(made) | {"id": id_}),
        owner=(CONSORTIUM, session.actor.code),
    )
    extras = Extras(statements=statements, notices=[CONFIG], reason=reason, trusted=True)
    await retried(lambda: commit(door, session.actor, [change], extras))


def _organization(made: Profile) -> dict[str, Any]:
    """Return the Organization that a campus is."""
    from gateway.interactions.keys import CAMPUS_SYSTEM  # noqa: PLC0415 - as in `_store`

    return {
        "resourceType": "Organization",
        "identifier": [{"system": CAMPUS_SYSTEM, "value": made.code}],
        "active": made.active,
        "type": [{"coding": [{"system": ORGANIZATION_TYPE, "code": "prov"}]}],
        "name": made.name,
        "alias": [made.mark],
    }
