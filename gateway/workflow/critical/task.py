"""The `critical-ack` Task as a resource: pure functions from one body to the next (DESIGN §4).

https://hl7.org/fhir/R4/task.html: `focus` is the first value, `input` each further one with its
version, `restriction.period.end` the deadline, `note` the attempts, `output` the read-back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.interactions.keys import organization_id
from gateway.store.body import instant
from gateway.workflow.critical.judge import Judgement
from mappers.base import Resource
from mappers.names import ANALYTE_GROUP, CRITICAL, CRITICAL_RULE, EXT_ATTEMPT, TAG, TASK

CODE: Final = "critical-ack"
OPEN: Final = frozenset({"requested", "received", "accepted", "in-progress", "ready", "on-hold"})
LATE: Final = {"system": TAG, "code": "late"}
DIRECTIONS: Final = {"low": "危急低", "high": "危急高", "": "危急"}
DISPLAYS: Final = {
    "value": "危急值 / critical value",
    "correction": "更正 / correction",
    "withdrawn": "撤回 / withdrawn",
    "moved": "已归属其他患者 / another patient's",
    "carried": "转至本院 / carried over",
    "read-back": "回读 / read-back",
    "actor": "确认人 / acknowledged by",
    "time": "确认时间 / acknowledged at",
    "disposition": "处理意见 / disposition",
    "key": "幂等键 / idempotency key",
    "unacknowledged": "未确认 / unacknowledged",
    "acknowledged": "已确认，待处理 / acknowledged, disposition missing",
    "closed": "已关闭 / closed",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One value on its way into a Task. `kind` is one of DISPLAYS."""

    kind: str
    reference: str
    """With its version."""
    text: str
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Parties:
    """Codes of the campuses."""

    performing: str
    owner: str
    concerned: tuple[str, ...]


def is_critical_ack(resource: Resource | None) -> bool:
    """Return whether a Task is one of these."""
    codings = (resource or {}).get("code", {}).get("coding", ())
    return any(one.get("system") == TASK and one.get("code") == CODE for one in codings)


def opened(id_: str, item: Item, patient: str, parties: Parties, now: int) -> Resource:
    """Return a new Task; its deadline and state are set by `unacknowledged`."""
    found = item.judgement
    reason: list[Resource] = [{"system": ANALYTE_GROUP, "code": found.group}]
    if found.name:
        reason[0]["display"] = found.name
    if found.rule:
        reason.append({"system": CRITICAL_RULE, "code": found.rule})
    task: Resource = {
        "resourceType": "Task",
        "id": id_,
        "status": "requested",
        "intent": "order",
        "priority": "stat",
        "code": {"coding": [{"system": TASK, "code": CODE}]},
        "description": described(item),
        "focus": _reference(item, versioned=False),
        "authoredOn": instant(now),
        "requester": organization(parties.performing),
        "reasonCode": {"coding": reason, "text": found.name or found.group},
        "reasonReference": _reference(item),
    }
    if patient:
        task["for"] = {"reference": f"Patient/{patient}"}
    return addressed(task, parties)


def addressed(task: Resource, parties: Parties) -> Resource:
    """Return the Task with its owner; who was told once stays told."""
    restriction = dict(task.get("restriction", {}))
    recipients = [*restriction.get("recipient", ()), *map(organization, parties.concerned)]
    restriction["recipient"] = list({one["reference"]: one for one in recipients}.values())
    return {**task, "owner": organization(parties.owner), "restriction": restriction}


def unacknowledged(task: Resource, now: int, deadline: int) -> Resource:
    """Return the Task as it waits for an answer until a deadline."""
    restriction = dict(task.get("restriction", {}))
    restriction["period"] = {"start": instant(now), "end": instant(deadline)}
    return {
        **task,
        "status": "requested",
        "businessStatus": _concept("unacknowledged"),
        "restriction": restriction,
        "lastModified": instant(now),
    }


def appended(task: Resource, item: Item, now: int) -> Resource:
    """Return the Task with one more value."""
    entry = {"type": _concept(item.kind), "valueReference": _reference(item)}
    return {
        **task,
        "description": described(item),
        "input": [*task.get("input", ()), entry],
        "lastModified": instant(now),
    }


def late(task: Resource) -> Resource:
    """Return the Task marked as that of a value which came late."""
    meta = dict(task.get("meta", {}))
    meta["tag"] = [*(one for one in meta.get("tag", ()) if one != LATE), LATE]
    return {**task, "meta": meta}


