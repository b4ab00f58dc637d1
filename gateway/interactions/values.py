"""Search values: what commas, bars and dollars join, and numbers with their precision.

https://hl7.org/fhir/R4/search.html#escaping and https://hl7.org/fhir/R4/search.html#number
"""

import math
import re
from decimal import Decimal
from typing import Final

from gateway.errors import InvalidRequestError
from gateway.fhir.dates import PREFIXES
from gateway.fhir.measures import CURRENCY
from gateway.fhir.positions import DEFAULT, UNITS
from gateway.fhir.ucum import SYSTEM, Canonical, canonical
from gateway.store.query import Amount, Unit

MAX_VALUES: Final = 1_000
QUANTITY_PARTS: Final = 3
PLACE_PARTS: Final = 4
POLE: Final = 90

_COMMA = re.compile(r"(?<!\\)((?:\\\\)*),")
_PIPE = re.compile(r"(?<!\\)((?:\\\\)*)\|")
_DOLLAR = re.compile(r"(?<!\\)((?:\\\\)*)\$")
_NUMBER = re.compile(r"[+-]?\d{1,40}(?:\.\d{1,40})?(?:[eE][+-]?\d{1,3})?", re.ASCII)
_LARGEST: Final = 300
_TENTH = Decimal("0.1")


def values(code: str, value: str) -> list[str]:
    """Return the values that commas join, none of them empty."""
    found = split(value)
    if len(found) > MAX_VALUES:
        raise InvalidRequestError(
            f"{code} has more than {MAX_VALUES} values.", expression=f"http.{code}"
        )
    if not all(found):
        raise InvalidRequestError(f"{code} has an empty value.", expression=f"http.{code}")
    return found


def split(value: str) -> list[str]:
    """Return the values that commas join; an escaped comma joins nothing (search.html#escaping)."""
    return _split(_COMMA, value) if "," in value else [value]


def bars(value: str) -> list[str]:
    """Return what bars join, unescaped."""
    return [unescape(part) for part in _split(_PIPE, value)]


def dollars(value: str) -> list[str]:
    """Return the parts of a composite."""
    return _split(_DOLLAR, value)


def _split(at: re.Pattern[str], text: str) -> list[str]:
    parts, start = [], 0
    for found in at.finditer(text):
        parts.append(text[start : found.end() - 1])
        start = found.end()
    return [*parts, text[start:]]


def unescape(value: str) -> str:
    r"""Return a value with `\,`, `\|`, `\$` and `\\` taken as they are meant."""
    return re.sub(r"\\([,|$\\])", r"\1", value) if "\\" in value else value


def number(code: str, text: str) -> Amount:
    """Return the amount that a number search asks for."""
    prefix, exact = _prefixed(code, text)
    return _amount(prefix, exact, text, None, ("any", "", ""))


def quantity(code: str, text: str) -> list[Amount]:
    """Return the amounts of `number|system|code`: as written, or in UCUM's base units."""
    first, *unit = bars(text)
    prefix, exact = _prefixed(code, first)
    if len(unit) == 1 and ":" in unit[0]:
        _bad(code)  # a system without its unit
    if len(unit) >= QUANTITY_PARTS or (unit and not unit[-1]):
        unit = unit if len(unit) < QUANTITY_PARTS and not any(unit) else _bad(code)
    system, name = unit[:2] if len(unit) > 1 else ("", "".join(unit))
    if not name:
        return [_amount(prefix, exact, first, None, ("any", "", ""))]
    if not system:
        return [_amount(prefix, exact, first, None, ("written", "", name))]
    base = canonical(name) if system == SYSTEM else None
    if base is not None:
        return [_amount(prefix, exact, first, base, ("base", "", base.dimension))]
    return [_amount(prefix, exact, first, None, ("label", system, name))]


def near(code: str, text: str) -> tuple[float, float, float]:
    """Return latitude, longitude and metres of `latitude|longitude|distance|unit`."""
    parts = bars(text)
    latitude, longitude, distance, unit = [*parts, "", "", ""][:PLACE_PARTS]
    places = latitude, longitude, distance or str(DEFAULT)
    if len(parts) > PLACE_PARTS or unit not in UNITS or not all(map(_NUMBER.fullmatch, places)):
        raise _place_expected(code)
    north, east, far = map(float, places)
    if not (abs(north) <= POLE and abs(east) <= 2 * POLE and 0 <= far < math.inf):
        raise _place_expected(code)
    return north, east, far * UNITS[unit if distance else ""]


def _place_expected(code: str) -> InvalidRequestError:
    units = ", ".join(one for one in UNITS if one)
    return InvalidRequestError(
        f"{code} takes latitude|longitude|distance|unit in degrees, the unit one of {units}.",
        expression=f"http.{code}",
    )


def _bad(code: str) -> list[str]:
    raise InvalidRequestError(
        f"{code} takes a quantity such as 5.4, ge5.4|{SYSTEM}|mg or 100|{CURRENCY}|CNY.",
        expression=f"http.{code}",
    )


def _prefixed(code: str, text: str) -> tuple[str, Decimal]:
    prefix, rest = (text[:2], text[2:]) if text[:2] in PREFIXES else ("eq", text)
    if rest[:1] == " ":
        # A plus sign that the caller did not escape arrives as a space.
        rest = f"+{rest[1:]}"
    if not _NUMBER.fullmatch(rest) or abs(Decimal(rest).adjusted()) > _LARGEST:
        raise InvalidRequestError(
            f"{code} takes a number such as 5.4 or ge100.", expression=f"http.{code}"
        )
    return prefix, Decimal(rest)


def _amount(prefix: str, exact: Decimal, text: str, base: Canonical | None, unit: Unit) -> Amount:
    low, high = _range(prefix, exact, text)

    def convert(value: Decimal) -> float:
        return float(value) if base is None else base.convert(value)

    return Amount(prefix, convert(exact), convert(low), convert(high), unit)


def _range(prefix: str, exact: Decimal, text: str) -> tuple[Decimal, Decimal]:
    """Return the range of a search value: half of its last digit, or a tenth of it for `ap`.

    R4 has 1e2 mean 95 to 105, as if its first digit were followed by a zero.
    """
    if prefix == "ap":
        margin = abs(exact) * _TENTH
        return exact - margin, exact + margin
    last = exact.as_tuple().exponent
    assert isinstance(last, int)  # noqa: S101 - the syntax has no infinities
    if last > 0 and "." not in text:
        last -= 1
    half = Decimal(5).scaleb(last - 1)
    return exact - half, exact + half
