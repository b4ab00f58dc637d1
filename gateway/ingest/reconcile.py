"""Tasks for orders that a result names and that are not found: made here, closed when they come.

DESIGN §3, "A number never decides who". https://hl7.org/fhir/R4/task.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.fhir.codec import encode
from gateway.ingest.standing import subject_of
from gateway.interactions.commit import Change
from gateway.interactions.door import Door
from gateway.interactions.keys import organization_id, resource_id
from gateway.store.stored import Stored
from mappers.base import Resource
from mappers.names import TASK, identifier_system

CODE: Final = "order-reconcile"
OPEN: Final = frozenset({"requested", "received", "accepted", "in-progress", "ready", "on-hold"})


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A report or order that names another campus's order which was not found."""

    performer: str
    """Code of the campus that names it."""
    focus: str
    """Reference to the report or order."""
    patient: str
    orderer: str
    """Code of the campus whose number it is."""
    number: str
    item: str
    at: str
    kind: str = "placer"


def task_id(one: Unmatched) -> str:
    """Return the id of the Task: one for what names the order and the number."""
    return resource_id(one.performer, "Task", CODE, f"{one.focus}|{one.orderer}|{one.number}")


def task(one: Unmatched) -> Resource:
    """Return the Task that asks the ordering campus."""
    resource: Resource = {
        "resourceType": "Task",
        "groupIdentifier": {
            "system": identifier_system(one.orderer, one.kind),
            "value": one.number,
        },
        "status": "requested",
        "intent": "order",
        "code": {"coding": [{"system": TASK, "code": CODE}]},
        "focus": {"reference": one.focus},
        "for": {"reference": one.patient},
        "authoredOn": one.at,
        "requester": {"reference": f"Organization/{organization_id(one.performer)}"},
        "owner": {"reference": f"Organization/{organization_id(one.orderer)}"},
    }
    if one.item:
        resource["input"] = [{"type": {"text": "item"}, "valueString": one.item}]
    return resource


def is_open(resource: Resource) -> bool:
    """Return whether a Task waits for an order."""
    codes = resource.get("code", {}).get("coding", ())
    return resource.get("status") in OPEN and any(
        one.get("system") == TASK and one.get("code") == CODE for one in codes
    )


KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "accession": ("accession", "placer"),
    "placer": ("placer",),
}
"""Under which kinds of number an order is looked up: many order entries know but one number."""


def orders_of(
    door: Door, code: str, number: str, item: str, kinds: Sequence[str] = KINDS["placer"]
) -> list[Stored]:
    """Return another campus's orders of a number, the one for the item first."""
    campus = door.directory.campus(code)
    if campus is None:
        return []
    values = [f"{number}/{item}", number] if item else [number]
    ids = [
        door.store.by_key(campus.id, "ServiceRequest", identifier_system(code, kind), value)
        for kind in kinds
        for value in values
    ]
    found = [door.store.current("ServiceRequest", id_) for id_ in ids if id_]
    return [one for one in found if one is not None and not one.deleted]


def settlement(door: Door, stored: Stored) -> list[Change]:
    """Return what closes a Task whose order or link has come, nothing if neither has."""
    waiting = stored.resource()
    if not is_open(waiting):
        return []
    group = waiting.get("groupIdentifier", {})
    code, _, kind = group.get("system", "").removeprefix("urn:hutong:").rpartition(":")
    items = [str(one.get("valueString", "")) for one in waiting.get("input", ())]
    patient = subject_of(waiting)
    number, kinds = group.get("value", ""), KINDS.get(kind, ())
    for order in orders_of(door, code, number, "".join(items[:1]), kinds):
        if is_same(door, patient, subject_of(order.resource())):
            return _settled(door, stored, waiting, f"ServiceRequest/{order.id}")
    return []


def is_same(door: Door, one: str, other: str) -> bool:
    """Return whether two references to Patients are certainly about one human."""
    if one == other:
        return bool(one)
    ids = [reference.removeprefix("Patient/") for reference in (one, other)]
    return all(ids) and ids[1] in door.store.link_set([ids[0]])[0]


def _settled(door: Door, stored: Stored, waiting: Resource, order: str) -> list[Change]:
    owner = stored.campus, door.directory.code(stored.campus)
    done = {**waiting, "status": "completed"}
    done["output"] = [{"type": {"text": "order"}, "valueReference": {"reference": order}}]
    changes = [Change("Task", stored.id, encode(done), stored.version, owner)]
    type_, _, id_ = waiting.get("focus", {}).get("reference", "").partition("/")
    focus = door.store.current(type_, id_) if id_ else None
    if focus is not None and not focus.deleted:
        based: dict[str, Any] = {**focus.resource(), "basedOn": [{"reference": order}]}
        changes.append(Change(type_, id_, encode(based), focus.version, owner))
    return changes
