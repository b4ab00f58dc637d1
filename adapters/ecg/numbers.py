"""Decimals as ECG files write them, bounded: an exponent of a hostile file must not cost memory."""

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

NUMBER: Final = re.compile(r"[+-]?(?:\d{1,15}(?:\.\d{0,15})?|\.\d{1,15})(?:[eE][+-]?\d{1,2})?\Z")
EXACT: Final = Context(prec=50, rounding=ROUND_HALF_EVEN)
ENDLESS: Final = Context(prec=12, rounding=ROUND_HALF_EVEN)


def decimal(text: str) -> Decimal | None:
    """Return the number, None if it is none."""
    text = text.strip()
    return Decimal(text) if NUMBER.match(text) and text.isascii() else None


def plain(number: Decimal) -> str:
    """Return a number without exponent and without zeros at the end."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def product(*factors: Decimal | int | str) -> Decimal:
    """Return the exact product of decimals of a file."""
    found = Decimal(1)
    for factor in factors:
        found = EXACT.multiply(found, Decimal(factor))
    return found


def inverse(thousand: int, number: Decimal) -> str:
    """Return thousand / number, exact where it ends within twelve digits."""
    return plain(ENDLESS.divide(Decimal(thousand), number))