def attempted(task: Resource, attempt: "Attempt", now: int) -> Resource:
    """Return the Task with one more attempt; the same one again is counted at the last note."""
    notes = list(task.get("note", ()))
    before = attempt_of(notes[-1]) if notes else None
    count = 1
    if before and before.repeats(attempt):
        count = before.count + 1
        notes.pop()
    parts: list[Resource] = [
        {"url": "kind", "valueCode": attempt.kind},
        {"url": "step", "valueInteger": attempt.step},
        {"url": "count", "valueInteger": count},
    ]
    if attempt.to:
        parts.append({"url": "to", "valueString": attempt.to})
    note: Resource = {
        "extension": [{"url": EXT_ATTEMPT, "extension": parts}],
        "time": instant(now),
        "text": attempt.text,
    }
    note["authorString"] = attempt.person or "Hutong"
    return {**task, "note": [*notes, note], "lastModified": instant(now)}


@dataclass(frozen=True, slots=True)
class Attempt:
    """Who tried to reach whom: `notify`, `escalate`, `call`, `wrong-read-back`, `disposition`."""

    kind: str
    step: int = 0
    to: str = ""
    person: str = ""
    text: str = "-"
    time: str = ""
    count: int = 1

    def repeats(self, other: "Attempt") -> bool:
        """Return whether it is the last step once more."""
        same = (self.kind, self.to, self.step) == (other.kind, other.to, other.step)
        return same and self.kind in {"escalate", "disposition"}


def attempt_of(note: Resource) -> Attempt | None:
    """Return the attempt that a note tells of, None if it is a remark."""
    for extension in note.get("extension", ()):
        if extension.get("url") == EXT_ATTEMPT:
            parts = {one["url"]: one for one in extension.get("extension", ())}
            return Attempt(
                kind=parts["kind"]["valueCode"],
                step=int(parts["step"]["valueInteger"]),
                to=parts.get("to", {}).get("valueString", ""),
                person=note.get("authorString", ""),
                text=note.get("text", ""),
                time=note.get("time", ""),
                count=int(parts["count"]["valueInteger"]),
            )
    return None


def attempts(task: Resource) -> list[Attempt]:
    """Return the attempts of a Task, oldest first."""
    found = map(attempt_of, task.get("note", ()))
    return [one for one in found if one is not None]


def answered(task: Resource, outputs: Iterable[tuple[str, str]], state: str, now: int) -> Resource:
    """Return the Task with what was answered; `state` is `acknowledged` or `closed`."""
    entries = [{"type": _concept(kind), "valueString": text} for kind, text in outputs if text]
    entries.append({"type": _concept("time"), "valueDateTime": instant(now)})
    return {
        **task,
        "status": "completed" if state == "closed" else "accepted",
        "businessStatus": _concept(state),
        "output": [*task.get("output", ()), *entries],
        "lastModified": instant(now),
    }


def last_output(task: Resource, kind: str) -> str:
    """Return the newest answer of a kind, "" if there is none."""
    for entry in reversed(task.get("output", ())):
        if kind_of(entry) == kind:
            return str(entry.get("valueString", ""))
    return ""


def kind_of(entry: Resource) -> str:
    """Return what an input or output is."""
    codings = entry.get("type", {}).get("coding", ())
    return next((str(one["code"]) for one in codings if one.get("system") == CRITICAL), "")


def values(task: Resource) -> list[tuple[str, str]]:
    """Return (kind, versioned reference) of the values, oldest first."""
    first: Any = task.get("reasonReference", {}).get("reference", "")
    further = [
        (kind_of(one), str(one.get("valueReference", {}).get("reference", "")))
        for one in task.get("input", ())
    ]
    return [("value", str(first)), *further]


def described(item: Item) -> str:
    """Return what a Task is about, for people."""
    found = item.judgement
    word = DIRECTIONS[found.direction] if item.kind in {"value", "carried"} else DISPLAYS[item.kind]
    caution = "溶血? / haemolysed?" if found.caution else ""
    return " ".join(filter(None, (found.name or found.group, item.text, word, caution)))


def organization(code: str) -> Resource:
    """Return a reference to a campus's Organization."""
    return {"reference": f"Organization/{organization_id(code)}"}


def recipients(task: Resource, codes: Sequence[str]) -> list[str]:
    """Return which of some campuses a Task is addressed to."""
    named = {one.get("reference") for one in task.get("restriction", {}).get("recipient", ())}
    return [code for code in codes if organization(code)["reference"] in named]


def _reference(item: Item, *, versioned: bool = True) -> Resource:
    name = item.reference if versioned else item.reference.partition("/_history/")[0]
    return {"reference": name, "display": item.text} if item.text else {"reference": name}


def _concept(code: str) -> Resource:
    coding = {"system": CRITICAL, "code": code, "display": DISPLAYS[code]}
    return {"coding": [coding], "text": DISPLAYS[code]}
