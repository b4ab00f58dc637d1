"""Statistics as rows: for spreadsheets, streamed, and so that no cell is computed.

Names of doctors, departments and items come from outside: what begins like a formula is a text.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

from openpyxl import Workbook

from gateway.recognition.statistics.figures import COUNTS, RATES, Basis, Figures
from gateway.recognition.statistics.report import DIMENSIONS, Group, Report
from gateway.sheets.safety import safe
from gateway.sheets.workbook import ILLEGAL

HEADINGS: Final = {
    "reminded": "提醒数",
    "viewed": "调阅数",
    "recognised": "互认数",
    "notRecognised": "不互认数",
    "exempt": "不计入不互认数",
    "quoted": "引用数",
    "unanswered": "未应答数",
    "revoked": "撤销数",
    "saved": "节约金额（元）",
    "official": "官方互认率",
    "perReminder": "提醒互认率",
    "perView": "调阅互认率",
    "perResult": "结果互认率",
}
UNCOUNTED: Final = "未计算"
"""Where there is nothing to divide; 0 % would be a figure."""
TOTAL: Final = "合计"
PORTION: Final = 500
"""Rows that are made into bytes at once."""

Cell = str | int | float


def headings(by: Sequence[str]) -> list[str]:
    """Return the heading of each column: words and the key."""
    found = []
    for name in by:
        found.append(f"{DIMENSIONS[name].heading} {name}")
        if DIMENSIONS[name].is_named:
            found.append(f"{DIMENSIONS[name].heading}名称 {name}Name")
    return [*found, *(f"{heading} {key}" for key, heading in HEADINGS.items())]


def rows(report: Report) -> Iterator[list[Cell]]:
    """Yield the groups, then the whole."""
    named = [DIMENSIONS[name].is_named for name in report.query.by]
    for group in report.groups:
        yield [*_dimensions(named, group), *_figures(group.figures, group.basis)]
    first: list[Cell] = [TOTAL] if named else []
    blank: list[Cell] = [""] * (len(named) + sum(named) - len(first))
    yield [*first, *blank, *_figures(report.total, report.basis)]


def _dimensions(named: Sequence[bool], group: Group) -> Iterator[Cell]:
    for is_named, value, word in zip(named, group.values, group.words, strict=True):
        yield value
        if is_named:
            yield word


def _figures(figures: Figures, basis: Basis | None) -> Iterator[Cell]:
    yield from (figures.counts[name] for name in COUNTS)
    yield figures.saved / 100
    rates = figures.rates(basis)
    for name in RATES:
        value = rates[name]
        yield UNCOUNTED if value is None else value


def to_csv(heads: Sequence[str], lines: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """Yield CSV in pieces, with a byte order mark, without which Excel garbles Chinese."""
    yield "\ufeff".encode()
    waiting = iter(lines)
    yield _piece([heads])
    while portion := list(islice(waiting, PORTION)):
        yield _piece(portion)


def _piece(lines: Iterable[Sequence[Cell]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([_plain(cell) for cell in line] for line in lines)
    return out.getvalue().encode()


def _plain(cell: Cell) -> str | int:
    if isinstance(cell, float):
        return f"{cell:.4f}".rstrip("0").rstrip(".")
    return ILLEGAL.sub("\ufffd", safe(cell)) if isinstance(cell, str) else cell


def to_xlsx(title: str, heads: Sequence[str], lines: Iterable[Sequence[Cell]]) -> bytes:
    """Return a workbook of one sheet."""
    book = Workbook(write_only=True)
    page: Any = book.create_sheet(title)
    page.freeze_panes = "A2"
    page.append(list(heads))
    for line in lines:
        page.append([_plain(cell) if isinstance(cell, str) else cell for cell in line])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
