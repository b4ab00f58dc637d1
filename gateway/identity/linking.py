"""Which Persons must change because Patients changed.

DESIGN §3, "A source Patient belongs to its campus": consortium identity changes Person only, and a
change of ID number, name, birth date or sex re-evaluates that Patient's links at once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from gateway.access.directory import Directory
from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.searchparams import search_params
from gateway.identity.groups import Group, groups
from gateway.identity.matching import Traits, certain, traits
from gateway.identity.persons import (
    APART,
    Member,
    PersonChange,
    basis,
    linked,
    of_rule,
    person_id,
)
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
        while todo:
            id_ = todo.pop()
            if id_ in self._seen:
                continue
            self._seen.add(id_)
            self._read(id_)
            todo += self._companions(id_)
            if found := self._traits.get(id_):
                todo += [one for one in self._candidates(found) if self._joins(found, one)]
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

    def _read(self, id_: str) -> None:
        if id_ in self._read_already:
            return
        self._read_already.add(id_)
        changed = self._changed.get(id_)
        if changed is not None:
            resource, campus = changed.resource, changed.campus
        else:
            stored = self._store.current("Patient", id_)
            if stored is None or stored.deleted:
                return
            self._versions[id_] = stored.version
            resource, campus = stored.resource(), self._directory.code(stored.campus)
        if resource is not None and (found := traits(id_, campus, resource)):
            self._traits[id_] = found
            self._resources[id_] = resource

    def _companions(self, id_: str) -> list[str]:
        """Return the Patients that a rule's Person joins to one; keep what hands decided."""
        found: list[str] = []
        for (person,) in self._store.fetch("naming", (self._link, PATIENT, id_, LIMIT)):
            stored = self._store.current("Person", person)
            if person in self._persons or stored is None or stored.deleted:
                continue
            resource = stored.resource()
            if basis(resource) == "rule":
                self._persons[person] = stored.version, resource
                found += linked(resource)
            elif len(ids := linked(resource, APART)) > 1:
                self._apart.add(frozenset(ids))
        return found

    def _candidates(self, one: Traits) -> set[str]:
        """Return who carries the same citizen ID, or a number that only one of them gave."""
        if not one.complete:
            return set()
        found: set[str] = set()
        if one.citizen:
            # The index knows it under this one of its systems.
            found |= self._carrying(CITIZEN_ID, one.citizen)
        for number in one.own:
            found |= self._carrying(identifier_system(one.campus, "pid"), number)
        for code, number in one.foreign:
            campus = self._directory.campus(code)
            system = identifier_system(code, "pid")
            id_ = self._store.by_key(campus.id, "Patient", system, number) if campus else None
            found |= {id_} if id_ else set()
            found |= self._numbered.get((code, system, number), set())
        return found - self._seen

    def _carrying(self, system: str, value: str) -> set[str]:
        rows = self._store.fetch("carrying", (self._identifier, value, system, LIMIT))
        return {id_ for (id_,) in rows}

    def _joins(self, one: Traits, other: str) -> bool:
        self._read(other)
        found = self._traits.get(other)
        return found is not None and certain(one, found)

    def _writes(self, joined: Sequence[Group]) -> list[PersonChange]:
        changes: list[PersonChange] = []
        wanted: set[str] = set()
        for group in joined:
            id_ = person_id(group.anchor)
            wanted.add(id_)
            body = of_rule(Member(one, self._resources[one]) for one in group.ids)
            stored = self._store.current("Person", id_)
            changes.append(PersonChange(id_, body, stored.version if stored else 0))
        changes += [
            PersonChange(id_, None, version)
            for id_, (version, _) in self._persons.items()
            if id_ not in wanted
        ]
        return changes


def _numbered(changed: Iterable[Changed]) -> Mapping[tuple[str, str, str], set[str]]:
    """Return the ids by campus, system and value of each number that a Patient carries."""
    found: dict[tuple[str, str, str], set[str]] = {}
    for one in changed:
        for each in (one.resource or {}).get("identifier", ()):
            name = one.campus, each.get("system", ""), each.get("value", "")
            found.setdefault(name, set()).add(one.id)
    return found
