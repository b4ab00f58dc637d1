"""Which Persons must change because Patients changed.

DESIGN §3, "A source Patient belongs to its campus": consortium identity changes Person only, and a
change of ID number, name, birth date or sex re-evaluates that Patient's links at once.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from gateway.access.directory import Directory
from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.searchparams import search_params
from gateway.identity.groups import Group, groups
from gateway.identity.matching import Number, Traits, certain, traits
from gateway.identity.persons import (
    APART,
    Member,
    PersonChange,
    basis,
    linked,
    of_rule,
    person_id,
)
from gateway.store.standing import in_parts, standing
from gateway.store.statements.resources import SIZES
from gateway.store.stored import Stored
from mappers.names import CITIZEN_ID, identifier_system

PATIENT: Final = TYPE_IDS["Patient"]
LIMIT: Final = 200
"""Patients under one number that are looked at; a number that more carry proves nothing."""


class Reads(Protocol):
    """The part of a store that identity asks."""

    def fetch(self, name: str, values: Sequence[object] = ()) -> list[Any]:
        """Return the rows of a named read statement."""

    def current(self, type_: str, id_: str) -> Stored | None:
        """Return the newest version, a tombstone included."""

    def by_key(self, campus: int, type_: str, system: str, value: str) -> str | None:
        """Return the id of the resource that has a business key."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A Patient as it is about to be stored by a campus; `resource` is None if it is deleted."""

    id: str
    campus: str
    resource: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Linking:
    """What follows from changed Patients.

    `versions` are the Patients that this was decided on, as preconditions of the batch.
    """

    persons: list[PersonChange] = field(default_factory=list)
    versions: list[tuple[str, str, int]] = field(default_factory=list)
    groups: list[frozenset[str]] = field(default_factory=list)
    """The Patients that a rule joins from now on, by their ids."""


NOTHING: Final = Linking()


def changes_for(store: Reads, directory: Directory, patients: Iterable[Changed]) -> Linking:
    """Return the Persons to be written with these Patients, and what that was decided on."""
    changed = {one.id: one for one in patients}
    if not changed:
        return NOTHING
    return _Circle(store, directory, changed).linking()


