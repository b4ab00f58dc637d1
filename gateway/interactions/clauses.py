"""Search parameters to the store's clauses, as far as that takes no other resource.

https://hl7.org/fhir/R4/search.html#ptypes; chains and value sets are in `resolve`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Final

from gateway.errors import InvalidRequestError, NotSupportedError
from gateway.fhir.clinical import clinical
from gateway.fhir.dates import PREFIXES, approximate, parse_search
from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.implied import implied
from gateway.fhir.leaves import CITIZEN_ID, SYSTEM_ALIASES
from gateway.fhir.positions import point, reach
from gateway.fhir.searchparams import UNLIMITED, SearchParam
from gateway.fhir.sounds import typed
from gateway.fhir.text import fold, joined
from gateway.interactions.composite import composite, has, lacks
from gateway.interactions.door import Door
from gateway.interactions.keys import STUDY_UID
from gateway.interactions.names import Name, known, parse_name, safe
from gateway.interactions.targets import Target, about, reference_targets
from gateway.interactions.values import MAX_VALUES, bars, near, number, quantity, unescape, values
from gateway.store.query import (
    MAX_WORDS,
    Amount,
    Clause,
    Dates,
    Ids,
    Missing,
    Near,
    Not,
    Pairs,
    Quantities,
    Strings,
    Texts,
    Tokens,
    Updated,
    Uris,
)

__all__ = ["CITIZEN_ID", "MAX_VALUES", "MODIFIERS", "Name", "clause", "known"]
__all__ += ["parse_name", "token"]

MISSING: Final = "missing"
MODIFIERS: Final[Mapping[str, frozenset[str]]] = {
    "string": frozenset({"exact", "contains"}),
    "token": frozenset({"text", "not", "in", "not-in", "above", "below", "of-type"}),
    "reference": frozenset({"identifier", "above", "below"}),
    "uri": frozenset({"above", "below"}),
}
"""Besides `:missing` of all, and the types of references."""
SYSTEM_AND_CODE: Final = 2
OF_TYPE: Final = 3
WORDS: Final = frozenset({"_text", "_content"})
FROM_THE_ROW: Final = frozenset({"_id", "_lastUpdated"})
NAMING: Final = (".name", ".alias", ".given", ".family", ".prefix", ".suffix")
"""How the expressions end that lead to what people, bodies and places are called."""
_CITIZEN: Final = re.compile(r"\d{17}[xX]", re.ASCII)
PREFIXED: Final = frozenset({"date", "number", "quantity"})


def clause(door: Door, type_: str, name: Name, value: str) -> Clause:
    """Return the clause of one parameter without a chain."""
    param = known(door.params, type_, name)
    check_modifier(param, name)
    _check_values(param, name, value)
    if name.modifier == MISSING:
        return _missing(door, type_, param, value)
    if name.code == "_id":
        ids = Ids(tuple(values(name.code, value)))
        return Not(ids) if name.modifier == "not" else ids
    if name.code == "_lastUpdated":
        return Updated(tuple(_rows(*_date(door, name, one)) for one in values(name.code, value)))
    if name.code in WORDS:
        return _words(param, name, value)
    return _KINDS[param.kind](door, type_, param, name, value)


def check_modifier(param: SearchParam, name: Name) -> None:
    """Pass only a modifier that the parameter's kind has, and its definition allows."""
    if not name.modifier:
        return
    if param.limits.modifiers and _code_of(name.modifier) not in param.limits.modifiers:
        _refuse(param, f"the modifier ':{safe(name.modifier)}'", param.limits.modifiers)
    if name.modifier == MISSING:
        return
    allowed = MODIFIERS.get(param.kind, frozenset())
    if param.kind == "reference":
        allowed |= frozenset(param.targets)
    if param.code in WORDS:
        allowed = frozenset()
    if param.code == "_id":
        allowed = frozenset({"not"})
    if name.modifier not in allowed:
        told = f" It has: {', '.join(sorted(allowed)[:8])}." if allowed else ""
        raise NotSupportedError(
            f"The modifier ':{safe(name.modifier)}' is not supported on {param.code}.{told}",
            expression=f"http.{name.code}",
        )


def _code_of(modifier: str) -> str:
    """Return a modifier as a definition lists it (search-modifier-code)."""
    return "ofType" if modifier == "of-type" else "type" if modifier in TYPE_IDS else modifier


def _refuse(param: SearchParam, what: str, allowed: frozenset[str]) -> None:
    raise NotSupportedError(
        f"The definition of {param.code} does not have {what}: {', '.join(sorted(allowed))}.",
        expression=f"http.{param.code}",
    )


