"""FHIRPath Patch: a Parameters resource of operations.

https://hl7.org/fhir/R4/fhirpatch.html. Values are exact ones: decimals as `msgspec.Raw`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.errors import InvalidRequestError, UnprocessableError
from gateway.fhir.codec import Resource
from gateway.fhir.patch.json_patch import MAX_OPERATIONS, clone
from gateway.fhir.patch.spots import Budget, Path, Spot, Spots, find, parse
from gateway.fhir.place import placed
from gateway.fhir.structures import Element

PARTS: Final[Mapping[str, frozenset[str]]] = {
    "add": frozenset({"name", "value"}),
    "insert": frozenset({"index", "value"}),
    "delete": frozenset(),
    "replace": frozenset({"value"}),
    "move": frozenset({"source", "destination"}),
}
"""What each type of operation has beside its type and path."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation; `place` is where it stands in the Parameters."""

    type: str
    path: Path
    place: str
    name: str = ""
    value: Mapping[str, Any] | None = None  # the part that holds it
    numbers: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class _Root:
    """The resource that a patch is applied to."""

    spot: Spot
    budget: Budget

    def find(self, path: Path) -> Spots:
        return find(self.spot, path, self.budget)


def read(parameters: Resource) -> list[Operation]:
    """Return the operations of a Parameters; InvalidRequestError where it is no patch."""
    if parameters.get("resourceType") != "Parameters":
        raise InvalidRequestError("A FHIRPath Patch is a Parameters.", expression="resourceType")
    sent = parameters.get("parameter", [])
    if len(sent) > MAX_OPERATIONS:
        raise InvalidRequestError(f"A patch has at most {MAX_OPERATIONS} operations.")
    found = []
    for index, one in enumerate(sent):
        with placed(f"Parameters.parameter[{index}]"):
            found.append(_operation(one, f"Parameters.parameter[{index}]"))
    return found


def apply(resource: Resource, operations: list[Operation]) -> Resource:
    """Return the resource after all operations; it is changed on the way."""
    root = _Root(Spot(resource, str(resource["resourceType"])), Budget())
    for one in operations:
        with placed(one.place):
            _OPERATIONS[one.type](root, one)
    return resource


def _operation(one: Mapping[str, Any], place: str) -> Operation:
    if one.get("name") != "operation":
        raise InvalidRequestError("Each parameter is an operation.")
    parts: dict[str, Mapping[str, Any]] = {}
    for part in one.get("part", ()):
        if "name" not in part:
            raise InvalidRequestError("A part of the operation has no name.")
        if part["name"] in parts:
            raise InvalidRequestError("A part of the operation stands there twice.")
        parts[part["name"]] = part
    type_ = _plain(parts.get("type"), "valueCode")
    if type_ not in PARTS:
        raise InvalidRequestError(f"The type of an operation is one of {', '.join(PARTS)}.")
    wanted = {"type", "path"} | PARTS[type_]
    if parts.keys() != wanted:
        raise InvalidRequestError(f"{type_} has the parts {', '.join(sorted(wanted))}.")
    numbers = {
        name: int(_plain(parts[name], "valueInteger", kind=int))
        for name in wanted & {"index", "source", "destination"}
    }
    if any(number < 0 for number in numbers.values()):
        raise InvalidRequestError("An index is not negative.")
    return Operation(
        type=type_,
        path=parse(_plain(parts["path"], "valueString")),
        place=place,
        name=_plain(parts.get("name"), "valueString") if "name" in wanted else "",
        value=parts.get("value"),
        numbers=numbers,
    )


def _plain(part: Mapping[str, Any] | None, key: str, kind: type = str) -> Any:
    value = part.get(key) if part else None
    if key == "valueString" and value is None and part:
        value = part.get("valueCode")
    if not isinstance(value, kind) or isinstance(value, bool):
        raise InvalidRequestError(f"A part of the operation needs {key}.")
    return value


# What each type does.


