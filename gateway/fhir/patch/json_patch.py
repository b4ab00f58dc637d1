"""JSON Patch: a list of operations on a document.

RFC 6902, with the pointers of RFC 6901. Values are exact ones: decimals as `msgspec.Raw`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from gateway.errors import InvalidRequestError, UnprocessableError
from gateway.fhir.number import number

MAX_OPERATIONS: Final = 10_000
MAX_COPIED: Final = 4 * 1024 * 1024
"""Copies of copies would double what a patch makes with each operation."""
INDEX: Final = re.compile(r"0|[1-9]\d{0,8}", re.ASCII)
_ABSENT: Final = object()


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation, its pointers taken apart. `place` is where it stands: `[3]`."""

    op: str
    path: tuple[str, ...]
    source: tuple[str, ...]
    value: Any
    place: str


def read(patch: Any) -> list[Operation]:
    """Return the operations of a patch; InvalidRequestError where it is none."""
    if not isinstance(patch, list):
        raise InvalidRequestError("A JSON Patch is an array of operations.")
    if len(patch) > MAX_OPERATIONS:
        raise InvalidRequestError(f"A patch has at most {MAX_OPERATIONS} operations.")
    return [_operation(one, f"[{index}]") for index, one in enumerate(patch)]


def apply(document: Any, operations: list[Operation]) -> Any:
    """Return the document after all operations; it is changed on the way. UnprocessableError."""
    copied = 0
    for one in operations:
        if one.op == "copy":
            copied += weight(_get(document, one, one.source))
            if copied > MAX_COPIED:
                raise _failed(one, f"A patch copies at most {MAX_COPIED} bytes.")
        document = _OPERATIONS[one.op](document, one)
    return document


def _operation(one: Any, place: str) -> Operation:
    op = one.get("op") if isinstance(one, Mapping) else None
    if not isinstance(op, str) or op not in _OPERATIONS:
        names = ", ".join(sorted(_OPERATIONS))
        raise InvalidRequestError(f"An operation has an op of {names}.", expression=place)
    if op in {"add", "replace", "test"} and "value" not in one:
        raise InvalidRequestError(f"{op} has a value.", expression=place)
    source = _pointer(one, "from", place) if op in {"copy", "move"} else ()
    return Operation(op, _pointer(one, "path", place), source, one.get("value"), place)


def _pointer(one: Mapping[str, Any], name: str, place: str) -> tuple[str, ...]:
    text = one.get(name)
    if not isinstance(text, str) or (text and not text.startswith("/")):
        raise InvalidRequestError(f"{name} is a JSON pointer.", expression=f"{place}.{name}")
    if re.search(r"~(?![01])", text):
        raise InvalidRequestError(f"{name} is a JSON pointer.", expression=f"{place}.{name}")
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:])


# What each operation does.


def _add(document: Any, one: Operation) -> Any:
    return _put(document, one, one.value)


def _remove(document: Any, one: Operation) -> Any:
    _take(document, one, one.path)
    return document


def _replace(document: Any, one: Operation) -> Any:
    if not one.path:
        return one.value
    holder, name = _holder(document, one, one.path), one.path[-1]
    _find(holder, name, one)
    if isinstance(holder, list):
        holder[int(name)] = one.value
    else:
        holder[name] = one.value
    return document


def _move(document: Any, one: Operation) -> Any:
    if one.path[: len(one.source)] == one.source and one.path != one.source:
        raise _failed(one, "A value is not moved into itself.")
    return _put(document, one, _take(document, one, one.source))


def _copy(document: Any, one: Operation) -> Any:
    found = _get(document, one, one.source)
    return _put(document, one, clone(found))


def _test(document: Any, one: Operation) -> Any:
    if not equal(_get(document, one, one.path), one.value):
        raise _failed(one, "The test fails.")
    return document


_OPERATIONS: Final[Mapping[str, Callable[[Any, Operation], Any]]] = {
    "add": _add,
    "copy": _copy,
    "move": _move,
    "remove": _remove,
    "replace": _replace,
    "test": _test,
}


def _put(document: Any, one: Operation, value: Any) -> Any:
    if not one.path:
        return value
    holder, name = _holder(document, one, one.path), one.path[-1]
    if isinstance(holder, list):
        holder.insert(len(holder) if name == "-" else _index(name, len(holder), one), value)
    elif isinstance(holder, dict):
        holder[name] = value
    else:
        raise _failed(one, "The path leads nowhere.")
    return document


def _take(document: Any, one: Operation, path: tuple[str, ...]) -> Any:
    if not path:
        raise _failed(one, "The whole resource is not removed.")
    holder, name = _holder(document, one, path), path[-1]
    found = _find(holder, name, one)
    del holder[int(name) if isinstance(holder, list) else name]
    return found


def _get(document: Any, one: Operation, path: tuple[str, ...]) -> Any:
    for name in path:
        document = _find(document, name, one)
    return document


def _holder(document: Any, one: Operation, path: tuple[str, ...]) -> Any:
    return _get(document, one, path[:-1])


def _find(holder: Any, name: str, one: Operation) -> Any:
    if isinstance(holder, list):
        return holder[_index(name, len(holder) - 1, one)]
    found = holder.get(name, _ABSENT) if isinstance(holder, dict) else _ABSENT
    if found is _ABSENT:
        raise _failed(one, "The path leads nowhere.")
    return found


def _index(name: str, last: int, one: Operation) -> int:
    if not INDEX.fullmatch(name) or int(name) > last:
        raise _failed(one, "The path leads nowhere.")
    return int(name)


def _failed(one: Operation, text: str) -> UnprocessableError:
    return UnprocessableError(f"{one.op}: {text}", expression=one.place)


def weight(value: Any) -> int:
    """Return about how many bytes a value has as JSON."""
    if isinstance(value, dict):
        return 2 + sum(len(name) + 4 + weight(one) for name, one in value.items())
    if isinstance(value, list):
        return 2 + sum(map(weight, value)) + len(value)
    return len(value) + 2 if isinstance(value, str) else 8


def clone(value: Any) -> Any:
    """Return a copy that shares nothing that can change."""
    if isinstance(value, dict):
        return {name: clone(one) for name, one in value.items()}
    return [clone(one) for one in value] if isinstance(value, list) else value


def equal(one: Any, other: Any) -> bool:
    """Return whether two values are equal as RFC 6902 §4.6 has it: numbers by what they say."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    if _is_number(one) and _is_number(other):
        mine, its = number(one), number(other)
        return _text(one) == _text(other) if mine is None or its is None else mine == its
    return type(one) is type(other) and bool(one == other)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, msgspec.Raw)) and not isinstance(value, bool)


def _text(value: Any) -> str:
    return bytes(value).decode() if isinstance(value, msgspec.Raw) else repr(value)