def check_chain(param: SearchParam, inner: Name) -> None:
    """Pass only what a custom parameter's definition lets follow it in a chain."""
    if param.limits.chains and inner.code not in param.limits.chains:
        _refuse(param, "this chain", param.limits.chains)


def _check_values(param: SearchParam, name: Name, value: str) -> None:
    """Pass only values that a custom parameter's definition allows."""
    limits = param.limits
    if limits is UNLIMITED:
        return
    if not limits.several and len(values(name.code, value)) > 1:
        raise InvalidRequestError(
            f"{param.code} takes one value: its definition says so.",
            expression=f"http.{param.code}",
        )
    if limits.prefixes and param.kind in PREFIXED and name.modifier != MISSING:
        for one in values(name.code, value):
            if one[:2] in PREFIXES and one[:2] not in {"eq", *limits.prefixes}:
                _refuse(param, f"the prefix {one[:2]}", limits.prefixes)


def _missing(door: Door, type_: str, param: SearchParam, value: str) -> Clause:
    if value not in {"true", "false"}:
        raise InvalidRequestError(
            f"{param.code}:missing takes true or false.", expression=f"http.{param.code}"
        )
    missing = value == "true"
    if param.code in FROM_THE_ROW:
        # What every resource has is missing in none, and no bits at all are never set.
        nowhere = Missing((0,), missing=False)
        return nowhere if missing else Not(nowhere)
    if param.kind == "composite":
        return lacks(door.params.of(type_), param, missing=missing)
    if param.number:
        return Not(has(param)) if missing else has(param)
    return Missing((param.present,), missing=missing)


def _words(param: SearchParam, name: Name, value: str) -> Clause:
    found = [tuple(fold(unescape(one)).split()) for one in values(name.code, value)]
    if not all(found) or any(len(words) > MAX_WORDS for words in found):
        raise InvalidRequestError(
            f"{name.code} takes one to {MAX_WORDS} words.", expression=f"http.{name.code}"
        )
    return Texts(param.stores, tuple(found))


def _token(door: Door, type_: str, param: SearchParam, name: Name, value: str) -> Clause:
    del door
    if name.modifier == "text":
        texts = [fold(unescape(one)) for one in values(name.code, value)]
        return Texts(param.stores, tuple((text,) for text in texts if text))
    if name.modifier == "of-type":
        return _of_type(param, name, value)
    found = token(type_, param, name, value)
    return Not(found) if name.modifier == "not" else found


def token(type_: str, param: SearchParam, name: Name, value: str) -> Tokens:
    """Return the clause of codes."""
    selects = (param.base, param.expression) if param.kind == "token" else ("", "")
    return _tokens(type_, param.stores, name.code, value, selects)


@lru_cache(4_096)
def _tokens(
    type_: str, stores: tuple[int, ...], code: str, value: str, selects: tuple[str, str]
) -> Tokens:
    """Return the clause of codes: the same codes are asked for again and again."""
    pairs = [pair for one in values(code, value) for pair in code_pairs(code, one)]
    pairs = [each for pair in pairs for each in implied(*selects).meant(*pair)]
    kind = clinical(type_) if type_ else None
    return Tokens(stores, tuple(pairs), is_code=kind is not None and stores == kind.code)


def code_pairs(code: str, text: str) -> list[tuple[str | None, str | None]]:
    """Return the (system, code) pairs that `system|code` means."""
    parts = bars(text)
    if len(parts) > SYSTEM_AND_CODE or not any(parts):
        raise InvalidRequestError(f"{code} takes 'system|code'.", expression=f"http.{code}")
    if len(parts) == 1:
        return [(None, each) for each in _bare(parts[0])]
    system = SYSTEM_ALIASES.get(parts[0], parts[0])
    codes = _spellings(system, parts[1])
    return [(system, code or None) for code in codes]


def _of_type(param: SearchParam, name: Name, value: str) -> Clause:
    found = []
    for one in values(name.code, value):
        parts = bars(one)
        if len(parts) != OF_TYPE or not all(parts[1:]):
            raise InvalidRequestError(
                f"{name.code}:of-type takes 'system|type|value'.", expression=f"http.{name.code}"
            )
        found += [
            (("token", (parts[0], parts[1])), ("token", ("", each)), None)
            for each in _bare(parts[2])
        ]
    return Pairs(param.stores, tuple(found))


def _bare(code: str) -> list[str]:
    """Return how a code whose system is not told may be stored: it may be a citizen ID."""
    return _spellings(CITIZEN_ID, code) if _CITIZEN.fullmatch(code) else [code]