def _add(root: _Root, one: Operation) -> None:
    spot = _only(root, one)
    holder = _object(spot)
    elements = spot.elements(one.name)
    element, value, extra = _valued(elements, one.value or {})
    if element.many:
        _insert_at(holder, element, _length(holder, element), value, extra)
        return
    if any(key in holder for each in elements for key in (each.key, f"_{each.key}")):
        raise UnprocessableError("add: the element is there already; replace it.")
    _set(holder, element, value, extra)


def _insert(root: _Root, one: Operation) -> None:
    holder, elements = _list(root, one)
    element, value, extra = _valued(elements, one.value or {})
    index = (one.numbers or {})["index"]
    if index > _length(holder, element):
        raise UnprocessableError("insert: the index lies beyond the end of the list.")
    _insert_at(holder, element, index, value, extra)


def _delete(root: _Root, one: Operation) -> None:
    spots = root.find(one.path)
    if len(spots) > 1:
        raise UnprocessableError("delete: the path finds more than one element.")
    if spots:
        # What is not there need not be deleted (fhirpatch.html).
        _remove(spots[0])


def _replace(root: _Root, one: Operation) -> None:
    spot = _only(root, one)
    if spot.element is None or spot.holder is None or spot.above is None:
        raise UnprocessableError("replace: the resource itself is not replaced.")
    choice = spot.above.elements(spot.element.name.removesuffix("[x]"))
    element, value, extra = _valued(choice, one.value or {})
    if spot.index is not None:
        _put_at(spot.holder, element, spot.index, value, extra)
        return
    spot.holder.pop(f"_{spot.element.key}", None)
    if element.key != spot.element.key:
        del spot.holder[spot.element.key]
    _set(spot.holder, element, value, extra)


def _move(root: _Root, one: Operation) -> None:
    holder, (element, *_) = _list(root, one)
    numbers = one.numbers or {}
    source, destination = numbers["source"], numbers["destination"]
    if max(source, destination) >= _length(holder, element):
        raise UnprocessableError("move: an index lies beyond the end of the list.")
    for key in (element.key, f"_{element.key}"):
        if key in holder:
            items = _padded(holder, key, _length(holder, element))
            items.insert(destination, items.pop(source))
            _trim(holder, key)


_OPERATIONS: Final[Mapping[str, Callable[[_Root, Operation], None]]] = {
    "add": _add,
    "insert": _insert,
    "delete": _delete,
    "replace": _replace,
    "move": _move,
}


def _only(root: _Root, one: Operation) -> Spot:
    spots = root.find(one.path)
    if len(spots) != 1:
        text = "nothing" if not spots else "more than one element"
        raise UnprocessableError(f"{one.type}: the path finds {text}.")
    return spots[0]


def _list(root: _Root, one: Operation) -> tuple[dict[str, Any], list[Element]]:
    """Return the object that holds the list at a path, and the list's element."""
    if not one.path or one.path[-1].kind != "name":
        raise UnprocessableError(f"{one.type}: the path ends with the name of a list.")
    above = root.find(one.path[:-1])
    if len(above) != 1:
        raise UnprocessableError(f"{one.type}: the path finds no list.")
    elements = above[0].elements(one.path[-1].text)
    if not elements or not elements[0].many:
        raise UnprocessableError(f"{one.type}: the path finds no list.")
    return _object(above[0]), elements


def _object(spot: Spot) -> dict[str, Any]:
    """Return the object that holds an element's children, beside a primitive value if need be."""
    if isinstance(spot.value, dict):
        return spot.value
    if isinstance(spot.extra, dict):
        return spot.extra
    extra: dict[str, Any] = {}
    if spot.holder is None or spot.element is None:
        raise UnprocessableError("The path finds nothing that has elements.")
    if spot.index is None:
        spot.holder[f"_{spot.element.key}"] = extra
    else:
        key = f"_{spot.element.key}"
        _padded(spot.holder, key, spot.index + 1)[spot.index] = extra
    return extra


