"""Critical values behind the door: what a page shows of their Tasks, and the answer to one.

The rules are gateway/workflow/critical's; here they are only asked.
"""

from typing import Final

from gateway.access.actor import Actor
from gateway.errors import (
    ConflictError,
    ForbiddenError,
    GatewayError,
    GoneError,
    NotFoundError,
    UnprocessableError,
)
from gateway.interactions.door import Door, require
from gateway.interactions.keys import organization_id
from gateway.interactions.read import read, vread
from gateway.interactions.search import search
from gateway.web.acts import Alarm, ReadBack, RefusedError
from gateway.web.display.critical import seen
from gateway.web.display.element import Resource, part, target, text
from gateway.web.sources import Human, Results
from gateway.workflow.critical.acknowledge import acknowledge
from gateway.workflow.critical.open import OpenCritical, open_of
from gateway.workflow.critical.reading import GONE
from gateway.workflow.critical.task import attempts, is_critical_ack, last_output, values

MOST: Final = 500
"""How many a list shows; a county that has more open has another problem."""


class DoorCriticals:
    """Critical values as the door shows them to each reader; `results` knows the people."""

    def __init__(self, door: Door, results: Results) -> None:
        self._door = door
        self._results = results

    async def waiting(self, actor: Actor) -> tuple[str, ...]:
        """Return the ids of the Tasks that the reader's campus must answer."""
        rows = self._door.store.fetch("critical_waiting", (actor.campus,))
        return tuple(task for (task,) in rows)

    async def open(self, actor: Actor, patient_id: str = "") -> tuple[Alarm, ...]:
        """Return what is open, the earliest deadline first; of one person's link set if named."""
        if patient_id:
            people, _ = self._door.store.link_set([patient_id])
            rows = open_of(self._door.store, people)
        else:
            found = self._door.store.fetch("critical_open_all", (MOST,))
            rows = [OpenCritical(*row) for row in found]
        ids = (row.task for row in rows if self._is_seen(actor, row.task))
        return tuple([await self._alarm(actor, one) for one in ids])

    async def one(self, actor: Actor, task_id: str) -> Alarm:
        """Return one Task, closed ones too; NotFoundError."""
        alarm = await self._alarm(actor, task_id)
        if not is_critical_ack(dict(alarm.task)):
            raise NotFoundError("There is no such critical value.")
        return Alarm(alarm.task, alarm.results, alarm.human, await self._report(actor, alarm))

    async def acknowledge(self, actor: Actor, task_id: str, said: ReadBack) -> None:
        """Close the Task by a read-back; RefusedError."""
        task = (await read(self._door, actor, "Task", task_id)).resource()
        is_same = bool(said.key) and last_output(task, "key") == said.key
        if not is_same and not is_owner(task, actor):
            raise RefusedError("elsewhere")
        if not is_same and text(task, "status") == "completed":
            raise RefusedError("first")
        if not is_same and said.seen != seen(task):
            raise RefusedError("newer")
        try:
            await acknowledge(
                self._door, actor, task_id, said.value, actor.person, said.comment, said.key
            )
        except UnprocessableError as error:
            raise RefusedError("wrong") from error
        except ConflictError as error:
            raise RefusedError("first") from error

    async def called(self, actor: Actor, task_id: str, whom: str, key: str) -> None:
        """Record that somebody was told by telephone; the same person told again is one call."""
        require(actor, "Task", "u")
        task = (await read(self._door, actor, "Task", task_id)).resource()
        if is_owner(task, actor):
            raise RefusedError("newer")
        calls = [one for one in attempts(task) if one.kind == "call"]
        if any((one.person, one.text) == (actor.person, whom) for one in calls[-1:]):
            return
        try:
            await acknowledge(self._door, actor, task_id, "", actor.person, whom, key)
        except ForbiddenError:
            # What the campus hears that is not to answer; the call is kept all the same.
            return

    def _is_seen(self, actor: Actor, task_id: str) -> bool:
        stored = self._door.store.current("Task", task_id)
        return (
            stored is not None
            and not stored.deleted
            and self._door.store.may_read(stored, self._door.viewer(actor))
        )

    async def _alarm(self, actor: Actor, task_id: str) -> Alarm:
        task = (await read(self._door, actor, "Task", task_id)).resource()
        results = []
        for reference in standing(task):
            try:
                results.append(await self._version(actor, reference))
            except (NotFoundError, GoneError, ForbiddenError):
                # What this reader may not see stays unseen; the Task itself says what it is about.
                continue
        return Alarm(task, tuple(results), await self._human(actor, task))

    async def _version(self, actor: Actor, reference: str) -> Resource:
        name, _, version = reference.partition("/_history/")
        type_, _, id_ = name.partition("/")
        found = await vread(self._door, actor, type_, id_, version)
        return found.resource()

    async def _human(self, actor: Actor, task: Resource) -> Human | None:
        patient = target(part(task, "for"))
        try:
            return await self._results.linked(actor, patient) if patient else None
        except GatewayError:
            return None

    async def _report(self, actor: Actor, alarm: Alarm) -> str:
        """Return the report that bears the newest value."""
        if not alarm.results:
            return ""
        newest = alarm.results[-1]
        if text(newest, "resourceType") == "DiagnosticReport":
            return text(newest, "id")
        params = [("result", f"Observation/{text(newest, 'id')}"), ("_count", "1")]
        found = await search(self._door, actor, "DiagnosticReport", params)
        return found.matches[0].id if found.matches else ""


def is_owner(task: Resource, actor: Actor) -> bool:
    """Return whether the actor's campus is the one that must answer."""
    return target(part(task, "owner")) == organization_id(actor.code)


def standing(task: Resource) -> list[str]:
    """Return the versioned references of the values that stand, oldest first."""
    found: list[str] = []
    gone: set[str] = set()
    for kind, reference in reversed(values(dict(task))):
        name = reference.partition("/_history/")[0]
        if kind in GONE:
            gone.add(name)
        elif name not in gone:
            found.append(reference)
    return found[::-1]
