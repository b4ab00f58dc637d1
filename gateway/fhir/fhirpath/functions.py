"""Functions that the library lacks, or does otherwise than FHIRPath and FHIR have them.

https://hl7.org/fhirpath/N1/ and https://hl7.org/fhir/R4/fhirpath.html#functions
"""

import html
import json
import re
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cmp_to_key, lru_cache
from typing import Any, Final

import jsonschema_rs
from fhirpathpy.engine import util
from fhirpathpy.engine.invocations import math, misc
from fhirpathpy.engine.invocations.strings import replace as plain_replace
from fhirpathpy.engine.invocations.strings import replace_matches as plain_replace_matches
from fhirpathpy.engine.nodes import FP_Quantity, FP_TimeBase, ResourceNode

from gateway.fhir import ucum
from gateway.fhir.fhirpath import boundaries
from gateway.fhir.fhirpath.faults import ExpressionError, TooCostlyError
from gateway.fhir.narrative import is_sound

Values = Sequence[Any]

MOST: Final = 20_000
"""Characters that a replacement or a joining may make, items that a repetition may."""
SEARCHED: Final = 1_000
"""Characters in which a replacement looks for a pattern that repeats."""
REPEATS: Final = 3
PLACES: Final = 32
EXPONENT: Final = 1_000

# A repeated group with a repetition or a choice in it may take exponential time.
_NESTED = re.compile(r"\([^()]*[*+{|][^()]*\)[*+{]|\)\)+[*+{]")
_REPEATED = re.compile(r"(?<!\\)[*+]|\{\d+,\d*\}")


def _one(values: Values) -> Any:
    """Return the only value, None where there is none."""
    if len(values) > 1:
        raise ExpressionError("One value was expected.")
    return util.get_data(values[0]) if values else None


def _text(values: Values) -> str | None:
    found = _one(values)
    if found is not None and not isinstance(found, str):
        raise ExpressionError("A text was expected.")
    return found


def _has_value(_ctx: Any, values: Values) -> list[bool]:
    return [len(values) == 1 and not isinstance(util.get_data(values[0]), (Mapping, list))]


# Patterns. The regular expressions of jsonschema-rs take linear time, whatever they are.


@lru_cache(256)
def _pattern(regex: str) -> Callable[[object], bool]:
    try:
        return jsonschema_rs.Draft202012Validator(
            {"pattern": regex}, pattern_options=jsonschema_rs.RegexOptions()
        ).is_valid
    except ValueError as error:
        raise ExpressionError("This regular expression is not supported.") from error


def _matches(_ctx: Any, values: Values, regex: Any) -> list[bool]:
    found = _text(values)
    if found is None or not isinstance(regex, str):
        return []
    return [_pattern(f"(?s){regex}")(found)]


def _matches_full(_ctx: Any, values: Values, regex: Any) -> list[bool]:
    found = _text(values)
    if found is None or not isinstance(regex, str):
        return []
    return [_pattern(f"(?s)^(?:{regex})$")(found)]


def _replace_matches(ctx: Any, values: Values, regex: Any, new: Any) -> Any:
    found = _text(values)
    if found is None or not isinstance(regex, str) or not isinstance(new, str):
        return []
    if not regex:
        return [found]
    repeats = len(_REPEATED.findall(regex))
    if _NESTED.search(regex) or repeats > REPEATS or (repeats > 1 and len(found) > SEARCHED):
        raise TooCostlyError("This regular expression may take too long.")
    if len(found) * (len(new) + 1) > MOST * 10:
        raise TooCostlyError("The expression makes too much.")
    return plain_replace_matches(ctx, values, regex, new)


def _replace(ctx: Any, values: Values, old: Any, new: Any) -> Any:
    found = _text(values)
    if found is None or not isinstance(old, str) or not isinstance(new, str):
        return []
    if (found.count(old) + 1) * len(new) + len(found) > MOST:
        raise TooCostlyError("The expression makes too much.")
    return plain_replace(ctx, values, old, new)


def _join(_ctx: Any, values: Values, separator: str = "") -> Any:
    texts = [util.get_data(one) for one in values]
    if not all(isinstance(one, str) for one in texts):
        raise ExpressionError("Texts were expected.")
    if sum(map(len, texts)) + len(separator) * len(texts) > MOST:
        raise TooCostlyError("The expression makes too much.")
    return [separator.join(texts)] if texts else []


def _starts_with(_ctx: Any, values: Values, prefix: Any) -> list[bool]:
    found = _text(values)
    return [] if found is None or not isinstance(prefix, str) else [found.startswith(prefix)]


def _index_of(_ctx: Any, values: Values, part: Any) -> list[int]:
    found = _text(values)
    return [] if found is None or not isinstance(part, str) else [found.find(part)]


_ESCAPES: Final[Mapping[str, tuple[Callable[[str], str], Callable[[str], str]]]] = {
    "html": (lambda text: html.escape(text, quote=True), html.unescape),
    "json": (
        lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
        lambda text: str(json.loads(f'"{text}"')),
    ),
}


def _escape(_ctx: Any, values: Values, target: str) -> list[str]:
    found = _text(values)
    return [_ESCAPES[target][0](found)] if found is not None and target in _ESCAPES else []


def _unescape(_ctx: Any, values: Values, target: str) -> list[str]:
    found = _text(values)
    return [_ESCAPES[target][1](found)] if found is not None and target in _ESCAPES else []


# Conversions and numbers.


def _to_string(ctx: Any, values: Values) -> Any:
    found = _one(values)
    if isinstance(found, bool):
        return ["true" if found else "false"]
    if isinstance(found, (FP_TimeBase, Decimal)):
        return [getattr(found, "asStr", None) or str(found)]
    return misc.to_string(ctx, values)


