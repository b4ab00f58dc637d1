"""Workbooks (xlsx): read as tables of text, written so that no cell is computed.

ECMA-376, Office Open XML. Dates and numbers come as a person would have typed them.
"""

import csv
import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from xml.etree.ElementTree import ParseError

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from gateway.sheets.safety import bare, safe
from gateway.sheets.table import Fault, Table, key, refuse

MOST_ROWS: Final = 100_000
MOST_COLUMNS: Final = 100
MOST_BYTES: Final = 256 * 1024 * 1024
"""What a workbook may unpack to; a few kilobytes can hold a terabyte of nothing."""
UNREADABLE: Final = "This is no workbook (xlsx) that can be read."
ILLEGAL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
WIDEST: Final = 60
NARROWEST: Final = 8
BROKEN: Final = (
    *(zipfile.BadZipFile, zlib.error, ParseError, OSError, EOFError, RuntimeError),
    *(KeyError, IndexError, ValueError, TypeError, AttributeError, OverflowError),
)
"""What openpyxl lets through from broken files: it trusts what it reads."""

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet to be written: texts and numbers under headings."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def read(body: bytes) -> dict[str, Table]:
    """Return the sheets of a workbook by the key of their title; SheetError."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            too_large = sum(one.file_size for one in packed.infolist()) > MOST_BYTES
        if not too_large:
            with warnings.catch_warnings():
                # Of styles and the like, which other programs write otherwise.
                warnings.simplefilter("ignore")
                return _sheets(body)
    except BROKEN:
        pass
    refuse([Fault("workbook", 0, "", UNREADABLE)])
    raise AssertionError  # pragma: no cover - refuse has raised


def _sheets(body: bytes) -> dict[str, Table]:
    book = load_workbook(io.BytesIO(body), read_only=True)
    tables: dict[str, Table] = {}
    faults: list[Fault] = []
    for sheet in book.worksheets:
        name = key(sheet.title)
        if name in tables:
            faults.append(Fault(name, 0, "", "There are two sheets of this name."))
        lines = sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS)
        tables[name] = Table.of_cells(name, _lines(name, lines, faults))
        if len(tables[name].rows) > MOST_ROWS:
            faults.append(Fault(name, 0, "", f"There are more than {MOST_ROWS} rows."))
    book.close()
    refuse(faults)
    return tables


def _lines(name: str, rows: Any, faults: list[Fault]) -> Iterator[tuple[int, list[str]]]:
    for number, row in enumerate(rows, 1):
        cells = []
        for place, cell in enumerate(row, 1):
            if cell.data_type in {"f", "e"}:
                text = "This is a formula or an error; write its value."
                faults.append(Fault(name, number, get_column_letter(place), text))
            cells.append(_text(cell.value))
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield number, cells


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float() if value.is_integer():
            return str(int(value))
        case datetime() | date():
            return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
        case _:
            return bare(str(value))


def write(sheets: Sequence[Sheet]) -> bytes:
    """Return a workbook; every text is a text, whatever it begins with."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet in sheets:
        page: Any = book.create_sheet(sheet.title)
        page.append(list(sheet.headings))
        for number, row in enumerate(sheet.rows, 2):
            for place, value in enumerate(row, 1):
                _put(page.cell(number, place), value)
        page.freeze_panes = "A2"
        for cell in page[1]:
            cell.font = Font(bold=True)
        _fit(page, sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _put(cell: Any, value: Cell) -> None:
    if isinstance(value, str):
        cell.value = ILLEGAL.sub("\ufffd", safe(value))
        cell.data_type = "s"
        cell.number_format = "@"  # or 12-5 would become a day of May when somebody touches it
    else:
        cell.value = value


def _fit(page: Any, sheet: Sheet) -> None:
    for place, heading in enumerate(sheet.headings):
        longest = max((len(str(row[place] or "")) for row in sheet.rows), default=0)
        width = min(max(longest, len(heading), NARROWEST) + 2, WIDEST)
        page.column_dimensions[get_column_letter(place + 1)].width = width


def to_csv(sheet: Sheet) -> bytes:
    """Return a sheet as CSV with a byte order mark, without which Excel garbles Chinese."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(sheet.headings)
    for row in sheet.rows:
        writer.writerow([safe(one) if isinstance(one, str) else one for one in row])
    return out.getvalue().encode("utf-8-sig")
