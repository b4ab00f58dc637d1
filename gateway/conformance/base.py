"""What R4's own definitions say of each element, beyond its structure: rules, bindings, extensions.

https://hl7.org/fhir/R4/validation.html
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from gateway.conformance import bindings
from gateway.conformance.invariants import Rules
from gateway.conformance.profile import Look, claimed
from gateway.conformance.report import Report
from gateway.conformance.tree import BASE, Node, tree
from gateway.conformance.values import NESTED, Value, members, of_resource
from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.library import Library
from gateway.fhir.structures import codes, structure

OWN: Final = "urn:hutong:ext:"
MODIFIER: Final = "modifierExtension"
EMPTY: Final = Node("")


def look(
    library: Library, report: Report, resource: Mapping[str, Any], profiles: Sequence[str]
) -> None:
    """Take down what definitions say of a resource and of those within it."""
    place = resource["resourceType"]
    _Resource(library, report, resource, resource).look(of_resource(resource, place), profiles)


@cache
def _nodes(type_: str) -> Mapping[str, Node]:
    """Return path -> node of a resource or data type, as R4 defines it."""
    found = tree(Library(), BASE + type_)
    nodes: dict[str, Node] = {}
    pending = [found.root] if found else []
    while pending:
        node = pending.pop()
        nodes[node.path] = node
        pending += node.children.values()
    return nodes


@cache
def _node(path: str, name: str) -> Node:
    """Return what R4 says of an element of a type or of a group of elements."""
    head = path.partition(".")[0]
    return _nodes(head).get(f"{path}.{name}", EMPTY)


@cache
def _root(type_: str) -> Node:
    return _nodes(type_).get(type_, EMPTY)


class _Resource:
    """One resource, contained or not, with all that is in it."""

    def __init__(
        self,
        library: Library,
        report: Report,
        resource: Mapping[str, Any],
        root: Mapping[str, Any],
    ) -> None:
        self._library = library
        self._report = report
        self._resource = resource
        self._top = root
        self._rules = Rules(report, resource, root)
        self._look = Look(library, report, self._rules)

    def look(self, value: Value, profiles: Sequence[str]) -> None:
        """Look at the resource itself, then with each profile."""
        self._value(value, _root(value.type))
        known = dict.fromkeys([*claimed(self._resource), *profiles])
        for url in known:
            profile = tree(self._library, url)
            if profile is not None:
                self._look.resource(value, profile)
            else:
                severity = "error" if url in profiles else "warning"
                text = "The profile is not here: it was not looked at."
                self._report.add(severity, "not-found", text, f"{value.place}.meta.profile")

    def _value(self, value: Value, node: Node) -> None:
        """Look at one value with what its element and its type say, then at what is in it."""
        if value.value is not None:
            self._said(value, node)
        for index, one in enumerate(value.extensions if value.primitive else ()):
            self._extension(
                Value(one, "Extension", f"{value.place}.extension[{index}]", "extension")
            )
        if value.primitive:
            return
        for element, found in members(value):
            inner = _node(_defined_at(value.type, element.key), element.name)
            for one in found:
                self._member(one, inner, element.type)

    def _said(self, value: Value, node: Node) -> None:
        """Look at one value with rules, binding and profiles of its element and type."""
        for constraint in (*node.constraints, *self._of_type(value, node)):
            self._rules.judge(constraint, value)
        bindings.judge(self._library, self._report, self._binding(value, node), value)
        for kind in node.kinds:
            # A SimpleQuantity is a Quantity that has no comparator.
            if kind.profiles and kind.code == value.type:
                self._look.on_type(value, kind)

    def _of_type(self, value: Value, node: Node) -> Any:
        if value.primitive or "." in value.type or node.path == value.type:
            return ()
        return _root(value.type).constraints

    def _binding(self, value: Value, node: Node) -> tuple[str, str]:
        """Return the binding, unless the structure was checked for it."""
        strength, url = node.binding
        checked = value.type in {"code", "CodeableConcept"} and strength == "required"
        return ("", "") if checked and _is_listed(url) else node.binding

    def _member(self, value: Value, node: Node, type_: str) -> None:
        if type_ == NESTED:
            if value.type in TYPE_IDS:
                contained = value.key == "contained"
                root = self._top if contained else value.value
                inner = _Resource(self._library, self._report, value.value, root)
                inner.look(value, [])
            return
        self._value(value, node)
        if value.type == "Extension":
            self._extension(value, known=True)

    def _extension(self, value: Value, *, known: bool = False) -> None:
        """Look at an extension with its own definition."""
        if not known:
            self._value(value, EMPTY)
        url = value.value.get("url", "")
        if url.startswith(OWN) or ("/" not in url and ":" not in url):
            return  # the gateway's own, or a part of a complex one, looked at with the whole
        profile = tree(self._library, url)
        if profile is not None and profile.type == "Extension":
            self._look.resource(value, profile)
        elif value.key == MODIFIER:
            text = "The definition of this modifier extension is not here."
            self._report.add("warning", "extension", text, value.place)
        else:
            text = "The definition of this extension is not here."
            self._report.add("information", "extension", text, value.place)


@cache
def _defined_at(type_: str, key: str) -> str:
    """Return the path whose definition has an element: a type's own, or that of its base."""
    element = structure(type_)[key]
    for path in (type_, "DomainResource", "Resource", "BackboneElement", "Element"):
        if _node(path, element.name) is not EMPTY:
            return path
    return type_


@cache
def _is_listed(url: str) -> bool:
    try:
        return bool(codes(url.partition("|")[0].rpartition("/")[2]))
    except KeyError:
        return False
