"""A table as people write it: a header row in their language with a key in ours, rows of text.

A column is headed `中文名 key`: what counts is the last word, so that the rest may be reworded.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from typing_extensions import override

from gateway.errors import InvalidRequestError, Issue


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where: `row` counts from 1 as a spreadsheet does, 0 is the whole sheet."""

    sheet: str
    row: int
    column: str
    text: str

    @override
    def __str__(self) -> str:
        row = f", row {self.row}" if self.row else ""
        column = f", column {self.column}" if self.column else ""
        return f"{self.sheet}{row}{column}: {self.text}"


class SheetError(InvalidRequestError):
    """A table that cannot be taken, with all of its faults."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(
            f"Nothing was imported: {'; '.join(map(str, faults))}",
            issues=[
                Issue("error", "invalid", str(one), f"{one.sheet}[{one.row}].{one.column}")
                for one in faults
            ],
        )
        self.faults = tuple(faults)


def refuse(faults: Sequence[Fault]) -> None:
    """Raise SheetError where there are faults, in the order of the sheets' rows."""
    if faults:
        raise SheetError(sorted(faults, key=lambda one: (one.sheet, one.row)))


@dataclass(frozen=True, slots=True)
class Row:
    """One row: texts by the key of their column, without surrounding blanks."""

    sheet: str
    number: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def fault(self, column: str, text: str) -> Fault:
        """Return what is wrong with a cell."""
        return Fault(self.sheet, self.number, column, text)


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...] = field(default=())

    @staticmethod
    def of_cells(name: str, lines: Iterable[tuple[int, Sequence[str]]]) -> "Table":
        """Return the table of numbered lines of cells, the first being the header."""
        return _table(name, iter(lines))

    @staticmethod
    def of_csv(name: str, text: str) -> "Table":
        """Return the table of comma separated values; lines that begin with # are comments."""
        kept = [
            (number, line)
            for number, line in enumerate(text.splitlines(), 1)
            if line and not line.startswith("#")
        ]
        cells = csv.reader(line for _, line in kept)
        return _table(name, ((number, row) for (number, _), row in zip(kept, cells, strict=True)))


def key(heading: str) -> str:
    """Return the key that heads a column."""
    return "".join(heading.split()[-1:])


def _table(name: str, lines: Iterator[tuple[int, Sequence[str]]]) -> Table:
    _, header = next(lines, (0, ()))
    columns = tuple(key(cell) for cell in header)
    rows = [
        Row(name, number, cells)
        for number, values in lines
        if any((cells := _cells(columns, values)).values())
    ]
    return Table(name, columns, tuple(rows))


def _cells(columns: Sequence[str], values: Sequence[str]) -> dict[str, str]:
    return {column: value.strip() for column, value in zip(columns, values, strict=False) if column}
