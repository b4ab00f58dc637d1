"""UCUM codes to base units, so that 5 mg/dL is found as 50 mg/L.

https://ucum.org/ucum: terms of units with exponents, joined by `.` and `/`, annotations in braces.
"""

import re
from decimal import Context, Decimal, InvalidOperation, Overflow
from fractions import Fraction
from functools import cache, lru_cache
from typing import Final, NamedTuple

from gateway.fhir import tables

SYSTEM: Final = "http://unitsofmeasure.org"

_LONGEST: Final = 100
_DEEPEST: Final = 20
_LARGEST: Final = 60
"""Exponents beyond this are nobody's unit."""
_TOKEN = re.compile(r"\{[^{}]*\}|[./()]|[^./(){}]+")
_UNIT = re.compile(r"(?P<code>.*?[^\d+-]|10[*^])(?P<exponent>[+-]?\d+)?")
# Beyond what a double tells apart, so that equal quantities become equal numbers.
_exact = Context(prec=40, traps=[InvalidOperation, Overflow])


class Canonical(NamedTuple):
    """A unit as a multiple of base units: (value + offset) * over / under, in `dimension`."""

    over: Decimal
    under: Decimal
    offset: Decimal
    dimension: str

    def convert(self, value: Decimal) -> float:
        """Return a value of this unit in base units."""
        shifted = _exact.add(value, self.offset) if self.offset else value
        return float(_exact.divide(_exact.multiply(shifted, self.over), self.under))


class _Term(NamedTuple):
    factor: Fraction
    powers: dict[str, int]
    offset: Decimal = Decimal()


@lru_cache(4096)
def canonical(code: str) -> Canonical | None:
    """Return what a code stands for, None where it is no UCUM code that is known here."""
    try:
        term = _term(code, 0)
    except (ValueError, ZeroDivisionError):
        return None
    powers = sorted((unit, power) for unit, power in term.powers.items() if power)
    return Canonical(
        Decimal(term.factor.numerator),
        Decimal(term.factor.denominator),
        term.offset,
        ".".join(f"{unit}{'' if power == 1 else power}" for unit, power in powers),
    )


@cache
def _rows() -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """Return the units and the prefixes by code."""
    rows = tables.read("ucum")
    return (
        {row["code"]: row for row in rows if row["kind"] != "prefix"},
        {row["code"]: row["factor"] for row in rows if row["kind"] == "prefix"},
    )


def _term(text: str, depth: int) -> _Term:
    """Return the product that a text names; ValueError where it names none."""
    pieces = _TOKEN.findall(text)
    if len(text) > _LONGEST or depth > _DEEPEST or "".join(pieces) != text or not pieces:
        raise ValueError
    found, rest = _product(pieces, 0, depth)
    if rest != len(pieces):
        raise ValueError
    return found


def _product(pieces: list[str], at: int, depth: int) -> tuple[_Term, int]:
    factor, powers, offset = Fraction(1), dict[str, int](), Decimal()
    sign, count = 1, 0
    while at < len(pieces) and pieces[at] != ")":
        piece = pieces[at]
        if piece in "./":
            if piece == "." and not count:
                raise ValueError
            sign = -1 if piece == "/" else 1
            at += 1
            if at == len(pieces) or pieces[at] in ("./)"):
                raise ValueError
            continue
        one, at = _component(pieces, at, depth)
        count += 1
        factor *= one.factor**sign
        offset = one.offset
        for unit, power in one.powers.items():
            powers[unit] = powers.get(unit, 0) + sign * power
    if not count or (offset and count > 1):
        raise ValueError
    return _Term(factor, powers, offset), at


def _component(pieces: list[str], at: int, depth: int) -> tuple[_Term, int]:
    piece = pieces[at]
    if piece == "(":
        found, at = _product(pieces, at + 1, depth + 1)
        if at == len(pieces) or depth > _DEEPEST:
            raise ValueError
        at += 1
    elif piece[0] == "{":
        return _Term(Fraction(1), {}), at + 1
    else:
        found, at = _simple(piece, depth), at + 1
    if at < len(pieces) and pieces[at][0] == "{":
        at += 1  # an annotation says of what, and changes nothing
    return found, at


def _simple(text: str, depth: int) -> _Term:
    """Return a number, or a unit with prefix and exponent."""
    if text.isascii() and text.isdigit():
        return _Term(Fraction(int(text)), {})
    found = _UNIT.fullmatch(text)
    if found is None:
        raise ValueError
    exponent = int(found["exponent"] or 1)
    if abs(exponent) > _LARGEST:
        raise ValueError
    one = _unit(found["code"], depth)
    if exponent == 1:
        return one
    if one.offset:
        raise ValueError
    return _Term(one.factor**exponent, {unit: n * exponent for unit, n in one.powers.items()})


def _unit(code: str, depth: int) -> _Term:
    units, prefixes = _rows()
    if code in units:
        return _resolved(code, depth)
    for length in (1, 2):
        prefix, rest = code[:length], code[length:]
        if prefix in prefixes and rest in units and units[rest]["metric"]:
            one = _resolved(rest, depth)
            if one.offset:
                break
            return one._replace(factor=one.factor * Fraction(prefixes[prefix]))
    raise ValueError


@lru_cache(1024)
def _resolved(code: str, depth: int) -> _Term:
    row = _rows()[0][code]
    if row["kind"] == "base":
        return _Term(Fraction(1), {code: 1})
    one = _term(row["unit"], depth + 1)
    return _Term(one.factor * Fraction(row["factor"]), one.powers, Decimal(row["offset"] or 0))
