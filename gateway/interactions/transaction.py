"""FHIR transaction: all entries in one commit, or none.

https://hl7.org/fhir/R4/http.html#trules: deletes, creates, updates and patches, then reads; no two
entries write one resource; references by fullUrl and by criteria lead to what they became.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from gateway.access.actor import Actor
from gateway.access.audit import Unshown
from gateway.errors import InvalidRequestError, NotFoundError
from gateway.fhir.codec import encode
from gateway.interactions import batch
from gateway.interactions.addresses import Addresses
from gateway.interactions.commit import Change, Extras, commit
from gateway.interactions.conditional_update import settle
from gateway.interactions.create import locate
from gateway.interactions.door import Door, require
from gateway.interactions.entries import READS, WRITES, Entry
from gateway.interactions.keys import claims
from gateway.interactions.matching import Match, Name, Present, match
from gateway.interactions.owning import check_owner
from gateway.interactions.patch import applied, of_entry
from gateway.interactions.place import at
from gateway.interactions.prepare import Seen, inspect
from gateway.interactions.read_only import refuse_write
from gateway.interactions.results import EntryResult, Written
from gateway.store.records import Require
from gateway.store.stored import Stored

CREATED, OK, NO_CONTENT = 201, 200, 204
PORTION: Final = 64
"""Entries that are looked at without a pause."""


@dataclass(slots=True)
class Placed:
    """An entry with the resource that it writes. `result` is there where it writes nothing."""

    entry: Entry
    id: str
    body: bytes | None = None
    seen: Seen | None = None
    expect: int | None = None
    match: Match | None = None
    result: EntryResult | None = None
    leads: tuple[Require, ...] = ()

    @property
    def name(self) -> tuple[str, str]:
        """Type and id of what is written."""
        return self.entry.type, self.id

    @property
    def change(self) -> Change:
        """What is written."""
        entry = self.entry
        return Change(
            entry.type,
            self.id,
            self.body,
            self.expect,
            seen=self.seen,
            place=entry.place,
            leads=self.leads,
        )


async def together(door: Door, actor: Actor, entries: Sequence[Entry]) -> list[EntryResult]:
    """Return what each entry became, in the order sent."""
    placed = await _all_placed(door, actor, entries)
    writes = [one for one in placed if one.result is None]
    writes.sort(key=lambda one: WRITES.index(one.entry.method))
    _check_unique(placed)
    present = Present(door)
    if any(one.match for one in placed) or Addresses.conditional(one.body for one in writes):
        for one in writes:
            if one.seen is not None:
                present.add(one.name, one.seen[0])
    _check_criteria(writes, present)
    await _check_reads(door, actor, entries, placed)
    versions = await _resolve(door, actor, placed, present)
    guards = [one.match.guard for one in writes if one.match]
    extras = Extras(absent=guards, versions=versions)
    written = await commit(door, actor, [one.change for one in writes], extras)
    results = {one.entry.index: one.result for one in placed if one.result is not None}
    for one, outcome in zip(writes, written, strict=True):
        results[one.entry.index] = _result(one, outcome)
    for entry in entries:
        if entry.method in READS:
            results[entry.index] = await batch.answered(door, actor, entry)
    return [results[entry.index] for entry in entries]


def _result(one: Placed, written: Written) -> EntryResult:
    if one.entry.method == "DELETE":
        return EntryResult(NO_CONTENT, stored=written.stored)
    return EntryResult(CREATED if written.created else OK, written=written)


# Which resource each entry writes.


async def _all_placed(door: Door, actor: Actor, entries: Sequence[Entry]) -> list[Placed]:
    """Return what each entry writes; what is deleted a conditional create finds no more."""
    deletes = [
        await _placed(door, actor, entry, frozenset())
        for entry in entries
        if entry.method == "DELETE"
    ]
    gone = frozenset(one.name for one in deletes if one.result is None)
    others = [
        await _placed(door, actor, entry, gone if entry.method == "POST" else frozenset())
        for entry in entries
        if entry.method not in READS and entry.method != "DELETE"
    ]
    return sorted([*deletes, *others], key=lambda one: one.entry.index)


async def _breathe(entry: Entry) -> None:
    """Let others be answered now and then: a bundle may have thousands of entries."""
    if entry.index % PORTION == PORTION - 1:
        await asyncio.sleep(0)


async def _placed(door: Door, actor: Actor, entry: Entry, gone: frozenset[Name]) -> Placed:
    await _breathe(entry)
    with at(entry.place):
        if entry.id:
            refuse_write(entry.type, entry.id)
        matched = None
        if entry.criteria:
            matched = await match(door, actor, entry.type, entry.criteria, gone)
        return await _PLACE[entry.method](door, actor, entry, matched)


async def _delete(door: Door, actor: Actor, entry: Entry, matched: Match | None) -> Placed:
    require(actor, entry.type, "d")
    current = matched.found if matched else door.store.current(entry.type, entry.id)
    if current is None or not door.store.may_read(current, door.viewer(actor)):
        entry.given.check(None)
        return Placed(entry, entry.id, result=EntryResult(NO_CONTENT))
    expect = entry.given.check(current)
    if matched:
        refuse_write(entry.type, current.id)
        expect = current.version
    return Placed(entry, current.id, expect=expect, match=matched)


async def _post(door: Door, actor: Actor, entry: Entry, matched: Match | None) -> Placed:
    require(actor, entry.type, "c")
    seen = inspect(entry.body, entry.type)
    if matched and matched.found:
        found = Written(matched.found, created=False, changed=False)
        return Placed(entry, matched.found.id, result=EntryResult(OK, written=found))
    id_, leads = locate(door, actor, entry.type, claims(seen[0], actor.code))
    return Placed(entry, id_, entry.body, seen, match=matched, leads=leads)


async def _put(door: Door, actor: Actor, entry: Entry, matched: Match | None) -> Placed:
    require(actor, entry.type, "u")
    seen = inspect(entry.body, entry.type)
    named = str(seen[0].get("id", ""))
    if matched:
        change = Change(entry.type, named, entry.body, seen=seen)
        change = settle(door, actor, change, matched, entry.given)
        led = change.leads
        return Placed(entry, change.id, entry.body, seen, change.expect, matched, leads=led)
    if named != entry.id:
        raise InvalidRequestError(
            "The id in the resource must be the one in the url.", expression=f"{entry.type}.id"
        )
    expect = None
    if entry.given:
        current = door.store.current(entry.type, entry.id)
        # Whose it is comes first: what is hidden must not tell its version.
        check_owner(door, actor, Change(entry.type, entry.id, entry.body), current)
        expect = entry.given.check(current)
    return Placed(entry, entry.id, entry.body, seen, expect)


async def _patch(door: Door, actor: Actor, entry: Entry, matched: Match | None) -> Placed:
    require(actor, entry.type, "u")
    current = matched.found if matched else _standing(door, actor, entry)
    if current is None:
        raise NotFoundError(f"There is no such {entry.type}.")
    entry.given.check(current)
    body = applied(of_entry(entry.body), current)
    if body is None:
        same = Written(current, created=False, changed=False)
        return Placed(entry, current.id, result=EntryResult(OK, written=same))
    seen = inspect(body, entry.type)
    return Placed(entry, current.id, body, seen, current.version, matched)


def _standing(door: Door, actor: Actor, entry: Entry) -> Stored | None:
    current = door.store.current(entry.type, entry.id)
    if current is None or current.deleted or not door.store.may_read(current, door.viewer(actor)):
        return None
    check_owner(door, actor, Change(entry.type, entry.id, b""), current)
    return current


_PLACE: Final[dict[str, Callable[[Door, Actor, Entry, Match | None], Awaitable[Placed]]]] = {
    "DELETE": _delete,
    "POST": _post,
    "PUT": _put,
    "PATCH": _patch,
}


def _check_unique(placed: Iterable[Placed]) -> None:
    seen: dict[tuple[str, str], int] = {}
    for one in placed:
        index = one.entry.index
        if not one.id or (one.entry.method == "POST" and one.result is not None):
            continue
        if seen.setdefault(one.name, index) != index:
            raise InvalidRequestError(
                f"The entry writes the resource that entry {seen[one.name]} writes.",
                expression=one.entry.place,
            )


def _check_criteria(writes: Iterable[Placed], present: Present) -> None:
    """Pass where no entry's criteria find what another entry writes: which came first is open."""
    names = {one.name: one.entry.index for one in writes}
    for one in writes:
        others = present.found(one.match) - {one.name} if one.match else set()
        if others:
            index = min(names[other] for other in others)
            raise InvalidRequestError(
                f"The criteria of the entry find what entry {index} writes.",
                expression=one.entry.place,
            )


