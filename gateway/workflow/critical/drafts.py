"""Tasks on their way into the store: what a commit opens, appends to and opens again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from gateway.fhir.codec import encode
from gateway.interactions.door import Door
from gateway.interactions.following import Followed
from gateway.interactions.keys import resource_id
from gateway.interactions.prepare import Change
from gateway.store.records import Statement
from gateway.workflow.critical import task as tasks
from gateway.workflow.critical.model import Setting
from gateway.workflow.critical.registry import Tables
from gateway.workflow.critical.task import CODE, Attempt, Item, Parties
from gateway.workflow.critical.whose import Whose
from mappers.base import Resource

MINUTE: Final = 60_000_000
EPISODE: Final = 24 * 60 * MINUTE
"""How long after it was answered a Task is opened again by a further value; then a new one is."""


@dataclass(frozen=True, slots=True)
class Row:
    """A Task's row beside its resource; times are microseconds."""

    task: str
    patient: str
    group: str
    campus: int
    performer: int
    opened: int
    deadline: int
    step: int
    due: int | None
    acknowledged: int | None
    category: str
    ward: str
    closed: int | None = None

    def put(self) -> Statement:
        """Return the statement that keeps it."""
        return "critical_put", (
            *(self.task, self.patient, self.group, self.campus, self.performer, self.opened),
            *(self.deadline, self.step, self.due, self.acknowledged, self.category, self.ward),
            self.closed,
        )


@dataclass(frozen=True, slots=True)
class Value:
    """One critical value, or what became of one."""

    result: str
    version: int
    patient: str
    performer: int
    validated: int
    item: Item
    late: bool = False


@dataclass(slots=True)
class Draft:
    """One Task: its body and row as they will be; `expect` is the version that stands there."""

    body: Resource
    row: Row
    expect: int
    statements: list[Statement] = field(default_factory=list)
    stood: tuple[Resource, Row] | None = None
    """Body and row as they stand in the store."""

    @property
    def is_changed(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.statements) or (self.body, self.row) != self.stood


