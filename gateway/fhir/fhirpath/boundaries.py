"""The least and greatest value that a number, date or time may stand for, and its precision.

https://build.fhir.org/ig/HL7/FHIRPath/#lowboundaryprecision-integer-decimal--date--datetime--time
"""

import re
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, Final

from fhirpathpy.engine.nodes import FP_DateTime, FP_Quantity, FP_Time

DECIMALS: Final = 8
"""Decimal places where none are asked for."""
MOST_DECIMALS: Final = 31
LENGTHS: Final = {4: 4, 6: 7, 8: 10, 17: 23}
"""How many characters a date has with so many digits."""
LOW, HIGH = "0001-01-01T00:00:00.000", "9999-12-31T23:59:59.999"
ZONES: Final = {-1: "+14:00", 1: "-12:00"}
FEBRUARY: Final = 2
DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

_MOMENT = re.compile(r"(?P<local>[\d:T.-]*?)(?P<zone>Z|[+-]\d\d:\d\d)?")


def boundary(value: Any, way: int, digits: int | None) -> list[Any]:
    """Return the boundary below (-1) or above (1) a value, nothing where there is none."""
    if isinstance(value, FP_Quantity):
        found = _number(Decimal(value.value), way, digits)
        return [FP_Quantity(one, value.unit) for one in found]
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return _number(Decimal(value), way, digits)
    if isinstance(value, FP_Time):
        return [FP_Time(_time(value.asStr, way))]
    text = value.asStr if isinstance(value, FP_DateTime) else value
    if isinstance(text, str) and re.match(r"\d{4}", text):
        return [FP_DateTime(_moment(text, way, digits))]
    return []


def _number(value: Decimal, way: int, places: int | None) -> list[Decimal]:
    places = DECIMALS if places is None else places
    if not 0 <= places <= MOST_DECIMALS:
        return []
    exponent = int(value.as_tuple().exponent)
    half = Decimal(5).scaleb(min(exponent, 0) - 1)
    rounding = ROUND_FLOOR if way < 0 else ROUND_CEILING
    return [(value + way * half).quantize(Decimal(1).scaleb(-places), rounding=rounding)]


def _time(text: str, way: int) -> str:
    return text + (LOW if way < 0 else HIGH)[11:][len(text) :]


def _moment(text: str, way: int, digits: int | None) -> str:
    found = _MOMENT.fullmatch(text)
    local = (found["local"] if found else text).rstrip("T")
    zone = (found["zone"] if found else "") or ""
    length = LENGTHS.get(digits or (17 if "T" in text else 8), 23)
    filled = local + (LOW if way < 0 else HIGH)[len(local) :]
    if way > 0 and len(local) < len("2014-01-01"):
        filled = f"{filled[:8]}{_days(filled):02}{filled[10:]}"
    return filled[:length] + ((zone or ZONES[way]) if length > len("2014-01-01") else "")


def _days(text: str) -> int:
    year, month = int(text[:4]), int(text[5:7])
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if month == FEBRUARY and is_leap else DAYS[month - 1]


def precision(value: Any) -> int:
    """Return how many digits a value was written with: of a number those after the point."""
    if isinstance(value, Decimal):
        return max(-int(value.as_tuple().exponent), 0)
    if isinstance(value, (FP_DateTime, FP_Time)):
        text = re.sub(r"(Z|[+-]\d\d:\d\d)$", "", value.asStr)
        return sum(character.isdigit() for character in text)
    return len(str(value).lstrip("-"))
