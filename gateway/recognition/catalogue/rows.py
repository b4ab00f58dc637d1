"""Items from the rows of tables, and every fault in them by sheet, row and column.

Sheets: `items`, one row an item with its windows by patient state; `codes`, what campuses call
them; `prices`; `parts` of panels. docs/reference/catalogue.md explains each column.
"""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.recognition.catalogue import exams
from gateway.recognition.catalogue.cells import CellError, day, flag, loinc, money, one_of, span
from gateway.recognition.catalogue.model import (
    AMBULATORY,
    ANCHORS,
    CATEGORIES,
    QUALITIES,
    SCOPES,
    STATES,
    VOLATILITIES,
    Code,
    Item,
)
from gateway.sheets import Fault, Row, Table, refuse
from mappers.names import item_system

WINDOW: Final = "window"
"""The column of the ambulatory window; `window_<state>` are those of the other states."""
Windows = dict[str, int]


@dataclass(slots=True)
class Reading:
    """What was read so far, and what is wrong with it."""

    campuses: Container[str] | None
    faults: list[Fault] = field(default_factory=list)

    def cell(self, row: Row, column: str, parse: Callable[[str], Any], default: Any) -> Any:
        """Return what a cell says, the default where it is empty or wrong."""
        if not row[column]:
            return default
        try:
            return parse(row[column])
        except CellError as error:
            self.faults.append(row.fault(column, str(error)))
            return default


def items_of(
    tables: Mapping[str, Table],
    campuses: Container[str] | None = None,
    faults: Sequence[Fault] = (),
) -> tuple[Item, ...]:
    """Return the items of the tables; SheetError names all faults, those found before included.

    `campuses` are the codes that prices and codes may name, None if any will do.
    """
    reading = Reading(campuses, [*faults])
    rows = _rows(tables, "items", reading)
    known = _known(rows, reading)
    codes = _codes(_rows(tables, "codes", reading), known, reading)
    prices = _prices(_rows(tables, "prices", reading), known, reading)
    parts = _parts(_rows(tables, "parts", reading), known, reading)
    items = [
        _item(row, reading, codes=codes, prices=prices, parts=parts) for row in rows if row["code"]
    ]
    _check_codes(rows, items, reading)
    _check_exams(rows, items, reading)
    _check_cycles(_rows(tables, "parts", reading), parts, reading)
    refuse(reading.faults)
    return tuple(items)


COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "items": (
        *("code", "name", "name_en", "category", "loinc", "modality", "body_site"),
        *("laterality", "technique", "specimens", "fasting", "unit", "comparable", "anchor"),
        *("volatility", WINDOW, *(f"{WINDOW}_{state}" for state in STATES if state)),
        *("scopes", "quality", "quality_days", "images", "sensitivity", "negative", "retest"),
        *("analyte", "effective_from", "effective_to"),
    ),
    "codes": ("item", "campus", "system", "code"),
    "prices": ("item", "campus", "price"),
    "parts": ("panel", "part"),
}


def _rows(tables: Mapping[str, Table], name: str, reading: Reading) -> tuple[Row, ...]:
    table = tables.get(name)
    if table is None:
        return ()
    unknown = [column for column in table.columns if column and column not in COLUMNS[name]]
    needed = COLUMNS[name][:1] if name == "items" else ()
    faults = [Fault(name, 1, column, "This column is not known.") for column in unknown]
    faults += [
        Fault(name, 1, column, "This column is missing.")
        for column in needed
        if column not in table.columns
    ]
    reading.faults += [one for one in faults if one not in reading.faults]
    return table.rows


def _known(rows: Iterable[Row], reading: Reading) -> frozenset[str]:
    seen: dict[str, int] = {}
    for row in rows:
        code = row["code"]
        if not code:
            reading.faults.append(row.fault("code", "An item needs a code."))
        elif code in seen:
            reading.faults.append(row.fault("code", f"Row {seen[code]} has the same code."))
        else:
            seen[code] = row.number
    return frozenset(seen)


def _item(
    row: Row,
    reading: Reading,
    *,
    codes: Mapping[str, tuple[Code, ...]],
    prices: Mapping[str, dict[str, int]],
    parts: Mapping[str, tuple[str, ...]],
) -> Item:
    def cell(column: str, parse: Callable[[str], Any] = str, default: Any = "") -> Any:
        return reading.cell(row, column, parse, default)

    code = row["code"]
    for column in ("name", "category"):
        if not row[column]:
            reading.faults.append(row.fault(column, "This must not be empty."))
    start, end = cell("effective_from", day), cell("effective_to", day)
    if start and end and end <= start:
        reading.faults.append(row.fault("effective_to", "It ends before it begins."))
    return Item(
        code=code,
        name=row["name"],
        name_en=row["name_en"],
        category=cell("category", one_of(CATEGORIES), "lab"),
        loinc=cell("loinc", _many(loinc), ()),
        codes=codes.get(code, ()),
        parts=parts.get(code, ()),
        modality=cell("modality", _many(str.upper), ()),
        body_site=cell("body_site", _known_word(exams.site)),
        laterality=cell("laterality", _known_word(exams.side)),
        technique=cell("technique", _known_word(exams.technique)),
        specimens=cell("specimens", _many(str.upper), ()),
        fasting=cell("fasting", flag, default=False),
        unit=row["unit"],
        comparable=row["comparable"],
        anchor=cell("anchor", one_of(ANCHORS), _anchor(row)),
        windows=_windows(row, reading),
        volatility=cell("volatility", one_of(VOLATILITIES), "stable"),
        scopes=cell("scopes", _many(one_of(SCOPES)), ("consortium",)),
        quality=cell("quality", one_of(QUALITIES), "none"),
        quality_days=cell("quality_days", _days, 365),
        images=cell("images", flag, default=False),
        sensitivity=row["sensitivity"],
        negative=row["negative"],
        retest=row["retest"],
        analyte=row["analyte"],
        prices=prices.get(code, {}),
        effective_from=start,
        effective_to=end,
    )


