"""One job: who started it, what was asked, how far it has come, what became of it."""

from dataclasses import dataclass
from typing import Any, Final, Literal

import msgspec

from gateway.access.actor import Actor
from gateway.access.scopes import Scopes
from gateway.errors import UnauthenticatedError
from gateway.fhir.codec import decode, encode
from gateway.interactions.door import Door

State = Literal["waits", "runs", "done", "failed", "cancelled"]
STATES: Final[tuple[State, ...]] = ("waits", "runs", "done", "failed", "cancelled")
"""By number, as they are stored."""
NUMBERS: Final = {name: number for number, name in enumerate(STATES)}
COMMAND: Final = "command"
"""The name of who types commands on the gateway's own machine: no token stands behind it."""


class _Who(msgspec.Struct):
    """As whom a job works."""

    token: int
    campus: int
    code: str
    scopes: str
    person: str = ""
    name: str = ""


_who = msgspec.json.Decoder(_Who).decode
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Job:
    """A row of the table. `request`, `cursor` and `result` are JSON objects."""

    id: int
    name: str
    kind: str
    campus: int
    token: int
    who: str
    request: dict[str, Any]
    state: State
    cursor: dict[str, Any]
    done: int
    total: int
    result: dict[str, Any]
    created: int
    finished: int | None
    attempts: int
    term: int
    until: int

    @property
    def is_open(self) -> bool:
        """Whether it waits or runs."""
        return self.state in {"waits", "runs"}

    @property
    def person(self) -> str:
        """Who started it: a person if one was named, else the token's name."""
        who = _who(self.who)
        return who.person or who.name

    def actor(self, door: Door) -> Actor:
        """Return as whom it works: with what the token may do now; UnauthenticatedError."""
        who = _who(self.who)
        if who.token == 0 and who.name == COMMAND:
            return Actor(0, who.campus, who.code, Scopes.parse(who.scopes), who.person, who.name)
        if who.token < 0:
            raise UnauthenticatedError("A signed call starts no job.")
        return door.directory.actor_of_token(who.token, person=who.person, campus=who.code)


def job_of(row: tuple[Any, ...]) -> Job:
    """Return the job of one row of the statement `job`."""
    id_, name, kind, campus, token, who, request, state, cursor, done, total, result, *rest = row
    return Job(
        *(id_, name, kind, campus, token, who),
        request=_object(request),
        state=STATES[state],
        cursor=_object(cursor),
        done=done,
        total=total,
        result=_object(result),
        created=rest[0],
        finished=rest[1],
        attempts=rest[2],
        term=rest[3],
        until=rest[4],
    )


def who_is(actor: Actor) -> str:
    """Return what a row says of an actor."""
    scopes = actor.scopes.text
    who = _Who(actor.token, actor.campus, actor.code, scopes, actor.person, actor.name)
    return _encode(who).decode()


def written(value: dict[str, Any]) -> str:
    """Return a JSON object as a row has it."""
    return encode(value).decode()


def _object(text: str) -> dict[str, Any]:
    return decode(text.encode()) if text else {}
