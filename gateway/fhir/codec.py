"""JSON in and out: what was written comes back digit for digit.

https://hl7.org/fhir/R4/json.html#decimal asks that a decimal keeps its precision. `decode` is for
looking (floats as float), `decode_exact` for what will be written again: its floats are the very
characters that were read.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from gateway.errors import InvalidResourceError

Resource = dict[str, Any]

_loose: Callable[[bytes], Any] = msgspec.json.Decoder(Resource).decode
_exact: Callable[[bytes], Any] = msgspec.json.Decoder(
    Resource, float_hook=lambda text: msgspec.Raw(text.encode())
).decode
_exact_value: Callable[[bytes], Any] = msgspec.json.Decoder(
    float_hook=lambda text: msgspec.Raw(text.encode())
).decode
_top: Callable[[bytes], dict[str, msgspec.Raw]] = msgspec.json.Decoder(
    dict[str, msgspec.Raw]
).decode
_encoder = msgspec.json.Encoder()


def _read(decoder: Callable[[bytes], Any], body: bytes) -> Any:
    try:
        return decoder(body)
    except msgspec.ValidationError as error:
        told = "a number is out of range" if "range" in str(error) else "it is not an object"
        raise InvalidResourceError(f"The body cannot be read as JSON: {told}.") from error
    except UnicodeDecodeError as error:
        raise InvalidResourceError("The body is not UTF-8.") from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise InvalidResourceError(f"The body is not JSON: {_place(error)}.") from error


def _place(error: Exception) -> str:
    """Return where reading stopped; a decoder's own text could quote the value."""
    text = str(error)
    found = text.rpartition("(byte ")[2].rstrip(")")
    return (
        f"malformed at byte {found}" if found.isdigit() else "it ends too early or nests too deep"
    )


def decode(body: bytes) -> Resource:
    """Return the object that the body holds, for looking at."""
    return _read(_loose, body)  # type: ignore[no-any-return]


def decode_exact(body: bytes) -> Resource:
    """Return the object that the body holds, each decimal as it was written."""
    return _read(_exact, body)  # type: ignore[no-any-return]


def decode_value(body: bytes) -> Any:
    """Return what the body holds, object or not, each decimal as it was written."""
    return _read(_exact_value, body)


def members(body: bytes) -> dict[str, msgspec.Raw]:
    """Return the members of the object, each still in its own bytes."""
    return _read(_top, body)  # type: ignore[no-any-return]


def compact(body: bytes) -> bytes:
    """Return JSON without the space between its parts."""
    return msgspec.json.format(body, indent=-1)


def has_repeats(body: bytes, resource: Resource) -> bool:
    """Return whether an object of the JSON names a member twice: readers would differ about it.

    `body` is compact, `resource` what was read of it.
    """
    # Without escapes only the name of a member ends in these two characters.
    if b"\\" not in body and body.count(b'":') == _encoder.encode(resource).count(b'":'):
        return False
    try:
        _by_pairs(body.decode())
    except _RepeatedError:
        return True
    return False


class _RepeatedError(ValueError):
    pass


def _each_once(pairs: list[tuple[str, Any]]) -> None:
    if len(dict(pairs)) < len(pairs):
        raise _RepeatedError


_by_pairs = json.JSONDecoder(object_pairs_hook=_each_once).decode


def encode(resource: Mapping[str, Any] | list[Any]) -> bytes:
    """Return the JSON of a resource."""
    return _encoder.encode(resource)


def same(one: Any, other: Any) -> bool:
    """Return whether two exact values would be written alike, whatever the order of members."""
    if isinstance(one, msgspec.Raw) and isinstance(other, msgspec.Raw):
        return bytes(one) == bytes(other)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and bool(one == other)
