"""Tables on a terminal, where a Chinese character is two columns wide."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

WIDE: Final = frozenset("WF")
GAP: Final = "  "


def table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return rows under headings, in columns."""
    cells = [list(headings), *([_cell(one) for one in row] for row in rows)]
    widths = [max(map(width, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        GAP.join(
            cell + " " * (wide - width(cell)) for cell, wide in zip(row, widths, strict=True)
        ).rstrip()
        for row in cells
    )


def width(text: str) -> int:
    """Return how many columns a text takes."""
    return sum(2 if unicodedata.east_asian_width(one) in WIDE else 1 for one in text)


def moment(microseconds: int | None, zone: ZoneInfo) -> str:
    """Return a time in a zone, "" for none."""
    if not microseconds:
        return ""
    return datetime.fromtimestamp(microseconds / 1_000_000, zone).strftime("%Y-%m-%d %H:%M:%S")


def _cell(value: object) -> str:
    if value is None or value == "":
        return "-"
    return "".join(one if one.isprintable() else "�" for one in str(value))
