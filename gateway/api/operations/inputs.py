"""What an operation is asked: Parameters in the body, a form, or the query, judged by one table.

https://hl7.org/fhir/R4/operations.html#executing. A parameter that is unknown, of another type, or
comes too often is refused by its place.
"""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

import msgspec

from gateway.api.call import Call
from gateway.api.formats import FORM, media
from gateway.errors import InvalidRequestError, InvalidResourceError
from gateway.fhir.codec import Resource, decode, decode_exact
from gateway.fhir.dates import plussed
from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.primitives import INTEGERS, json_type, valid
from gateway.fhir.validation import check

WHOLE: Final = re.compile(r"-?\d{1,10}", re.ASCII)
DECIMAL: Final = re.compile(r"-?\d{1,18}(\.\d{1,18})?([eE][+-]?\d{1,3})?", re.ASCII)
BOOLEANS: Final = {"true": True, "false": False}
DATES: Final = frozenset({"date", "dateTime", "instant"})
TOKENS: Final = frozenset({"Coding", "Identifier"})
"""What a query says as `system|value`."""


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter that an operation knows, with the FHIR types that it takes, the first first.

    `resource` takes a resource, `part` parts, both as they stand.
    """

    name: str
    kinds: tuple[str, ...] = ("string",)
    many: bool = False
    required: bool = False


@dataclass(frozen=True, slots=True)
class Given:
    """One parameter as it came. `kind` is its FHIR type, "" for text of a query."""

    name: str
    kind: str
    value: Any
    place: str


@dataclass(frozen=True, slots=True)
class Inputs:
    """The values of an operation's parameters, by name."""

    given: Mapping[str, Sequence[Given]] = field(default_factory=dict)

    def all(self, name: str) -> list[Any]:
        """Return every value of a parameter."""
        return [one.value for one in self.given.get(name, ())]

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value of a parameter that comes once."""
        found = self.given.get(name)
        return found[0].value if found else default

    def text(self, name: str) -> str:
        """Return the text of a parameter that comes once, "" without it."""
        return str(self.get(name, ""))

    def pairs(self) -> list[tuple[str, str]]:
        """Return every parameter as the query of a link would have it; of primitive ones."""
        return [(name, _as_text(one)) for name, all_ in self.given.items() for one in all_]

    def place(self, name: str) -> str:
        """Return where a parameter stands."""
        found = self.given.get(name)
        return found[0].place if found else f"http.{name}"


async def inputs(call: Call, params: Sequence[Param], bare: str = "") -> Inputs:
    """Return what the caller asks.

    A resource that is no Parameters counts as the parameter `bare`, where that is told.
    """
    known = {one.name: one for one in params}
    found: dict[str, list[Given]] = {}
    for one in await _given(call, bare):
        param = known.get(one.name)
        if param is None:
            if one.kind or not call.prefer.lenient:
                raise _unknown(one, sorted(known))
            continue
        values = found.setdefault(one.name, [])
        if values and not param.many:
            raise InvalidRequestError(f"{one.name} is given twice.", expression=one.place)
        values.append(_typed(param, one))
    for param in params:
        if param.required and param.name not in found:
            raise InvalidRequestError(
                f"The parameter {param.name} is missing.", expression=f"http.{param.name}"
            )
    return Inputs(found)


async def criteria(call: Call) -> list[tuple[str, str]]:
    """Return search parameters, of Parameters the text of their values."""
    return [(one.name, _as_text(one)) for one in await _given(call, "")]


def _as_text(one: Given) -> str:
    match one.value:
        case bool() as flag:
            return str(flag).lower()
        case str() | int() | msgspec.Raw() as plain:
            return bytes(plain).decode() if isinstance(plain, msgspec.Raw) else str(plain)
        case {"reference": str(reference)} if one.kind == "Reference":
            return reference
        case {"code": str(code), **rest} if one.kind == "Coding":
            return f"{rest['system']}|{code}" if "system" in rest else code
        case _:
            pass
    raise InvalidRequestError("A search takes values of plain types.", expression=one.place)


async def parameters(call: Call) -> bytes:
    """Return the body, which must be a sound Parameters."""
    return _checked(await call.resource())


def _checked(body: bytes) -> bytes:
    resource = decode(body)
    if resource.get("resourceType") != "Parameters":
        raise InvalidResourceError("This is no Parameters.", expression="resourceType")
    if issues := [one for one in check(resource) if one.severity == "error"]:
        raise InvalidResourceError("The parameters break R4's structure.", issues=issues)
    refuse_nameless(resource)
    return body


def refuse_nameless(resource: Resource) -> None:
    """Pass Parameters that all have a name; R4 would take an extension in its place."""
    for index, row in enumerate(resource.get("parameter", ())):
        if "name" not in row:
            place = f"Parameters.parameter[{index}].name"
            raise InvalidResourceError("A parameter has a name.", expression=place)


async def _given(call: Call, bare: str) -> list[Given]:
    if call.method == "POST" and media(call.headers.get(b"content-type", b"")) == FORM:
        call.take(await call.form())
    found = [Given(name, "", value, f"http.{_safe(name)}") for name, value in call.params]
    if call.method != "POST" or not has_body(call):
        return found
    body = await call.resource()
    if bare and decode(body).get("resourceType") != "Parameters":
        return [*found, Given(bare, "resource", _resource(body), bare)]
    # Digit for digit: 2.60 is what somebody typed.
    rows = enumerate(decode_exact(_checked(body)).get("parameter", ()))
    return found + [_one(row, f"Parameters.parameter[{index}]") for index, row in rows]


def has_body(call: Call) -> bool:
    """Return whether a body comes; a form has been read already."""
    if media(call.headers.get(b"content-type", b"")) == FORM:
        return False
    length = call.headers.get(b"content-length", b"")
    return b"transfer-encoding" in call.headers or length.strip() not in {b"", b"0"}


def _resource(body: bytes) -> Resource:
    found = decode_exact(body)
    named = found.get("resourceType")
    if not isinstance(named, str) or named not in TYPE_IDS:
        raise InvalidResourceError("This is no resource of R4.", expression="resourceType")
    return found


def _one(row: Resource, place: str) -> Given:
    for name, value in row.items():
        if name.startswith("value"):
            kind = name[5:]
            lower = kind[:1].lower() + kind[1:]
            return Given(row["name"], lower if _is_primitive(lower) else kind, value, place)
    if "resource" in row:
        return Given(row["name"], "resource", row["resource"], f"{place}.resource")
    return Given(row["name"], "part", row.get("part", []), place)


def _is_primitive(kind: str) -> bool:
    return kind in INTEGERS or kind in {"boolean", "decimal"} or _has_syntax(kind)


def _has_syntax(kind: str) -> bool:
    try:
        valid(kind, "x")
    except KeyError:
        return False
    return True


def _typed(param: Param, one: Given) -> Given:
    """Return a parameter with the value that its type has."""
    if not one.kind:
        return _of_text(param, one)
    if one.kind in param.kinds:
        return one
    # What R4 makes of a string or a code is one text to us: clients mix them; integers likewise.
    for kind in param.kinds:
        alike = _has_syntax(kind) and _has_syntax(one.kind)
        if (alike or {kind, one.kind} <= INTEGERS.keys()) and valid(kind, one.value):
            return one
    raise _wrong(param, one)


def _of_text(param: Param, one: Given) -> Given:
    for kind in param.kinds:
        value = _parsed(kind, one.value)
        if value is not None:
            return Given(one.name, kind, value, one.place)
    raise _wrong(param, one)


def _parsed(kind: str, text: str) -> Any:  # noqa: PLR0911 - one a kind
    """Return what a text of a query means as a type, None where it is none."""
    if kind == "boolean":
        return BOOLEANS.get(text)
    if kind in INTEGERS:
        number = int(text) if WHOLE.fullmatch(text) else None
        return number if number is not None and valid(kind, number) else None
    if kind == "decimal":
        return _decimal(text)
    if kind in TOKENS:
        system, bar, value = text.rpartition("|")
        name = "code" if kind == "Coding" else "value"
        return ({"system": system} if bar and system else {}) | {name: value} if value else None
    if kind == "Reference":
        return {"reference": text} if text else None
    if kind in DATES:
        text = plussed(text)
    if _has_syntax(kind) and json_type(kind) == "string":
        return text if valid(kind, text) else None
    return None


def _decimal(text: str) -> Decimal | None:
    """Return a decimal as R4 writes it."""
    return Decimal(text) if DECIMAL.fullmatch(text) else None


def _wrong(param: Param, one: Given) -> InvalidRequestError:
    return InvalidRequestError(
        f"{param.name} takes {' or '.join(param.kinds)}.", expression=one.place
    )


def _unknown(one: Given, known: Sequence[str]) -> InvalidRequestError:
    near = difflib.get_close_matches(one.name, known, 3, 0.6)
    hint = f"Near: {', '.join(near)}." if near else f"There are: {', '.join(known) or 'none'}."
    return InvalidRequestError(
        f"This operation has no parameter '{_safe(one.name)}'. {hint}", expression=one.place
    )


def _safe(text: str) -> str:
    return re.sub(r"[^\w$:.-]", "?", text[:40], flags=re.ASCII)
