"""What the cells of a table of critical values may say; every fault is named by sheet and row."""

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from gateway.sheets import Fault
from gateway.sheets.table import Row as Line
from gateway.workflow.critical.model import AGE, CATEGORIES, GROUP, SEXES, Row, Setting, limit

LISTS: Final = frozenset({"codes", "names", "values"})
SPLIT: Final = re.compile(r"[;；\n]+")
CODE: Final = re.compile(r"\d{1,7}-\d|\S+\|\S+")
LONGEST: Final = 2000
MOST_MINUTES: Final = Decimal(1_000_000)
REQUIRED: Final = frozenset({"", "required"})


def rows_of(lines: list[Line], faults: list[Fault]) -> tuple[Row, ...]:
    """Return the rows of a sheet; what is wrong is added to the faults."""
    rows = []
    for line in lines:
        before = len(faults)
        cells: dict[str, Any] = {name: line[name] for name in _texts(Row) if line[name]}
        cells |= {name: _list(line[name]) for name in LISTS}
        row = Row(**{"group": "", **cells, "number": line.number})
        faults += [line.fault(column, text) for column, text in _faults(row)]
        if len(faults) == before:
            rows.append(row)
    return tuple(rows)


def settings_of(lines: list[Line], faults: list[Fault]) -> tuple[Setting, ...]:
    """Return the settings of a sheet."""
    settings = []
    for line in lines:
        given: dict[str, Any] = {}
        for column, take in SETTINGS.items():
            if not line[column]:
                continue
            try:
                given[column] = take(line[column])
            except ValueError as error:
                faults.append(line.fault(column, str(error)))
        settings.append(Setting(**given))
    return tuple(settings)


def _faults(row: Row) -> Iterator[tuple[str, str]]:
    if not GROUP.fullmatch(row.group):
        yield "group", "Write a word such as potassium: a-z, 0-9 and '-'."
    if row.category not in CATEGORIES:
        yield "category", f"This is one of {', '.join(CATEGORIES)}."
    if not (row.codes or row.names) and row.category != "imaging":
        yield "codes", "Without codes and names nothing is judged by this row."
    if any(not CODE.fullmatch(one) for one in row.codes):
        yield "codes", "A code is a LOINC code, or system|code; several are parted by ';'."
    yield from _faults_of_limits(row)
    yield from _faults_of_whom(row)
    if any(len(str(getattr(row, name))) > LONGEST for name in row.__struct_fields__):
        yield "note", "A cell is too long."


def _faults_of_whom(row: Row) -> Iterator[tuple[str, str]]:
    if row.sex and row.sex not in SEXES:
        yield "sex", "This is male, female or empty."
    for column, age in (("age_from", row.age_from), ("age_to", row.age_to)):
        if age and not AGE.fullmatch(age):
            yield column, "An age is written 28d, 6m or 14y."


def _faults_of_limits(row: Row) -> Iterator[tuple[str, str]]:
    low, high = limit(row.low, "<"), limit(row.high, ">")
    if row.low and low is None:
        yield "low", "A lower limit is written <3.0 or ≤3.0."
    if row.high and high is None:
        yield "high", "An upper limit is written >6.0 or ≥6.0."
    if low and high and low.value >= high.value:
        yield "high", "The upper limit is not above the lower one."
    if (row.low or row.high) and not row.unit:
        yield "unit", "A limit needs its unit in UCUM; a plain number has the unit 1."
    if (row.low or row.high) and row.values:
        yield "values", "A row has limits or words, not both."


def _texts(struct: type[Row]) -> list[str]:
    return [one for one in struct.__struct_fields__ if one not in {*LISTS, "number"}]


def _list(text: str) -> tuple[str, ...]:
    parts = SPLIT.split(text)
    return tuple(part.strip() for part in parts if part.strip())


def _minutes(text: str) -> float:
    try:
        found = Decimal(text.strip())
    except InvalidOperation as error:
        raise ValueError("Write minutes as a number.") from error
    if not found.is_finite() or not 0 < found <= MOST_MINUTES:
        raise ValueError("Minutes are above 0.")
    return float(found)


def _steps(text: str) -> tuple[float, ...]:
    found = tuple(map(_minutes, _list(text.replace(",", ";"))))
    if list(found) != sorted(set(found)):
        raise ValueError("Steps follow each other: 10;20;30.")
    return found


def _category(text: str) -> str:
    if text not in CATEGORIES:
        raise ValueError(f"This is one of {', '.join(CATEGORIES)}, or empty for all.")
    return text


def _disposition(text: str) -> str:
    if text not in REQUIRED:
        raise ValueError("Write required, or leave it empty.")
    return text


SETTINGS: Final[Mapping[str, Callable[[str], Any]]] = {
    "category": _category,
    "ward": str,
    "notify": _minutes,
    "acknowledge": _minutes,
    "steps": _steps,
    "told": _list,
    "repeat": _minutes,
    "disposition": _disposition,
    "disposition_within": _minutes,
    "late_after": _minutes,
    "old_after": _minutes,
}
"""The columns of a setting, and what reads them."""