class _Circle:
    """All Patients that may be joined to the changed ones, and the Persons that join them now."""

    def __init__(self, store: Reads, directory: Directory, changed: Mapping[str, Changed]) -> None:
        self._store = store
        self._directory = directory
        self._changed = changed
        self._numbered = _numbered(changed.values())
        self._traits: dict[str, Traits] = {}
        self._resources: dict[str, Mapping[str, Any]] = {}
        self._seen: set[str] = set()
        self._read_already: set[str] = set()
        self._versions: dict[str, int] = {}
        self._persons: dict[str, tuple[int, Mapping[str, Any]]] = {}
        self._apart: set[frozenset[str]] = set()
        params = search_params("Patient"), search_params("Person")
        self._identifier = params[0]["identifier"].stores[0]
        self._link = params[1]["link"].stores[0]

    def linking(self) -> Linking:
        """Walk from the changed Patients to all that are joined to them, or were."""
        todo = list(self._changed)
        while fresh := [one for one in dict.fromkeys(todo) if one not in self._seen]:
            self._seen.update(fresh)
            self._read(fresh)
            todo = self._companions(fresh)
            todo += self._joined([self._traits[id_] for id_ in fresh if id_ in self._traits])
        joined = groups(list(self._traits.values()), self._apart)
        return Linking(
            self._writes(joined),
            [
                ("Patient", id_, self._versions[id_])
                for one in joined
                for id_ in one.ids
                if id_ in self._versions
            ],
            [frozenset(one.ids) for one in joined],
        )

    def _read(self, ids: Iterable[str]) -> None:
        fresh = [id_ for id_ in ids if id_ not in self._read_already]
        self._read_already.update(fresh)
        names = [("Patient", id_) for id_ in fresh if id_ not in self._changed]
        for (_, id_), stored in standing(self._store, names).items():
            if not stored.deleted:
                self._versions[id_] = stored.version
                self._take(id_, self._directory.code(stored.campus), stored.resource())
        for id_ in fresh:
            if (changed := self._changed.get(id_)) and changed.resource is not None:
                self._take(id_, changed.campus, changed.resource)

    def _take(self, id_: str, campus: str, resource: Mapping[str, Any]) -> None:
        if found := traits(id_, campus, resource):
            self._traits[id_] = found
            self._resources[id_] = resource

    def _companions(self, ids: Sequence[str]) -> list[str]:
        """Return the Patients that a rule's Person joins to some; keep what hands decided."""
        found: list[str] = []
        names = [("Person", person) for person in self._naming(ids)]
        for (_, person), stored in standing(self._store, names).items():
            if person in self._persons or stored.deleted:
                continue
            resource = stored.resource()
            if basis(resource) == "rule":
                self._persons[person] = stored.version, resource
                found += linked(resource)
            elif len(ids := linked(resource, APART)) > 1:
                self._apart.add(frozenset(ids))
        return found

    def _joined(self, fresh: Sequence[Traits]) -> list[str]:
        """Return who is certainly one with one of these."""
        candidates = self._candidates([one for one in fresh if one.complete])
        self._read(other for its in candidates.values() for other in its)
        traits_of = {one.id: one for one in fresh}
        return [
            other
            for id_, its in candidates.items()
            for other in its
            if other in self._traits and certain(traits_of[id_], self._traits[other])
        ]

    def _candidates(self, patients: Sequence[Traits]) -> dict[str, set[str]]:
        """Return by Patient who has the same citizen ID, or a number that one of them gave."""
        numbers: dict[str, list[Number]] = {}
        for one in patients:
            # The index knows a citizen ID under this one of its systems, its X as it was written.
            its = {(CITIZEN_ID, one.citizen), (CITIZEN_ID, one.citizen.lower())}
            own = identifier_system(one.campus, "pid")
            given = [(own, number) for number in one.own]
            numbers[one.id] = [*its, *given] if one.citizen else given
        carrying = self._carrying({one for its in numbers.values() for one in its})
        found = {
            id_: {other for one in its for other in carrying.get(one, ())}
            for id_, its in numbers.items()
        }
        for one in patients:
            for code, number in one.foreign:
                found[one.id] |= self._given(code, number)
        return {id_: its - self._seen for id_, its in found.items()}

    def _given(self, code: str, number: str) -> set[str]:
        """Return who has the number that a campus gave."""
        campus = self._directory.campus(code)
        system = identifier_system(code, "pid")
        id_ = self._store.by_key(campus.id, "Patient", system, number) if campus else None
        return self._numbered.get((code, system, number), set()) | ({id_} if id_ else set())

    def _naming(self, ids: Sequence[str]) -> list[str]:
        """Return the Persons that name some Patients."""

        def ask(name: str, asked: Sequence[str], most: int) -> list[Any]:
            return self._store.fetch(name, (self._link, PATIENT, *asked, most))

        return list(dict.fromkeys(person for _, person in _each(ask, "naming", ids)))

    def _carrying(self, numbers: Iterable[Number]) -> dict[Number, list[str]]:
        """Return the Patients that carry each of some numbers, given by system and value."""
        by_system: dict[str, list[str]] = {}
        for system, value in sorted(numbers):
            by_system.setdefault(system, []).append(value)
        found: dict[Number, list[str]] = {}
        for system, values in by_system.items():

            def ask(name: str, asked: Sequence[str], most: int, system: str = system) -> list[Any]:
                return self._store.fetch(name, (self._identifier, system, *asked, most))

            for value, id_ in _each(ask, "carrying", values):
                found.setdefault((system, value), []).append(id_)
        return found

    def _writes(self, joined: Sequence[Group]) -> list[PersonChange]:
        changes: list[PersonChange] = []
        wanted: set[str] = set()
        names = [("Person", person_id(group.anchor)) for group in joined]
        there = standing(self._store, names)
        for group, name in zip(joined, names, strict=True):
            id_ = name[1]
            wanted.add(id_)
            body = of_rule(Member(one, self._resources[one]) for one in group.ids)
            stored = there.get(name)
            changes.append(PersonChange(id_, body, stored.version if stored else 0))
        changes += [
            PersonChange(id_, None, version)
            for id_, (version, _) in self._persons.items()
            if id_ not in wanted
        ]
        return changes


def _each(
    ask: Callable[[str, Sequence[str], int], list[Any]], name: str, values: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """Yield what is found of each value, with it: of none more than `LIMIT`."""
    for size, part in in_parts(values):
        rows = ask(f"{name}_of_{size}", part, size * LIMIT)
        if len(rows) == size * LIMIT:
            # So many are found of some that others may be left out: each by itself.
            alone = f"{name}_of_{SIZES[0]}"
            rows = [row for one in dict.fromkeys(part) for row in ask(alone, (one,), LIMIT)]
        counts: Counter[str] = Counter()
        for value, found in rows:
            counts[value] += 1
            if counts[value] <= LIMIT:
                yield value, found


def _numbered(changed: Iterable[Changed]) -> Mapping[tuple[str, str, str], set[str]]:
    """Return the ids by campus, system and value of each number that a Patient carries."""
    found: dict[tuple[str, str, str], set[str]] = {}
    for one in changed:
        for each in (one.resource or {}).get("identifier", ()):
            name = one.campus, each.get("system", ""), each.get("value", "")
            found.setdefault(name, set()).add(one.id)
    return found