async def _check_reads(
    door: Door, actor: Actor, entries: Sequence[Entry], placed: Iterable[Placed]
) -> None:
    """Pass only reads that will succeed, as far as what is stored tells; others fail all.

    What the transaction itself writes is there by then, or gone.
    """
    written = {one.name: one for one in placed if one.result is None}
    rehearsal = replace(door, recorder=Unshown(door.store))
    for entry in entries:
        if entry.method not in READS:
            continue
        ours = written.get((entry.type, entry.id))
        if ours is None:
            result = await batch.answered(rehearsal, actor, entry)
            if result.error is not None:
                raise result.error
        elif ours.entry.method == "DELETE" and not entry.rest:
            raise InvalidRequestError(
                f"The entry reads what entry {ours.entry.index} deletes.", expression=entry.place
            )


def _version(door: Door, one: Placed) -> int:
    """Return the version that a create makes or found, 0 where it may become any."""
    if one.result is not None and one.result.written is not None:
        return one.result.written.stored.version
    return 1 if door.store.current(*one.name) is None else 0


async def _resolve(
    door: Door, actor: Actor, placed: Sequence[Placed], present: Present
) -> list[tuple[str, str, int]]:
    """Let references lead to what their targets became; return what was found by criteria."""
    addresses = Addresses(door, actor, present)
    of_versions = any(one.body is not None and b"_history" in one.body for one in placed)
    for one in placed:
        if one.entry.full_url and one.entry.method != "DELETE":
            with at(one.entry.place):
                addresses.add(one.entry.full_url, one.name)
            if of_versions and one.entry.method == "POST":
                addresses.add_version(one.entry.full_url, one.name, _version(door, one))
        if one.entry.method == "DELETE" and one.result is None:
            addresses.drop(one.name)
    for one in placed:
        if one.result is not None or one.body is None:
            continue
        await _breathe(one.entry)
        with at(one.entry.place):
            found = await addresses.resolved(one.body, one.entry.full_url)
        if found is not None:
            one.body, one.seen = encode(found), None
    return addresses.leaned_on
