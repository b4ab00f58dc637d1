"""The Tasks that ask two campuses whether two Patients are one human, and what settles them.

https://hl7.org/fhir/R4/task.html. Each campus gets its own; the link is suspended until both are
completed, or until an administrator decides by hand.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from gateway.access.actor import CONSORTIUM_CODE, Actor
from gateway.fhir.codec import encode
from gateway.fhir.dates import iso
from gateway.interactions.commit import Extras, commit
from gateway.interactions.door import Door
from gateway.interactions.keys import organization_id, resource_id
from gateway.interactions.prepare import Change
from gateway.interactions.retry import retried
from gateway.store.records import Statement
from mappers.names import CONTRADICTION, TASK

CODE: Final = "identity-review"
KINDS: Final = {
    "blood-group": ("血型不一致", "The blood groups differ"),
    "sex-specific": (
        "检查项目与性别不符",
        "A result that only one sex has is another sex's",
    ),
    "sex": ("性别不一致", "The sexes differ"),
    "birth-date": ("出生日期不一致", "The birth dates differ"),
}
"""Code of `urn:hutong:cs:contradiction`: words in Chinese and English."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two Patients (ids) who cannot be one, by what; `evidence` are references with versions."""

    kind: str
    pair: tuple[str, str]
    evidence: tuple[str, ...]

    @property
    def key(self) -> str:
        """Return what tells it from others: who, by what results, whatever their version."""
        names = sorted({one.partition("/_history/")[0] for one in self.evidence})
        if self.kind in {"sex", "birth-date"}:
            names = sorted(self.evidence)
        return "|".join((self.kind, *sorted(self.pair), *names))


def suspension(door: Door, one: Contradiction) -> tuple[list[Change], list[Statement]]:
    """Return the Tasks for both campuses and what suspends the link."""
    changes: list[Change] = []
    statements: list[Statement] = []
    for patient, other in (one.pair, one.pair[::-1]):
        id_, owner = task_id(door, one, patient)
        changes.append(Change("Task", id_, encode(_task(door, one, patient, other)), 0, owner))
        values = (patient, other, door.clock(), one.kind, id_)
        statements.append(("suspension_add", values))
    return changes, statements


def is_known(door: Door, one: Contradiction) -> bool:
    """Return whether the campuses were asked about this before, whatever they said."""
    return any(door.store.current("Task", task_id(door, one, id_)[0]) for id_ in one.pair)


def task_id(door: Door, one: Contradiction, patient: str) -> tuple[str, tuple[int, str]]:
    """Return the id of a Patient's Task, and the campus whose it is."""
    owner = _owner(door, patient)
    return resource_id(owner[1], "Task", CODE, f"{patient}|{one.key}"), owner


def settled(door: Door, pair: tuple[str, str], status: str) -> Iterator[tuple[Change, Statement]]:
    """Return what closes the open Tasks about two Patients after a decision by hand."""
    for (id_,) in door.store.fetch("suspension_tasks", (*pair, *pair[::-1])):
        stored = door.store.current("Task", id_)
        if stored is None or stored.deleted:
            continue
        resource = stored.resource()
        resource |= {"status": status, "lastModified": iso(door.clock())}
        owner = stored.campus, door.directory.code(stored.campus, CONSORTIUM_CODE)
        change = Change("Task", id_, encode(resource), stored.version, owner)
        yield change, ("suspension_end", (door.clock(), id_))


async def settle(door: Door, actor: Actor, pair: tuple[str, str], status: str) -> None:
    """Close the Tasks about two Patients where the decision by hand was the same as before."""

    async def attempt() -> None:
        closing = list(settled(door, pair, status))
        if closing:
            changes, statements = (list(one) for one in zip(*closing, strict=True))
            await commit(door, actor, changes, Extras(statements=statements, trusted=True))

    await retried(attempt)


def is_review(resource: dict[str, Any]) -> bool:
    """Return whether a Task asks who somebody is."""
    codings = resource.get("code", {}).get("coding", ())
    return any(one.get("system") == TASK and one.get("code") == CODE for one in codings)


def _task(door: Door, one: Contradiction, patient: str, other: str) -> dict[str, Any]:
    zh, en = KINDS[one.kind]
    now = iso(door.clock())
    ask_zh, ask_en = "请核实两名患者是否为同一人", "Are the two patients one person?"
    code = _owner(door, patient)[1]
    return {
        "resourceType": "Task",
        "status": "requested",
        "intent": "order",
        "priority": "urgent",
        "code": {"coding": [{"system": TASK, "code": CODE, "display": "身份核实"}]},
        "description": f"{zh}，{ask_zh}。{en}. {ask_en}",
        "focus": {"reference": f"Patient/{patient}"},
        "for": {"reference": f"Patient/{patient}"},
        "authoredOn": now,
        "lastModified": now,
        "owner": {"reference": f"Organization/{organization_id(code)}"},
        "reasonCode": {
            "coding": [{"system": CONTRADICTION, "code": one.kind, "display": zh}],
            "text": en,
        },
        "input": [
            _input("other-patient", f"Patient/{other}"),
            *(_input("evidence", name) for name in one.evidence),
        ],
    }


def _input(name: str, reference: str) -> dict[str, Any]:
    return {
        "type": {"coding": [{"system": TASK, "code": name}], "text": name},
        "valueReference": {"reference": reference},
    }


def _owner(door: Door, patient: str) -> tuple[int, str]:
    stored = door.store.current("Patient", patient)
    number = stored.campus if stored else 0
    return number, door.directory.code(number, CONSORTIUM_CODE)
