"""Judges a result again when a campus recognises it: by that campus's own critical table (§6).

What is not critical where it was measured may be so where the patient is treated, and a value that
was answered elsewhere was not answered here: recognising it opens the loop.
"""

from collections.abc import Iterator

from gateway.interactions.door import Door
from gateway.interactions.following import Event, Followed
from gateway.recognition.ledger.model import Stand
from gateway.recognition.recall.parts import parts
from gateway.store.stored import Stored
from gateway.workflow.critical.ages import about
from gateway.workflow.critical.drafts import Drafts, Value
from gateway.workflow.critical.judge import judged
from gateway.workflow.critical.registry import tables_of
from gateway.workflow.critical.task import Item
from gateway.workflow.critical.value import day_of, part_of, patient_of, released, text_of
from gateway.workflow.critical.whose import Concern, Whose

CARRIED = "carried"


def again(door: Door, one: Stand) -> Followed:
    """Return the Tasks for what is critical at the campus that recognises a result."""
    tables, concern = tables_of(door), Concern(door, ())
    drafts = Drafts(door, tables)
    for stored in _measurements(door, one.result or ""):
        name = f"{stored.type}/{stored.id}"
        shown = door.store.fetch("critical_shown_at", (name,))
        if one.campus in {campus for _, campus, _ in shown}:
            continue
        for value, patients in _values(door, one, stored, concern):
            whose = _whose(stored, one.campus, concern, patients)
            drafts.bear(value, patients, whose)
    return drafts.followed()


def _measurements(door: Door, name: str) -> Iterator[Stored]:
    """Yield a result and what it consists of."""
    waiting, seen = [name], set[str]()
    while waiting:
        type_, _, id_ = waiting.pop(0).partition("/")
        stored = door.store.current(type_, id_) if id_ else None
        if stored is None or stored.deleted or f"{type_}/{id_}" in seen:
            continue
        seen.add(f"{type_}/{id_}")
        if type_ in {"DiagnosticReport", "Observation"}:
            yield stored
            waiting += parts(stored.resource())


def _values(
    door: Door, one: Stand, stored: Stored, concern: Concern
) -> Iterator[tuple[Value, list[str]]]:
    """Yield the critical values of a result by the receiving campus's table."""
    resource, now = stored.resource(), door.clock()
    patient = patient_of(resource, door.base)
    who = about(concern.patient(patient), day_of(resource, door.zone, now))
    patients, _ = concern.link_set(patient)
    moment = released(resource, door.zone)
    for found in judged(tables_of(door).of(one.campus), resource, who):
        if found.level == "critical":
            reference = f"{stored.type}/{stored.id}/_history/{stored.version}"
            text = text_of(part_of(resource, found.part))
            value = Value(
                result=f"{stored.type}/{stored.id}",
                version=stored.version,
                patient=patient,
                performer=stored.campus,
                validated=now if moment is None else min(moment, now),
                item=Item(CARRIED, reference, text, found),
            )
            yield value, patients


def _whose(stored: Stored, campus: int, concern: Concern, patients: list[str]) -> Whose:
    """Return whom it concerns: who recognises a result treats by it, as who ordered it does."""
    event = Event(stored.type, stored.id, stored.campus, "", stored.version, stored, None)
    known = concern.of(event, stored.resource(), patients)
    ordering = tuple(dict.fromkeys((campus, *known.ordering)))
    return Whose(known.performing, ordering, known.visit, known.is_sensitive)
