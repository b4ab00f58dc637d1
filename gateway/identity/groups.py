"""Patients sorted into humans: who is joined to whom, also through a third.

Pure; the same Patients give the same groups in whatever order they came.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from gateway.identity.matching import Traits, certain, names
from mappers.names import CITIZEN_ID, identifier_system

Pair = frozenset[str]


@dataclass(frozen=True, slots=True)
class Group:
    """One human known at several campuses."""

    ids: tuple[str, ...]
    anchor: str
    """What the Person's id is made of: it does not depend on who came first."""


def groups(patients: Sequence[Traits], apart: Collection[Pair] = ()) -> list[Group]:
    """Return the Patients that are certainly one human each, those of two or more.

    `apart` holds pairs that somebody decided are not one.
    """
    by_id = {one.id: one for one in patients}
    edges = {
        frozenset((a.id, b.id))
        for alike in _alike(patients)
        for index, a in enumerate(alike)
        for b in alike[index + 1 :]
        if certain(a, b)
    }
    for component in _components(by_id, edges):
        cut = set(_doubtful([by_id[id_] for id_ in component]))
        for pair in apart:
            # Which of the two the others belong to, nobody has said.
            cut |= pair if pair <= component else frozenset()
        if cut:
            edges = {edge for edge in edges if not edge & cut}
    return [
        Group(tuple(sorted(one)), _anchor([by_id[id_] for id_ in one]))
        for one in _components(by_id, edges)
        if len(one) > 1
    ]


def _alike(patients: Iterable[Traits]) -> Iterable[list[Traits]]:
    """Return the Patients sorted by what `certain` asks of all: in a load they are hundreds."""
    found: dict[tuple[str, str, str], list[Traits]] = {}
    for one in patients:
        found.setdefault((one.name, one.birth_date, one.gender), []).append(one)
    return found.values()


def _doubtful(component: Sequence[Traits]) -> frozenset[str]:
    """Return those without citizen ID where numbers would join several citizen IDs."""
    if len({one.citizen for one in component if one.citizen}) < 2:  # noqa: PLR2004 - two are several
        return frozenset()
    return frozenset(one.id for one in component if not one.citizen)


def _components(nodes: Iterable[str], edges: Collection[Pair]) -> list[frozenset[str]]:
    joined: dict[str, set[str]] = {node: set() for node in nodes}
    for edge in edges:
        a, b = edge
        joined[a].add(b)
        joined[b].add(a)
    components: list[frozenset[str]] = []
    left = dict.fromkeys(sorted(joined))
    while left:
        todo, component = [next(iter(left))], set[str]()
        while todo:
            node = todo.pop()
            if node in left:
                del left[node]
                component.add(node)
                todo += joined[node]
        components.append(frozenset(component))
    return components


def _anchor(members: Sequence[Traits]) -> str:
    """Return the citizen ID with the name, else the least number that joins them."""
    citizens = {one.citizen for one in members if one.citizen}
    if citizens:
        return f"{CITIZEN_ID}|{min(citizens)}|{members[0].name}"
    numbers = {
        f"{identifier_system(code, 'pid')}|{number}"
        for a in members
        for b in members
        if names(a, b)
        for code, number in a.foreign
        if code == b.campus and number in b.own
    }
    return min(numbers)
