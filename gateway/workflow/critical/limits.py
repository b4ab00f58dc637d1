"""Numbers against limits, exactly: a result is never rounded before it is judged."""

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Final, NamedTuple

from gateway.fhir.number import number as of_json
from gateway.workflow.critical.units import code_of, factor
from mappers.base import Resource
from mappers.numbers import folded, number

WRITTEN: Final = re.compile(r"(?P<sign>[<>]=?|[≤≥])?\s*(?P<number>[-+]?[\d.,]+(?:[eE][-+]?\d+)?)")
SIGNS: Final = {"≤": "<=", "≥": ">="}
PLAIN_UNITS: Final = frozenset({"1", "[pH]", "{INR}", "{ratio}", "{pH}"})
"""Units that nobody writes."""


class Unjudged(Exception):  # noqa: N818 - no error: a table has no word for this value
    """The value cannot be compared; the text is the reason's code."""


class Amount(NamedTuple):
    """One number in the unit of a limit; `sign` as in Quantity.comparator."""

    sign: str
    value: Fraction


class Side(NamedTuple):
    """One end of what is not critical: `<` 3.0, the number itself included or not."""

    direction: str
    value: Fraction
    inclusive: bool


def crosses(one: Amount, side: Side) -> bool:
    """Return whether a value is critical by one limit; `<` and `>` are judged at their bound.

    `<3.0` stands for what is just below 3.0, so it is below a limit of 3.0, whatever the limit
    says of the number itself; `<=3.0` may be 3.0.
    """
    distance = one.value - side.value if side.direction == ">" else side.value - one.value
    if distance:
        return distance > 0
    if one.sign in {"<", ">"}:
        return one.sign == side.direction
    return side.inclusive


def numbers(element: Resource, unit: str) -> Iterator[Amount]:
    """Yield the numbers of a value in a unit; Unjudged if it has none, or in another unit."""
    if "valueQuantity" in element:
        yield _amount(element["valueQuantity"], unit)
    elif "valueRange" in element:
        ends = element["valueRange"]
        yield from (_amount(ends[name], unit) for name in ("low", "high") if name in ends)
    elif "valueInteger" in element:
        yield _plain("", Fraction(element["valueInteger"]), unit)
    elif "valueString" in element:
        match = WRITTEN.fullmatch(folded(str(element["valueString"])))
        digits = number(match["number"]) if match else None
        if match is None or digits is None:
            raise Unjudged("text")
        sign = match["sign"] or ""
        yield _plain(SIGNS.get(sign, sign), exact(digits), unit)
    else:
        raise Unjudged("text")


def _amount(quantity: Resource, unit: str) -> Amount:
    if "value" not in quantity:
        raise Unjudged("text")
    value, sign = exact(quantity["value"]), str(quantity.get("comparator", ""))
    code, written = str(quantity.get("code", "")), str(quantity.get("unit", ""))
    if not code and not written:
        return _plain(sign, value, unit)
    into = factor(code_of(str(quantity.get("system", "")), code, written), unit)
    if into is None:
        raise Unjudged("unit")
    return Amount(sign, value * into)


def _plain(sign: str, value: Fraction, unit: str) -> Amount:
    if unit not in PLAIN_UNITS:
        raise Unjudged("no-unit")
    return Amount(sign, value)


def exact(value: Any) -> Fraction:
    """Return a JSON number, digit for digit where its digits were kept; Unjudged if it is none."""
    found = of_json(value)
    if found is None:
        raise Unjudged("text")
    return Fraction(found)
