"""The clinical index as recognition asks it: standing versions, seen by one viewer (§2.10.8)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import count
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from gateway.access.actor import Actor
from gateway.fhir.codec import decode_exact
from gateway.fhir.definitions import TYPE_IDS
from gateway.interactions.door import Door
from gateway.recognition import reading
from gateway.recognition.catalogue.model import Code
from gateway.recognition.decide.model import Mark
from gateway.recognition.quality.marks import marks_of
from gateway.store.statements.decisions import WIDTH
from gateway.store.stored import Stored

T = TypeVar("T")
READERS: Final = 32
"""Books and screens in use; each import makes new ones."""
REMEMBERED: Final = 20_000
"""Versions kept as they were read: some 20 MB a process."""


class Memory:
    """What versions say, as a reader understands it: neither ever changes."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, int], Any] = {}
        self._readers: dict[object, int] = {}
        self._numbers = count(1)

    def number(self, reader: object) -> int:
        """Return what tells a book or a screen from all others, 1 and above."""
        if len(self._readers) >= READERS and reader not in self._readers:
            self._readers.clear()
            self._kept.clear()
        # Never a number twice: who began with one may still be reading when all are forgotten.
        if reader not in self._readers:
            self._readers[reader] = next(self._numbers)
        return self._readers[reader]

    def of(self, stored: Stored, by: int, make: Callable[[], T]) -> T:
        """Return what a reader made of a version; 0 is none in particular."""
        place = stored.row, by
        found: T | None = self._kept.get(place)
        if found is None:
            if len(self._kept) >= REMEMBERED:
                self._kept.clear()
            found = self._kept[place] = make()
        return found


class Index:
    """What stands about a link set, as one viewer sees it."""

    def __init__(self, door: Door, actor: Actor, people: Sequence[str], memory: Memory) -> None:
        self._door = door
        self.store = self._store = door.store
        self._viewer = door.viewer(actor)
        self._memory = memory
        patient = TYPE_IDS["Patient"]
        keys = (
            (key, id_) for id_ in people for (key,) in self._store.fetch("key_id", (patient, id_))
        )
        self._people = dict(keys)
        self._specimens: dict[str, reading.Specimen | None] = {}

    def terms(self, codes: Iterable[Code]) -> list[int]:
        """Return the terms of codes, as far as anything was ever stored under them."""
        found: dict[int, None] = {}
        systems: dict[str, list[tuple[int]]] = {}
        for code in codes:
            if code.system not in systems:
                systems[code.system] = self._store.fetch("system_id", (code.system,))
            for (system,) in systems[code.system]:
                for (term,) in self._store.fetch("term_id", (code.code, system)):
                    found[term] = None
        return list(found)

    def candidates(self, type_: str, terms: Sequence[int]) -> Iterator[tuple[str, Stored]]:
        """Yield the newest results with certain codes, each once, with whose they are."""
        seen: set[int] = set()
        for _, whose, stored in self.coded(type_, terms):
            if stored.row not in seen:
                seen.add(stored.row)
                yield whose, stored

    def coded(self, type_: str, terms: Sequence[int]) -> Iterator[tuple[int, str, Stored]]:
        """Yield the newest results under each code, with the code and whose they are."""
        for start in range(0, len(terms), WIDTH):
            chunk = list(terms[start : start + WIDTH])
            chunk += [-1] * (WIDTH - len(chunk))
            for key, id_ in self._people.items():
                for row in self._store.fetch("candidates", (*chunk, key, TYPE_IDS[type_])):
                    for _, stored in self._seen(id_, Stored(*row[1:])):
                        yield row[0], id_, stored

    def latest(self, type_: str, count: int) -> Iterator[tuple[str, Stored]]:
        """Yield somebody's newest resources of a type."""
        for key, id_ in self._people.items():
            for row in self._store.fetch("latest", (key, TYPE_IDS[type_], count)):
                yield from self._seen(id_, Stored(*row))

    def carried(self, type_: str, code: Code) -> set[str]:
        """Return the ids of the link set's resources of a type that carry a code."""
        return {
            id_
            for term in self.terms((code,))
            for key in self._people
            for (id_,) in self._store.fetch("carried", (key, TYPE_IDS[type_], term))
        }

    def naming(self, param: int, keys: Sequence[int]) -> dict[int, list[Stored]]:
        """Return the standing resources that name others through a parameter, by whom they name."""
        rows: dict[int, list[int]] = {}
        for start in range(0, len(keys), WIDTH):
            chunk = list(keys[start : start + WIDTH])
            chunk += [-1] * (WIDTH - len(chunk))
            for key, row in self._store.fetch("naming_each", (param, *chunk)):
                rows.setdefault(row, []).append(key)
        found: dict[int, list[Stored]] = {}
        for row, named in sorted(rows.items()):
            ((*columns, _),) = self._store.fetch("current_by_row", (row,))
            for _, stored in self._seen("", Stored(*columns)):
                for key in named:
                    found.setdefault(key, []).append(stored)
        return found

    def marks(self, names: Sequence[str]) -> dict[tuple[str, str], Mark]:
        """Return the marks of results, by result without version and item."""
        return {
            place: Mark(
                scope=one.scope,
                evidence=one.evidence,
                expires=one.expires,
                recalled=one.recalled,
                claimed=one.claimed,
                told=one.told,
                level=one.level,
            )
            for place, one in marks_of(self._store, names).items()
        }

    def observation(self, name: str) -> Stored | None:
        """Return an Observation that a report names, None where there is none to see."""
        type_, _, id_ = name.partition("/")
        stored = self._store.current("Observation", id_) if type_ == "Observation" else None
        if stored is None or stored.deleted or not self._store.may_read(stored, self._viewer):
            return None
        return stored

    def specimen(self, name: str) -> reading.Specimen | None:
        """Return what a Specimen says, None where there is none to see."""
        if name not in self._specimens:
            type_, _, id_ = name.partition("/")
            stored = self._store.current("Specimen", id_) if type_ == "Specimen" else None
            seen = list(self._seen("", stored)) if stored is not None and not stored.deleted else []
            self._specimens[name] = self.read(seen[0][1], 0, reading.specimen) if seen else None
        return self._specimens[name]

    def number(self, reader: object) -> int:
        """Return what tells a reader of versions from all others."""
        return self._memory.number(reader)

    def read(self, stored: Stored, by: int, make: Callable[[dict[str, Any], ZoneInfo], T]) -> T:
        """Return what a version says; times without a zone are those of its campus."""
        zone = self.zone(stored.campus)
        return self._memory.of(stored, by, lambda: make(decode_exact(stored.json()), zone))

    def zone(self, campus: int) -> ZoneInfo:
        """Return the zone of a campus."""
        found = self._door.directory.campus_by_id(campus)
        return ZoneInfo(found.zone) if found else self._door.zone

    def code(self, campus: int) -> str:
        """Return the code of a campus."""
        found = self._door.directory.campus_by_id(campus)
        return found.code if found else ""

    def _seen(self, whose: str, stored: Stored) -> Iterator[tuple[str, Stored]]:
        if self._store.may_read(stored, self._viewer):
            yield whose, stored
