"""Whether a decision still holds: what it was decided on may have changed since.

Looked at when it is answered. Nothing recorded is judged anew here: a decision holds as long as
none of what it rests on was withdrawn.
"""

from collections.abc import Iterator
from typing import Any

from gateway.access.actor import Actor
from gateway.fhir.codec import decode
from gateway.interactions.door import Door
from gateway.recognition.books import Book
from gateway.recognition.decide.critical import among
from gateway.recognition.gather.waiting import waiting
from gateway.recognition.ledger.groups import items_of
from gateway.recognition.ledger.model import Stand
from gateway.recognition.recall.change import WITHDRAWN, change_of, whose
from gateway.recognition.recall.parts import parts
from gateway.recognition.recall.specimen import is_worse, specimen_of
from gateway.recognition.recall.suspension import suspended
from gateway.store.stored import Stored

Version = tuple[str, str, int]
Read = tuple[str, tuple[object, ...], object]


def holds(door: Door, actor: Actor, book: Book | None, one: Stand) -> str:
    """Return why a decision holds no more, a code of RECALL_REASON, "" while it does.

    What the actor may not see is no reason: a refusal would tell of it.
    """
    if one.result is None:
        return ""
    type_, _, id_ = one.result.partition("/")
    current = door.store.current(type_, id_)
    if current is None or current.deleted:
        return "deleted"
    now = decode(current.json())
    return (
        _befell(door, one, current, now)
        or _between(door, one, now)
        or _critical(door, actor, book, one)
        or _since(door, one)
    )


def rests_on(door: Door, one: Stand) -> tuple[list[Version], list[Read]]:
    """Return the versions and reads that an answer was judged on: they must stand when it is kept.

    A withdrawal that comes first makes the answer be judged again; one that comes later finds it.
    """
    names = [one.result] if one.result else []
    type_, _, id_ = (one.result or "").partition("/")
    current = door.store.current(type_, id_) if id_ else None
    patients = [one.patient]
    if current is not None and not current.deleted:
        now = decode(current.json())
        names += parts(now)
        patients.append(whose(now))
    versions = [_version(door, *name.split("/")) for name in names]
    people, persons = door.store.link_set(patients)
    versions += [_version(door, "Person", id_) for id_ in sorted(persons)]
    reads: list[tuple[str, tuple[object, ...]]] = [("suspended", (id_,)) for id_ in patients]
    reads.append(("mark_recalled", (one.result, one.at)))
    if one.outcome != "context-critical":
        reads += [("critical_open_last", (id_, id_)) for id_ in sorted(people)]
    return versions, [(name, values, _first(door, name, values)) for name, values in reads]


def _version(door: Door, type_: str, id_: str) -> Version:
    current = door.store.current(type_, id_)
    return type_, id_, current.version if current else 0


def _first(door: Door, name: str, values: tuple[object, ...]) -> object:
    rows = door.store.fetch(name, values)
    return rows[0][0] if rows else None


def _befell(door: Door, one: Stand, current: Stored, now: dict[str, Any]) -> str:
    """Return what befell the result, or the measurements that it consists of."""
    if now.get("status") in WITHDRAWN:
        return str(now["status"])
    pinned = door.store.version(current.type, current.id, one.result_version or 0)
    if pinned is not None and pinned.version != current.version:
        before = decode(pinned.json())
        if found := change_of(before, now):
            return found
    return next(filter(None, (*_parts(door, one, now), *_specimens(door, one, now))), "")


def _parts(door: Door, one: Stand, report: dict[str, Any]) -> Iterator[str]:
    for name in parts(report):
        type_, _, id_ = name.partition("/")
        current = door.store.current(type_, id_)
        if current is None or current.row <= one.at:
            continue
        seen = _as_of(door, current, one.at)
        if seen is not None and not seen.deleted:
            after = None if current.deleted else decode(current.json())
            yield change_of(decode(seen.json()), after)


def _specimens(door: Door, one: Stand, result: dict[str, Any]) -> Iterator[str]:
    """Yield what was found out since of the specimens of a result's measurements."""
    stored = (door.store.current(*name.split("/")) for name in parts(result))
    measured = [result, *(decode(each.json()) for each in stored if each and not each.deleted)]
    for id_ in dict.fromkeys(filter(None, map(specimen_of, measured))):
        current = door.store.current("Specimen", id_)
        if current is None or current.deleted or current.row <= one.at:
            continue
        seen = _as_of(door, current, one.at)
        if seen is not None and not seen.deleted:
            yield "amended" if is_worse(decode(seen.json()), decode(current.json())) else ""


def _as_of(door: Door, current: Stored, at: int) -> Stored | None:
    """Return the version that stood at a moment."""
    older = door.store.history(current.key, current.version, current.version)
    return next((version for version in older if version.row <= at), None)


def _between(door: Door, one: Stand, now: dict[str, Any]) -> str:
    """Return whether the result's patient is still certainly the one who was asked about."""
    other = whose(now)
    if other == one.patient:
        return ""
    people, _ = door.store.link_set([one.patient])
    if other not in people:
        return "unlinked"
    return "suspended" if suspended(door.store, people) & {other, one.patient} else ""


def _critical(door: Door, actor: Actor, book: Book | None, one: Stand) -> str:
    """Return whether a critical value of the item's group came up since."""
    if one.outcome == "context-critical":
        return ""
    people, _ = door.store.link_set([one.patient])
    found = waiting(door, actor, sorted(people))
    items = items_of(book, one.item)
    # An item that is in no catalogue any more has no group: then any of them may be its.
    return "critical" if (among(found, items) if items else found) else ""


def _since(door: Door, one: Stand) -> str:
    """Return whether the evidence failed or time ran out."""
    if door.store.fetch("mark_recalled", (one.result, one.at)):
        return "mark-recalled"
    if one.valid_until is not None and one.valid_until < door.clock():
        return "expired"
    return ""
