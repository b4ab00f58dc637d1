"""Suspends links whose Patients contradict each other, in the transaction that brings it to light.

Only a contradiction that comes after the link counts: who links two Patients by hand has seen what
there was. Until it is settled nothing is recognised over the link, and what was is recalled.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations
from typing import Any, Final

from gateway.fhir.codec import decode
from gateway.fhir.definitions import TYPE_IDS
from gateway.identity.persons import APART, JOINED, basis, linked
from gateway.interactions.door import Door
from gateway.interactions.following import Event, Followed
from gateway.interactions.links import Links
from gateway.recognition.ledger.model import Stand
from gateway.recognition.recall.change import whose
from gateway.recognition.recall.evidence import (
    BLOOD_GROUPS,
    LOCAL_GROUPS,
    asks_blood_group,
    blood_groups,
    is_told,
    sex_of,
)
from gateway.recognition.recall.review import (
    Contradiction,
    is_known,
    is_review,
    settled,
    suspension,
)
from gateway.recognition.recall.suspension import suspended
from gateway.recognition.recall.task import Cause
from gateway.recognition.recall.telling import Telling
from gateway.store.standing import in_parts, standing
from gateway.store.stored import Stored
from mappers.names import LOINC, item_system

SEXES: Final = frozenset({"male", "female"})
DAY: Final = 10
"""Characters of a whole birth date."""
_CODES: Final = (*BLOOD_GROUPS, *LOCAL_GROUPS)
_OBSERVATION: Final = TYPE_IDS["Observation"]
_PATIENT: Final = TYPE_IDS["Patient"]


def follower(door: Door, events: Sequence[Event]) -> Followed:
    """Return what suspends links that are contradicted, and what ends that."""
    search = _Search(door, events)
    for one in events:
        if look := _LOOKS.get(one.type):
            look(search, one)
    return search.followed()


class _Search:
    """One look for contradictions."""

    def __init__(self, door: Door, events: Sequence[Event]) -> None:
        self._door = door
        self._events = events
        self._here = {one.name: one for one in events}
        self._results = dict.fromkeys(one.name for one in events if one.type == "Observation")
        self._grouped: dict[str, list[str]] = {}
        self._links: Links | None = None
        self._found: dict[frozenset[str], Contradiction] = {}
        self._followed = Followed()

    def followed(self) -> Followed:
        """Return what must be written."""
        telling = Telling(self._door)
        for one in self._found.values():
            changes, statements = suspension(self._door, one)
            self._followed.changes += changes
            self._followed.statements += statements
            self._tell(telling, one)
        told = telling.followed()
        self._followed.changes += told.changes
        self._followed.statements += told.statements
        self._followed.unchanged += told.unchanged
        return self._followed

    def result(self, event: Event) -> None:
        """Look at a blood group, or at what only one sex has."""
        after = event.after
        if after is None or not is_told(after):
            return
        sex = sex_of(after)
        asks = event.type == "Observation" and asks_blood_group(after)
        if not (sex or asks):
            return
        patient = whose(after)
        for other in sorted(self._after(patient) - {patient}):
            if sex:
                self._sex(event, sex, patient, other)
            if asks:
                self._groups(patient, other)

    def patient(self, event: Event) -> None:
        """Look at a sex or birth date that was changed."""
        if event.after is None or event.is_new or event.before is None:
            return
        before = decode(event.before.json())
        changed = [
            name for name in ("gender", "birthDate") if before.get(name) != event.after.get(name)
        ]
        if not changed:
            return
        for other in sorted(self._after(event.id) - {event.id}):
            known = self._patient(other)
            if "gender" in changed and _differ(event.after, known, "gender", SEXES.__contains__):
                self._add("sex", (event.id, other), self._named(event.id, other))
            if "birthDate" in changed and _differ(event.after, known, "birthDate", _is_whole):
                self._add("birth-date", (event.id, other), self._named(event.id, other))

    def person(self, event: Event) -> None:
        """Look at whom a rule joins anew; a decision by hand settles what was suspended."""
        if event.after is None:
            return
        if basis(event.after) == "rule":
            self._joined(event, event.after)
            return
        for status, assurance in (("completed", JOINED), ("cancelled", APART)):
            for pair in combinations(linked(event.after, assurance), 2):
                for change, statement in settled(self._door, pair, status):
                    self._followed.changes.append(change)
                    self._followed.statements.append(statement)

    def task(self, event: Event) -> None:
        """End one campus's part of a suspension where it completed its review."""
        after = event.after
        if after is not None and after.get("status") == "completed" and is_review(after):
            self._followed.statements.append(("suspension_end", (self._door.clock(), event.id)))

    def _joined(self, event: Event, after: dict[str, Any]) -> None:
        known = set()
        if event.before is not None and not event.before.deleted:
            known = set(linked(decode(event.before.json())))
        for pair in combinations(linked(after), 2):
            if not known.issuperset(pair):
                self._groups(*pair)

    def _sex(self, event: Event, sex: str, patient: str, other: str) -> None:
        genders = {self._patient(one).get("gender") for one in (patient, other)} & SEXES
        if genders - {sex}:
            evidence = (f"{event.name}/_history/{event.version}",)
            self._add("sex-specific", (patient, other), evidence)

    def _groups(self, patient: str, other: str) -> None:
        """Compare the blood groups of two Patients."""
        mine, theirs = (dict(self._told(one)) for one in (patient, other))
        for name, said in mine.items():
            for another, says in theirs.items():
                if any(said[kind] != says[kind] for kind in said.keys() & says.keys()):
                    self._add("blood-group", (patient, other), (name, another))

    def _told(self, patient: str) -> Iterator[tuple[str, dict[str, str]]]:
        """Return the blood groups of a Patient as they will be, by versioned reference."""
        names = dict.fromkeys(f"Observation/{id_}" for id_ in self._stored(patient))
        names |= self._results
        for name in names:
            version, resource = self._resource(name)
            if resource is None or whose(resource) != patient or not is_told(resource):
                continue
            if said := blood_groups(resource):
                yield f"{name}/_history/{version}", said

    def _stored(self, patient: str) -> list[str]:
        """Return the ids of what is stored under a code of a blood group."""
        if patient not in self._grouped:
            self._look_up({patient, *self._joined_here()})
        return self._grouped[patient]

    def _joined_here(self) -> Iterator[str]:
        """Yield whom the Persons here join: one look serves them all."""
        for one in self._events:
            if one.type == "Person" and one.after is not None and basis(one.after) == "rule":
                yield from linked(one.after)

    def _look_up(self, patients: Iterable[str]) -> None:
        by_campus: dict[str, list[str]] = {}
        there = standing(self._door.store, (("Patient", one) for one in patients))
        for one in sorted(set(patients) - self._grouped.keys()):
            self._grouped[one] = []
            by_campus.setdefault(self._campus(one, there.get(("Patient", one))), []).append(one)
        for campus, its in by_campus.items():
            # A code of one in the other's system finds what says nothing of blood.
            systems = LOINC, item_system(campus) if campus else LOINC
            for size, part in in_parts(its):
                name = f"results_under_{size}"
                values = (_PATIENT, *part, _OBSERVATION, *systems, *_CODES, _OBSERVATION)
                rows = self._door.store.fetch(name, values)
                # A result of the other that is being written just now must not be missed.
                self._followed.unchanged.append((name, values, rows[0][0] if rows else None))
                for _, patient, result in rows:
                    self._grouped[patient].append(result)

    def _resource(self, name: str) -> tuple[int, dict[str, Any] | None]:
        if name in self._here:
            return self._here[name].version, self._here[name].after
        stored = self._door.store.current(*name.split("/"))
        if stored is None or stored.deleted:
            return 0, None
        return stored.version, decode(stored.json())

    def _patient(self, id_: str) -> dict[str, Any]:
        name = f"Patient/{id_}"
        version, resource = self._resource(name)
        if name not in self._here and version:
            self._followed.versions.append(("Patient", id_, version))
        return resource or {}

    def _named(self, *ids: str) -> tuple[str, ...]:
        return tuple(f"Patient/{id_}/_history/{self._resource(f'Patient/{id_}')[0]}" for id_ in ids)

    def _campus(self, patient: str, stored: Stored | None) -> str:
        name = f"Patient/{patient}"
        if name in self._here:
            return self._here[name].code
        return self._door.directory.code(stored.campus) if stored else ""

    def _after(self, patient: str) -> set[str]:
        if self._links is None:
            self._links = Links(self._door, self._events)
        return self._links.after(patient)

    def _add(self, kind: str, pair: tuple[str, str], evidence: tuple[str, ...]) -> None:
        """Keep one contradiction a pair, none of what is suspended or was reviewed already."""
        one = Contradiction(kind, pair, evidence)
        if not suspended(self._door.store, pair) and not is_known(self._door, one):
            self._found.setdefault(frozenset(pair), one)

    def _tell(self, telling: Telling, one: Contradiction) -> None:
        """Recall what was recognised over the link."""

        def pick(stand: Stand) -> Cause | None:
            _, resource = self._resource(stand.result or "")
            other = whose(resource) if resource else ""
            if other == stand.patient or not {other, stand.patient} & set(one.pair):
                return None
            return Cause("suspended", stand.result or "", 0, one.key)

        telling.of(sorted(self._after(one.pair[0]) | self._after(one.pair[1])), pick)


_LOOKS: Final[dict[str, Callable[[_Search, Event], None]]] = {
    "Observation": _Search.result,
    "DiagnosticReport": _Search.result,
    "Patient": _Search.patient,
    "Person": _Search.person,
    "Task": _Search.task,
}


def _differ(
    one: dict[str, Any], other: dict[str, Any], name: str, is_known: Callable[[str], bool]
) -> bool:
    """Return whether both say something, and not the same."""
    said = [str(each.get(name, "")) for each in (one, other)]
    return all(map(is_known, said)) and said[0] != said[1]


def _is_whole(date: str) -> bool:
    return len(date) == DAY
