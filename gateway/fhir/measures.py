"""Numbers and quantities as search finds them: ranges of doubles, in base units where UCUM is sure.

A stored number is exact, only a search value has a range (https://hl7.org/fhir/R4/search.html#number).
Both are computed in decimals and rounded last, so equal quantities are equal doubles.
"""

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import msgspec

from gateway.fhir.ucum import SYSTEM, canonical

CURRENCY: Final = "urn:iso:std:iso:4217"
DIMENSION: Final = "urn:hutong:ucum"
"""The system under which a dimension in base units is interned."""

Name = tuple[int, str, str]
"""A code as (-1, system, code), a reference as (type's number, "", id)."""


class Measure(msgspec.Struct, frozen=True, array_like=True):
    """One row of numbers: lo to hi, both included.

    Without `unit` it is as written, and `label` (system and code) and `written` say in what; with
    it, in base units of that dimension. A composite has `first`, and as its second part `second`
    or the numbers; `also` is a third number.
    """

    param: int
    lo: float
    hi: float
    unit: str | None = None
    label: tuple[str, str] | None = None
    written: str = ""
    first: Name | None = None
    second: Name | None = None
    also: float = 0.0


def number(value: float, param: int, measures: list[Measure]) -> None:
    """Add a number."""
    measures.append(Measure(param, float(value), float(value)))


def quantity(value: Mapping[str, Any], param: int, measures: list[Measure]) -> None:
    """Add a Quantity as written, and in base units; one with a comparator is open on one side."""
    found = value.get("value")
    if found is None:
        return
    exact = decimal(found)
    _add(value, (exact, exact), value.get("comparator", ""), (param, measures))


def interval(value: Mapping[str, Any], param: int, measures: list[Measure]) -> None:
    """Add a Range from low to high, open where one lacks."""
    low, high = value.get("low") or {}, value.get("high") or {}
    ends = low.get("value"), high.get("value")
    if ends == (None, None) or (None not in ends and _unit(low) != _unit(high)):
        return
    bounds = (
        None if ends[0] is None else decimal(ends[0]),
        None if ends[1] is None else decimal(ends[1]),
    )
    _add(low if ends[0] is not None else high, bounds, "", (param, measures))


def money(value: Mapping[str, Any], param: int, measures: list[Measure]) -> None:
    """Add an amount of money, its currency as the unit."""
    found = value.get("value")
    if found is not None:
        exact = float(decimal(found))
        currency = value.get("currency", "")
        label = (CURRENCY, currency) if currency else None
        measures.append(Measure(param, exact, exact, None, label, currency))


def decimal(value: float | str) -> Decimal:
    """Return a JSON number in decimals: of a float the shortest that is that float."""
    return Decimal(value if isinstance(value, int) else repr(value))


def open_end(lo: float, hi: float, comparator: str) -> tuple[float, float]:
    """Return the range that a value with this comparator covers."""
    match comparator:
        case "<":
            return -math.inf, math.nextafter(hi, -math.inf)
        case "<=":
            return -math.inf, hi
        case ">":
            return math.nextafter(lo, math.inf), math.inf
        case ">=":
            return lo, math.inf
        case _:
            return lo, hi


def _unit(value: Mapping[str, Any]) -> tuple[str, str, str]:
    return value.get("system", ""), value.get("code", ""), value.get("unit", "")


def _add(
    value: Mapping[str, Any],
    bounds: tuple[Decimal | None, Decimal | None],
    comparator: str,
    where: tuple[int, list[Measure]],
) -> None:
    param, measures = where
    system, code, unit = _unit(value)
    low, high = bounds
    lo, hi = open_end(
        -math.inf if low is None else float(low),
        math.inf if high is None else float(high),
        comparator,
    )
    measures.append(Measure(param, lo, hi, None, (system, code) if code else None, unit))
    base = canonical(code) if system == SYSTEM and code else None
    if base is not None:
        lo, hi = open_end(
            -math.inf if low is None else base.convert(low),
            math.inf if high is None else base.convert(high),
            comparator,
        )
        measures.append(Measure(param, lo, hi, base.dimension))
