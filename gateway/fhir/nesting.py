"""Resources within resources, taken out so that each is looked at by itself.

https://hl7.org/fhir/R4/references.html#contained, https://hl7.org/fhir/R4/bundle.html and
https://hl7.org/fhir/R4/parameters.html
"""

from collections.abc import Mapping
from typing import Any

import msgspec

Resource = Mapping[str, Any]
Siblings = Mapping[str, str]  # the types of contained resources by their ids

_CONTAINERS = {dict, list}
_STUB: dict[str, Any] = {}  # stands where a resource was taken out


def deeper_than(limit: int, resource: Resource) -> bool:
    """Return whether objects and arrays nest deeper than this many."""
    level: list[Any] = [resource]
    for _ in range(limit):
        level = [
            item
            for each in level
            for item in (each.values() if type(each) is dict else each)
            if type(item) in _CONTAINERS
        ]
        if not level:
            return False
    return True


class Within(msgspec.Struct, frozen=True, gc=False):
    """What stands where a resource is expected."""

    place: str
    value: object
    level: int = 0
    siblings: Siblings | None = None  # of a contained resource: those beside it, itself included


class Apart(msgspec.Struct, frozen=True, gc=False):
    """A resource without those within it, and these."""

    shell: Resource
    within: list[Within]
    contained: Siblings = {}


def taken_apart(resource: Resource, place: str, level: int) -> Apart:
    """Return the resource and those within it, apart; what has no right shape stays where it is."""
    name = resource["resourceType"]
    if name == "Bundle":
        return _bundle(resource, place, level + 1)
    if name == "Parameters":
        return _parameters(resource, place, level + 1)
    contained = resource.get("contained")
    if not isinstance(contained, list) or not contained:
        return Apart(resource, [])
    siblings = {
        each["id"]: str(each.get("resourceType", ""))
        for each in contained
        if isinstance(each, Mapping) and isinstance(each.get("id"), str)
    }
    within = [
        Within(f"{place}.contained[{index}]", each, level + 1, siblings)
        for index, each in enumerate(contained)
    ]
    return Apart({**resource, "contained": [_STUB] * len(contained)}, within, siblings)


def _bundle(bundle: Resource, place: str, level: int) -> Apart:
    within: list[Within] = []
    entries = bundle.get("entry")
    if not isinstance(entries, list):
        return Apart(bundle, within)
    shells = []
    for index, entry in enumerate(entries):
        at = f"{place}.entry[{index}]"
        shell = _without(entry, "resource", (at, level), within)
        if isinstance(shell, Mapping) and "response" in shell:
            response = _without(shell["response"], "outcome", (f"{at}.response", level), within)
            shell = {**shell, "response": response}
        shells.append(shell)
    return Apart({**bundle, "entry": shells}, within)


def _parameters(parameters: Resource, place: str, level: int) -> Apart:
    within: list[Within] = []
    shell = dict(parameters)
    pending: list[tuple[dict[str, Any], str, str]] = [(shell, "parameter", place)]
    while pending:
        holder, key, place = pending.pop()
        parts = holder.get(key)
        if not isinstance(parts, list):
            continue
        shells = []
        for index, part in enumerate(parts):
            at = f"{place}.{key}[{index}]"
            taken = _without(part, "resource", (at, level), within)
            if isinstance(taken, Mapping) and "part" in taken:
                taken = dict(taken)
                pending.append((taken, "part", at))
            shells.append(taken)
        holder[key] = shells
    return Apart(shell, within)


def _without(holder: object, key: str, at: tuple[str, int], within: list[Within]) -> object:
    """Return the object without the resource in one of its members, which goes to the others."""
    if not isinstance(holder, Mapping) or key not in holder:
        return holder
    place, level = at
    within.append(Within(f"{place}.{key}", holder[key], level))
    return {**holder, key: _STUB}
