"""Writes: every change of every resource goes through `commit`, all or nothing.

https://hl7.org/fhir/R4/http.html#transaction
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.access.actor import CONSORTIUM_CODE, Actor
from gateway.errors import GatewayError, NotFoundError, TooLargeError, UnavailableError
from gateway.fhir.codec import decode_exact
from gateway.fhir.definitions import TYPE_IDS
from gateway.identity.linking import NOTHING, Linking
from gateway.interactions import certain, defining
from gateway.interactions.ahead import TOPIC as AHEAD
from gateway.interactions.ahead import is_closely, renewed, resting
from gateway.interactions.clock import is_dated, kept_clock
from gateway.interactions.door import Door, require
from gateway.interactions.following import Event, Followed
from gateway.interactions.group import AWAITED, Groups, undecided
from gateway.interactions.guarding import guarded
from gateway.interactions.item import Item, audited, ready
from gateway.interactions.keys import FOR_ALL
from gateway.interactions.owning import check_owner, owner_of
from gateway.interactions.parameters import SETTING
from gateway.interactions.people import linking
from gateway.interactions.place import at
from gateway.interactions.prepare import Change, prepare, to_write
from gateway.interactions.references import refuse_criteria
from gateway.interactions.results import Written
from gateway.interactions.shared import check_shared
from gateway.store.body import fill, unpack
from gateway.store.records import (
    CONSORTIUM,
    OPS,
    RESTRICTED,
    SHARED,
    Absent,
    Batch,
    Commit,
    Require,
    StaleError,
    Statement,
    Write,
    new_ticket,
)
from gateway.store.standing import digests, standing
from gateway.store.stored import Stored
from mappers.names import EXT_CLOCK

IDENTITY = CONSORTIUM, "consortium"
BATCH_VALUES = 200_000

__all__ = ["NO_EXTRAS", "Change", "Extras", "Plan", "commit", "plan", "send", "settle"]


@dataclass(frozen=True, slots=True)
class Extras:
    """What rides in the same transaction."""

    requires: list[Require] = field(default_factory=list)
    versions: list[tuple[str, str, int]] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    notices: list[tuple[str, str]] = field(default_factory=list)
    unchanged: list[tuple[str, tuple[object, ...], object]] = field(default_factory=list)
    absent: list[Absent] = field(default_factory=list)
    reason: str = ""
    trusted: bool = False  # the gateway's own change (identity, ingest): scopes do not apply
    refused: dict[int, GatewayError] | None = None  # where given: by change, what stands against it


NO_EXTRAS = Extras()


async def commit(
    door: Door, actor: Actor, changes: Sequence[Change], extras: Extras = NO_EXTRAS
) -> list[Written]:
    """Return each change's outcome, durable; StaleError where it must be prepared again.

    A change that would store what stands there already makes no version.
    """
    return await settle(door, await plan(door, actor, changes, extras))


@dataclass(frozen=True, slots=True)
class Plan:
    """A commit that is ready to be sent. `count` items are what was asked for, the rest follows.

    `is_plain`: nothing was looked up for it, or followed from it, that another commit could
    change but by what its own preconditions name; but for who else is the same human.
    """

    batch: Batch
    items: list[Item]
    count: int
    is_plain: bool


async def plan(
    door: Door, actor: Actor, changes: Sequence[Change], extras: Extras = NO_EXTRAS
) -> Plan:
    """Return a commit ready to be sent."""
    # Taken first: what becomes known on the way makes the write stale, not wrong.
    generation, known = door.params.generation, door.ahead.known
    newest = door.store.fetch("last_row")[0][0] if is_closely() else 0
    items = await _items(door, actor, changes, extras)
    count = len(items)
    linked = NOTHING if extras.trusted else linking(door, items)
    items += _joining(door, actor, linked)
    _check_size(items)
    new = {(one.change.type, one.change.id) for one in items if one.fresh and one.prepared}
    groups = Groups(door, items, new)
    items += _marked(door, groups)
    joined = certain.settle(door, ready(items), new)
    _make(door, items)
    followed, followed_items = _follow(door, actor, items)
    items += followed_items
    rests = groups.rests(items)
    kept = [item.write for item in items if item.write is not None]
    ticket = new_ticket()
    awaited = rests.awaited | joined.awaited if kept else set()
    coming = [name for name in new if name[0] in AWAITED]
    batch = Batch(
        ticket=ticket,
        writes=kept,
        requires=[*extras.requires, *(one for item in items for one in item.change.leads)],
        versions=[
            (TYPE_IDS[type_], id_, version)
            for type_, id_, version in (
                *extras.versions,
                *linked.versions,
                *followed.versions,
                *joined.versions,
                *((*name, version) for name, version in rests.versions.items()),
            )
        ],
        statements=[
            *extras.statements,
            *joined.statements,
            *followed.statements,
            *renewed(awaited, ticket.hex()),
        ],
        audit=audited(actor, items, extras.reason),
        notices=[
            *extras.notices,
            *followed.notices,
            *([("resource", "")] if kept else []),
            *([(AHEAD, "")] if awaited else []),
        ],
        unchanged=[
            *extras.unchanged,
            *followed.unchanged,
            *rests.unchanged,
            *([("setting", (SETTING,), generation)] if kept else []),
            *(undecided(coming, newest) if is_closely() else resting(known, coming)),
        ],
        absent=extras.absent,
    )
    is_alone = len(items) == count + len(linked.persons) and not followed.statements
    is_open = all(one.write is None or one.write.label == SHARED for one in items)
    is_plain = is_alone and is_open and not awaited
    return Plan(batch, items, count, is_plain)


def _joining(door: Door, actor: Actor, linked: Linking) -> list[Item]:
    """Return the Persons whom the written Patients change."""
    there = standing(door.store, (("Person", one.id) for one in linked.persons))
    items = []
    for one in linked.persons:
        change = Change("Person", one.id, one.body, one.expect, IDENTITY)
        items.append(_item(door, actor, change, there.get(("Person", one.id)), trusted=True))
    return items


async def settle(door: Door, planned: Plan) -> list[Written]:
    """Return the outcome of each change that was asked for, durable; StaleError."""
    batch = planned.batch
    if batch.writes or batch.statements:
        written = [item for item in planned.items if item.write is not None]
        try:
            places = (await send(door, batch)).written
        except StaleError as error:
            if written:
                error.place = written[error.stale.index].change.place
            raise
        for item, place in zip(written, places, strict=True):
            item.place = place
    return [_outcome(item) for item in planned.items[: planned.count]]


async def send(door: Door, batch: Batch) -> Commit:
    """Return once a batch is durable; StaleError where it must be prepared again."""
    try:
        done = await door.store.submit(batch)
    except StaleError:
        door.params.forget()
        door.ahead.forget()
        raise
    if (AHEAD, "") in batch.notices:
        door.ahead.forget()
    return done


async def _items(door: Door, actor: Actor, changes: Sequence[Change], extras: Extras) -> list[Item]:
    """Return the changes prepared; where `refused` is given, without those that cannot be."""
    items = []
    there = standing(door.store, ((one.type, one.id) for one in changes))
    for index, change in enumerate(changes):
        try:
            with at(change.place):
                current = there.get((change.type, change.id))
                item = _item(door, actor, change, current, trusted=extras.trusted)
                await guarded(door, actor, item)
            items.append(item)
        except GatewayError as error:
            # A database that is away says nothing of the change.
            if extras.refused is None or isinstance(error, UnavailableError):
                raise
            extras.refused[index] = error
    return items


def _item(
    door: Door, actor: Actor, change: Change, current: Stored | None, *, trusted: bool
) -> Item:
    item = Item(change, current, None, trusted)
    if change.body is None and item.current is None:
        raise NotFoundError(f"There is no such {change.type}.")
    if not trusted:
        letter = "d" if change.body is None else "c" if item.fresh else "u"
        require(actor, change.type, letter)
        check_owner(door, actor, change, item.current)
    if change.body is not None:
        if not trusted:
            refuse_criteria(change.type, change.body, door.base)
        owner = owner_of(actor, change, item.current, door)
        item.prepared = prepare(door, change, owner)
        if not trusted and change.type in FOR_ALL:
            check_shared(door, actor, item.prepared)
        if item.current is not None and item.current.label == RESTRICTED:
            # What was hidden once stays so, whatever a later version says of itself.
            item.prepared.sensitive = True
            item.prepared.audience |= {
                campus for (campus,) in door.store.fetch("audience_of", (item.current.key,))
            }
    return item


def _check_size(items: Sequence[Item]) -> None:
    """Pass what the writer does in a second or two; while it writes, everybody else waits."""
    if sum(len(one.extracted) for one in ready(items)) > BATCH_VALUES:
        raise TooLargeError(f"The write has more than {BATCH_VALUES} values to search by.")


def _follow(door: Door, actor: Actor, items: Sequence[Item]) -> tuple[Followed, list[Item]]:
    """Return what the followers ask for, and its writes."""
    events = [_event(door, actor, item) for item in items if item.write is not None]
    all_ = Followed()
    if not events:
        return all_, []
    defined = defining.follow(door, actor, events)
    for one in (defined, *(follower(door, events) for follower in door.followers)):
        all_.changes += one.changes
        all_.versions += one.versions
        all_.statements += one.statements
        all_.notices += one.notices
        all_.unchanged += one.unchanged
    more = [
        _item(door, actor, change, door.store.current(change.type, change.id), trusted=True)
        for change in all_.changes
    ]
    _make(door, more)
    return all_, more


def _event(door: Door, actor: Actor, item: Item) -> Event:
    change, current, prepared, write = item.change, item.current, item.prepared, item.write
    assert write is not None  # noqa: S101 - only what is written is told of
    return Event(
        type=change.type,
        id=change.id,
        campus=write.campus,
        code=door.directory.code(write.campus, CONSORTIUM_CODE),
        version=(current.version if current else 0) + 1,
        before=current,
        after=prepared.resource if prepared else None,
        body=change.body or b"",
        trusted=item.trusted,
        token=actor.token,
    )


def _marked(door: Door, groups: Groups) -> list[Item]:
    """Return new versions of what is stored and shares a group with something sensitive here."""
    marked = []
    for stored, readers in groups.spread():
        owner = stored.campus, door.directory.code(stored.campus, CONSORTIUM_CODE)
        change = Change(stored.type, stored.id, stored.json(), stored.version, owner)
        one = prepare(door, change, owner)
        one.sensitive = True
        one.audience |= readers
        marked.append(Item(change, stored, one, trusted=True))
    return marked


def _make(door: Door, items: Sequence[Item]) -> None:
    """Make the writes of items; what stands there is asked for together."""
    changed = [one for one in items if one.prepared is not None and not one.fresh]
    there = digests(door.store, ((one.change.type, one.change.id) for one in changed))
    for item in items:
        item.write = _write(door, item, there.get((item.change.type, item.change.id)))


def _write(door: Door, item: Item, newest: tuple[int, bytes] | None) -> Write | None:
    """Return the write, None where nothing would change; `newest` is a version and its digest."""
    change, current = item.change, item.current
    expect = change.expect
    version = current.version if current else 0
    if expect is None:
        expect = version
    # Where another version was decided on, the writer refuses it, whatever stands there now.
    is_current = expect == version
    if item.prepared is None:
        if current is None or (current.deleted and is_current):
            return None
        return Write(
            TYPE_IDS[change.type], change.id, current.campus, "delete", expect, label=current.label
        )
    write = to_write(item.prepared, "create" if item.fresh else "update", expect)
    standing = None if item.fresh else current
    # Another process may have written since: the digest of what is there now says nothing then.
    digest = newest[1] if newest and newest[0] == version else None
    if (
        standing
        and is_current
        and _is_same(standing, digest, write)
        and _same_readers(door, item, write)
    ):
        return None
    if not item.trusted and is_dated(standing, item.prepared):
        item.prepared.own_extensions |= {EXT_CLOCK}
        item.prepared.kept = kept_clock(standing, item.prepared)
        write = to_write(item.prepared, write.op, expect)
    return write


def _is_same(standing: Stored, digest: bytes | None, write: Write) -> bool:
    """Return whether a version says what stands there, in whatever order or spelling.

    Every digit counts: 1.0 is not 1.00.
    """
    if digest == write.digest:
        return True
    body = fill(unpack(write.codec, write.body), write.hole, standing.version, standing.row)
    return decode_exact(body) == decode_exact(standing.json())


def _same_readers(door: Door, item: Item, write: Write) -> bool:
    """Return whether those who read what is not shared are still the same."""
    if write.label == SHARED or item.current is None:
        return True
    readers = {campus for (campus,) in door.store.fetch("audience_of", (item.current.key,))}
    return readers == set(write.audience)


def _outcome(item: Item) -> Written:
    """Return what became of a change."""
    warnings = tuple(item.prepared.warnings) if item.prepared else ()
    write = item.write
    if write is None:
        # Only what stands there already, or is gone already, is left unwritten.
        assert item.current is not None  # noqa: S101
        return Written(item.current, created=False, changed=False, warnings=warnings)
    version, row = item.place
    stored = Stored(
        type_id=write.type,
        id=write.id,
        version=version,
        row=row,
        campus=write.campus,
        op=OPS[write.op],
        hole=write.hole,
        codec=write.codec,
        body=write.body,
        key=item.current.key if item.current else 0,
        label=write.label,
    )
    return Written(stored, created=write.op == "create", changed=True, warnings=warnings)
