"""The values that an element has in JSON, each with its type and place.

https://hl7.org/fhir/R4/json.html
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.structures import PRIMITIVES, Element, structure

NESTED: Final = "Resource"


@dataclass(frozen=True, slots=True)
class Value:
    """One value. `type` is a data type, a resource type, or the path of a group of elements.

    `beside` holds the id and extensions of a primitive value, whose `value` may be None.
    """

    value: Any
    type: str
    place: str
    key: str = ""
    beside: Mapping[str, Any] | None = None

    @property
    def primitive(self) -> bool:
        """Whether it is a string, number or boolean."""
        return self.type in PRIMITIVES

    @property
    def extensions(self) -> list[Any]:
        """The extensions of the value."""
        holder = self.beside if self.primitive else self.value
        return list(holder.get("extension", ())) if isinstance(holder, Mapping) else []


def of_resource(resource: Mapping[str, Any], place: str) -> Value:
    """Return a resource as a value."""
    return Value(resource, resource["resourceType"], place)


def members(holder: Value) -> Iterator[tuple[Element, list[Value]]]:
    """Yield the elements that an object has, each with its values."""
    if holder.primitive or not isinstance(holder.value, Mapping):
        return
    for key, element in structure(holder.type).items():
        found = _values(holder, key, element)
        if found:
            yield element, found


def named(holder: Value, name: str) -> list[Value]:
    """Return the values of one element, whatever type it has."""
    if holder.primitive:
        return _beside(holder, name)
    if not isinstance(holder.value, Mapping):
        return []
    elements = structure(holder.type)
    keys = [name] if name in elements else _keys(holder.type, name)
    return [one for key in keys for one in _values(holder, key, elements[key])]


def _beside(holder: Value, name: str) -> list[Value]:
    if name != "extension":
        return []
    return [
        Value(one, "Extension", f"{holder.place}.extension[{index}]", "extension")
        for index, one in enumerate(holder.extensions)
    ]


def _keys(type_: str, name: str) -> list[str]:
    wanted = {name, f"{name}[x]"}
    return [key for key, element in structure(type_).items() if element.name in wanted]


def _values(holder: Value, key: str, element: Element) -> list[Value]:
    found, beside = holder.value.get(key), holder.value.get(f"_{key}")
    if found is None and beside is None:
        return []
    place = f"{holder.place}.{key}"
    if not element.many:
        return [_value(element, found, beside, place)]
    items, extras = found or [], beside or []
    return [
        _value(
            element,
            items[index] if index < len(items) else None,
            extras[index] if index < len(extras) else None,
            f"{place}[{index}]",
        )
        for index in range(max(len(items), len(extras)))
    ]


def _value(element: Element, value: Any, beside: Any, place: str) -> Value:
    type_ = element.type
    if type_ == NESTED and isinstance(value, Mapping) and value.get("resourceType") in TYPE_IDS:
        type_ = value["resourceType"]
    return Value(value, type_, place, element.key, beside)
