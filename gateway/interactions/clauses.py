"""Search parameters to the store's clauses.

https://hl7.org/fhir/R4/search.html. What is unknown, or known and not served, is an error that
names the parameter and the near matches; it is never skipped in silence (DESIGN §3, "Search is
strict").
"""

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from gateway.errors import InvalidRequestError, NotSupportedError
from gateway.fhir.clinical import clinical
from gateway.fhir.dates import approximate, parse_search
from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.searchparams import SearchParam, search_params
from gateway.fhir.text import fold
from gateway.interactions.door import Door
from gateway.interactions.keys import STUDY_UID
from gateway.store.query import Clause, Dates, Ids, Patients, References, Strings, Tokens, Updated

CITIZEN_ID: Final = "urn:oid:2.16.156.10011.1.3"
CITIZEN_ID_ALIAS: Final = "urn:oid:2.16.840.1.113883.2.23.1.19.1"
MAX_VALUES: Final = 1_000
SYSTEM_AND_CODE: Final = 2
SERVED: Final = frozenset({"token", "reference", "date", "string"})
MODIFIERS: Final[Mapping[str, frozenset[str]]] = {"string": frozenset({"exact", "contains"})}

_COMMA = re.compile(r"(?<!\\)((?:\\\\)*),")
_PIPE = re.compile(r"(?<!\\)((?:\\\\)*)\|")


@dataclass(frozen=True, slots=True)
class Name:
    """A parameter's name taken apart: `subject:Patient.identifier`."""

    text: str
    code: str
    modifier: str = ""
    chain: str = ""


@lru_cache(1_024)
def parse_name(text: str) -> Name:
    """Return the parts of a parameter's name."""
    head, _, chain = text.partition(".")
    code, _, modifier = head.partition(":")
    return Name(text, code, modifier, chain)


def known(type_: str, name: Name) -> SearchParam:
    """Return the parameter; an error names what is near."""
    params = search_params(type_)
    param = params.get(name.code)
    if param is None:
        near = difflib.get_close_matches(name.code, params, 3, 0.6)
        hint = f" Near: {', '.join(near)}." if near else ""
        raise InvalidRequestError(
            f"{type_} has no search parameter '{_safe(name.code)}'.{hint}",
            expression=f"http.{_safe(name.code)}",
        )
    if param.kind not in SERVED:
        raise NotSupportedError(
            f"Search parameters of kind {param.kind} are not supported.",
            expression=f"http.{name.code}",
        )
    if not param.expression:
        # `_text`, `_content`, `_query`: R4 gives them no expression, so nothing is indexed.
        raise NotSupportedError(
            f"The search parameter {name.code} is not supported.", expression=f"http.{name.code}"
        )
    return param


def clause(door: Door, type_: str, name: Name, value: str) -> Clause:
    """Return the clause of one parameter without a chain."""
    param = known(type_, name)
    _check_modifier(param, name)
    if name.code == "_id":
        return Ids(tuple(_values(name, value)))
    if name.code == "_lastUpdated":
        return Updated(tuple(_rows(*_date(door, name, one)) for one in _values(name, value)))
    return _KINDS[param.kind](door, type_, param, name, value)


def _check_modifier(param: SearchParam, name: Name) -> None:
    if not name.modifier:
        return
    allowed = param.targets if param.kind == "reference" else MODIFIERS.get(param.kind, frozenset())
    if name.modifier not in allowed:
        raise NotSupportedError(
            f"The modifier ':{_safe(name.modifier)}' is not supported on {param.code}.",
            expression=f"http.{name.code}",
        )


def _token(door: Door, type_: str, param: SearchParam, name: Name, value: str) -> Clause:
    del door
    pairs: list[tuple[str | None, str | None]] = []
    for one in _values(name, value):
        parts = [unescape(part) for part in _split(_PIPE, one)]
        if len(parts) > SYSTEM_AND_CODE or not any(parts):
            raise InvalidRequestError(
                f"{name.code} takes 'system|code'.", expression=f"http.{name.code}"
            )
        if len(parts) == 1:
            pairs.append((None, parts[0]))
        else:
            system = CITIZEN_ID if parts[0] == CITIZEN_ID_ALIAS else parts[0]
            codes = _uids(parts[1]) if system == STUDY_UID else [parts[1]]
            pairs += [(system, code or None) for code in codes]
    kind = clinical(type_)
    return Tokens(
        param.stores, tuple(pairs), is_code=kind is not None and param.stores == kind.code
    )


def _uids(value: str) -> list[str]:
    """Return a UID as R4 writes it, and bare as others do."""
    bare = value.removeprefix("urn:oid:")
    return [f"urn:oid:{bare}", bare] if bare else [""]


