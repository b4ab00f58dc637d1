"""What was made from one order stays together: sensitivity and audience spread over the group.

DESIGN §3, "Campus ownership and sharing": codes on the sensitive list hide the report, specimen,
order, Provenance and original that belong to them; owning and ordering campus read them.
Order, report and observation carry it to each other. A specimen or a Provenance takes it and passes
it no further: one tube serves several orders, one message several reports.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.searchparams import search_params
from gateway.interactions.door import Door
from gateway.interactions.prepare import Prepared
from gateway.store.records import RESTRICTED, SHARED
from gateway.store.standing import in_parts, standing
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


def spread(
    door: Door, prepared: Sequence[Prepared], new: AbstractSet[Name]
) -> list[tuple[Stored, set[int]]]:
    """Mark what shares a group with something sensitive, and who ordered it.

    `new` are those that never were there: what refers to one of them may have come first. Returns
    what is stored already and must be marked too, each with those who may read it.
    """
    here = {(one.type, one.id): one for one in prepared if one.type in GROUPED}
    earlier = _earlier(door, [one for name, one in here.items() if name in new])
    done: set[Name] = set()
    late: dict[Name, tuple[Stored, set[int]]] = {}
    for name, one in here.items():
        if name in done or not (one.sensitive or _joins_sensitive(door, one, here, earlier)):
            continue
        family = _family(door, name, here, earlier)
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
    """Return the orders and results by which these were found to be open, with versions.

    What is hidden has all that it names hidden: of that nothing may have come either. If one of
    them is hidden or comes meanwhile, the writer hands the batch back to be judged again.
    """
    here = {(one.type, one.id) for one in prepared}
    names = {
        name
        for one in prepared
        if one.type in CARRIERS
        for name in _references(one)
        if (one.sensitive or name[0] in CARRIERS) and name not in here
    }
    found = standing(door.store, names)
    return [(*name, found[name].version if name in found else 0) for name in sorted(names)]


def _earlier(door: Door, new: Sequence[Prepared]) -> dict[Name, list[Stored]]:
    """Return what is hidden already and has named one of these before it came."""
    ids: dict[str, list[str]] = {}
    for one in new:
        if not one.sensitive:
            ids.setdefault(one.type, []).append(one.id)
    campuses = {(one.type, one.id): one.campus for one in new}
    found: dict[Name, list[Stored]] = {}
    for type_, its in ids.items():
        named = {
            key: (type_, id_)
            for size, part in in_parts(its)
            for id_, key in door.store.fetch(f"key_ids_of_{size}", (TYPE_IDS[type_], *part))
        }
        hiding = _hiding(door, type_, {key: campuses[name] for key, name in named.items()})
        found |= {named[key]: others for key, others in hiding.items()}
    return found


def overtaken(door: Door, type_: str, there: Iterable[Stored]) -> list[Stored]:
    """Return those of a type that are open though something hidden names them.

    Neither saw the other come.
    """
    open_ = {one.key: one for one in there if not one.deleted and one.label == SHARED}
    hiding = _hiding(door, type_, {key: one.campus for key, one in open_.items()})
    return [open_[key] for key in hiding]


def _hiding(door: Door, type_: str, campuses: Mapping[int, int]) -> dict[int, list[Stored]]:
    """Return what is hidden, names resources of a type, and so hides them, by their keys.

    `campuses` are those of the resources, by their keys.
    """
    found: dict[int, list[Stored]] = {}
    for key, other in door.store.hiding(list(campuses), _carried(type_)):
        if other.type in CARRIERS and _joined(type_, campuses[key], other):
            found.setdefault(key, []).append(other)
    return found


def _joins_sensitive(
    door: Door, one: Prepared, here: Mapping[Name, Prepared], earlier: Mapping[Name, list[Stored]]
) -> bool:
    return any(True for _ in _hidden(door, one, here, earlier))


def _hidden(
    door: Door, one: Prepared, here: Mapping[Name, Prepared], earlier: Mapping[Name, list[Stored]]
) -> Iterator[Stored]:
    """Yield the orders, reports and observations around it that are hidden already."""
    yield from (
        other for other in earlier.get((one.type, one.id), ()) if (other.type, other.id) not in here
    )
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


def _family(
    door: Door, first: Name, here: Mapping[Name, Prepared], earlier: Mapping[Name, list[Stored]]
) -> Family:
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
            hidden = list(_hidden(door, here[name], here, earlier))
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
def _carried(type_: str) -> tuple[int, ...]:
    """Return the references that may lead from what carries it to one of a type."""
    return tuple(
        param.id
        for carrier in sorted(CARRIERS)
        for param in search_params(carrier).values()
        if param.kind == "reference" and type_ in param.targets
    )


@cache
def _backwards() -> tuple[int, ...]:
    """Return the references that may lead from one of a group to another."""
    return tuple(
        param.id
        for type_ in sorted(GROUPED)
        for param in search_params(type_).values()
        if param.kind == "reference" and GROUPED & set(param.targets)
    )
