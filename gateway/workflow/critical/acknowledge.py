"""Answers to a critical value: read back, recorded, closed (§2.10.13, DESIGN §4 "Tasks").

Only a person of the campus that must answer closes it. A call of another campus, the laboratory's
phone call say, is an attempt and is kept as one; so is a wrong read-back.
"""

from dataclasses import dataclass, replace
from typing import Final

from gateway.access.actor import Actor
from gateway.errors import (
    ConflictError,
    ForbiddenError,
    GatewayError,
    NotFoundError,
    UnprocessableError,
)
from gateway.fhir.codec import encode
from gateway.interactions.commit import Change, Extras, commit
from gateway.interactions.door import Door, require
from gateway.interactions.results import Written
from gateway.interactions.retry import retried
from gateway.store.records import Statement
from gateway.store.stored import Stored
from gateway.workflow.critical.drafts import MINUTE, Row
from gateway.workflow.critical.escalate import settled
from gateway.workflow.critical.reading import is_same, standing
from gateway.workflow.critical.registry import tables_of
from gateway.workflow.critical.task import (
    Attempt,
    answered,
    attempted,
    is_critical_ack,
    last_output,
)
from mappers.base import Resource

LONGEST: Final = 2000
NO_SUCH: Final = "There is no such critical value."
REQUIRED: Final = "required"


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody answers. `key` names the attempt: the same key twice is one answer."""

    read_back: str
    person: str
    comment: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One Task as it stands."""

    stored: Stored
    row: Row
    task: Resource


async def acknowledge(  # noqa: PLR0913, PLR0917 - an answer has these parts
    door: Door,
    actor: Actor,
    task_id: str,
    read_back: str,
    person: str,
    comment: str = "",
    key: str = "",
) -> Written:
    """Return the Task after the answer; UnprocessableError where the read-back is wrong.

    ForbiddenError to another campus, ConflictError where somebody else has answered.
    """
    require(actor, "Task", "u")
    said = Said(read_back.strip(), person.strip() or actor.person, comment.strip(), key.strip())
    if max(map(len, (said.read_back, said.person, said.comment, said.key))) > LONGEST:
        raise UnprocessableError(f"An answer has at most {LONGEST} characters a part.")
    if not said.person:
        raise UnprocessableError("Say who answers: actor.", expression="Parameters.parameter")

    async def attempt() -> Written:
        waiting = _waiting(door, actor, task_id)
        if _is_answered(waiting, said):
            return Written(waiting.stored, created=False, changed=False)
        error, change, statements = _answer(door, actor, waiting, said)
        extras = Extras(statements=statements, reason="critical-ack", trusted=True)
        (written,) = await commit(door, actor, [change], extras)
        if error is not None:
            raise error
        return written

    return await retried(attempt)


def _waiting(door: Door, actor: Actor, task_id: str) -> Waiting:
    stored = door.store.current("Task", task_id)
    if stored is None or stored.deleted or not door.store.may_read(stored, door.viewer(actor)):
        raise NotFoundError(NO_SUCH)
    task = stored.resource()
    rows = door.store.fetch("critical_row", (task_id,))
    if not rows or not is_critical_ack(task):
        raise NotFoundError(NO_SUCH)
    return Waiting(stored, Row(*rows[0]), task)


def _is_answered(waiting: Waiting, said: Said) -> bool:
    """Return whether this was said already: the same key, or the same person and number."""
    row, task = waiting.row, waiting.task
    if row.acknowledged is None:
        return False
    is_same_key = bool(said.key) and last_output(task, "key") == said.key
    is_same_person = last_output(task, "actor") == said.person
    if row.closed is None:
        return is_same_key or (is_same_person and not said.comment)
    heard = last_output(task, "read-back")
    if is_same_key or (is_same_person and (not said.read_back or is_same(said.read_back, heard))):
        return True
    raise ConflictError("This critical value was answered already.")


Answer = tuple[GatewayError | None, Change, list[Statement]]


def _answer(door: Door, actor: Actor, waiting: Waiting, said: Said) -> Answer:
    """Return what is written, and the error that the caller hears all the same."""
    if actor.campus != waiting.row.campus:
        error: GatewayError = ForbiddenError(
            "Only a person of the treating campus closes it; the call is kept as an attempt."
        )
        call = Attempt("call", person=said.person, to=actor.code, text=said.comment or "-")
        return _tried(door, waiting, error, call)
    value = standing(waiting.task)
    if waiting.row.acknowledged is None and not is_same(said.read_back, value):
        # Both numbers are told: whoever reads back must see the difference at once.
        error = UnprocessableError(
            f"The read-back {said.read_back or '(none)'} is not the value {value}.",
            expression="Parameters.parameter.where(name='readBack')",
        )
        heard = said.read_back or "-"
        return _tried(
            door, waiting, error, Attempt("wrong-read-back", person=said.person, text=heard)
        )
    return _accepted(door, waiting, said)


def _tried(door: Door, waiting: Waiting, error: GatewayError, attempt: Attempt) -> Answer:
    now = door.clock()
    body = attempted(waiting.task, attempt, now)
    statements: list[Statement] = []
    if attempt.kind == "call":
        statements.append(("critical_told", (now, waiting.row.task)))
    return error, _change(door, waiting, body), statements


def _accepted(door: Door, waiting: Waiting, said: Said) -> Answer:
    now, row = door.clock(), waiting.row
    setting = tables_of(door).setting(row.campus, row.category, row.ward)
    closes = bool(said.comment) or setting.disposition != REQUIRED
    within = round(setting.disposition_within * MINUTE)
    after = replace(
        row,
        acknowledged=row.acknowledged or now,
        closed=now if closes else None,
        due=None if closes else now + within,
    )
    outputs = [("actor", said.person), ("disposition", said.comment), ("key", said.key)]
    if row.acknowledged is None:
        outputs.insert(0, ("read-back", said.read_back))
    body = answered(waiting.task, outputs, "closed" if closes else "acknowledged", now)
    statements: list[Statement] = [
        after.put(),
        ("critical_acknowledged", (now, now, row.task)),
        settled(row.task, now),
    ]
    return None, _change(door, waiting, body), statements


def _change(door: Door, waiting: Waiting, body: Resource) -> Change:
    owner = waiting.row.campus, door.directory.code(waiting.row.campus)
    return Change("Task", waiting.row.task, encode(body), waiting.stored.version, owner)