class Drafts:
    """The Tasks that one commit touches, each once."""

    def __init__(self, door: Door, tables: Tables) -> None:
        self._door = door
        self._tables = tables
        self._now = door.clock()
        self._drafts: dict[str, Draft] = {}
        self.versions: list[tuple[str, str, int]] = []
        self.statements: list[Statement] = []

    def bear(self, value: Value, patients: Sequence[str], whose: Whose) -> None:
        """Put a value into the one open Task of its patient and group; open it if need be."""
        group = value.item.judgement.group
        draft = self._recent(patients, group)
        if draft is None:
            self._open(value, patients, whose)
        else:
            self._append(draft, value, whose)

    def append(self, task: str, value: Value, whose: Whose) -> None:
        """Put a value into a Task, open or not: corrections go where the value went."""
        if (draft := self.draft(task)) is not None:
            self._append(draft, value, whose)

    def draft(self, task: str) -> Draft | None:
        """Return a Task to be changed, None if there is none."""
        if task not in self._drafts:
            rows = self._door.store.fetch("critical_row", (task,))
            stored = self._door.store.current("Task", task)
            if not rows or stored is None or stored.deleted:
                return None
            body, row = stored.resource(), Row(*rows[0])
            self._drafts[task] = Draft(body, row, stored.version, stood=(body, row))
        return self._drafts[task]

    def concern(self, draft: Draft, whose: Whose, results: Iterable[tuple[str, int]]) -> None:
        """Let a Task follow its patient: to whom it belongs now, and who else is to see it."""
        before = draft.body.get("owner"), draft.body.get("restriction", {}).get("recipient")
        draft.body = tasks.addressed(draft.body, self._parties(whose))
        draft.row = replace(draft.row, campus=whose.treating, ward=whose.ward or draft.row.ward)
        if (draft.body["owner"], draft.body["restriction"]["recipient"]) != before:
            draft.statements.append(("critical_moved", (whose.treating, draft.row.task)))
        draft.statements += self._shown(draft.row.task, results, whose.concerned)

    def followed(self) -> Followed:
        """Return what is to be written."""
        changes, statements = [], list(self.statements)
        for id_, draft in self._drafts.items():
            if not draft.is_changed:
                continue
            # Also where only the row changes: whoever answers meanwhile is not to be overwritten.
            self.versions.append(("Task", id_, draft.expect))
            owner = draft.row.campus, self._door.directory.code(draft.row.campus)
            changes.append(Change("Task", id_, encode(draft.body), draft.expect, owner))
            statements += [draft.row.put(), *draft.statements]
        notices = [("critical", "")] if changes else []
        return Followed(changes, list(dict.fromkeys(self.versions)), statements, notices)

    def setting(self, whose: Whose, category: str) -> Setting:
        """Return how a value escalates for who must answer."""
        return self._tables.setting(whose.treating, category, whose.ward)

    def _recent(self, patients: Sequence[str], group: str) -> Draft | None:
        """Return the Task of a group that is open here or stored, or was answered not long ago."""
        for draft in self._drafts.values():
            if draft.row.group == group and draft.row.patient in patients:
                return draft
        rows = [
            Row(*row)
            for patient in patients
            for row in self._door.store.fetch(
                "critical_recent", (patient, group, self._now - EPISODE)
            )
        ]
        rows.sort(key=lambda one: (one.closed is not None, -one.opened, one.task))
        return next(filter(None, (self.draft(row.task) for row in rows)), None)

    def _open(self, value: Value, patients: Sequence[str], whose: Whose) -> None:
        judgement = value.item.judgement
        id_ = self._free_id(min(patients, default=value.result), judgement.group)
        body = tasks.opened(id_, value.item, value.patient, self._parties(whose), self._now)
        row = Row(
            task=id_,
            patient=value.patient,
            group=judgement.group,
            campus=whose.treating,
            performer=value.performer,
            opened=self._now,
            deadline=0,
            step=0,
            due=None,
            acknowledged=None,
            category=judgement.category,
            ward=whose.ward,
        )
        if whose.visit is not None and not whose.is_sensitive:
            body["encounter"] = {"reference": whose.visit.reference}
        draft = self._drafts[id_] = Draft(body, row, 0)
        self._start(draft, whose)
        self._keep(draft, value, whose)

    def _append(self, draft: Draft, value: Value, whose: Whose) -> None:
        draft.body = tasks.addressed(draft.body, self._parties(whose))
        draft.row = replace(draft.row, campus=whose.treating, ward=whose.ward or draft.row.ward)
        if draft.row.acknowledged is not None or draft.row.closed is not None:
            self._start(draft, whose)
        draft.body = tasks.appended(draft.body, value.item, self._now)
        self._keep(draft, value, whose)
        if draft.row.step:
            # Whoever was told is told of this value too; the next step comes when it was to come.
            attempt = Attempt("notify", draft.row.step, text=value.item.text or "-")
            draft.body = tasks.attempted(draft.body, attempt, self._now)
            draft.statements.append(("critical_told", (self._now, draft.row.task)))

    def _start(self, draft: Draft, whose: Whose) -> None:
        """Begin to wait for an answer: a new deadline, and the first step at once."""
        setting = self.setting(whose, draft.row.category)
        deadline = self._now + round(setting.acknowledge * MINUTE)
        draft.row = replace(
            draft.row,
            opened=self._now,
            deadline=deadline,
            step=0,
            due=self._now,
            acknowledged=None,
            closed=None,
        )
        draft.body = tasks.unacknowledged(draft.body, self._now, deadline)

    def _keep(self, draft: Draft, value: Value, whose: Whose) -> None:
        if value.late:
            draft.body = tasks.late(draft.body)
        draft.statements.append(
            (
                "critical_value_put",
                (
                    *(value.result, value.version, draft.row.task, value.patient),
                    *(value.performer, whose.treating, value.validated, self._now),
                    int(value.late),
                ),
            )
        )
        result = value.result, value.version
        draft.statements += self._shown(draft.row.task, [result], whose.concerned)

    def _shown(
        self, task: str, results: Iterable[tuple[str, int]], campuses: Iterable[int]
    ) -> list[Statement]:
        return [
            ("critical_shown_put", (result, version, campus, task))
            for result, version in results
            for campus in campuses
        ]

    def _free_id(self, anchor: str, group: str) -> str:
        """Return the id of the next Task: two who open it at once mean the same one."""
        number = 0
        while True:
            id_ = resource_id("consortium", "Task", CODE, f"{anchor}|{group}|{number}")
            if id_ not in self._drafts and self._door.store.current("Task", id_) is None:
                return id_
            number += 1

    def _parties(self, whose: Whose) -> Parties:
        return Parties(
            performing=self._door.directory.code(whose.performing),
            owner=self._door.directory.code(whose.treating),
            concerned=tuple(map(self._door.directory.code, whose.concerned)),
        )
