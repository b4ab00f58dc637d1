"""The exact look at a resource's structure: what is wrong, in our words, by place, never by value.

https://hl7.org/fhir/R4/json.html and https://hl7.org/fhir/R4/datatypes.html
"""

import re
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, Final

from gateway.errors import Issue
from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.primitives import json_type, right_kind, valid
from gateway.fhir.structures import Element, Structure, codes, structure

MAX_ISSUES: Final = 100

_ABSENT: Final = object()
_BESIDE: Final = "Element"  # the type of the id and extensions beside a primitive value
# A name that the sender made up is told only where it can hold nothing but a word.
_NAME = re.compile("_?[A-Za-z]{1,40}")


def issues_in(resource: Mapping[str, Any], place: str) -> list[Issue]:
    """Return what is wrong with the structure of one resource, those within it left out."""
    return Walk().look(resource, str(resource["resourceType"]), place)


class Walk:
    """One look at one resource, level by level, so that depth costs no stack."""

    def __init__(self) -> None:
        self._issues: list[Issue] = []
        self._pending: deque[tuple[Mapping[str, Any], str, str]] = deque()

    def look(self, resource: Mapping[str, Any], path: str, place: str) -> list[Issue]:
        """Return what is wrong, what is near the top first."""
        self._members(resource, path, place)
        while self._pending and len(self._issues) < MAX_ISSUES:
            value, path, place = self._pending.popleft()
            if not value:
                self._wrong("structure", "An empty object is not allowed.", place)
            elif len(value) == 1 and "id" in value and path != _BESIDE:
                self._wrong("structure", "An object needs more than an id.", place)
            self._members(value, path, place)
        return self._issues[:MAX_ISSUES]

    def _wrong(self, code: str, text: str, place: str) -> None:
        self._issues.append(Issue("error", code, text, place))

    def _members(self, value: Mapping[str, Any], path: str, place: str) -> None:
        elements = structure(path)
        present: dict[str, list[str]] = {}
        for key in value:
            stem = key.removeprefix("_")
            element = elements.get(stem)
            if element is None or (key != stem and not element.primitive):
                if key != "resourceType" or path not in TYPE_IDS:
                    shown = key if _NAME.fullmatch(key) else "?"
                    self._wrong("structure", "Unknown element.", f"{place}.{shown}")
            elif key == stem or stem not in value:  # else it is looked at with its value
                present.setdefault(element.name, []).append(stem)
                look = self._primitive if element.primitive else self._complex
                look(element, value, f"{place}.{stem}")
        self._cardinality(elements, present, place)

    def _cardinality(
        self, elements: Structure, present: Mapping[str, list[str]], place: str
    ) -> None:
        required = {element.name: None for element in elements.values() if element.least}
        for name in required:
            if name not in present:
                self._wrong("required", "This element is required.", f"{place}.{name}")
        for name, keys in present.items():
            if len(keys) > 1:
                self._wrong("structure", f"Only one {name} is allowed.", f"{place}.{name}")

    def _items(self, value: object, place: str) -> Iterator[tuple[int, Any]]:
        """Yield the items of what must be an array, nothing where it is none."""
        if not isinstance(value, list):
            self._wrong("structure", "An array was expected.", place)
        elif not value:
            self._wrong("structure", "An empty array is not allowed.", place)
        else:
            yield from enumerate(value)

    def _complex(self, element: Element, holder: Mapping[str, Any], place: str) -> None:
        value = holder[element.key]
        if not element.many:
            self._object(element, value, place)
            return
        for index, item in self._items(value, place):
            self._object(element, item, f"{place}[{index}]")

    def _object(self, element: Element, value: object, place: str) -> None:
        if not isinstance(value, Mapping):
            self._wrong("structure", "An object was expected.", place)
            return
        if element.type == "Resource":
            return
        self._pending.append((value, element.type, place))
        if element.binding and element.type == "CodeableConcept":
            self._bound(element.binding, value, place)

    def _bound(self, binding: str, concept: Mapping[str, Any], place: str) -> None:
        listed = {(system, code) for system, each in codes(binding).items() for code in each}
        codings = concept.get("coding")
        for coding in codings if isinstance(codings, list) else ():
            if isinstance(coding, Mapping):
                # As text, since what a broken Coding holds need not be text.
                pair = str(coding.get("system")), str(coding.get("code"))
                if pair in listed:
                    return
        self._wrong("code-invalid", f"No coding is from the value set {binding}.", place)

    def _primitive(self, element: Element, holder: Mapping[str, Any], place: str) -> None:
        value = holder.get(element.key, _ABSENT)
        extra = holder.get(f"_{element.key}", _ABSENT)
        if not element.many:
            self._single(element, (value, extra), place)
            return
        values = [] if value is _ABSENT else [item for _, item in self._items(value, place)]
        extras = [] if extra is _ABSENT else [item for _, item in self._items(extra, place)]
        # Where one array is shorter, its missing items are as good as null.
        for index in range(max(len(values), len(extras))):
            pair = tuple(
                items[index] if index < len(items) and items[index] is not None else _ABSENT
                for items in (values, extras)
            )
            self._single(element, (pair[0], pair[1]), f"{place}[{index}]")

    def _single(self, element: Element, pair: tuple[object, object], place: str) -> None:
        value, extra = pair
        if extra is not _ABSENT:
            if isinstance(extra, Mapping):
                self._pending.append((extra, _BESIDE, place))
            else:
                self._wrong("structure", "An object was expected beside the value.", place)
        if value is not _ABSENT:
            self._value(element, value, place)
        elif not isinstance(extra, Mapping) or "extension" not in extra:
            self._wrong("structure", "A value or an extension in its place is needed.", place)

    def _value(self, element: Element, value: object, place: str) -> None:
        kind = element.type
        if not right_kind(kind, value):
            text = f"A JSON {json_type(kind)} was expected."
            self._wrong("structure", text, place)
        elif value == "":
            self._wrong("structure", "An empty string is not allowed.", place)
        elif not valid(kind, value):
            self._wrong("value", f"This is not a valid {kind}.", place)
        elif (
            element.binding
            and kind == "code"
            and not any(value in listed for listed in codes(element.binding).values())
        ):
            text = f"The code is not from the value set {element.binding}."
            self._wrong("code-invalid", text, place)
