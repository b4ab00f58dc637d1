"""The syntax of FHIR's primitive types.

https://hl7.org/fhir/R4/datatypes.html#primitive; white space is that of ASCII, so a text may hold
Unicode's spaces.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from gateway.fhir.dates import interval

_UTC = ZoneInfo("UTC")
_YEAR = "[1-9][0-9]{3}"
_DAY = (
    "(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    "|02-(?:0[1-9]|1[0-9]|2[0-8])"
)
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
_OFFSET = "(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9])"
_TEXT = r"^[^ \t\r\n\x00][^\x00]*$"
_URI = r"^[^\x00-\x20]+$"
_CODE = r"^[^\x00-\x20]+(?: [^\x00-\x20]+)*$"
_ID = r"^[A-Za-z0-9.-]{1,64}$"
_BASE64 = "^(?:[0-9A-Za-z+/]{4})*(?:[0-9A-Za-z+/]{2}(?:==|[0-9A-Za-z+/]=|[0-9A-Za-z+/]{2}))$"
_OID = r"^urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+$"
_UUID = "^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"

# What is certainly right, for a matcher that never backtracks. It is narrower than the type (no
# 29 February, no leap second, no leading space): what fails it is looked at by `valid`.
PATTERNS: Final[Mapping[str, str]] = {
    "base64Binary": _BASE64,
    "canonical": _URI,
    "code": _CODE,
    "date": f"^{_YEAR}(?:-(?:0[1-9]|1[0-2]|{_DAY}))?$",
    "dateTime": f"^{_YEAR}(?:-(?:0[1-9]|1[0-2]|(?:{_DAY})(?:T{_TIME}{_OFFSET})?))?$",
    "id": _ID,
    "instant": f"^{_YEAR}-(?:{_DAY})T{_TIME}{_OFFSET}$",
    "markdown": _TEXT,
    "oid": _OID,
    "string": _TEXT,
    "time": f"^{_TIME}$",
    "uri": _URI,
    "url": _URI,
    "uuid": _UUID,
    "xhtml": _TEXT,
}
INTEGERS: Final[Mapping[str, tuple[int, int]]] = {
    "integer": (-(2**31), 2**31 - 1),
    "positiveInt": (1, 2**31 - 1),
    "unsignedInt": (0, 2**31 - 1),
}

_BASE64_SYNTAX = re.compile("[0-9A-Za-z+/]*={0,2}")
_OFFSET_END = re.compile(r"T[0-9:]{8}(?:\.[0-9]+)?(?:Z|[+-][0-9:]{5})")
_TIME_SYNTAX = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?")
_LONGEST_DATE = 10


def _text(value: str) -> bool:
    return bool(value.strip(" \t\r\n")) and "\x00" not in value


def _matching(pattern: str) -> Callable[[str], bool]:
    match = re.compile(pattern.removeprefix("^").removesuffix("$")).fullmatch
    return lambda value: match(value) is not None


def _date_time(value: str) -> bool:
    try:
        interval(value, _UTC)
    except ValueError:
        return False
    return len(value) <= _LONGEST_DATE or _OFFSET_END.fullmatch(value, _LONGEST_DATE) is not None


def _base64(value: str) -> bool:
    packed = "".join(value.split())
    return bool(packed) and len(packed) % 4 == 0 and _BASE64_SYNTAX.fullmatch(packed) is not None


_STRINGS: Mapping[str, Callable[[str], bool]] = {
    "base64Binary": _base64,
    "canonical": _matching(_URI),
    "code": _matching(_CODE),
    "date": lambda value: len(value) <= _LONGEST_DATE and _date_time(value),
    "dateTime": _date_time,
    "id": _matching(_ID),
    "instant": lambda value: len(value) > _LONGEST_DATE and _date_time(value),
    "markdown": _text,
    "oid": _matching(_OID),
    "string": _text,
    "time": lambda value: _TIME_SYNTAX.fullmatch(value) is not None,
    "uri": _matching(_URI),
    "url": _matching(_URI),
    "uuid": _matching(_UUID),
    "xhtml": _text,
}


def json_type(primitive: str) -> str:
    """Return what the primitive is in JSON: string, number, integer or boolean."""
    if primitive in INTEGERS:
        return "integer"
    return {"boolean": "boolean", "decimal": "number"}.get(primitive, "string")


def right_kind(primitive: str, value: object) -> bool:
    """Return whether the value is of the JSON type that the primitive has; `1.0` is no integer."""
    kind = json_type(primitive)
    if kind == "string":
        return isinstance(value, str)
    if kind == "boolean" or isinstance(value, bool):
        return kind == "boolean" and isinstance(value, bool)
    if kind == "integer":
        return isinstance(value, int)
    return isinstance(value, (int, float)) or (isinstance(value, msgspec.Raw) and _number(value))


def _number(raw: msgspec.Raw) -> bool:
    try:
        msgspec.json.decode(raw, type=float)
    except msgspec.DecodeError:
        return False
    return True


def valid(primitive: str, value: object) -> bool:
    """Return whether a value of the right kind has the syntax of the primitive."""
    if isinstance(value, str):
        return _STRINGS[primitive](value)
    if primitive in INTEGERS and isinstance(value, int):
        low, high = INTEGERS[primitive]
        return low <= value <= high
    return True
