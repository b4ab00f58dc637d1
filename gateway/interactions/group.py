"""What was made from one order stays together: sensitivity and audience spread over the group.

DESIGN §3, "Campus ownership and sharing": codes on the sensitive list hide the report, specimen,
order, Provenance and original that belong to them; owning and ordering campus read them.
Order, report and observation carry it to each other. A specimen or a Provenance takes it and passes
it no further: one tube serves several orders, one message several reports.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from gateway.interactions.door import Door
from gateway.interactions.prepare import Prepared
from gateway.store.records import RESTRICTED
from gateway.store.stored import Stored

CARRIERS: Final = frozenset(
    {"DiagnosticReport", "ImagingStudy", "Media", "Observation", "ServiceRequest"}
)
TAKERS: Final = frozenset({"Binary", "DocumentReference", "Provenance", "Specimen"})

Name = tuple[str, str]


def spread(door: Door, prepared: Sequence[Prepared]) -> list[Stored]:
    """Mark what shares a group with something sensitive, and who ordered it.

    Returns what is stored already and must be marked too.
    """
    here = {(one.type, one.id): one for one in prepared if one.type in CARRIERS | TAKERS}
    carriers = {name: one for name, one in here.items() if name[0] in CARRIERS}
    late: dict[Name, Stored] = {}
    for members in _components(carriers):
        outside = _stored(door, members, carriers)
        if not any(carriers[name].sensitive for name in members) and not any(
            one.label == RESTRICTED for one in outside if one.type in CARRIERS
        ):
            continue
        ordering = {carriers[name].campus for name in members if name[0] == "ServiceRequest"}
        ordering |= {one.campus for one in outside if one.type == "ServiceRequest"}
        takers = _takers(here, members)
        for name in (*members, *takers):
            here[name].sensitive = True
            here[name].audience |= ordering
        late |= {
            (one.type, one.id): one
            for one in outside
            if one.label != RESTRICTED and not one.deleted and (one.type, one.id) not in here
        }
    return list(late.values())


def _references(one: Prepared, types: frozenset[str]) -> set[Name]:
    return {(type_, id_) for _, type_, id_ in one.extracted.references if type_ in types}


def _stored(door: Door, members: Iterable[Name], here: dict[Name, Prepared]) -> list[Stored]:
    names = {name for one in members for name in _references(here[one], CARRIERS | TAKERS)}
    return [found for name in names - here.keys() if (found := door.store.current(*name))]


def _takers(here: dict[Name, Prepared], members: set[Name]) -> list[Name]:
    """Return the specimens, Provenances and originals that belong to a group."""
    named = {name for one in members for name in _references(here[one], TAKERS)}
    return [
        name
        for name, one in here.items()
        if name[0] in TAKERS and (name in named or _references(one, CARRIERS) & members)
    ]


def _components(here: dict[Name, Prepared]) -> list[set[Name]]:
    """Return the resources of one write, joined where one refers to another."""
    joined: dict[Name, set[Name]] = {name: set() for name in here}
    for name, one in here.items():
        for other in _references(one, CARRIERS) & here.keys():
            joined[name].add(other)
            joined[other].add(name)
    components, left = [], set(here)
    while left:
        todo = [left.pop()]
        component = set(todo)
        while todo:
            fresh = joined[todo.pop()] & left
            left -= fresh
            component |= fresh
            todo += fresh
        components.append(component)
    return components
