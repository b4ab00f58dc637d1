"""What was made from one order stays together: sensitivity and audience spread over the group.

DESIGN §3, "Campus ownership and sharing": codes on the sensitive list hide the report, specimen,
order, Provenance and original that belong to them; owning and ordering campus read them.
Order, report and observation carry it to each other. A specimen or a Provenance takes it and passes
it no further: one tube serves several orders, one message several reports.

Others write meanwhile. What is open rests on the versions of all that it names, and on what was
told ahead of its type; what hides rests on nobody else naming what it hides. So whichever of two
is stored last has seen the other, or is handed back.
"""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from gateway.fhir.definitions import TYPE_IDS, TYPE_NAMES
from gateway.fhir.searchparams import search_params
from gateway.interactions.ahead import Read
from gateway.interactions.door import Door
from gateway.interactions.item import Item
from gateway.interactions.prepare import Prepared
from gateway.interactions.sight import Sight
from gateway.store.records import RESTRICTED
from gateway.store.standing import Name, in_parts
from gateway.store.statements.resources import NAMING
from gateway.store.stored import Stored

CARRIERS: Final = frozenset(
    {"DiagnosticReport", "ImagingStudy", "Media", "Observation", "ServiceRequest"}
)
TAKERS: Final = frozenset({"Binary", "DocumentReference", "Provenance", "Specimen"})
GROUPED: Final = CARRIERS | TAKERS
MERGES: Final = frozenset({"Patient"})
AWAITED: Final = GROUPED | {"Patient"}
"""Types of what may be decided about before it comes."""


@dataclass(slots=True)
class Family:
    """One group: what of it is written here, what is stored, and whose the orders are."""

    here: dict[Name, Prepared] = field(default_factory=dict)
    stored: dict[Name, Stored] = field(default_factory=dict)
    ordering: set[int] = field(default_factory=set)

    def campus_of(self, name: Name) -> int:
        """Return who owns one of the group."""
        return self.here[name].campus if name in self.here else self.stored[name].campus


@dataclass(slots=True)
class Rests:
    """What must still hold when a write is stored.

    `versions` of resources and `unchanged` reads; `awaited` are types of what it hides though it
    is not there.
    """

    versions: dict[Name, int] = field(default_factory=dict)
    unchanged: list[Read] = field(default_factory=list)
    awaited: set[str] = field(default_factory=set)


