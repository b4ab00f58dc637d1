"""Evidence as people send it: a workbook with a sheet `evidence`, or JSON with the same names.

docs/reference/quality.md explains each column. All faults are named, and nothing is half taken.
"""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.fhir.codec import decode
from gateway.recognition.catalogue.cells import CellError, day, flag, one_of
from gateway.recognition.quality.evidence import HR, PLACES, REACH, SCHEMES
from gateway.sheets import Fault, Row, Table, refuse, workbook
from gateway.store.records import Statement

SHEET: Final = "evidence"
COLUMNS: Final = (
    *("campus", "laboratory", "scheme", "organisation", "scope", "place", "item", "instrument"),
    *("round", "starts", "ends", "passed", "source"),
)
NEEDED: Final = (
    *("campus", "scheme", "organisation", "scope", "item", "round", "starts", "ends", "passed"),
)
KEY: Final = (
    *("campus", "laboratory", "scheme", "organisation", "scope", "item", "instrument", "round"),
)
ZIP: Final = b"PK\x03\x04"
WORDS: Final = {
    **{place: scope for scope, place in PLACES.items()},
    "室间质评": "eqa",
    "室内质控": "iqc",
    "认可": "accreditation",
    "影像质量": "image-quality",
    "合格": "yes",
    "不合格": "no",
    "通过": "yes",
    "未通过": "no",
}
"""What people write for the terms."""
YEARS: Final = ("1950", "2200")


@dataclass(frozen=True, slots=True)
class Known:
    """What evidence may name: campuses (code to number) and items of the catalogue."""

    campuses: Mapping[str, int]
    items: Container[str]


def read(body: bytes, known: Known, now: int) -> list[Statement]:
    """Return what stores the evidence of a file; SheetError, InvalidResourceError."""
    table = _workbook(body) if body.startswith(ZIP) else _json(body)
    faults = [
        Fault(SHEET, 1, column, "This column is not known.")
        for column in table.columns
        if column and column not in COLUMNS
    ]
    if not table.rows:
        faults.append(Fault(SHEET, 0, "", "There is no evidence."))
    seen: dict[tuple[str, ...], int] = {}
    statements = []
    for row in table.rows:
        values = _values(row, known, faults)
        name = tuple(values[column] for column in KEY)
        if name in seen:
            faults.append(row.fault("round", f"Row {seen[name]} is on the same round."))
        seen.setdefault(name, row.number)
        statements.append(_put(values, known, now))
    refuse(faults)
    return statements


def _workbook(body: bytes) -> Table:
    tables = workbook.read(body)
    refuse(
        [Fault(name, 0, "", "This sheet is not known.") for name in tables if name != SHEET]
        or ([] if SHEET in tables else [Fault(SHEET, 0, "", "This sheet is missing.")])
    )
    return tables[SHEET]


def _json(body: bytes) -> Table:
    found = decode(body).get(SHEET)
    listed: Sequence[Any] = found if isinstance(found, list) else []
    rows = [
        Row(SHEET, number, {name: _text(value) for name, value in one.items()})
        for number, one in enumerate(listed, 1)
        if isinstance(one, dict)
    ]
    if len(rows) < len(listed) or not listed:
        refuse([Fault(SHEET, 0, "", "This is no list of objects.")])
    columns = dict.fromkeys(name for row in rows for name in row.cells)
    return Table(SHEET, tuple(columns), tuple(rows))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value).strip()


def _values(row: Row, known: Known, faults: list[Fault]) -> dict[str, str]:
    values = {column: row[column] for column in COLUMNS}
    faults += [row.fault(one, "This must not be empty.") for one in NEEDED if not values[one]]
    for column, parse in PARSERS.items():
        if values[column]:
            try:
                values[column] = parse(WORDS.get(values[column], values[column]))
            except CellError as error:
                faults.append(row.fault(column, str(error)))
    values["place"] = values["place"].removesuffix(HR)
    if values["campus"] and values["campus"] not in known.campuses:
        faults.append(row.fault("campus", "There is no such campus."))
    if values["item"] and values["item"] not in known.items:
        faults.append(row.fault("item", "There is no such item in the catalogue."))
    if values["starts"] and values["ends"] and values["ends"] < values["starts"]:
        faults.append(row.fault("ends", "It ends before it begins."))
    return values


def _day(text: str) -> str:
    found = day(text)
    if not YEARS[0] <= found[:4] <= YEARS[1]:
        raise CellError("This year cannot be meant.")
    return found


def _passed(text: str) -> str:
    return "1" if flag(text) else "0"


PARSERS: Final[Mapping[str, Callable[[str], str]]] = {
    "scheme": one_of(SCHEMES),
    "scope": one_of(REACH),
    "starts": _day,
    "ends": _day,
    "passed": _passed,
}


def _put(values: Mapping[str, str], known: Known, now: int) -> Statement:
    ordered: list[object] = [values[column] for column in COLUMNS]
    ordered[0] = known.campuses.get(values["campus"], 0)
    ordered[COLUMNS.index("passed")] = int(values["passed"] == "1")
    return "evidence_put", (*ordered, now)