def _round(ctx: Any, values: Values, places: Any = 0) -> Any:
    if not isinstance(places, int) or not 0 <= places <= PLACES:
        raise ExpressionError("A number of places from 0 was expected.")
    return math.rround(ctx, values, places)


def _abs(ctx: Any, values: Values) -> Any:
    found = _one(values)
    if isinstance(found, FP_Quantity):
        return [FP_Quantity(abs(found.value), found.unit)]
    return math.abs(ctx, values)


def _power(ctx: Any, values: Values, exponent: Any) -> Any:
    if isinstance(exponent, (int, Decimal)) and not -EXPONENT < exponent < EXPONENT:
        raise TooCostlyError("The expression makes too much.")
    return math.power(ctx, values, exponent)


def _single(_ctx: Any, values: Values) -> Values:
    if len(values) > 1:
        raise ExpressionError("One value was expected.")
    return values


def _sort(_ctx: Any, values: Values, *keys: Callable[[Any], Values]) -> list[Any]:
    """Return the values in order of the keys, what has no key first."""

    def order(left: Any, right: Any) -> int:
        for key in keys or (lambda one: [one],):
            a, b = _one(key(left)), _one(key(right))
            if a != b:
                if a is None or b is None:
                    return -1 if a is None else 1
                return -1 if a < b else 1
        return 0

    return sorted(values, key=cmp_to_key(order))


# Precision and comparability.


def _boundary(way: int) -> Callable[..., list[Any]]:
    def boundary(_ctx: Any, values: Values, digits: Any = None) -> list[Any]:
        found = _one(values)
        return [] if found is None else boundaries.boundary(found, way, digits)

    return boundary


def _precision(_ctx: Any, values: Values) -> list[int]:
    found = _one(values)
    return [] if found is None else [boundaries.precision(found)]


def _comparable(_ctx: Any, values: Values, other: Values) -> list[bool]:
    left, right = _one(values), _one(other)
    if not isinstance(left, FP_Quantity) or not isinstance(right, FP_Quantity):
        return []
    units = [ucum.canonical(one.unit.strip("'")) for one in (left, right)]
    first, second = units
    return [first is not None and second is not None and first.dimension == second.dimension]


# FHIR's own.


def _resolve(ctx: Mapping[str, Any], values: Values) -> list[Any]:
    """Return the resources that references lead to within the resource itself."""
    root = ctx["vars"].get("rootResource")
    contained = root.get("contained", ()) if isinstance(root, Mapping) else ()
    found = []
    for value in map(util.get_data, values):
        target = value.get("reference", "") if isinstance(value, Mapping) else value
        if isinstance(target, str) and target.startswith("#"):
            found += [
                ResourceNode(one, one["resourceType"])
                for one in contained
                if one.get("id") == target[1:]
            ]
    return found


def _html_checks(_ctx: Any, values: Values) -> list[bool]:
    return [all(is_sound(str(util.get_data(one))) for one in values)]


def _extension(_ctx: Any, values: Values, url: str) -> list[Any]:
    found = []
    for value in map(util.get_data, values):
        if isinstance(value, Mapping):
            listed = value.get("extension", ())
            found += [ResourceNode(one, "Extension") for one in listed if one.get("url") == url]
    return found


def _repeat(_ctx: Any, values: Values, project: Callable[[Any], Values]) -> list[Any]:
    """Return all that a projection leads to, as the library does, which takes quadratic time."""
    found: list[Any] = []
    seen: set[Any] = set()
    todo = deque(values)
    while todo:
        # Siblings that are equal stay two: whether all their names are distinct may be the rule.
        fresh = [one for one in project(todo.popleft()) if one not in seen]
        seen.update(fresh)
        found += fresh
        todo += fresh
        if len(found) > MOST:
            raise TooCostlyError("The expression makes too much.")
    return found


_TEXT: Final = {1: ["String"]}
_ARGUMENT: Final = {1: [["String"]]}
_TWO: Final = {2: [["String"], ["String"]]}

FUNCTIONS: Final[Mapping[str, Mapping[str, Any]]] = {
    "hasValue": {"fn": _has_value},
    "getValue": {"fn": lambda _ctx, values: values},
    "matches": {"fn": _matches, "arity": _ARGUMENT},
    "matchesFull": {"fn": _matches_full, "arity": _ARGUMENT},
    "replaceMatches": {"fn": _replace_matches, "arity": _TWO},
    "replace": {"fn": _replace, "arity": _TWO},
    "join": {"fn": _join, "arity": {0: [], 1: ["String"]}},
    "startsWith": {"fn": _starts_with, "arity": _ARGUMENT},
    "indexOf": {"fn": _index_of, "arity": _ARGUMENT},
    "escape": {"fn": _escape, "arity": _TEXT},
    "unescape": {"fn": _unescape, "arity": _TEXT},
    "toString": {"fn": _to_string},
    "round": {"fn": _round, "arity": {0: [], 1: ["Integer"]}},
    "abs": {"fn": _abs},
    "power": {"fn": _power, "arity": {1: ["Number"]}, "nullable": True},
    "single": {"fn": _single},
    "sort": {"fn": _sort, "variadic": "Expr"},
    "lowBoundary": {"fn": _boundary(-1), "arity": {0: [], 1: ["Integer"]}},
    "highBoundary": {"fn": _boundary(1), "arity": {0: [], 1: ["Integer"]}},
    "precision": {"fn": _precision},
    "comparable": {"fn": _comparable, "arity": {1: ["AnyAtRoot"]}},
    "repeat": {"fn": _repeat, "arity": {1: ["Expr"]}},
    "resolve": {"fn": _resolve},
    "htmlChecks": {"fn": _html_checks},
    "extension": {"fn": _extension, "arity": _TEXT},
}
