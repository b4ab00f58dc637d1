"""What waits for an answer, for pages and lists: the earliest deadline first (screen.md 3.9)."""

from dataclasses import dataclass
from typing import Final

from gateway.access.actor import Actor
from gateway.interactions.door import Door, require
from gateway.interactions.record import record
from gateway.store.stored import Stored
from gateway.workflow.critical.open import OpenCritical, open_of
from gateway.workflow.critical.reading import has_number, standing
from gateway.workflow.critical.task import Attempt, attempts, kind_of, values
from mappers.base import Resource
from mappers.names import TAG

MOST: Final = 500
LATE: Final = {"system": TAG, "code": "late"}


@dataclass(frozen=True, slots=True)
class Shown:
    """One value that a Task bears."""

    kind: str
    """`value`, `correction`, `withdrawn`, `moved`, `carried`."""
    reference: str
    """With its version."""
    text: str


@dataclass(frozen=True, slots=True)
class OpenTask:
    """One Task that waits; times are microseconds since 1970."""

    id: str
    version: int
    patient: str
    """FHIR id, "" where the result names nobody."""
    group: str
    name: str
    """Of the analyte, in Chinese where a table knows it."""
    description: str
    said: str
    """The value that must be read back, "" where all were withdrawn."""
    has_number: bool
    """False: a button bearing patient and finding answers it."""
    values: tuple[Shown, ...]
    attempts: tuple[Attempt, ...]
    owner: str
    """Code of the campus that must answer."""
    is_ours: bool
    """Whether the caller's campus is that one."""
    performer: str
    rule: str
    opened: int
    deadline: int
    overdue: int
    """Microseconds past the deadline, 0 before it."""
    step: int
    acknowledged: int | None
    """Answered; what was done is still to be recorded."""
    late: bool
    category: str
    ward: str


@dataclass(frozen=True, slots=True)
class NotJudged:
    """A result that a table knows and could not judge; `reason` unit, no-unit, text, no-limit."""

    result: str
    version: int
    patient: str
    campus: str
    group: str
    reason: str
    at: int


@dataclass(frozen=True, slots=True)
class Held:
    """A message in quarantine that carries a critical value."""

    message: int
    campus: str
    opened: int
    step: int


async def open_tasks(door: Door, actor: Actor, *, patient: str = "") -> list[OpenTask]:
    """Return the open Tasks that an actor may see, of one patient's link set or of all."""
    require(actor, "Task", "r")
    if patient:
        rows = open_of(door.store, door.store.link_set([patient])[0])
    else:
        rows = [OpenCritical(*row) for row in door.store.fetch("critical_open_all", (MOST,))]
    viewer = door.viewer(actor)
    found = []
    for row in rows:
        stored = door.store.current("Task", row.task)
        if stored and not stored.deleted and door.store.may_read(stored, viewer):
            found.append((stored, row))
    await record(door, actor, "E", [stored for stored, _ in found], "critical values")
    return [_open(door, actor, stored, row) for stored, row in found]


async def not_judged(door: Door, actor: Actor, since: int) -> list[NotJudged]:
    """Return the results of the actor's campus that no table could judge since a moment."""
    require(actor, "Observation", "r")
    rows = door.store.fetch("critical_unjudged", (since, MOST))
    return [
        NotJudged(result, version, patient, door.directory.code(campus), group, reason, at)
        for result, version, patient, campus, group, reason, at in rows
        if campus == actor.campus or actor.has("admin")
    ]


async def held_messages(door: Door, actor: Actor) -> list[Held]:
    """Return the messages of the actor's campus that wait with a critical value in them."""
    return [
        Held(message, door.directory.code(campus), opened, step)
        for message, campus, opened, step, _, _ in door.store.fetch("critical_held_all", (MOST,))
        if campus == actor.campus or actor.has("admin")
    ]


def _open(door: Door, actor: Actor, stored: Stored, row: OpenCritical) -> OpenTask:
    task = stored.resource()
    reason = task.get("reasonCode", {})
    rules = [str(one["code"]) for one in reason.get("coding", ())[1:]]
    return OpenTask(
        id=row.task,
        version=stored.version,
        patient=row.patient,
        group=row.group,
        name=str(reason.get("text", row.group)),
        description=str(task.get("description", "")),
        said=standing(task),
        has_number=has_number(task),
        values=tuple(_shown(task)),
        attempts=tuple(attempts(task)),
        owner=door.directory.code(row.campus),
        is_ours=row.campus == actor.campus,
        performer=door.directory.code(row.performer),
        rule="".join(rules[:1]),
        opened=row.opened,
        deadline=row.deadline,
        overdue=max(0, door.clock() - row.deadline),
        step=row.step,
        acknowledged=row.acknowledged,
        late=LATE in task.get("meta", {}).get("tag", ()),
        category=row.category,
        ward=row.ward,
    )


def _shown(task: Resource) -> list[Shown]:
    texts = [str(task["reasonReference"].get("display", ""))]
    texts += [
        str(one.get("valueReference", {}).get("display", ""))
        for one in task.get("input", ())
        if kind_of(one)
    ]
    return [
        Shown(kind, reference, text)
        for (kind, reference), text in zip(values(task), texts, strict=False)
    ]
