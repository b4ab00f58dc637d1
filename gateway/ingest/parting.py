"""What a link's end takes back: a report no longer answers the order of somebody else.

DESIGN §3, "A number never decides who": `basedOn` leads to another campus's order only while the
patients are certainly one human. The Task that asks for the right order is open again.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from gateway.fhir.codec import encode
from gateway.fhir.dates import iso
from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.searchparams import search_params
from gateway.identity.persons import linked
from gateway.ingest.reconcile import Unmatched, is_same, task, task_id
from gateway.ingest.standing import subject_of
from gateway.interactions.commit import Change
from gateway.interactions.door import Door
from gateway.store.stored import Stored
from mappers.base import Resource

ANSWERING: Final = ("DiagnosticReport", "ServiceRequest")
LIMIT: Final = 100_000


def parted(door: Door, person: Stored, since: int) -> set[str]:
    """Return whom a Person joined at some moment from a place in the change log on, and no more.

    With those whom it joins now: whose link ended may be on either side of a `basedOn`. Every
    version since is asked: a link may have ended in one that others followed at once.
    """
    now = _joined(person)
    lost = set().union(*map(_joined, _before(door, person, since))) - now
    return lost | now if lost else set()


def _joined(person: Stored) -> set[str]:
    return set() if person.deleted else set(linked(person.resource()))


def _before(door: Door, person: Stored, since: int) -> Iterator[Stored]:
    """Yield the versions that stood since a place in the change log, but the newest."""
    oldest = [person]
    while oldest and oldest[0].row > since:
        oldest = door.store.history(person.key, oldest[0].version, 1)
        yield from oldest


def partings(door: Door, patients: Iterable[str]) -> Iterator[list[Change]]:
    """Yield, for each report or order that answers somebody else's order, what takes it back."""
    for patient in sorted(patients):
        for type_ in ANSWERING:
            param = search_params(type_)["subject"].stores[0]
            about = (param, TYPE_IDS["Patient"], patient, LIMIT)
            for (id_,) in door.store.fetch("naming", about):
                stored = door.store.current(type_, id_)
                if stored is not None and not stored.deleted:
                    yield _changes(door, stored)


def _changes(door: Door, stored: Stored) -> list[Change]:
    resource = stored.resource()
    foreign = [one for one in resource.get("basedOn", ()) if _is_foreign(door, stored, one)]
    if not foreign:
        return []
    kept = [one for one in resource["basedOn"] if one not in foreign]
    rest = {name: value for name, value in resource.items() if name != "basedOn"}
    owner = stored.campus, door.directory.code(stored.campus)
    body = encode({**rest, "basedOn": kept} if kept else rest)
    changes = [Change(stored.type, stored.id, body, stored.version, owner)]
    for one in foreign:
        changes += _asked_again(door, stored, one, owner)
    return changes


def _is_foreign(door: Door, stored: Stored, reference: Resource) -> bool:
    """Return whether an order is another campus's and, as far as is certain, another human's."""
    order = _order(door, reference)
    if order is None or order.campus == stored.campus:
        return False
    subjects = subject_of(stored.resource()), subject_of(order.resource())
    return not is_same(door, *subjects)


def _order(door: Door, reference: Resource) -> Stored | None:
    type_, _, id_ = reference.get("reference", "").partition("/")
    return door.store.current("ServiceRequest", id_) if type_ == "ServiceRequest" else None


def _asked_again(
    door: Door, stored: Stored, reference: Resource, owner: tuple[int, str]
) -> list[Change]:
    """Return the Task that asks for the order, open again or for the first time."""
    order = _order(door, reference)
    orderer = door.directory.campus_by_id(order.campus) if order else None
    if order is None or orderer is None:
        return []
    system = f"urn:hutong:{orderer.code}:placer"
    numbers = [
        one.get("value", "")
        for one in order.resource().get("identifier", ())
        if one.get("system") == system
    ]
    unmatched = Unmatched(
        performer=owner[1],
        focus=f"{stored.type}/{stored.id}",
        patient=subject_of(stored.resource()),
        orderer=orderer.code,
        number="".join(numbers[:1]),
        item="",
        at=iso(door.clock()),
    )
    if not unmatched.number:
        return []
    id_ = task_id(unmatched)
    current = door.store.current("Task", id_)
    expect = current.version if current else 0
    return [Change("Task", id_, encode(task(unmatched)), expect, owner)]