def _spellings(system: str, code: str) -> list[str]:
    """Return how a code may be stored: some senders write the X of a citizen ID small."""
    if system == STUDY_UID:
        return _uids(code)
    if system == CITIZEN_ID:
        return list(dict.fromkeys((code, code.upper(), code.lower())))
    return [code]


def _uids(value: str) -> list[str]:
    """Return a UID as R4 writes it, and bare as others do."""
    bare = value.removeprefix("urn:oid:")
    return [f"urn:oid:{bare}", bare] if bare else [""]


def _string(door: Door, type_: str, param: SearchParam, name: Name, value: str) -> Clause:
    del door, type_
    texts = [unescape(one) for one in values(name.code, value)]
    if name.modifier == "exact":
        return Strings(param.stores, tuple(("exact", text) for text in texts))
    how = "contains" if name.modifier == "contains" else "prefix"
    folded = [joined(text) for text in texts]
    if not all(folded):
        raise InvalidRequestError(
            f"{name.code} has an empty value.", expression=f"http.{name.code}"
        )
    found = [(how, text) for text in folded]
    if how == "prefix" and param.expression.endswith(NAMING):
        # As it was typed: to fold it takes the dots from ü.
        heard = dict.fromkeys(filter(None, map(typed, texts)))
        found += [("sound", one) for one in heard]
    return Strings(param.stores, tuple(found))  # type: ignore[arg-type]


def _reference(door: Door, type_: str, param: SearchParam, name: Name, value: str) -> Clause:
    if name.modifier == "identifier":
        own = replace(param, stores=(param.id,)) if param.filtered else param
        return token("", own, name, value)
    targets: list[Target] = []
    for one in values(name.code, value):
        targets += reference_targets(door, param, name, unescape(one))
    return about(type_, param, tuple(targets))


def _dates(door: Door, type_: str, param: SearchParam, name: Name, value: str) -> Clause:
    bounds = tuple(_date(door, name, one) for one in values(name.code, value))
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


def _number(door: Door, type_: str, param: SearchParam, name: Name, value: str) -> Clause:
    del door, type_
    amounts = [number(name.code, one) for one in values(name.code, value)]
    return Quantities(param.stores, tuple(amounts))


def _quantity(door: Door, type_: str, param: SearchParam, name: Name, value: str) -> Clause:
    del door, type_
    amounts: list[Amount] = []
    for one in values(name.code, value):
        amounts += quantity(name.code, one)
    return Quantities(param.stores, tuple(amounts))


def _uri(door: Door, type_: str, param: SearchParam, name: Name, value: str) -> Clause:
    del door, type_
    found: list[tuple[str, str]] = []
    for one in values(name.code, value):
        text = unescape(one)
        if name.modifier and (text.startswith("urn:") or "://" not in text):
            raise InvalidRequestError(
                f"{name.code}:{name.modifier} takes an address with a path, no URN.",
                expression=f"http.{name.code}",
            )
        if name.modifier == "above":
            found += [("exact", each) for each in _above(text)]
        else:
            found.append(("below" if name.modifier else "exact", text))
    if len(found) > MAX_VALUES:
        raise InvalidRequestError(
            f"{name.code} leads to more than {MAX_VALUES} values.", expression=f"http.{name.code}"
        )
    return Uris(param.stores, tuple(found))  # type: ignore[arg-type]


def _above(text: str) -> list[str]:
    """Return an address and all that it lies under, each with and without its last slash."""
    scheme, _, rest = text.partition("://")
    parts = rest.rstrip("/").split("/")
    heads = [f"{scheme}://{'/'.join(parts[:count])}" for count in range(1, len(parts) + 1)]
    return list(dict.fromkeys([text, *heads, *(f"{head}/" for head in heads)]))


def _composite(door: Door, type_: str, param: SearchParam, name: Name, value: str) -> Clause:
    def part(code: str, text: str) -> Clause:
        return clause(door, type_, Name(name.text, code), text)

    return composite(door.params.of(type_), param, values(name.code, value), part)


def _special(door: Door, type_: str, param: SearchParam, name: Name, value: str) -> Clause:
    del door, type_
    circles = []
    for one in values(name.code, value):
        latitude, longitude, metres = near(name.code, one)
        circles.append((*point(latitude, longitude), *reach(latitude, metres)))
    return Near(param.stores, tuple(circles))


_KINDS: Final[Mapping[str, Callable[[Door, str, SearchParam, Name, str], Clause]]] = {
    "token": _token,
    "string": _string,
    "reference": _reference,
    "date": _dates,
    "number": _number,
    "quantity": _quantity,
    "uri": _uri,
    "composite": _composite,
    "special": _special,
}
