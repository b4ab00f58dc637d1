"""What one cell of the catalogue's tables may say, and how it is written out again."""

import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

DAY, HOUR, MINUTE = 86_400, 3_600, 60
UNITS: Final = {
    **dict.fromkeys(("", "d", "天", "日"), DAY),
    **dict.fromkeys(("h", "小时"), HOUR),
    **dict.fromkeys(("m", "min", "分钟"), MINUTE),
    **dict.fromkeys(("s", "秒"), 1),
}
SPAN: Final = re.compile(r"(\d{1,9})\s*([a-z\u4e00-\u9fff]*)", re.ASCII | re.IGNORECASE)
NEVER: Final = frozenset({"never", "不互认"})
FLAGS: Final = {
    **dict.fromkeys(("1", "yes", "y", "true", "是"), True),
    **dict.fromkeys(("0", "no", "n", "false", "否"), False),
}
LOINC_CODE: Final = re.compile(r"(\d{1,7})-(\d)", re.ASCII)
FEN: Final = Decimal("0.01")
MOST: Final = Decimal(10_000_000)


class CellError(ValueError):
    """What is wrong with a cell, without its content."""


def span(text: str) -> int:
    """Return seconds: `30` and `30d` are days, `12h` hours, `0` and `never` never."""
    if text.strip().casefold() in NEVER:
        return 0
    found = SPAN.fullmatch(text.strip())
    if not found or found[2].casefold() not in UNITS:
        raise CellError("This is no span of time: write 30d, 12h, 45m or 0 for never.")
    return int(found[1]) * UNITS[found[2].casefold()]


def write_span(seconds: int) -> str:
    """Return a span of time as it is read again."""
    for unit, size in (("d", DAY), ("h", HOUR), ("m", MINUTE)):
        if seconds and not seconds % size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s" if seconds else "0"


def flag(text: str) -> bool:
    """Return yes or no."""
    try:
        return FLAGS[text.strip().casefold()]
    except KeyError as error:
        raise CellError("Write yes or no.") from error


def money(text: str) -> int:
    """Return fen of a price in yuan."""
    try:
        price = Decimal(text.strip())
        is_price = price.is_finite() and 0 <= price < MOST and price == price.quantize(FEN)
    except InvalidOperation as error:
        raise CellError("This is no price in yuan.") from error
    if not is_price:
        raise CellError("A price in yuan is not negative and has two decimals at most.")
    return int(price * 100)


def write_money(fen: int) -> str:
    """Return a price in yuan."""
    return f"{fen // 100}.{fen % 100:02}"


def day(text: str) -> str:
    """Return a date; a spreadsheet's own dates come with a time of midnight."""
    try:
        return date.fromisoformat(text.strip().removesuffix(" 00:00:00")).isoformat()
    except ValueError as error:
        raise CellError("This is no date: write 2026-07-01.") from error


def one_of(choices: Sequence[str]) -> Callable[[str], str]:
    """Return what reads one of several words."""

    def read(text: str) -> str:
        if text not in choices:
            raise CellError(f"Write one of {', '.join(choices)}.")
        return text

    return read


def loinc(text: str) -> str:
    """Return a LOINC code whose check digit is right (mod 10, LOINC Users' Guide, appendix C)."""
    found = LOINC_CODE.fullmatch(text)
    if not found or check_digit(found[1]) != int(found[2]):
        raise CellError("This is no LOINC code: its check digit is wrong.")
    return text


def check_digit(number: str) -> int:
    """Return the check digit of a LOINC number: from the right, every other digit doubled."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value // 10 + value % 10
    return -total % 10
