"""A part of a resource: its summary, its text, its data, or the elements that are named.

https://hl7.org/fhir/R4/search.html#summary and #elements. What is left keeps its digits; the tag
SUBSETTED says that something may be missing.
"""

import functools
from collections.abc import Mapping
from typing import Any, Final, Literal

from gateway.fhir import tables
from gateway.fhir.codec import Resource
from gateway.fhir.structures import structure

Summary = Literal["", "true", "text", "data"]

SUBSETTED: Final = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
}
_ALWAYS: Final = frozenset({"resourceType", "id", "meta", "implicitRules", "modifierExtension"})


@functools.cache
def _summaries() -> Mapping[str, frozenset[str]]:
    return {row["path"]: frozenset(row["elements"].split()) for row in tables.read("summary")}


@functools.cache
def _required(type_: str) -> frozenset[str]:
    return frozenset(one.name for one in structure(type_).values() if one.least)


def is_element(type_: str, name: str) -> bool:
    """Return whether a type has an element of this name; a choice has its name without type."""
    elements = structure(type_)
    return name in elements or any(one.name == f"{name}[x]" for one in elements.values())


def summarised(resource: Resource, how: Summary) -> Resource:
    """Return what a summary shows of a resource."""
    type_ = str(resource["resourceType"])
    if how == "data":
        return _tagged(
            {name: one for name, one in resource.items() if name not in {"text", "_text"}}
        )
    if how == "text":
        return _tagged(_chosen(resource, type_, _required(type_) | {"text"}))
    return _tagged(_summary(resource, type_))


def chosen(resource: Resource, names: frozenset[str]) -> Resource:
    """Return the named elements of a resource, and what it must have."""
    type_ = str(resource["resourceType"])
    wanted = names | {f"{name}[x]" for name in names} | _required(type_)
    return _tagged(_chosen(resource, type_, wanted))


def _chosen(resource: Resource, type_: str, names: frozenset[str] | set[str]) -> Resource:
    elements = structure(type_)
    found: Resource = {}
    for name, value in resource.items():
        stem = name.removeprefix("_")
        element = elements.get(stem)
        if stem in _ALWAYS or stem in names or (element is not None and element.name in names):
            found[name] = value
    return found


def _summary(value: Mapping[str, Any], path: str) -> Resource:
    """Return what a summary shows of an object, and what it would be broken without."""
    summary = _summaries().get(path)
    if summary is None:
        return dict(value)  # a data type is shown whole
    names = summary | _required(path) | _ALWAYS
    elements = structure(path)
    found: Resource = {}
    for name, one in value.items():
        stem = name.removeprefix("_")
        element = elements.get(stem)
        if element is None or element.name not in names:
            if stem in _ALWAYS:
                found[name] = one
        elif "." not in element.type:
            found[name] = one
        elif shown := _group(one, element.type):
            found[name] = shown
    return found


def _group(value: Any, type_: str) -> Any:
    """Return what is shown of a group of elements, however often it comes; it may be nothing."""
    if isinstance(value, list):
        return [shown for one in value if (shown := _summary(one, type_))]
    return _summary(value, type_)


def _tagged(resource: Resource) -> Resource:
    meta = dict(resource.get("meta", {}))
    tags = [one for one in meta.get("tag", ()) if one.get("code") != SUBSETTED["code"]]
    meta["tag"] = [*tags, SUBSETTED]
    head = {name: resource[name] for name in ("resourceType", "id") if name in resource}
    return head | {"meta": meta} | {k: v for k, v in resource.items() if k not in {*head, "meta"}}
