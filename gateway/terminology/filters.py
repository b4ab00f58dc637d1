"""The filters by which a value set picks codes of a system.

https://hl7.org/fhir/R4/valueset-filter-operator.html
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

import jsonschema_rs

from gateway.errors import NotSupportedError
from gateway.fhir.library import Resource
from gateway.terminology.systems import Concept, System

CODES: Final = frozenset({"concept", "code"})
Test = Callable[[Concept], bool]


def chosen(system: System, filters: list[Resource] | tuple[Resource, ...]) -> set[str]:
    """Return the codes of a system that pass every filter."""
    tests = [test(system, one) for one in filters]
    return {code for code, one in system.concepts.items() if all(each(one) for each in tests)}


def test(system: System, one: Resource) -> Test:
    """Return the test of a filter; NotSupportedError where R4 has no such operator."""
    make = _OPERATORS.get(str(one.get("op", "")))
    if make is None:
        raise NotSupportedError("A filter of the value set is not supported.")
    return make(system, str(one.get("property", "")), str(one.get("value", "")))


def passes(system: System, one: Resource, concept: Concept) -> bool:
    """Return whether one code passes a filter: from it up is shorter than from the value down."""
    code, value = concept.code, str(one.get("value", ""))
    match one.get("op"):
        case "is-a":
            return value in system.above(code)
        case "descendent-of":
            return value != code and value in system.above(code)
        case "is-not-a":
            return value not in system.above(code)
        case _:
            return test(system, one)(concept)


def _values(concept: Concept, name: str) -> list[str]:
    """Return what a concept says under a name: its code, its display, or a property."""
    if name in CODES:
        return [concept.code]
    if name == "display":
        return [concept.display]
    if name == "parent":
        return sorted(concept.parents)
    return [_text(value) for value in concept.values(name)]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value.get("code", "")) if isinstance(value, Mapping) else str(value)


def _within(codes: set[str], *, inside: bool = True) -> Test:
    return lambda concept: (concept.code in codes) is inside


def _equals(_: System, name: str, value: str) -> Test:
    return lambda concept: value in _values(concept, name)


def _in(_: System, name: str, value: str) -> Test:
    listed = {one.strip() for one in value.split(",")}
    return lambda concept: not listed.isdisjoint(_values(concept, name))


def _not_in(system: System, name: str, value: str) -> Test:
    inside = _in(system, name, value)
    return lambda concept: not inside(concept)


def _exists(_: System, name: str, value: str) -> Test:
    wanted = value == "true"
    return lambda concept: bool([one for one in _values(concept, name) if one]) is wanted


def _regex(_: System, name: str, value: str) -> Test:
    matches = _pattern(value)
    return lambda concept: any(map(matches, _values(concept, name)))


@lru_cache(1_024)
def _pattern(value: str) -> Callable[[object], bool]:
    """Return the test of a regular expression, which takes linear time whatever it is."""
    try:
        return jsonschema_rs.Draft202012Validator(
            {"pattern": f"^(?:{value})$"}, pattern_options=jsonschema_rs.RegexOptions()
        ).is_valid
    except ValueError as error:
        text = "A regular expression of the value set is not supported."
        raise NotSupportedError(text) from error


_OPERATORS: Final[Mapping[str, Callable[[System, str, str], Test]]] = {
    "=": _equals,
    "is-a": lambda system, _, value: _within(system.below(value)),
    "descendent-of": lambda system, _, value: _within(system.below(value) - {value}),
    "is-not-a": lambda system, _, value: _within(system.below(value), inside=False),
    "generalizes": lambda system, _, value: _within(system.above(value)),
    "regex": _regex,
    "in": _in,
    "not-in": _not_in,
    "exists": _exists,
}
