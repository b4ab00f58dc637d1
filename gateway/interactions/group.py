"""What was made from one order stays together: sensitivity and audience spread over the group.

DESIGN §3, "Campus ownership and sharing": codes on the sensitive list hide the report, specimen,
order, Provenance and original that belong to them; owning and ordering campus read them.
Order, report and observation carry it to each other. A specimen or a Provenance takes it and passes
it no further: one tube serves several orders, one message several reports.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.searchparams import search_params
from gateway.interactions.door import Door
from gateway.interactions.prepare import Prepared
from gateway.store.records import RESTRICTED
from gateway.store.standing import standing
from gateway.store.stored import Stored

CARRIERS: Final = frozenset(
    {"DiagnosticReport", "ImagingStudy", "Media", "Observation", "ServiceRequest"}
)
TAKERS: Final = frozenset({"Binary", "DocumentReference", "Provenance", "Specimen"})
GROUPED: Final = CARRIERS | TAKERS

Name = tuple[str, str]


@dataclass(slots=True)
class Family:
    """One group: what of it is written here, what is stored, and whose the orders are."""

    here: dict[Name, Prepared] = field(default_factory=dict)
    stored: dict[Name, Stored] = field(default_factory=dict)
    ordering: set[int] = field(default_factory=set)

    def campus_of(self, name: Name) -> int:
        """Return who owns one of the group."""
        return self.here[name].campus if name in self.here else self.stored[name].campus


def spread(door: Door, prepared: Sequence[Prepared]) -> list[tuple[Stored, set[int]]]:
    """Mark what shares a group with something sensitive, and who ordered it.

    Returns what is stored already and must be marked too, each with those who may read it.
    """
    here = {(one.type, one.id): one for one in prepared if one.type in GROUPED}
    done: set[Name] = set()
    late: dict[Name, tuple[Stored, set[int]]] = {}
    for name, one in here.items():
        if name in done or not (one.sensitive or _joins_sensitive(door, one, here)):
            continue
        family = _family(door, name, here)
        done |= family.here.keys()
        for member in family.here.values():
            member.sensitive = True
            member.audience |= family.ordering
        for other, stored in family.stored.items():
            lacking = family.ordering - _readers(door, stored) - {stored.campus}
            if stored.label != RESTRICTED or lacking:
                late[other] = stored, family.ordering
    return list(late.values())


def leaned_on(door: Door, prepared: Sequence[Prepared]) -> list[tuple[str, str, int]]:
    """Return the stored orders and results by which these were found to be open, with versions.

    If one of them is hidden meanwhile, the writer hands the batch back to be judged again.
    """
    here = {(one.type, one.id) for one in prepared}
    names = {
        name
        for one in prepared
        if one.type in CARRIERS and not one.sensitive
        for name in _references(one)
        if name[0] in CARRIERS and name not in here
    }
    found = standing(door.store, names)
    return [(*name, found[name].version) for name in sorted(found)]


def _joins_sensitive(door: Door, one: Prepared, here: Mapping[Name, Prepared]) -> bool:
    return any(True for _ in _hidden(door, one, here))


def _hidden(door: Door, one: Prepared, here: Mapping[Name, Prepared]) -> Iterator[Stored]:
    """Yield the orders, reports and observations that it refers to and that are hidden already."""
    for name in _references(one):
        if name[0] in CARRIERS and name not in here:
            stored = door.store.current(*name)
            if (
                stored is not None
                and stored.label == RESTRICTED
                and _joined(one.type, one.campus, stored)
            ):
                yield stored


def _references(one: Prepared) -> set[Name]:
    return {(type_, id_) for _, type_, id_ in one.extracted.references if type_ in GROUPED}


def _family(door: Door, first: Name, here: Mapping[Name, Prepared]) -> Family:
    """Return the group of one resource, followed through what is written here and what is stored.

    What is hidden already is followed too: an order that is found late has its campus read it all.
    """
    family = Family()
    todo: list[tuple[Name, Name]] = [(first, first)]
    while todo:
        name, whence = todo.pop()
        if name in family.here or name in family.stored:
            continue
        if name in here:
            family.here[name] = here[name]
            kin = _references(here[name])
            hidden = list(_hidden(door, here[name], here))
        else:
            known = _known(door, family, name, whence)
            if known is None:
                continue
            family.stored[name] = known
            kin = set(_named(door, known))
            hidden = [known] if known.label == RESTRICTED else []
        family.ordering.update(*(_readers(door, stored) for stored in hidden))
        if name[0] == "ServiceRequest":
            family.ordering.add(family.campus_of(name))
        if name[0] in CARRIERS:
            todo += ((one, name) for one in kin.union(_referring(door, name, here)))
    return family


def _known(door: Door, family: Family, name: Name, whence: Name) -> Stored | None:
    """Return what is stored of a group, unless it is another campus's and merely named."""
    stored = door.store.current(*name)
    if stored is None or stored.deleted:
        return None
    return stored if _joined(whence[0], family.campus_of(whence), stored) else None


def _joined(type_: str, campus: int, stored: Stored) -> bool:
    """Return whether a reference makes a group of two: between campuses only an order does."""
    return (
        stored.campus == campus
        or "ServiceRequest" in {type_, stored.type}
        or not {type_, stored.type} <= CARRIERS
    )


def _readers(door: Door, stored: Stored) -> set[int]:
    """Return who ordered what is hidden already."""
    readers = {campus for (campus,) in door.store.fetch("audience_of", (stored.key,))}
    return readers | {stored.campus} if stored.type == "ServiceRequest" else readers


def _referring(door: Door, name: Name, here: Mapping[Name, Prepared]) -> Iterator[Name]:
    """Yield what refers to an order, report or observation, here or stored."""
    yield from (other for other, its in here.items() if name in _references(its))
    for (key,) in door.store.fetch("key_id", (TYPE_IDS[name[0]], name[1])):
        yield from ((found.type, found.id) for found in door.store.referring(key, _backwards()))


def _named(door: Door, stored: Stored) -> Iterator[Name]:
    for key in door.store.targets(stored, _forwards(stored.type)):
        target = door.store.by_integer(key)
        if target is not None and target.type in GROUPED:
            yield target.type, target.id


@cache
def _forwards(type_: str) -> tuple[int, ...]:
    """Return the references of a type that may lead to one of a group."""
    return tuple(
        param.id
        for param in search_params(type_).values()
        if param.kind == "reference" and GROUPED & set(param.targets)
    )


@cache
def _backwards() -> tuple[int, ...]:
    """Return the references that may lead from one of a group to an order, report or result."""
    return tuple(
        param.id
        for type_ in sorted(GROUPED)
        for param in search_params(type_).values()
        if param.kind == "reference" and CARRIERS & set(param.targets)
    )
