"""Opens, appends to and opens again the Tasks of critical values, with the result itself.

A follower of the door (docs/decisions/005): whatever way a result came, its Task is written in
the same transaction. recognition.md §2.10.13 and §6.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.errors import UnprocessableError
from gateway.fhir.codec import decode_exact
from gateway.interactions.door import Door
from gateway.interactions.following import Event, Followed
from gateway.interactions.links import may_link
from gateway.store.records import Statement
from gateway.store.standing import in_parts
from gateway.store.stored import Stored
from gateway.workflow.critical import guard
from gateway.workflow.critical.ages import about
from gateway.workflow.critical.drafts import MINUTE, Draft, Drafts, Value
from gateway.workflow.critical.judge import Judgement, judged
from gateway.workflow.critical.registry import tables_of
from gateway.workflow.critical.task import Item
from gateway.workflow.critical.value import (
    day_of,
    essence,
    is_withdrawn,
    part_of,
    patient_of,
    reference_of,
    released,
    text_of,
)
from gateway.workflow.critical.whose import Concern, Whose
from mappers.base import Resource

CODED_REPORT: Final = "conclusionCode"
LISTED: Final = frozenset({"unit", "no-unit", "text", "no-limit"})


def follower(door: Door, events: Sequence[Event]) -> Followed:
    """Return what the critical values among some changes ask for."""
    following = None
    for event in events:
        handler = HANDLERS.get(event.type)
        if handler is not None:
            following = following or Following(door, events)
            handler(following, event)
    if following is None:
        return Followed()
    following.moved()
    return following.drafts.followed()


@dataclass(frozen=True, slots=True)
class Told:
    """A result as it will stand, with whom it is about and whom it concerns."""

    event: Event
    resource: Resource
    patient: str
    patients: list[str]
    whose: Whose
    validated: int


class Following:
    """One look at the changes of a commit."""

    def __init__(self, door: Door, events: Sequence[Event]) -> None:
        self._door = door
        self._tables = tables_of(door)
        self._screen = self._tables.screen
        self._events = {event.name: event for event in events}
        self._concern = Concern(door, events)
        self._now = door.clock()
        self._linked = False
        self._visiting: set[str] = set()
        self.drafts = Drafts(door, self._tables)

    # Results.

    def observation(self, event: Event) -> None:
        """Follow an Observation: nearly always there is nothing to follow."""
        if event.after is not None and self._screen.is_calm(event.after):
            if event.is_new:
                return
            known = self._known(event)
            if not known:
                return
        else:
            known = [] if event.is_new else self._known(event)
        self._result(event, known)

    def report(self, event: Event) -> None:
        """Follow a DiagnosticReport: coded conclusions, and orders that its results answer."""
        known = [] if event.is_new else self._known(event)
        if known or CODED_REPORT in (event.after or {}):
            self._result(event, known)
        if event.after and event.after.get("basedOn"):
            self._ordered(event.after)

    def _known(self, event: Event) -> list[str]:
        """Return the Tasks that bear a result, "" among them if it could not be judged."""
        rows = self._door.store.fetch("critical_known", (event.name, event.name))
        return [task for (task,) in rows]

    def _result(self, event: Event, known: list[str]) -> None:
        told = self._told(event)
        found = self._judged(told)
        if "" in known:
            self.drafts.statements.append(("critical_unjudged_drop", (event.name,)))
        before = None if event.is_new or event.before is None else event.before.resource()
        tasks = [one for one in known if one]
        critical = {one.group: one for one in found if one.level == "critical"}
        if tasks and before is not None and essence(before) == essence(_standing(told)):
            self._shown(told, tasks)
            return
        if tasks:
            self._corrected(told, before, tasks, critical)
        self._opened(told, critical, is_known=bool(tasks))
        for one in found:
            if one.level == "unjudged" and one.reason in LISTED and one.group:
                self.drafts.statements += self._unjudged(told, one)

    def _told(self, event: Event) -> Told:
        resource = decode_exact(event.body) if event.after is not None else None
        if resource is None:
            resource = event.before.resource() if event.before else {}
        patient = patient_of(resource, self._door.base)
        patients, versions = self._concern.link_set(patient)
        whose = self._concern.of(event, resource, patients)
        moment = released(resource, self._door.zone)
        validated = self._now if moment is None else min(moment, self._now)
        self.drafts.versions += versions
        return Told(event, resource, patient, patients, whose, validated)

    def _judged(self, told: Told) -> list[Judgement]:
        if told.event.after is None or is_withdrawn(told.resource):
            return []
        day = day_of(told.resource, self._door.zone, self._now)
        who = about(self._concern.patient(told.patient), day)
        return judged(self._tables.of(*told.whose.concerned), told.resource, who)

    def _opened(self, told: Told, critical: dict[str, Judgement], *, is_known: bool) -> None:
        """Open or append to the Task of each group, but not for a load of old results.

        What was told once is never old: a result that moves is news to the right patient's campus.
        """
        age = self._now - told.validated
        for one in critical.values():
            setting = self.drafts.setting(told.whose, one.category)
            old = round(setting.old_after * MINUTE)
            if age > old and not is_known and not self._was_live(told, old):
                continue
            value = self._value(told, one, "value", late=age > setting.late_after * MINUTE)
            self.drafts.versions += self._versions(told)
            self.drafts.bear(value, told.patients, told.whose)

    def _is_old(self, told: Told, one: Judgement) -> bool:
        """Return whether a result belongs to a load of old ones."""
        old = self.drafts.setting(told.whose, one.category).old_after
        return self._now - told.validated > round(old * MINUTE)

    def _was_live(self, told: Told, old: int) -> bool:
        """Return whether a result was news when it came: so is what it is corrected to."""
        before = told.event.before
        if before is None or before.deleted:
            return False
        moment = released(before.resource(), self._door.zone)
        return moment is None or before.row - moment <= old

    def _corrected(
        self,
        told: Told,
        before: Resource | None,
        tasks: list[str],
        critical: dict[str, Judgement],
    ) -> None:
        """Tell everybody who was told a value what became of it: nothing closes silently."""
        kind = self._kind(told, before)
        for task in tasks:
            draft = self.drafts.draft(task)
            if draft is None:
                continue
            group = draft.row.group
            now = critical.get(group) if kind == "correction" else None
            name = str(draft.body["reasonCode"].get("text", group))
            judgement = now or Judgement("not", "", group, "", name, draft.row.category)
            value = self._value(told, judgement, kind)
            self.drafts.append(task, value, self._of_task(told, draft.row.patient))
            if kind == "correction":
                critical.pop(group, None)

    def _kind(self, told: Told, before: Resource | None) -> str:
        if told.event.after is None or is_withdrawn(told.resource):
            return "withdrawn"
        was = patient_of(before, self._door.base) if before else told.patient
        return "correction" if was in {told.patient, *told.patients} else "moved"

    def _of_task(self, told: Told, patient: str) -> Whose:
        """Return whom a Task concerns: its patient may be another one than the result's now."""
        if not patient or patient in told.patients:
            return told.whose
        patients, versions = self._concern.link_set(patient)
        self.drafts.versions += versions
        return Whose(
            told.whose.performing,
            told.whose.ordering,
            self._concern.visit(patients),
            told.whose.is_sensitive,
        )

    def _value(self, told: Told, judgement: Judgement, kind: str, *, late: bool = False) -> Value:
        event = told.event
        reference = f"{event.name}/_history/{event.version}"
        text = text_of(part_of(told.resource, judgement.part)) if kind != "moved" else ""
        return Value(
            result=event.name,
            version=event.version,
            patient=told.patient if kind != "moved" else "",
            performer=event.campus,
            validated=told.validated,
            item=Item(kind, reference, text, judgement),
            late=late,
        )

    def _versions(self, told: Told) -> list[tuple[str, str, int]]:
        """Return what says where the patient is: if it changes meanwhile, it is decided anew."""
        visit = told.whose.visit
        if visit is None or visit.reference in self._events:
            return []
        id_ = visit.reference.partition("/")[2]
        stored = self._door.store.current("Encounter", id_)
        return [("Encounter", id_, stored.version)] if stored else []

    def _unjudged(self, told: Told, one: Judgement) -> list[Statement]:
        event = told.event
        if event.is_new and self._is_old(told, one):
            return []
        place = f"{event.code}/{one.group}: {one.reason}"
        text = "Results that a table of critical values knows cannot be judged."
        kept = (event.name, event.version, told.patient, event.campus, one.group, one.reason)
        statements: list[Statement] = [("critical_unjudged_put", (*kept, self._now))]
        # A lack that somebody can mend; what a reader wrote in free text is none.
        if one.reason != "no-limit" and (one.reason != "text" or one.category == "lab"):
            raised = ("critical-unjudged", place, event.campus, text, self._now, self._now)
            statements.append(("alert_raise", raised))
        return statements

    # Who else is to see them.

    def _ordered(self, report: Resource) -> None:
        """Tell the campus whose order turns out to be answered by results of a report."""
        for one in report.get("result", ()):
            name = reference_of(one, self._door.base)
            if name in self._events:
                continue
            rows = self._door.store.fetch("critical_known", (name, name))
            tasks = [task for (task,) in rows if task]
            type_, _, id_ = name.partition("/")
            stored = self._door.store.current(type_, id_) if tasks else None
            if stored is None or stored.deleted:
                continue
            self._shown(self._told(_as_it_stands(stored)), tasks)

    def _shown(self, told: Told, tasks: list[str]) -> None:
        """Let the Tasks of a result follow: once shown at a campus, never dropped at a new one."""
        known = self._door.store.fetch("critical_shown_at", (told.event.name,))
        seen = {campus for _, campus, _ in known}
        if not seen or seen >= set(told.whose.concerned):
            return
        newest = max(version for version, _, _ in known)
        for task in tasks:
            draft = self.drafts.draft(task)
            if draft is None or draft.row.patient not in {told.patient, *told.patients}:
                continue
            if draft.row.closed is None:
                self.drafts.concern(draft, told.whose, [(told.event.name, newest)])
            else:
                self._carry(told)

    def _carry(self, told: Told) -> None:
        for one in self._judged(told):
            if one.level == "critical":
                value = self._value(told, one, "carried")
                self.drafts.bear(value, told.patients, told.whose)

    # Patients who move, and Tasks that somebody else would change.

    def encounter(self, event: Event) -> None:
        """Let the open Tasks of a patient follow to the campus where the patient is now."""
        resource = event.after or (event.before.resource() if event.before else {})
        if patient := patient_of(resource, self._door.base):
            self._visiting.add(patient)

    def human(self, event: Event) -> None:
        """Let Tasks follow whoever turns out to be one human, or several: each has its own."""
        if self._concern.links is None or self._linked or not may_link(event):
            return
        self._linked = True
        changed = self._concern.links.changed()
        for task in self._open(sorted(self._concern.links.before(changed))):
            if (draft := self.drafts.draft(task)) is not None:
                self._part(draft)

    def _part(self, draft: Draft) -> None:
        own, _ = self._concern.link_set(draft.row.patient)
        for told in self._values(draft):
            if not told.patient or told.patient in own:
                self._follow_patient(draft, told)
                continue
            for one in self._judged(told):
                if one.level == "critical" and one.group == draft.row.group:
                    value = self._value(told, one, "carried")
                    self.drafts.bear(value, told.patients, told.whose)

    def moved(self) -> None:
        """Follow the patients of all encounters: where one is now they tell together."""
        if not self._visiting:
            return
        for task in self._open(self._concern.union(self._visiting)):
            if (draft := self.drafts.draft(task)) is not None:
                for told in self._values(draft):
                    self._follow_patient(draft, told)

    def _open(self, patients: Iterable[str]) -> list[str]:
        asked = sorted(set(patients))
        rows = [
            row
            for size, part in in_parts(asked)
            for row in self._door.store.fetch(f"critical_open_tasks_{size}", (*part, *part))
        ]
        return sorted({task for (task,) in rows})

    def _values(self, draft: Draft) -> Iterator[Told]:
        """Yield the results of a Task as they stand."""
        rows = self._door.store.fetch("critical_values_in", (draft.row.task,))
        for name in sorted({result for result, *_ in rows}):
            type_, _, id_ = name.partition("/")
            stored = self._door.store.current(type_, id_)
            if stored is not None and not stored.deleted:
                yield self._told(_as_it_stands(stored))

    def _follow_patient(self, draft: Draft, told: Told) -> None:
        self.drafts.concern(draft, told.whose, [(told.event.name, told.event.version)])

    def task(self, event: Event) -> None:
        """Refuse what would close, empty or remove a Task past its read-back."""
        if not event.trusted and (refusal := guard.refusal(event)):
            raise UnprocessableError(refusal[0], expression=refusal[1])


def _as_it_stands(stored: Stored) -> Event:
    """Return a stored result as if it had just been written: nothing of it changes."""
    told = stored.resource(), stored.json()
    return Event(stored.type, stored.id, stored.campus, "", stored.version, stored, *told)


def _standing(told: Told) -> Resource | None:
    return None if told.event.after is None else told.resource


HANDLERS: Final[dict[str, Callable[[Following, Event], None]]] = {
    "Observation": Following.observation,
    "DiagnosticReport": Following.report,
    "Encounter": Following.encounter,
    "Patient": Following.human,
    "Person": Following.human,
    "Task": Following.task,
}