class Groups:
    """The groups of what one commit writes. `items` are what was asked for, `new` not there yet."""

    def __init__(self, door: Door, items: Sequence[Item], new: AbstractSet[Name]) -> None:
        self._door = door
        its = [(one, (one.change.type, one.change.id)) for one in items]
        self._here = {
            name: one.prepared for one, name in its if one.prepared and name[0] in GROUPED
        }
        self._names = {name: _references(one) for name, one in self._here.items()}
        gone = {name for one, name in its if one.prepared is None}
        self._sight = Sight(door, {name: one.current for one, name in its}, gone)
        self._sight.look(
            name for named in self._names.values() for name in named if name[0] in CARRIERS
        )
        self._earlier = self._hidden_before(
            [one for name, one in self._here.items() if name in new]
        )

    def spread(self) -> list[tuple[Stored, set[int]]]:
        """Mark what shares a group with something sensitive, and who ordered it.

        Returns what is stored already and must be marked too, each with those who may read it.
        """
        done: set[Name] = set()
        late: dict[Name, tuple[Stored, set[int]]] = {}
        for name, one in self._here.items():
            if name in done or not (one.sensitive or any(True for _ in self._hidden(one))):
                continue
            family = self._family(name)
            done |= family.here.keys()
            for member in family.here.values():
                member.sensitive = True
                member.audience |= family.ordering
            for other, stored in family.stored.items():
                lacking = family.ordering - self._readers(stored) - {stored.campus}
                if stored.label != RESTRICTED or lacking:
                    late[other] = stored, family.ordering
        return list(late.values())

    def rests(self, items: Iterable[Item]) -> Rests:
        """Return what the writes of items rest on, those that follow included."""
        rests = Rests()
        written = {(one.change.type, one.change.id): one.prepared for one in items if one.write}
        hiding: dict[str, list[str]] = {}
        for name, one in written.items():
            if one is None or name[0] not in GROUPED:
                continue
            hides = one.sensitive and name[0] in CARRIERS
            if hides:
                hiding.setdefault(one.type, []).append(one.id)
            for other in self._names[name] if name in self._names else _references(one):
                if written.get(other) is None:
                    self._rest(rests, other, hides=hides, deleted=other in written)
        for type_, ids in hiding.items():
            rests.unchanged += _unnamed((type_, ids), GROUPED, self._sight.newest())
        return rests

    def _rest(self, rests: Rests, name: Name, *, hides: bool, deleted: bool) -> None:
        """Take what rests on one that is named and is not written too."""
        if not deleted and (hides or name[0] in CARRIERS):
            rests.versions[name] = self._sight.version(name)
        if hides and self._sight.alive(name) is None:
            rests.awaited.add(name[0])

    def _hidden_before(self, new: Sequence[Prepared]) -> dict[Name, list[Stored]]:
        """Return what is hidden already and has named one of these before it came."""
        ids: dict[str, list[str]] = {}
        for one in new:
            if not one.sensitive:
                ids.setdefault(one.type, []).append(one.id)
        found: dict[Name, list[Stored]] = {}
        for type_, its in ids.items():
            keys = {
                key: id_
                for size, part in in_parts(its)
                for id_, key in self._door.store.fetch(
                    f"key_ids_of_{size}", (TYPE_IDS[type_], *part)
                )
            }
            for key, other in self._door.store.hiding(list(keys), _leading(type_, CARRIERS)):
                name = type_, keys[key]
                if other.type in CARRIERS and _joined(type_, self._here[name].campus, other):
                    found.setdefault(name, []).append(other)
        return found

    def _hidden(self, one: Prepared) -> Iterator[Stored]:
        """Yield the orders, reports and observations around it that are hidden already."""
        yield from (
            other
            for other in self._earlier.get((one.type, one.id), ())
            if (other.type, other.id) not in self._here
        )
        for name in self._names[one.type, one.id]:
            if name[0] in CARRIERS and name not in self._here:
                stored = self._sight.stored(name)
                if (
                    stored is not None
                    and stored.label == RESTRICTED
                    and _joined(one.type, one.campus, stored)
                ):
                    yield stored

    def _family(self, first: Name) -> Family:
        """Return the group of one resource, followed through what is written and what is stored.

        What is hidden already is followed too: an order that is found late has its campus read it
        all.
        """
        family = Family()
        self._sight.newest()  # asked before it is looked for who names whom
        todo: list[tuple[Name, Name]] = [(first, first)]
        while todo:
            name, whence = todo.pop()
            if name in family.here or name in family.stored:
                continue
            if name in self._here:
                family.here[name] = self._here[name]
                kin = self._names[name]
                hidden = list(self._hidden(self._here[name]))
            else:
                known = self._known(family, name, whence)
                if known is None:
                    continue
                family.stored[name] = known
                kin = set(self._named(known))
                hidden = [known] if known.label == RESTRICTED else []
            family.ordering.update(*(self._readers(stored) for stored in hidden))
            if name[0] == "ServiceRequest":
                family.ordering.add(family.campus_of(name))
            if name[0] in CARRIERS:
                todo += ((one, name) for one in kin.union(self._referring(name)))
        return family

    def _known(self, family: Family, name: Name, whence: Name) -> Stored | None:
        """Return what is stored of a group, unless it is another campus's and merely named."""
        stored = self._sight.alive(name)
        if stored is None:
            return None
        return stored if _joined(whence[0], family.campus_of(whence), stored) else None

    def _readers(self, stored: Stored) -> set[int]:
        """Return who ordered what is hidden already."""
        readers = {campus for (campus,) in self._door.store.fetch("audience_of", (stored.key,))}
        return readers | {stored.campus} if stored.type == "ServiceRequest" else readers

    def _referring(self, name: Name) -> Iterator[Name]:
        """Yield what refers to an order, report or observation, here or stored."""
        yield from (other for other, named in self._names.items() if name in named)
        store, params = self._door.store, _leading(name[0], GROUPED)
        for (key,) in store.fetch("key_id", (TYPE_IDS[name[0]], name[1])):
            yield from ((found.type, found.id) for found in store.referring(key, params))

    def _named(self, stored: Stored) -> Iterator[Name]:
        """Yield what a version names, there or not."""
        store = self._door.store
        for key in store.targets(stored, _forwards(stored.type)):
            for type_, id_ in store.fetch("key_name", (key,)):
                if (name := TYPE_NAMES.get(type_, "")) in GROUPED:
                    yield name, id_


def undecided(new: Iterable[Name], newest: int) -> list[Read]:
    """Return the reads that nothing newer than a row decided about these before they came.

    For each of them by itself, where `ahead.resting` is by type: dearer, and exact.
    """
    ids: dict[str, list[str]] = {}
    for type_, id_ in new:
        ids.setdefault(type_, []).append(id_)
    return [
        read
        for one in ids.items()
        for read in _unnamed(one, MERGES if one[0] == "Patient" else CARRIERS, newest)
    ]


def _unnamed(
    named: tuple[str, Sequence[str]], whence: AbstractSet[str], newest: int
) -> Iterator[Read]:
    """Yield the reads that find who names some of a type and is newer than a row."""
    type_, ids = named
    params = _leading(type_, frozenset(whence))
    if not params:
        return
    params += params[-1:] * (NAMING - len(params))
    for size, part in in_parts(ids):
        yield f"named_since_{size}", (TYPE_IDS[type_], *part, *params, newest), None


def _joined(type_: str, campus: int, stored: Stored) -> bool:
    """Return whether a reference makes a group of two: between campuses only an order does."""
    return (
        stored.campus == campus
        or "ServiceRequest" in {type_, stored.type}
        or not {type_, stored.type} <= CARRIERS
    )


def _references(one: Prepared) -> set[Name]:
    return {(type_, id_) for _, type_, id_ in one.extracted.references if type_ in GROUPED}


@cache
def _forwards(type_: str) -> tuple[int, ...]:
    """Return the references of a type that may lead to one of a group."""
    return tuple(
        param.id
        for param in search_params(type_).values()
        if param.kind == "reference" and GROUPED & set(param.targets)
    )


@cache
def _leading(type_: str, whence: frozenset[str]) -> tuple[int, ...]:
    """Return the references that may lead to one of a type, from some types."""
    return tuple(
        param.id
        for source in sorted(whence)
        for param in search_params(source).values()
        if param.kind == "reference" and type_ in param.targets
    )
