"""Composites over a group that repeats: what one component says together.

https://hl7.org/fhir/R4/search.html#composite. Those over the whole resource (`code-value-quantity`)
are answered by the rows of their parts and have none of their own.
"""

import functools
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.expressions import Route, Step, routes
from gateway.fhir.leaves import LEAVES
from gateway.fhir.measures import Measure, Name
from gateway.fhir.searchparams import SearchParam, search_params

_OF_RESOURCE: Final = "%resource."
_THREE: Final = 3
MOST: Final = 1_000
"""Rows of one parameter in one group: of more than these parts nobody asks."""


@dataclass(frozen=True, slots=True)
class Part:
    """One component: its parameter, and the ways to its values from the group or the resource."""

    param: SearchParam
    ways: tuple[Route, ...]
    of_resource: bool


@dataclass(frozen=True, slots=True)
class Composite:
    """One stored composite; `group` leads to what its parts stand in together."""

    param: SearchParam
    group: Route
    parts: tuple[Part, ...]


def groups(param: SearchParam) -> Iterator[str]:
    """Yield the repeating groups that a composite looks into."""
    for path in param.expression.split("|"):
        if path.strip() != param.base:
            yield path.strip()


def whole(param: SearchParam) -> bool:
    """Return whether a composite looks at the resource as a whole."""
    return param.base in (path.strip() for path in param.expression.split("|"))


@functools.cache
def composites(resource_type: str) -> tuple[Composite, ...]:
    """Return the composites of a type that have rows of their own."""
    params = search_params(resource_type)
    return tuple(
        composite_of(param, params)
        for param in params.values()
        if param.kind == "composite" and not whole(param)
    )


def composite_of(param: SearchParam, params: Mapping[str, SearchParam]) -> Composite:
    """Return how a composite over a group is read; `params` are all of its type."""
    path = next(groups(param))
    (group,) = routes(path)
    parts = []
    for code, text in param.components:
        of_resource = text.startswith(_OF_RESOURCE)
        root = param.base if of_resource else path
        full = " | ".join(
            f"{root}.{one.strip().removeprefix(_OF_RESOURCE)}" for one in text.split("|")
        )
        skip = 0 if of_resource else len(group.steps)
        ways = tuple(
            Route(way.steps[skip:], way.type)
            for way in routes(full)
            if (params[code].kind, way.type) in LEAVES
        )
        parts.append(Part(params[code], ways, of_resource))
    return Composite(param, group, tuple(parts))


def compose(resource: Mapping[str, Any], base: str, measures: list[Measure]) -> None:
    """Add the rows of every stored composite of a resource."""
    for composite in composites(str(resource["resourceType"])):
        compose_one(composite, resource, base, measures)


def compose_one(
    composite: Composite, resource: Mapping[str, Any], base: str, measures: list[Measure]
) -> None:
    """Add the rows of one composite."""
    for group in walk(resource, composite.group.steps):
        found = [_values(part, resource, group, base) for part in composite.parts]
        rows = (_row(composite.param.id, one) for one in itertools.product(*found))
        measures.extend(itertools.islice(rows, MOST))


def walk(element: Any, steps: Sequence[Step]) -> list[Any]:
    """Return the values that steps lead to."""
    found = [element]
    for step in steps:
        members = [one[step.key] for one in found if step.key in one]
        if step.many:
            members = [one for many in members for one in _picked(many, step.index)]
        if step.member:
            members = [one for one in members if one.get(step.member) == step.value]
        found = members
    return found


def _picked(many: Sequence[Any], index: int | None) -> list[Any]:
    part = many if index is None else many[index : index + 1]
    return [one for one in part if one is not None]


Value = Name | Measure


def _values(
    part: Part, resource: Mapping[str, Any], group: Mapping[str, Any], base: str
) -> list[Value]:
    root = resource if part.of_resource else group
    return [
        value
        for way in part.ways
        for one in walk(root, way.steps)
        for value in _READ[part.param.kind](LEAVES[part.param.kind, way.type], way.type, one, base)
    ]


# What else than codes is found of a type, which a composite has no use for.
_BESIDE: Final = {"CodeableConcept": 1, "Coding": 1, "Identifier": 2}


def _tokens(leaf: Callable[..., None], type_: str, value: Any, base: str) -> Sequence[Value]:
    del base
    found: list[tuple[int, str, str]] = []
    leaf(value, 0, found, *([] for _ in range(_BESIDE.get(type_, 0))))
    return [(-1, system, code) for _, system, code in found]


def _references(leaf: Callable[..., None], type_: str, value: Any, base: str) -> Sequence[Value]:
    found: list[tuple[int, str, str]] = []
    leaf(value, 0, found, *((base, []) if type_ == "Reference" else ()))
    return [(TYPE_IDS.get(target, 0), "", id_) for _, target, id_ in found]


def _measures(leaf: Callable[..., None], type_: str, value: Any, base: str) -> Sequence[Value]:
    del type_, base
    found: list[Measure] = []
    leaf(value, 0, found)
    return found


_READ: Final[Mapping[str, Callable[..., Sequence[Value]]]] = {
    "token": _tokens,
    "reference": _references,
    "quantity": _measures,
    "number": _measures,
}


def _row(param: int, values: tuple[Value, ...]) -> Measure:
    first, second, *third = values
    assert not isinstance(first, Measure)  # noqa: S101 - every composite begins with a name
    if not isinstance(second, Measure):
        return Measure(param, 0, 0, first=first, second=second)
    also = third[0].lo if third and isinstance(third[0], Measure) else 0.0
    return Measure(
        param, second.lo, second.hi, second.unit, second.label, second.written, first, None, also
    )