def _anchor(row: Row) -> str:
    return "collection" if row["category"] in {"", "lab"} else "performed"


def _windows(row: Row, reading: Reading) -> Windows:
    found: Windows = {}
    for state in STATES:
        column = f"{WINDOW}_{state}" if state else WINDOW
        seconds = reading.cell(row, column, span, None)
        if seconds is not None:
            found[state] = seconds
    if AMBULATORY not in found and not row[WINDOW]:
        reading.faults.append(row.fault(WINDOW, "An item needs a window; 0 is never."))
    return found


def _days(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise CellError("This is no number of days.")
    return int(text)


def _many(parse: Callable[[str], str]) -> Callable[[str], tuple[str, ...]]:
    return lambda text: tuple(dict.fromkeys(map(parse, text.replace(",", " ").split())))


def _known_word(parse: Callable[[str], str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        value = parse(text)
        if value == exams.DOUBT:
            raise CellError("This is not understood.")
        return value

    return read


def _of_item(row: Row, column: str, known: Container[str], reading: Reading) -> bool:
    if row[column] in known:
        return True
    reading.faults.append(row.fault(column, "There is no such item in the sheet items."))
    return False


def _of_campus(row: Row, reading: Reading) -> bool:
    if not row["campus"]:
        reading.faults.append(row.fault("campus", "This must not be empty."))
        return False
    if reading.campuses is not None and row["campus"] not in reading.campuses:
        reading.faults.append(row.fault("campus", "There is no such campus."))
        return False
    return True


def _codes(
    rows: Iterable[Row], known: Container[str], reading: Reading
) -> dict[str, tuple[Code, ...]]:
    found: dict[str, tuple[Code, ...]] = {}
    for row in rows:
        if not row["code"]:
            reading.faults.append(row.fault("code", "This must not be empty."))
        elif _of_item(row, "item", known, reading) and (row["system"] or _of_campus(row, reading)):
            code = Code(row["system"] or item_system(row["campus"]), row["code"])
            if code in found.get(row["item"], ()):
                reading.faults.append(row.fault("code", "The item has this code already."))
            found[row["item"]] = (*found.get(row["item"], ()), code)
    return found


def _prices(
    rows: Iterable[Row], known: Container[str], reading: Reading
) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        if not _of_item(row, "item", known, reading) or not _of_campus(row, reading):
            continue
        if not row["price"]:
            reading.faults.append(row.fault("price", "This must not be empty."))
            continue
        prices = found.setdefault(row["item"], {})
        if row["campus"] in prices:
            reading.faults.append(
                row.fault("price", "The item has a price at this campus already.")
            )
        prices[row["campus"]] = reading.cell(row, "price", money, 0)
    return found


def _parts(
    rows: Iterable[Row], known: Container[str], reading: Reading
) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for row in rows:
        is_known = [_of_item(row, column, known, reading) for column in ("panel", "part")]
        if not all(is_known):
            continue
        if row["part"] in found.get(row["panel"], ()):
            reading.faults.append(row.fault("part", "The panel has this part already."))
        found[row["panel"]] = (*found.get(row["panel"], ()), row["part"])
    return found


def _check_cycles(
    rows: Iterable[Row], parts: Mapping[str, tuple[str, ...]], reading: Reading
) -> None:
    for row in rows:
        if row["part"] in parts.get(row["panel"], ()) and _reaches(
            row["part"], row["panel"], parts
        ):
            reading.faults.append(row.fault("part", "The panel would be a part of itself."))


def _reaches(start: str, goal: str, parts: Mapping[str, tuple[str, ...]]) -> bool:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        code = waiting.pop()
        if code == goal:
            return True
        if code not in seen:
            seen.add(code)
            waiting += parts.get(code, ())
    return False


def _check_codes(rows: Iterable[Row], items: Iterable[Item], reading: Reading) -> None:
    """Name laboratory items that share a code: an order by it would mean neither.

    Examinations may share one, where a campus has one code for the left side and the right.
    """
    place = {row["code"]: row for row in reversed(list(rows))}
    laboratory = [item for item in items if item.category not in {"imaging", "ecg"}]
    shared = Counter(code for item in laboratory for code in {*item.loinc, *item.codes})
    for item in laboratory:
        if any(shared[code] > 1 for code in item.loinc):
            reading.faults.append(place[item.code].fault("loinc", "Another item has this code."))
        if any(shared[code] > 1 for code in item.codes):
            text = "Another item has a code of the same campus (sheet codes)."
            reading.faults.append(place[item.code].fault("code", text))


def _check_exams(rows: Iterable[Row], items: Iterable[Item], reading: Reading) -> None:
    """Name examinations that no order could tell apart."""
    place = {row["code"]: row for row in reversed(list(rows))}
    seen: dict[tuple[str, tuple[str, str, str]], str] = {}
    for item in items:
        if item.category not in {"imaging", "ecg"}:
            continue
        for kind in dict.fromkeys(map(exams.modality, item.modality)):
            key = kind, (item.body_site, item.laterality, item.technique)
            other = seen.setdefault(key, item.code)
            if other != item.code and _overlap(items, other, item):
                text = f"Row {place[other].number} is the same examination."
                reading.faults.append(place[item.code].fault("technique", text))


def _overlap(items: Iterable[Item], code: str, item: Item) -> bool:
    """Return whether two items are in force on one day: one may follow upon the other."""
    other = next(one for one in items if one.code == code)
    return all(
        not first.effective_to or second.effective_from < first.effective_to
        for first, second in ((item, other), (other, item))
    )
