"""A StructureDefinition as a tree of elements, ready to look at values with.

https://hl7.org/fhir/R4/elementdefinition.html and https://hl7.org/fhir/R4/profiling.html
"""

import copy
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from gateway.errors import CostlyError
from gateway.fhir.library import Definition, Library, Resource
from gateway.fhir.structures import structure

BASE: Final = "http://hl7.org/fhir/StructureDefinition/"
DEEPEST: Final = 16
MOST: Final = 10_000
"""Elements of a definition."""
LEVELS: Final = 40
WHOLE: Final = re.compile(r"[0-9]{1,9}")
KEPT: Final = 256


@dataclass(frozen=True, slots=True)
class Kind:
    """A type that an element may have, with the profiles on it and on what it points to."""

    code: str
    profiles: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Constraint:
    """A rule about an element."""

    key: str
    severity: str
    human: str
    expression: str


@dataclass(frozen=True, slots=True)
class Slicing:
    """By what the items of an element are told apart: (type, path) each."""

    discriminators: tuple[tuple[str, str], ...]
    rules: str = "open"
    ordered: bool = False


@dataclass(slots=True)
class Node:
    """What is said of one element, or of one slice of it. `most` None is any number."""

    name: str
    path: str = ""
    least: int = 0
    most: int | None = None
    kinds: tuple[Kind, ...] = ()
    fixed: tuple[Any, ...] = ()
    pattern: tuple[Any, ...] = ()
    binding: tuple[str, str] = ("", "")  # strength, value set
    longest: int | None = None
    constraints: tuple[Constraint, ...] = ()
    slicing: Slicing | None = None
    slices: "dict[str, Node]" = field(default_factory=dict)
    children: "dict[str, Node]" = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tree:
    """A whole definition."""

    url: str
    type: str
    root: Node


def tree(library: Library, url: str) -> Tree | None:
    """Return the tree of a definition, None where there is none, or none yet."""
    chain: list[Definition] = []
    address = url
    for _ in range(DEEPEST):
        definition = library.get("StructureDefinition", address)
        if definition is None:
            return None
        chain.append(definition)
        if "snapshot" in definition.resource or "baseDefinition" not in definition.resource:
            return _kept(_Chain(tuple(one.key for one in chain), tuple(chain)))
        address = definition.resource["baseDefinition"]
    raise CostlyError("The profiles are derived from each other without an end.")


@dataclass(frozen=True, slots=True)
class _Chain:
    """A definition and those it is derived from, told from others by their versions alone."""

    key: tuple[tuple[str, str, int], ...]
    definitions: tuple[Definition, ...] = field(compare=False)


@lru_cache(KEPT)
def _kept(chain: _Chain) -> Tree:
    """Return the tree of the last definition with what the others add to it."""
    resource = chain.definitions[-1].resource
    elements = resource.get("snapshot", resource.get("differential", {})).get("element", ())
    root = Node(resource.get("type", ""))
    _overlay(root, elements)
    for definition in reversed(chain.definitions[:-1]):
        root = copy.deepcopy(root)
        _overlay(root, definition.resource.get("differential", {}).get("element", ()))
    first = chain.definitions[0].resource
    return Tree(first.get("url", ""), first.get("type", ""), root)


def _overlay(root: Node, elements: Iterable[Resource]) -> None:
    for count, element in enumerate(elements):
        if "path" not in element:
            continue  # with but an extension in its place it says of nothing what it says
        named = element.get("id") or element["path"]
        if count >= MOST or named.count(".") >= LEVELS:
            raise CostlyError("The profile says too much.")
        if "id" not in element and "sliceName" in element:
            named = f"{named}:{element['sliceName']}"
        _state(_at(root, named.split(".")[1:]), element)


def _at(root: Node, segments: Iterable[str]) -> Node:
    """Return the node of an element's id, made if need be."""
    node = root
    for segment in segments:
        name, _, slice_ = segment.partition(":")
        if not slice_:
            name, slice_ = _chosen(node, name)
        child = node.children.setdefault(name, Node(name))
        node = child.slices.setdefault(slice_, Node(name)) if slice_ else child
    return node


def _chosen(node: Node, name: str) -> tuple[str, str]:
    """Return `valueQuantity` as the slice of `value[x]` that it stands for."""
    if name in node.children or not node.path:
        return name, ""
    try:
        element = structure(node.path).get(name)
    except (FileNotFoundError, KeyError):  # a path that is none of R4's
        return name, ""
    return (element.name, name) if element is not None and element.choice else (name, "")


def _state(node: Node, element: Resource) -> None:
    """Add what an element definition says to its node."""
    node.path = element["path"]
    node.least = element.get("min", node.least)
    if "max" in element:
        # What is no number bounds nothing.
        node.most = int(element["max"]) if WHOLE.fullmatch(element["max"]) else None
    if "type" in element:
        node.kinds = tuple(map(_kind, element["type"]))
    for name, value in element.items():
        if name.startswith("fixed"):
            node.fixed = (value,)
        elif name.startswith("pattern"):
            node.pattern = (value,)
    binding = element.get("binding", {})
    if "valueSet" in binding:
        node.binding = binding.get("strength", ""), binding["valueSet"]
    node.longest = element.get("maxLength", node.longest)
    known = {one.key: one for one in node.constraints}
    known |= {one["key"]: _constraint(one) for one in element.get("constraint", ()) if "key" in one}
    node.constraints = tuple(known.values())
    if "slicing" in element:
        node.slicing = _slicing(element["slicing"])


def _kind(value: Mapping[str, Any]) -> Kind:
    return Kind(
        value.get("code", ""),
        tuple(filter(None, value.get("profile", ()))),
        tuple(filter(None, value.get("targetProfile", ()))),
    )


def _constraint(value: Mapping[str, Any]) -> Constraint:
    severity, human = value.get("severity", "error"), value.get("human", "")
    return Constraint(value["key"], severity, human, value.get("expression", ""))


def _slicing(value: Mapping[str, Any]) -> Slicing:
    listed = [one for one in value.get("discriminator", ()) if {"type", "path"} <= one.keys()]
    found = tuple((one["type"], one["path"]) for one in listed)
    return Slicing(found, value.get("rules", "open"), bool(value.get("ordered")))
