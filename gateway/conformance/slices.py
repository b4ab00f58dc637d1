"""Which slice an item of an element belongs to.

https://hl7.org/fhir/R4/profiling.html#discriminator
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from gateway.conformance import bindings
from gateway.conformance.tree import BASE, Node, tree
from gateway.conformance.values import Value, named
from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.library import Library

THIS: Final = "$this"
EXTENSION: Final = "Extension"

_STEP = re.compile(r"(?:^|\.)(?P<name>[\w$\[\]]+)(?:\('?(?P<argument>[^')]*)'?\))?")


def belongs(library: Library, item: Value, part: Node, how: tuple[tuple[str, str], ...]) -> bool:
    """Return whether an item is of a slice, by its discriminators."""
    if not how:
        # Extensions are told apart by their address, and choices by their type, in any case.
        how = (("value", "url"),) if item.type == EXTENSION else (("type", THIS),)
    return all(_agrees(library, item, part, one) for one in how)


def _agrees(library: Library, item: Value, part: Node, how: tuple[str, str]) -> bool:
    kind, path = how
    steps = (
        []
        if path == THIS
        else [(one["name"], one["argument"] or "") for one in _STEP.finditer(path)]
    )
    if item.type == EXTENSION and steps == [("url", "")] and _profile(part):
        return bool(item.value.get("url") == _profile(part))
    values, node, resolved = _follow(library, item, part, steps)
    match kind:
        case "exists":
            return node is None or _exists(node, values)
        case "type" | "profile":
            # Of a profile the type counts: whether all of it is kept to would be asked in a circle.
            return node is not None and any(_is_typed(node, one, resolved) for one in values)
        case _:
            return node is not None and any(conforms(library, one, node) for one in values)


def _profile(part: Node) -> str:
    return next((one.partition("|")[0] for kind in part.kinds for one in kind.profiles), "")


def _exists(node: Node, values: list[Value]) -> bool:
    if node.most == 0:
        return not values
    return bool(values) or node.least == 0


def _is_typed(node: Node, value: Value, resolved: bool) -> bool:  # noqa: FBT001 - what the path said
    codes = {kind.code for kind in node.kinds}
    if not resolved:
        return value.type in codes
    return f"{BASE}{target_type(value)}" in {one for kind in node.kinds for one in kind.targets}


def target_type(value: Value) -> str:
    """Return the type that a reference says that it leads to, "" where it does not."""
    found = value.value if isinstance(value.value, Mapping) else {}
    if named_type := found.get("type"):
        return str(named_type).rpartition("/")[2]
    parts = str(found.get("reference", "")).partition("/_history/")[0].split("/")
    return next((one for one in parts[-2:-1] if one in TYPE_IDS), "")


Followed = tuple[list[Value], Node | None, bool]


def _follow(library: Library, item: Value, part: Node, steps: list[tuple[str, str]]) -> Followed:
    """Return the values at a discriminator's path, the node there, and whether it was resolved."""
    values, node, resolved = [item], part, False
    for name, argument in steps:
        if name == "resolve":
            resolved = True
            continue
        if name == "ofType":
            values = [one for one in values if one.type == argument]
            continue
        below = _child(library, node, name)
        values = [each for one in values for each in named(one, name)]
        if argument:
            values = [one for one in values if one.value.get("url") == argument]
            below = _sliced(below, argument)
        if below is None:
            return values, None, resolved
        node = below
    return values, node, resolved


def _child(library: Library, node: Node, name: str) -> Node | None:
    for each in (name, f"{name}[x]"):
        if each in node.children:
            return node.children[each]
    for kind in node.kinds:
        for url in kind.profiles:
            found = tree(library, url)
            if found is not None and name in found.root.children:
                return found.root.children[name]
    return None


def _sliced(node: Node | None, url: str) -> Node | None:
    parts = node.slices.values() if node else ()
    return next((one for one in parts if _profile(one) == url), None)


def conforms(library: Library, value: Value, node: Node) -> bool:
    """Return whether a value has what a node fixes, at any depth: nothing else counts here."""
    if node.fixed and not same(value.value, node.fixed[0]):
        return False
    if node.pattern and not includes(value.value, node.pattern[0]):
        return False
    is_coded = node.binding[0] == "required" and value.type in bindings.CODED
    if is_coded and not bindings.is_bound(library, node.binding, value):
        return False
    return all(_has(library, value, child) for child in node.children.values())


def _has(library: Library, value: Value, child: Node) -> bool:
    found = named(value, child.name)
    if not found:
        return not child.least and not any(part.least for part in child.slices.values())
    if not all(conforms(library, one, child) for one in found):
        return False
    return all(
        any(conforms(library, one, part) for one in found)
        for part in child.slices.values()
        if part.least
    )


def same(value: Any, wanted: Any) -> bool:
    """Return whether two values are equal; `true` is not 1."""
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    if isinstance(value, Mapping) and isinstance(wanted, Mapping):
        return value.keys() == wanted.keys() and all(same(value[key], wanted[key]) for key in value)
    if isinstance(value, list) and isinstance(wanted, list):
        return len(value) == len(wanted) and all(map(same, value, wanted))
    return bool(value == wanted)


def includes(value: Any, pattern: Any) -> bool:
    """Return whether a value has all that a pattern says."""
    if isinstance(pattern, Mapping):
        return isinstance(value, Mapping) and all(
            key in value and includes(value[key], part) for key, part in pattern.items()
        )
    if isinstance(pattern, list):
        return isinstance(value, list) and all(
            any(includes(one, part) for one in value) for part in pattern
        )
    return same(value, pattern)
