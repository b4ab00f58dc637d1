"""Which campuses a critical value concerns, and which of them must answer (§2.10.13).

The campus of the patient's current encounter, wherever in the link set; else the one that ordered;
else the one that performed. All of them are told.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.access.sensitive import is_sensitive
from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.searchparams import search_params
from gateway.interactions.door import Door
from gateway.interactions.following import Event
from gateway.interactions.links import Links, may_link
from gateway.store.stored import Stored
from gateway.workflow.critical.value import patient_of, reference_of
from mappers.base import Resource

CURRENT: Final = frozenset({"arrived", "triaged", "in-progress", "onleave"})
STAYS: Final = frozenset({"IMP", "ACUTE", "NONAC", "OBSENC", "SS"})
HOURS_24: Final = 24 * 3_600_000_000
"""After that a visit that nobody ended is over; a stay is not."""
NEWEST: Final = 50
REPORTS: Final = 20


@dataclass(frozen=True, slots=True)
class Visit:
    """A current encounter."""

    reference: str
    campus: int
    ward: str
    start: str


@dataclass(frozen=True, slots=True)
class Whose:
    """Campus ids; `ordering` are those whose orders it answers."""

    performing: int
    ordering: tuple[int, ...]
    visit: Visit | None
    is_sensitive: bool = False

    @property
    def treating(self) -> int:
        """Who must answer."""
        if self.visit is not None and not self.is_sensitive:
            return self.visit.campus
        return self.ordering[0] if self.ordering else self.performing

    @property
    def ward(self) -> str:
        """The class of the encounter, "" for none."""
        return self.visit.ward if self.visit else ""

    @property
    def concerned(self) -> list[int]:
        """All of them, who must answer first."""
        return list(dict.fromkeys((self.treating, *self.ordering, self.performing)))


class Concern:
    """Looks up whom values concern, over what is stored and what is being written."""

    def __init__(self, door: Door, events: Sequence[Event]) -> None:
        self._door = door
        self._events = {event.name: event for event in events}
        changing = any(map(may_link, events))
        self.links = Links(door, events) if changing else None
        """Who is one human after these changes, None where they leave that as it is."""
        self._sets: dict[str, tuple[list[str], list[tuple[str, str, int]]]] = {}

    def patient(self, id_: str) -> Resource | None:
        """Return a Patient as it will stand."""
        return self._resource(f"Patient/{id_}") if id_ else None

    def link_set(self, patient: str) -> tuple[list[str], list[tuple[str, str, int]]]:
        """Return the Patients that are one human, and the versions of what says so."""
        if not patient:
            return [], []
        if patient not in self._sets:
            self._sets[patient] = self._looked_up(patient)
        return self._sets[patient]

    def union(self, patients: set[str]) -> set[str]:
        """Return the link sets of many, all in one: nearly always they stand as they are."""
        if self.links is None:
            return self._door.store.link_set(patients)[0]
        return {id_ for patient in patients for id_ in self.link_set(patient)[0]}

    def _looked_up(self, patient: str) -> tuple[list[str], list[tuple[str, str, int]]]:
        patients, persons = self._door.store.link_set([patient])
        if self.links is not None:
            patients = self.links.after(patient)
        known = ((id_, self._door.store.current("Person", id_)) for id_ in sorted(persons))
        return sorted(patients), [("Person", id_, one.version) for id_, one in known if one]

    def of(self, event: Event, resource: Resource, patients: Iterable[str]) -> Whose:
        """Return whom a result concerns."""
        return Whose(
            performing=event.campus,
            ordering=tuple(dict.fromkeys(self._ordering(event.name, resource))),
            visit=self.visit(patients),
            is_sensitive=is_sensitive(resource),
        )

    def visit(self, patients: Iterable[str]) -> Visit | None:
        """Return the current encounter of a link set: the newest stay, else the newest visit."""
        found = [one for patient in patients for one in self._visits(patient)]
        return max(found, key=lambda one: (one.ward in STAYS, one.start), default=None)

    def _visits(self, patient: str) -> Iterator[Visit]:
        here = {
            event.id: event
            for event in self._events.values()
            if event.type == "Encounter" and event.after and patient_of(event.after) == patient
        }
        for event in here.values():
            yield from self._current(event.name, event.campus, event.after or {})
        types = TYPE_IDS["Encounter"], TYPE_IDS["Patient"]
        for row in self._door.store.fetch("critical_encounters", (*types, patient, NEWEST)):
            stored = Stored(*row)
            if f"Encounter/{stored.id}" not in self._events and not stored.deleted:
                yield from self._current(
                    f"Encounter/{stored.id}", stored.campus, stored.resource(), stored.row
                )

    def _current(
        self, reference: str, campus: int, encounter: Resource, written: int | None = None
    ) -> Iterator[Visit]:
        period = encounter.get("period", {})
        if encounter.get("status") not in CURRENT or period.get("end"):
            return
        ward = str(encounter.get("class", {}).get("code", ""))
        now = self._door.clock()
        if ward not in STAYS and written is not None and now - written > HOURS_24:
            return
        yield Visit(reference, campus, ward, str(period.get("start", "")))

    def _ordering(self, name: str, resource: Resource) -> Iterator[int]:
        for one in (resource, *self._reports(name)):
            for based in one.get("basedOn", ()):
                reference = reference_of(based, self._door.base)
                if reference.startswith("ServiceRequest/"):
                    yield from self._campus(reference)

    def _reports(self, name: str) -> Iterator[Resource]:
        """Yield the reports that bear a result: the order stands there."""
        if not name.startswith("Observation/"):
            return
        for event in self._events.values():
            if event.type == "DiagnosticReport" and name in self._results(event.after or {}):
                yield event.after or {}
        param = search_params("DiagnosticReport")["result"].stores[0]
        values = (param, TYPE_IDS["Observation"], name.partition("/")[2], REPORTS)
        for (id_,) in self._door.store.fetch("naming", values):
            stored = self._door.store.current("DiagnosticReport", id_)
            if f"DiagnosticReport/{id_}" not in self._events and stored and not stored.deleted:
                yield stored.resource()

    def _results(self, report: Resource) -> set[str]:
        return {reference_of(one, self._door.base) for one in report.get("result", ())}

    def _campus(self, reference: str) -> Iterator[int]:
        if event := self._events.get(reference):
            yield event.campus
        elif (stored := self._stored(reference)) is not None:
            yield stored.campus

    def _resource(self, reference: str) -> Resource | None:
        if event := self._events.get(reference):
            return event.after
        stored = self._stored(reference)
        return None if stored is None else stored.resource()

    def _stored(self, reference: str) -> Stored | None:
        type_, _, id_ = reference.partition("/")
        stored = self._door.store.current(type_, id_) if type_ in TYPE_IDS and id_ else None
        return None if stored is None or stored.deleted else stored
