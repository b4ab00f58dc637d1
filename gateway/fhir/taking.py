"""What a custom search parameter finds in a resource, by a function that is made of it once.

R4's own parameters share one function a type, whose source is made of committed tables; what
somebody sends becomes closures over the ways of its expression, and never source.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from gateway.fhir.composites import Composite, compose_one, composite_of, walk, whole
from gateway.fhir.custom import ways
from gateway.fhir.expressions import Route, Step
from gateway.fhir.leaves import LEAVES, leads
from gateway.fhir.searchparams import SearchParam

Lists = tuple[list[Any], ...]
"""tokens, references, dates, strings, measures, uris, said: as `gateway.fhir.extract` has them."""
Take = Callable[[Mapping[str, Any], ZoneInfo, str, Lists], bool]
"""Adds what a parameter finds; returns whether the resource has a value at all."""
_Leaf = Callable[[Any, ZoneInfo, str, Lists], bool]

_TOKENS, _REFERENCES, _DATES, _STRINGS, _MEASURES, _URIS, _SAID = range(7)


def take(param: SearchParam, params: Mapping[str, SearchParam]) -> Take | None:
    """Return how a parameter is taken out of a resource, None where it has no rows of its own."""
    if param.kind == "composite":
        return None if whole(param) else _composite(composite_of(param, params))
    found = ways(param)
    return _truth(param, found) if found[0].truth else _values(param, found)


def _values(param: SearchParam, found: tuple[Route, ...]) -> Take:
    # Ways that part only at the end, as those of a choice of types, are walked once.
    together: dict[tuple[Step, ...], list[tuple[tuple[Step], _Leaf]]] = {}
    for way in found:
        *before, last = way.steps
        together.setdefault(tuple(before), []).append(((last,), _leaf(param, way)))
    table = [(before, end, leaf) for before, ends in together.items() for end, leaf in ends]

    def taken(resource: Mapping[str, Any], zone: ZoneInfo, base: str, lists: Lists) -> bool:
        present = False
        last: tuple[Step, ...] | None = None
        here: list[Any] = []
        for before, end, leaf in table:
            if before is not last:
                last, here = before, walk(resource, before)
            for one in here:
                for value in walk(one, end):
                    present |= leaf(value, zone, base, lists)
        return present

    return taken


def _composite(composite: Composite) -> Take:
    def taken(resource: Mapping[str, Any], zone: ZoneInfo, base: str, lists: Lists) -> bool:
        del zone
        measures = lists[_MEASURES]
        before = len(measures)
        compose_one(composite, resource, base, measures)
        return len(measures) > before

    return taken


def _truth(param: SearchParam, found: tuple[Route, ...]) -> Take:
    def taken(resource: Mapping[str, Any], zone: ZoneInfo, base: str, lists: Lists) -> bool:
        del zone, base
        values = [value for way in found for value in walk(resource, way.steps)]
        told = any(value is not False for value in values)
        lists[_TOKENS].append((param.id, "", "true" if told else "false"))
        return True

    return taken


def _leaf(param: SearchParam, way: Route) -> _Leaf:
    take_value = LEAVES[param.kind, way.type]
    fill = _FILLS_BY_TYPE.get((param.kind, way.type)) or _FILLS[param.kind]
    target, number = way.resolves, param.id

    def taken(value: Any, zone: ZoneInfo, base: str, lists: Lists) -> bool:
        if target and not leads(value, target, base):
            return False
        take_value(value, number, *fill(zone, base, lists))
        return True

    return taken


_Fill = Callable[[ZoneInfo, str, Lists], tuple[Any, ...]]
_FILLS: Final[Mapping[str, _Fill]] = {
    "token": lambda _, __, lists: (lists[_TOKENS],),
    "reference": lambda _, __, lists: (lists[_REFERENCES],),
    "date": lambda zone, _, lists: (lists[_DATES], zone),
    "string": lambda _, __, lists: (lists[_STRINGS],),
    "number": lambda _, __, lists: (lists[_MEASURES],),
    "quantity": lambda _, __, lists: (lists[_MEASURES],),
    "uri": lambda _, __, lists: (lists[_URIS],),
}
_FILLS_BY_TYPE: Final[Mapping[tuple[str, str], _Fill]] = {
    ("token", "CodeableConcept"): lambda _, __, lists: (lists[_TOKENS], lists[_SAID]),
    ("token", "Coding"): lambda _, __, lists: (lists[_TOKENS], lists[_SAID]),
    ("token", "Identifier"): lambda _, __, lists: (
        lists[_TOKENS],
        lists[_SAID],
        lists[_MEASURES],
    ),
    ("reference", "Reference"): lambda _, base, lists: (lists[_REFERENCES], base, lists[_TOKENS]),
}
"""What the leaves of `gateway.fhir.leaves` are given besides value and parameter."""
