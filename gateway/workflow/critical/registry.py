"""The tables in force, one set a process; read anew when one was imported (a "config" notice).

The county's table as it comes (`county.csv`) holds until the county imports its own. Of a campus's
tables the newest import that is in force holds, beside the county's.
"""

import csv
import time
import zlib
from collections.abc import Callable
from datetime import datetime, tzinfo
from functools import cache
from importlib import resources
from typing import Final
from weakref import WeakKeyDictionary

import msgspec

from gateway.interactions.door import Door
from gateway.store.protocol import Store
from gateway.workflow.critical.model import COUNTY, COUNTY_NAME, Body, Row, Setting, Table
from gateway.workflow.critical.screen import Screen

STALE_AFTER: Final = 0.5
STARTER: Final = "starter table, to be approved"
DEFAULT: Final = Setting()


class Tables:
    """What the gateway judges by."""

    def __init__(
        self, store: Store, zone: tzinfo, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._zone = zone
        self._clock = clock
        self._due = 0.0
        self._rows: list[tuple[object, ...]] | None = None
        self._all: dict[int, list[Table]] = {}
        self._day = ""
        self._current: dict[int, Table] = {}
        self._screen = Screen(())
        store.subscribe("config", self._changed)

    def of(self, *campuses: int) -> list[Table]:
        """Return the county's table and those of campuses, in force today."""
        self._refresh()
        numbers = dict.fromkeys((COUNTY, *campuses))
        return [self._current[one] for one in numbers if one in self._current]

    def all(self) -> list[Table]:
        """Return every table in force."""
        self._refresh()
        return list(self._current.values())

    @property
    def screen(self) -> Screen:
        """What tells at once that a result is critical by no table."""
        self._refresh()
        return self._screen

    def setting(self, campus: int, category: str, ward: str) -> Setting:
        """Return how a value escalates: the campus's setting, else the county's, else the default.

        Of several that fit the most particular one holds.
        """
        for table in reversed(self.of(campus)):
            fitting = [
                one
                for one in table.settings
                if one.category in {"", category} and one.ward in {"", ward}
            ]
            if fitting:
                return max(fitting, key=lambda one: (bool(one.ward), bool(one.category)))
        return DEFAULT

    def _changed(self, *_: object) -> None:
        self._due = 0.0

    def _refresh(self) -> None:
        now = self._clock()
        if now < self._due:
            return
        rows = self._store.fetch("critical_tables")
        if rows != self._rows:
            all_: dict[int, list[Table]] = {}
            for row in rows:
                all_.setdefault(row[1], []).append(self._table(row))
            # Together: were the database away in between, a campus would stay without its own.
            self._rows, self._all, self._day = rows, all_, ""
        self._due = now + STALE_AFTER
        today = datetime.now(self._zone).date().isoformat()
        if today != self._day:
            self._day = today
            self._choose(today)

    def _choose(self, today: str) -> None:
        self._current = {COUNTY: starter()}
        for campus, tables in self._all.items():
            for table in tables:
                ended = table.effective_to and table.effective_to <= today
                if table.effective_from <= today and not ended:
                    self._current[campus] = table
        self._screen = Screen(self._current.values())

    def _table(self, row: tuple[object, ...]) -> Table:
        id_, campus, code, starts, ends, approver, source = row
        ((body,),) = self._store.fetch("critical_table_body", (id_,))
        told = msgspec.json.decode(zlib.decompress(body), type=Body)
        return Table(
            rows=told.rows,
            settings=told.settings,
            campus=int(str(campus)),
            code=str(code or COUNTY_NAME),
            id=int(str(id_)),
            approver=str(approver),
            source=str(source),
            effective_from=str(starts),
            effective_to=str(ends or ""),
        )


# One set for each store of the process: the door's followers get nothing but the door.
_known: "WeakKeyDictionary[Store, Tables]" = WeakKeyDictionary()


def tables_of(door: Door) -> Tables:
    """Return the tables of the door's store."""
    found = _known.get(door.store)
    if found is None:
        found = _known[door.store] = Tables(door.store, door.zone)
    return found


@cache
def starter() -> Table:
    """Return the county's table as it comes."""
    text = resources.files(__package__).joinpath("county.csv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    rows = tuple(_row(number, cells) for number, cells in enumerate(csv.DictReader(lines), start=1))
    return Table(rows, source=STARTER)


def _row(number: int, cells: dict[str, str]) -> Row:
    lists = {"codes": cells.pop("codes").split(), "names": _list(cells.pop("names"))}
    values = _list(cells.pop("values"))
    return Row(
        number=number,
        codes=tuple(lists["codes"]),
        names=tuple(lists["names"]),
        values=tuple(values),
        **cells,
    )


def _list(text: str) -> list[str]:
    return [one.strip() for one in text.split(";") if one.strip()]
