"""The Task that tells a campus what befell a result on which it relied.

https://hl7.org/fhir/R4/task.html. One a decision and change: its id is made of both, so that a
retry finds it there.
"""

from dataclasses import dataclass
from typing import Any, Final

from gateway.access.actor import CONSORTIUM_CODE
from gateway.fhir.codec import encode
from gateway.fhir.dates import iso
from gateway.interactions.door import Door
from gateway.interactions.keys import organization_id, resource_id
from gateway.interactions.prepare import Change
from gateway.recognition.ledger.model import Entry, Stand
from gateway.recognition.ledger.records import written
from gateway.recognition.recall.change import KINDS
from gateway.store.records import Statement
from mappers.names import RECALL_REASON, TASK

CODE: Final = "recognition-recall"


@dataclass(frozen=True, slots=True)
class Cause:
    """What befell a result. `what` names it, `version` is what it has become, 0 if unknown.

    `key` tells one change from another: "Observation/x/_history/3", "Person/y/_history/2".
    """

    kind: str
    what: str
    version: int
    key: str
    because: str = ""


def task_id(door: Door, one: Stand, cause: Cause) -> str:
    """Return the id of the Task for a decision and a change."""
    return resource_id(_owner(door, one)[1], "Task", CODE, f"{one.id}|{cause.key}")


def recall(door: Door, one: Stand, cause: Cause) -> Change | None:
    """Return the Task to be written, None if it is there already."""
    id_ = task_id(door, one, cause)
    if door.store.current("Task", id_) is not None:
        return None
    body = encode(_task(door, one, cause))
    return Change("Task", id_, body, 0, _owner(door, one))


def recalled(door: Door, one: Stand, cause: Cause) -> Statement:
    """Return what keeps in the ledger that a decision was recalled."""
    task, now = task_id(door, one, cause), door.clock()
    entry = Entry(one.id, "recalled", now, now, "", cause.kind, task, f"recalled|{task}")
    return written(entry, 0)


def _task(door: Door, one: Stand, cause: Cause) -> dict[str, Any]:
    zh, en = KINDS[cause.kind]
    now = iso(door.clock())
    resource: dict[str, Any] = {
        "resourceType": "Task",
        "status": "requested",
        "intent": "order",
        "priority": "urgent",
        "code": {"coding": [{"system": TASK, "code": CODE, "display": "互认召回"}]},
        "description": f"{zh}。{en}.",
        "focus": {"reference": f"{one.result}/_history/{_focus(one, cause)}"},
        "for": {"reference": f"Patient/{one.patient}"},
        "authoredOn": now,
        "lastModified": now,
        "owner": {"reference": f"Organization/{organization_id(_owner(door, one)[1])}"},
        "reasonCode": {
            "coding": [{"system": RECALL_REASON, "code": cause.kind, "display": zh}],
            "text": en,
        },
        "input": [
            _input("decision", "valueString", one.id),
            _input(
                "relied-on",
                "valueReference",
                {"reference": f"{one.result}/_history/{one.result_version}"},
            ),
            _input("change", "valueString", cause.key),
        ],
    }
    if cause.because:
        resource["note"] = [{"text": cause.because}]
    return resource


def _owner(door: Door, one: Stand) -> tuple[int, str]:
    return one.campus, door.directory.code(one.campus, CONSORTIUM_CODE)


def _focus(one: Stand, cause: Cause) -> int:
    """Return the version of the result to look at; what is deleted is shown as it was."""
    if cause.what == one.result and cause.version and cause.kind != "deleted":
        return cause.version
    return one.result_version or 1


def _input(name: str, kind: str, value: object) -> dict[str, Any]:
    return {"type": {"coding": [{"system": TASK, "code": name}], "text": name}, kind: value}
