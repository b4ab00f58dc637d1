"""Writes: every change of every resource goes through `commit`, all or nothing.

https://hl7.org/fhir/R4/http.html#transaction
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.access.actor import Actor
from gateway.access.audit import Action, event
from gateway.errors import ConflictError, ForbiddenError
from gateway.fhir.definitions import TYPE_IDS
from gateway.interactions import certain, group
from gateway.interactions.door import Door, require
from gateway.interactions.prepare import Prepared, prepare, to_write
from gateway.interactions.results import Written
from gateway.store.records import CONSORTIUM, Audited, Batch, Require, Statement, Write
from gateway.store.stored import Stored

CONSORTIUM_TYPES = frozenset({"Person"})


@dataclass(frozen=True, slots=True)
class Change:
    """One resource to be written (`body`) or deleted (None).

    `expect` is the version this was decided on, 0 for none ever, None where it does not matter.
    `owner` is (campus, code) where it is not the actor's: identity writes for the consortium.
    """

    type: str
    id: str
    body: bytes | None
    expect: int | None = None
    owner: tuple[int, str] | None = None


@dataclass(frozen=True, slots=True)
class Extras:
    """What rides in the same transaction."""

    requires: list[Require] = field(default_factory=list)
    versions: list[tuple[str, str, int]] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    notices: list[tuple[str, str]] = field(default_factory=list)
    reason: str = ""
    trusted: bool = False  # the gateway's own change (identity, ingest): scopes do not apply


NO_EXTRAS = Extras()


async def commit(
    door: Door, actor: Actor, changes: Sequence[Change], extras: Extras = NO_EXTRAS
) -> list[Written]:
    """Return each change's outcome, durable; StaleError where it must be prepared again.

    A change that would store what stands there already makes no version.
    """
    currents = [door.store.current(change.type, change.id) for change in changes]
    prepared = [
        _prepare(door, actor, change, current, trusted=extras.trusted)
        for change, current in zip(changes, currents, strict=True)
    ]
    ready = [one for one in prepared if one is not None]
    group.spread(door, ready)
    certain.settle(door, ready)
    writes: list[Write | None] = []
    for change, current, one in zip(changes, currents, prepared, strict=True):
        writes.append(_write(door, change, current, one))
    kept = [write for write in writes if write is not None]
    batch = Batch(
        ticket=os.urandom(16),
        writes=kept,
        requires=extras.requires,
        versions=[(TYPE_IDS[type_], id_, version) for type_, id_, version in extras.versions],
        statements=extras.statements,
        audit=_audit(actor, changes, writes, extras.reason),
        notices=[*extras.notices, *([("resource", "")] if kept else [])],
    )
    if not (kept or batch.statements or batch.audit):
        return [_unchanged(current, one) for current, one in zip(currents, prepared, strict=True)]
    places = iter((await door.store.submit(batch)).written)
    return [
        _unchanged(current, one) if write is None else _written(write, next(places), one)
        for write, current, one in zip(writes, currents, prepared, strict=True)
    ]


def owner_of(actor: Actor, change: Change, current: Stored | None, door: Door) -> tuple[int, str]:
    """Return (campus, code) of who owns the resource: whoever made it, for good."""
    if change.owner is not None:
        return change.owner
    if current is not None and not current.deleted:
        campus = door.directory.campus_by_id(current.campus)
        return current.campus, campus.code if campus else "consortium"
    if change.type in CONSORTIUM_TYPES:
        return CONSORTIUM, "consortium"
    if actor.campus == CONSORTIUM and change.type != "Organization":
        raise ForbiddenError("An administrator's write names its campus (header X-Hutong-Campus).")
    return actor.campus, actor.code


def check_owner(door: Door, actor: Actor, change: Change, current: Stored | None) -> None:
    """Pass only writes to what is the actor's; what is hidden from it is not told of."""
    if current is None:
        if change.type in CONSORTIUM_TYPES and not actor.has("admin"):
            raise ForbiddenError(
                f"{change.type} belongs to the consortium; an administrator writes it."
            )
        return
    if current.campus == actor.campus or (current.campus == CONSORTIUM and actor.has("admin")):
        return
    if door.store.may_read(current, door.viewer(actor)):
        raise ForbiddenError("The resource belongs to another campus.")
    raise ConflictError("This id cannot be used.")


def _prepare(
    door: Door, actor: Actor, change: Change, current: Stored | None, *, trusted: bool
) -> Prepared | None:
    if not trusted:
        fresh = current is None or current.deleted
        require(actor, change.type, "d" if change.body is None else "c" if fresh else "u")
        check_owner(door, actor, change, current)
    if change.body is None:
        return None
    return prepare(
        door, change.body, change.type, change.id, owner_of(actor, change, current, door)
    )


def _write(
    door: Door, change: Change, current: Stored | None, prepared: Prepared | None
) -> Write | None:
    """Return the write, None where nothing would change."""
    expect = change.expect
    if expect is None:
        expect = current.version if current else 0
    if prepared is None:
        if current is None or current.deleted:
            return None
        return Write(
            TYPE_IDS[change.type], change.id, current.campus, "delete", expect, label=current.label
        )
    fresh = current is None or current.deleted
    write = to_write(prepared, "create" if fresh else "update", expect)
    if not fresh:
        ((digest, *_),) = door.store.fetch("digest", (write.type, write.id))
        if digest == write.digest:
            return None
    return write


def _unchanged(current: Stored | None, prepared: Prepared | None) -> Written:
    assert current is not None  # noqa: S101 - only what stands there already is left unwritten
    return Written(current, False, False, tuple(prepared.warnings) if prepared else ())  # noqa: FBT003


def _written(write: Write, place: tuple[int, int], prepared: Prepared | None) -> Written:
    version, row = place
    stored = Stored(
        write.type,
        write.id,
        version,
        row,
        write.campus,
        {"create": 0, "update": 1, "delete": 2}[write.op],
        write.hole,
        write.codec,
        write.body,
        0,
        write.label,
    )
    return Written(
        stored,
        created=write.op == "create",
        changed=True,
        warnings=tuple(prepared.warnings) if prepared else (),
    )


LETTER: dict[str, Action] = {"create": "C", "update": "U", "delete": "D"}


def _audit(
    actor: Actor, changes: Sequence[Change], writes: Sequence[Write | None], reason: str
) -> list[Audited]:
    """Return one event for the request, with an entity for each resource written."""
    entities = [
        (change.type, change.id)
        for change, write in zip(changes, writes, strict=True)
        if write is not None
    ]
    if not entities:
        return []
    ops = {write.op for write in writes if write is not None}
    action: Action = LETTER[ops.pop()] if len(ops) == 1 else "E"
    return [event(actor, action, entities, reason=reason)]