# Values.


def _valued(
    elements: list[Element], part: Mapping[str, Any]
) -> tuple[Element, Any, Mapping[str, Any] | None]:
    """Return which element a value is of, the value, and what stands beside it."""
    if not elements:
        raise UnprocessableError("There is no such element.")
    if "resource" in part:
        return elements[0], clone(part["resource"]), None
    if "part" in part:
        if elements[0].primitive or elements[0].type == "Resource":
            raise UnprocessableError("The element has a value, not parts.")
        return elements[0], _built(elements[0].type, part["part"]), None
    suffix = next(
        (key.removeprefix("_").removeprefix("value") for key in part if key.startswith(VALUES)), ""
    )
    if not suffix:
        raise InvalidRequestError("The operation has no value.")
    # `valueDateTime` ends with Time too.
    key = f"{elements[0].name.removesuffix('[x]')}{suffix}"
    element = next((one for one in elements if one.key == key), elements[0])
    if element.choice and element.key != key:
        raise UnprocessableError("The element does not take a value of this type.")
    return element, clone(part.get(f"value{suffix}")), clone(part.get(f"_value{suffix}"))


VALUES: Final = ("value", "_value")


def _built(type_: str, parts: list[Mapping[str, Any]]) -> Resource:
    """Return an object of a type that has no value[x] of its own, from its parts."""
    made: Resource = {}
    spot = Spot(made, type_)
    for index, part in enumerate(parts):
        with placed(f"part[{index}]"):
            element, value, extra = _valued(spot.elements(str(part.get("name"))), part)
        if element.many:
            _insert_at(made, element, _length(made, element), value, extra)
        else:
            _set(made, element, value, extra)
    return made


# Writing into an object: what stands beside a primitive value moves with it.


def _set(holder: dict[str, Any], element: Element, value: Any, extra: Any) -> None:
    if value is not None:
        holder[element.key] = value
    if extra is not None:
        holder[f"_{element.key}"] = extra


def _length(holder: Mapping[str, Any], element: Element) -> int:
    return max(len(holder.get(key) or ()) for key in (element.key, f"_{element.key}"))


def _padded(holder: dict[str, Any], key: str, length: int) -> list[Any]:
    items: list[Any] = holder.setdefault(key, [])
    items += [None] * (length - len(items))
    return items


def _insert_at(
    holder: dict[str, Any], element: Element, index: int, value: Any, extra: Any
) -> None:
    length = _length(holder, element)
    beside = f"_{element.key}"
    if element.primitive and (extra is not None or beside in holder):
        _padded(holder, beside, length).insert(index, extra)
        _trim(holder, beside)
    _padded(holder, element.key, length).insert(index, value)
    _trim(holder, element.key)


def _put_at(holder: dict[str, Any], element: Element, index: int, value: Any, extra: Any) -> None:
    beside = f"_{element.key}"
    if element.primitive and (extra is not None or beside in holder):
        _padded(holder, beside, index + 1)[index] = extra
        _trim(holder, beside)
    _padded(holder, element.key, index + 1)[index] = value
    _trim(holder, element.key)


def _trim(holder: dict[str, Any], key: str) -> None:
    """Drop a list that holds nothing."""
    if not any(one is not None for one in holder[key]):
        del holder[key]


def _remove(spot: Spot) -> None:
    """Take an element out, and what holds nothing any more."""
    holder, element = spot.holder, spot.element
    if holder is None or element is None:
        raise UnprocessableError("delete: the resource itself is not deleted.")
    for key in (element.key, f"_{element.key}"):
        if key not in holder:
            continue
        if spot.index is None:
            del holder[key]
        elif spot.index < len(holder[key]):
            del holder[key][spot.index]
            _trim(holder, key) if holder[key] else holder.pop(key)
    above = spot.above
    if above is not None and above.holder is not None and not holder:
        _remove(above)
