"""Ingest by HTTP: the sender waits for what its message becomes.

The campus is the token's, whatever the message says of its sender (DESIGN §4, "ingest by HTTP").
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from adapters.base import Received
from adapters.errors import EnvelopeError, UnsupportedError
from gateway.access.actor import Actor
from gateway.access.audit import event
from gateway.access.campus import Campus
from gateway.errors import (
    ForbiddenError,
    GatewayError,
    InvalidRequestError,
    Issue,
    NotFoundError,
    NotSupportedError,
    UnprocessableError,
)
from gateway.ingest.formats import FORMATS
from gateway.ingest.intake import Arrival, keep, open_message
from gateway.ingest.outcome import DISCARDED, QUARANTINED, WAITS, Outcome, Outcomes
from gateway.ingest.reasons import REASONS
from gateway.interactions.door import Door
from gateway.store.stored import Stored

SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Answered:
    """What a sender is told: 201, 200 where nothing changed, 202 where it is still queued."""

    status: int
    made: tuple[Stored, ...] = ()
    queued: int = 0
    """The message to ask for later."""
    later: str = ""
    """The resource to ask for later, where no message is queued."""


class Intake:
    """Takes messages in over HTTP; one for a process."""

    def __init__(self, door: Door) -> None:
        self._outcomes = Outcomes(door)

    async def receive(
        self, door: Door, actor: Actor, received: Received, *, wait: float = SECONDS
    ) -> Answered:
        """Return what became of the messages in a body; UnprocessableError if one is held."""
        campus = _campus(door, actor)
        split = FORMATS[received.format].split(received.body)
        arrivals = [_opened(door, received, body, campus) for body in split]
        kept = [await keep(door, arrival) for arrival in arrivals]
        end = time.monotonic() + wait
        found: list[Outcome] = []
        for one in kept:
            outcome = await self._outcomes.finished(one.id, end - time.monotonic())
            found += [outcome] if outcome else []
        fresh = {one.id for one in kept if one.fresh}
        return await _answered(door, actor, found, fresh)

    async def message(self, door: Door, actor: Actor, id_: int) -> Answered:
        """Return what became of a message of the caller's campus; NotFoundError."""
        return await self.finished(door, actor, id_, 0.0)

    async def finished(self, door: Door, actor: Actor, id_: int, wait: float) -> Answered:
        """Return what became of a message, once it is processed or the time is up."""
        require(actor)
        outcome = await self._outcomes.finished(id_, wait)
        if outcome is None or not (outcome.campus == actor.campus or actor.has("admin")):
            raise NotFoundError("There is no such message.")
        return await _answered(door, actor, [outcome], set())


def require(actor: Actor) -> None:
    """Pass only a caller whose scopes allow ingest."""
    if not actor.has("ingest") and not actor.has("admin"):
        raise ForbiddenError("The token's scopes do not allow ingest.")


def _campus(door: Door, actor: Actor) -> Campus:
    require(actor)
    campus = door.directory.campus_by_id(actor.campus)
    if campus is None:
        raise ForbiddenError("An administrator's message names its campus (X-Hutong-Campus).")
    return campus


def _opened(door: Door, received: Received, body: bytes, campus: Campus) -> Arrival:
    try:
        return open_message(door, Received(received.format, body, received.peer), campus)
    except UnsupportedError as error:
        raise NotSupportedError(error.text, expression=error.location) from error
    except EnvelopeError as error:
        raise InvalidRequestError(error.text, expression=error.location) from error


async def _answered(
    door: Door, actor: Actor, outcomes: Sequence[Outcome], fresh: set[int]
) -> Answered:
    held = [one for one in outcomes if one.state in {QUARANTINED, DISCARDED}]
    if held:
        raise _refusal(held)
    waiting = [one for one in outcomes if one.state == WAITS]
    if waiting:
        return Answered(202, queued=waiting[0].id)
    names = [name for outcome in outcomes for name in _names(outcome)]
    changed = any(one.id in fresh and one.told().get("made") for one in outcomes)
    return Answered(201 if changed else 200, await shown(door, actor, names))


async def shown(door: Door, actor: Actor, names: Iterable[str]) -> tuple[Stored, ...]:
    """Return the resources of these names that the caller may see, each once."""
    viewer = door.viewer(actor)
    found = [door.store.current(*name.split("/")) for name in dict.fromkeys(names)]
    seen = [one for one in found if one and not one.deleted and door.store.may_read(one, viewer)]
    if seen:
        await door.recorder.add(event(actor, "R", [f"{one.type}/{one.id}" for one in seen]))
    return tuple(seen)


def _names(outcome: Outcome) -> list[str]:
    """Return what a message made, and what it only found."""
    told = outcome.told()
    return [*told.get("made", ()), *told.get("found", ())]


def _refusal(held: Sequence[Outcome]) -> GatewayError:
    issues = []
    for outcome in held:
        told = outcome.told().get("quarantine", {})
        reason = REASONS.get(told.get("code", ""))
        place = f" at {told['place']}" if told.get("place") else ""
        text = "The message is kept, but could not be stored"
        text += f": {reason.en} ({told['code']}{place})." if reason else "."
        issues.append(Issue("error", "processing", text, diagnostics=str(outcome.id)))
    return UnprocessableError(issues[0].text, issues=issues)
