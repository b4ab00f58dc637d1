"""A value looked at with the tree of a profile.

https://hl7.org/fhir/R4/profiling.html: cardinality, types, fixed values and patterns, bindings,
slices, rules, profiles on types. What the base definition says is `base`'s business.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from gateway.conformance import bindings, slices
from gateway.conformance.invariants import Rules
from gateway.conformance.report import Report
from gateway.conformance.tree import BASE, Kind, Node, Tree, tree
from gateway.conformance.values import Value, named
from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.library import Library

UNTYPED: Final = frozenset({"BackboneElement", "Element", "Resource", "DomainResource", ""})
SYSTEM: Final = "http://hl7.org/fhirpath/"


class Look:
    """One look at one resource with whatever profiles it claims."""

    def __init__(self, library: Library, report: Report, rules: Rules) -> None:
        self.library = library
        self.report = report
        self.rules = rules

    def resource(self, value: Value, profile: Tree) -> None:
        """Look at a resource, or an extension, with a profile on its type."""
        if profile.type != value.type:
            text = f"The profile {_short(profile.url)} is on {profile.type}."
            self.report.add("error", "structure", text, value.place)
            return
        self._item(value, profile.root)

    def _children(self, holder: Value, node: Node) -> None:
        for child in node.children.values():
            self.report.budget.step()
            found = named(holder, child.name)
            self._count(found, child, f"{holder.place}.{child.name.removesuffix('[x]')}", "")
            for one in found:
                self._typed(one, child)
                self._item(one, child)
            if child.slices:
                self._sliced(found, child, holder.place)

    def _count(self, found: list[Value], node: Node, place: str, slice_: str) -> None:
        what = f"slice {slice_}" if slice_ else "element"
        if len(found) < node.least:
            text = f"This {what} is required at least {node.least} times."
            if node.least == 1:
                text = f"This {what} is required."
            self.report.add("error", "required", text, place)
        if node.most is not None and len(found) > node.most:
            text = f"This {what} is allowed at most {node.most} times."
            if node.most == 0:
                text = f"This {what} is not allowed."
            self.report.add("error", "structure", text, found[node.most].place)

    def _typed(self, value: Value, node: Node) -> None:
        codes = {kind.code for kind in node.kinds}
        if not codes or codes & UNTYPED or any(one.startswith(SYSTEM) for one in codes):
            return
        if value.type not in codes and "." not in value.type:
            text = f"The type is not one of {', '.join(sorted(codes))}."
            self.report.add("error", "structure", text, value.place)

    def _item(self, value: Value, node: Node) -> None:
        """Look at one value with what is said of its element."""
        if value.value is not None:
            self._value(value, node)
        self._children(value, node)
        for kind in node.kinds:
            if kind.code == value.type:
                self._kind(value, kind)
        for constraint in node.constraints:
            if value.value is not None:
                self.rules.judge(constraint, value)

    def _value(self, value: Value, node: Node) -> None:
        if node.fixed and not slices.same(value.value, node.fixed[0]):
            self.report.add("error", "value", "This is not the fixed value.", value.place)
        if node.pattern and not slices.includes(value.value, node.pattern[0]):
            text = "This does not have what the pattern says."
            self.report.add("error", "value", text, value.place)
        longest = node.longest or 0
        if longest and isinstance(value.value, str) and len(value.value) > longest:
            text = f"This is longer than {longest} characters."
            self.report.add("error", "too-long", text, value.place)
        bindings.judge(self.library, self.report, node.binding, value)

    def _kind(self, value: Value, kind: Kind) -> None:
        if kind.targets and value.type == "Reference":
            self._target(value, kind.targets)
        self.on_type(value, kind)

    def on_type(self, value: Value, kind: Kind) -> None:
        """Look at a value with the profiles on its type, of which one is to fit."""
        if not kind.profiles or value.value is None:
            return
        trees = [found for url in kind.profiles if (found := tree(self.library, url)) is not None]
        if len(trees) < len(kind.profiles):
            text = "A profile on the type is not here: it was not looked at."
            self.report.add("warning", "not-found", text, value.place)
        elif len(trees) == 1:
            self._item(value, trees[0].root)
        elif not any(self._fits(value, one) for one in trees):
            text = "This keeps to none of the profiles on its type."
            self.report.add("error", "structure", text, value.place)

    def _fits(self, value: Value, profile: Tree) -> bool:
        with self.report.trying() as trial:
            self._item(value, profile.root)
        return not trial.errors

    def _target(self, value: Value, targets: Iterable[str]) -> None:
        """Look at the type that a reference names; what it leads to is not looked at."""
        type_ = slices.target_type(value)
        allowed = {self._type_of(one) for one in targets}
        if type_ in TYPE_IDS and allowed.isdisjoint({type_, "Resource", ""}):
            text = f"A reference to {', '.join(sorted(allowed))} was expected."
            self.report.add("error", "structure", text, value.place)

    def _type_of(self, url: str) -> str:
        """Return the type that a profile is on, "" where that cannot be told."""
        name = url.removeprefix(BASE)
        if name in TYPE_IDS or name == "Resource":
            return name
        found = tree(self.library, url)
        return found.type if found else ""

    def _sliced(self, found: list[Value], node: Node, place: str, above: str = "") -> None:
        """Look at the slices of an element, or with `above` at those that a slice has itself."""
        parts = {name: one for name, one in node.slices.items() if _above(node, name) == above}
        slicing = node.slices[above].slicing if above else node.slicing
        how = slicing.discriminators if slicing else ()
        members: dict[str, list[Value]] = {name: [] for name in parts}
        order: list[int] = []
        for one in found:
            name = self._slice_of(one, parts, how)
            if name:
                members[name].append(one)
                order.append(list(members).index(name))
            elif slicing and slicing.rules == "closed":
                text = "This belongs to none of the slices, and no others are allowed."
                self.report.add("error", "structure", text, one.place)
        if slicing and slicing.ordered and order != sorted(order):
            text = "The slices are not in their order."
            self.report.add("error", "structure", text, f"{place}.{node.name}")
        for name, part in parts.items():
            self._count(members[name], part, f"{place}.{node.name.removesuffix('[x]')}", name)
            for one in members[name]:
                self._typed(one, part)
                self._item(one, part)
            if any(_above(node, each) == name for each in node.slices):
                self._sliced(members[name], node, place, name)

    def _slice_of(
        self, item: Value, parts: Mapping[str, Node], how: tuple[tuple[str, str], ...]
    ) -> str:
        for name, part in parts.items():
            self.report.budget.step()
            # `value[x]:valueQuantity` is told by its key, whatever else is said.
            if item.key == name or slices.belongs(self.library, item, part, how):
                return name
        return ""


def _above(node: Node, name: str) -> str:
    """Return the slice that a slice is one of: `official` of `official/card`, "" of others."""
    above = name.rpartition("/")[0]
    return above if above in node.slices else ""


def _short(url: str) -> str:
    return url.rpartition("/")[2][:64]


def claimed(resource: Mapping[str, Any]) -> list[str]:
    """Return the profiles that a resource says it keeps to."""
    # In the place of an address that is but an extension stands null.
    return list(filter(None, resource.get("meta", {}).get("profile", ())))
