"""Whether references point to a type that they may point to.

https://hl7.org/fhir/R4/references.html; a logical reference counts by its `type`.
"""

import functools
import re
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.errors import Issue
from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.structures import Element, structure

# What can hold an extension can hold any reference, and an extension's may point to any type.
_OPEN = {"Extension", "Reference", "Resource"}
_ABSOLUTE = re.compile(r"https?://.+/([A-Z]\w+)/[A-Za-z0-9.-]{1,64}(?:/_history/[A-Za-z0-9.-]+)?")

Contained = Mapping[str, str]  # the type of each contained resource by its id
# Key, whether an array, and the element of a reference or the type of an object that has some.
Step = tuple[str, bool, Element | str]


@functools.cache
def plan(path: str) -> Sequence[Step]:
    """Return the way to the references of a type that are bound to some types."""
    steps: list[Step] = []
    for key, element in structure(path).items():
        if element.type == "Reference":
            if element.targets:
                steps.append((key, element.many, element))
        elif not element.primitive and element.type in _types_with_targets(path):
            steps.append((key, element.many, element.type))
    return tuple(steps)


@functools.cache
def _types_with_targets(path: str) -> frozenset[str]:
    """Return the types below a type that have bound references, directly or below."""
    below: dict[str, set[str]] = {}
    pending, found = [path], set[str]()
    while pending:
        name = pending.pop()
        if name in below:
            continue
        elements = structure(name).values()
        below[name] = {element.type for element in elements if not element.primitive} - _OPEN
        if any(element.targets for element in elements):
            found.add(name)
        pending += below[name]
    while more := {name for name, types in below.items() if types & found} - found:
        found |= more
    return frozenset(found)


def issues_in(resource: Mapping[str, Any], place: str, contained: Contained) -> list[Issue]:
    """Return the references to a wrong type: errors where the subject is named, else warnings."""
    found: list[Issue] = []
    _walk(resource, resource["resourceType"], (place, contained), found)
    return found


def _walk(
    value: Mapping[str, Any], path: str, where: tuple[str, Contained], found: list[Issue]
) -> None:
    for key, many, element in plan(path):
        item = value.get(key)
        if item is None:
            continue
        if isinstance(element, str):
            for index, each in enumerate(item if many else (item,)):
                place = f"{where[0]}.{key}[{index}]" if many else f"{where[0]}.{key}"
                _walk(each, element, (place, where[1]), found)
            continue
        for index, reference in enumerate(item if many else (item,)):
            literal = reference.get("reference", "")
            # Nearly every reference is relative and right; the others are told apart below.
            if literal.partition("/")[0] not in element.targets:
                target = _target(reference, literal, where[1])
                if target and target not in element.targets:
                    place = f"{where[0]}.{key}[{index}]" if many else f"{where[0]}.{key}"
                    found.append(_issue(element, place))


def _target(reference: Mapping[str, Any], literal: str, contained: Contained) -> str:
    """Return the type that a reference points to, nothing where that cannot be told."""
    if not literal:
        return str(reference.get("type", "")).rpartition("/")[2]
    if literal.startswith("#"):
        return contained.get(literal[1:], "")
    name = literal.partition("/")[0].partition("?")[0]
    if ":" in name:
        found = _ABSOLUTE.fullmatch(literal)
        return found[1] if found is not None and found[1] in TYPE_IDS else ""
    return name


def _issue(element: Element, place: str) -> Issue:
    types = " or ".join(sorted(element.targets))
    severity = "error" if element.strict else "warning"
    return Issue(severity, "value", f"The reference must point to {types}.", place)