def _string(door: Door, type_: str, param: SearchParam, name: Name, value: str) -> Clause:
    del door, type_
    texts = [unescape(one) for one in _values(name, value)]
    if name.modifier == "exact":
        return Strings(param.stores, tuple(("exact", text) for text in texts))
    how = "contains" if name.modifier == "contains" else "prefix"
    folded = [fold(text) for text in texts]
    if not all(folded):
        raise InvalidRequestError(
            f"{name.code} has an empty value.", expression=f"http.{name.code}"
        )
    return Strings(param.stores, tuple((how, text) for text in folded))  # type: ignore[misc]


def _reference(door: Door, type_: str, param: SearchParam, name: Name, value: str) -> Clause:
    targets: list[tuple[int, str]] = []
    for one in _values(name, value):
        targets += _targets(door, param, name, unescape(one))
    return about(type_, param, tuple(targets))


def about(type_: str, param: SearchParam, targets: tuple[tuple[int, str], ...]) -> Clause:
    """Return the clause of a reference; over the clinical rows where all targets are Patients."""
    kind = clinical(type_)
    patient = TYPE_IDS["Patient"]
    if (
        kind is not None
        and set(param.stores) == set(kind.patient)
        and all(type_id == patient for type_id, _ in targets)
    ):
        return Patients(param.stores, tuple(id_ for _, id_ in targets), patient)
    return References(param.stores, targets)


def _targets(door: Door, param: SearchParam, name: Name, value: str) -> list[tuple[int, str]]:
    if door.base and value.startswith(door.base + "/"):
        value = value.removeprefix(door.base + "/")
    type_, slash, id_ = value.partition("/")
    if slash and type_ in TYPE_IDS and "/" not in id_:
        # A parameter may share its index rows with one that leads to more types.
        wanted = type_ in param.targets and name.modifier in {"", type_}
        return [(TYPE_IDS[type_], id_)] if wanted else []
    if slash or ":" in value:
        return [(0, value)]
    types = (name.modifier,) if name.modifier else param.targets
    ids = [(TYPE_IDS[target], value) for target in types if target in TYPE_IDS]
    # An id alone can name several types: only those count that anything has referred to.
    return [one for one in ids if door.store.fetch("key_id", one)] or ids[:1]


def _dates(door: Door, type_: str, param: SearchParam, name: Name, value: str) -> Clause:
    bounds = tuple(_date(door, name, one) for one in _values(name, value))
    kind = clinical(type_)
    return Dates(param.stores, bounds, is_date=kind is not None and param.stores == kind.date)


def _date(door: Door, name: Name, value: str) -> tuple[str, int, int]:
    try:
        prefix, lo, hi = parse_search(value, door.zone)
    except ValueError as error:
        raise InvalidRequestError(
            f"{name.code} takes a date such as 2026-11-22 or ge2026-11-22T08:00:00+08:00.",
            expression=f"http.{name.code}",
        ) from error
    if prefix == "ap":
        lo, hi = approximate(lo, hi, door.clock() * 10)
    return prefix, lo, hi


def _rows(prefix: str, lo: int, hi: int) -> tuple[str, int, int]:
    """Return ticks as rows: the first microsecond at or after each."""
    return prefix, -(-lo // 10), -(-hi // 10)


_KINDS: Final[Mapping[str, Callable[[Door, str, SearchParam, Name, str], Clause]]] = {
    "token": _token,
    "string": _string,
    "reference": _reference,
    "date": _dates,
}


def _values(name: Name, value: str) -> list[str]:
    values = split(value)
    if len(values) > MAX_VALUES:
        raise InvalidRequestError(
            f"{name.code} has more than {MAX_VALUES} values.", expression=f"http.{name.code}"
        )
    if not all(values):
        raise InvalidRequestError(
            f"{name.code} has an empty value.", expression=f"http.{name.code}"
        )
    return values


def split(value: str) -> list[str]:
    """Return the values that commas join; an escaped comma joins nothing (search.html#escaping)."""
    return _split(_COMMA, value) if "," in value else [value]


def _split(at: re.Pattern[str], text: str) -> list[str]:
    parts, start = [], 0
    for found in at.finditer(text):
        parts.append(text[start : found.end() - 1])
        start = found.end()
    return [*parts, text[start:]]


def unescape(value: str) -> str:
    r"""Return a value with `\,`, `\|`, `\$` and `\\` taken as they are meant."""
    return re.sub(r"\\([,|$\\])", r"\1", value) if "\\" in value else value


def _safe(text: str) -> str:
    """Return a name as an error may show it: only what a parameter's name can hold."""
    return re.sub(r"[^\w:.-]", "?", text[:40], flags=re.ASCII)
