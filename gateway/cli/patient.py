"""`hutong patient`: what a person decides about two Patients."""

from collections.abc import Callable
from typing import Annotated

import typer

from gateway import app as gateway
from gateway.cli.session import CommandError, Session, run
from gateway.identity import hand
from gateway.identity.linking import Reads
from gateway.identity.persons import PersonChange
from gateway.ingest.identify import IDENTITY, identify
from gateway.interactions.commit import Change, Extras, commit
from gateway.interactions.keys import system
from gateway.interactions.retry import retried
from gateway.recognition.recall.review import settle

app = typer.Typer(help="Say that two Patients are one human, or that they are not.")

Patient = Annotated[
    str, typer.Argument(metavar="PATIENT", help="An id, or a number: CAMPUS/NUMBER.")
]
Reason = Annotated[str, typer.Option(help="Why; the audit keeps it.")]
Decide = Callable[[Reads, str, str], PersonChange]


@app.command()
def link(a: Patient, b: Patient, *, reason: Reason) -> None:
    """Say that two Patients are one human: searches find what either has."""
    run(lambda session: _decide(session, hand.link, (a, b), reason))
    print("The two Patients count as one human.")


@app.command()
def unlink(a: Patient, b: Patient, *, reason: Reason) -> None:
    """Say that two Patients are not one human: no rule joins them any more."""
    run(lambda session: _decide(session, hand.unlink, (a, b), reason))
    print("The two Patients count as two humans.")


async def _decide(session: Session, decide: Decide, pair: tuple[str, str], reason: str) -> None:
    if not reason.strip():
        raise CommandError("--reason must say why.")
    a, b = (_id(session, text) for text in pair)
    door = await gateway.open_door(session.settings, session.store)

    async def attempt() -> None:
        decision = decide(session.store, a, b)
        change = Change("Person", decision.id, decision.body, decision.expect, IDENTITY)
        extras = Extras(trusted=True, reason=reason.strip())
        await commit(door, session.actor, [change], extras)

    await retried(attempt)
    for id_ in (a, b):
        await identify(door, [id_])
    # Where it was decided so before, this too confirms it over what came to light since.
    await settle(door, session.actor, (a, b), "completed" if decide is hand.link else "cancelled")
    await door.recorder.close()


def _id(session: Session, text: str) -> str:
    """Return the id of the Patient that an argument names."""
    code, slash, number = text.partition("/")
    if not slash or code == "Patient":
        return number or text
    campus = session.campus(code)
    id_ = session.store.by_key(campus.id, "Patient", system(code, "pid"), number)
    if id_ is None:
        raise CommandError(f"Campus {code} has no Patient of this number.")
    return id_
