"""A search as the store understands it: clauses joined by AND, the values in one by OR."""

from dataclasses import dataclass
from typing import Literal

from gateway.store.records import Viewer


@dataclass(frozen=True, slots=True)
class Tokens:
    """(system, code) pairs: system None is any, "" is none; code None is any of the system."""

    params: tuple[int, ...]
    values: tuple[tuple[str | None, str | None], ...]
    is_code: bool = False  # the clinical code of its type


@dataclass(frozen=True, slots=True)
class References:
    """Targets as (type, id); type 0 is an address outside."""

    params: tuple[int, ...]
    targets: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Patients:
    """The Patients that a clinical resource is about, by id."""

    params: tuple[int, ...]
    ids: tuple[str, ...]
    type: int


@dataclass(frozen=True, slots=True)
class Dates:
    """(prefix, lo, hi) in ticks, hi exclusive."""

    params: tuple[int, ...]
    bounds: tuple[tuple[str, int, int], ...]
    is_date: bool = False  # the clinical date of its type


@dataclass(frozen=True, slots=True)
class Strings:
    """(how, text): `prefix` and `contains` take folded text, `exact` text as written."""

    params: tuple[int, ...]
    values: tuple[tuple[Literal["prefix", "exact", "contains"], str], ...]


@dataclass(frozen=True, slots=True)
class Ids:
    """Resource ids."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Updated:
    """`_lastUpdated` as (prefix, lo, hi) in rows (microseconds)."""

    bounds: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Campuses:
    """The owning campuses, by number."""

    campuses: tuple[int, ...]


Clause = Tokens | References | Patients | Dates | Strings | Ids | Updated | Campuses


@dataclass(frozen=True, slots=True)
class Sort:
    """One sort key. Kind `row` is `_lastUpdated`, `id` is `_id`; `is_date` the clinical date."""

    kind: Literal["row", "id", "token", "reference", "date", "string"]
    params: tuple[int, ...] = ()
    descending: bool = False
    is_date: bool = False


Place = tuple[int | str | None, ...]
"""Where a page ended: the sort keys of its last row, then the row."""


@dataclass(frozen=True, slots=True)
class Query:
    """One page of a search. `mark` is the newest row when the first page was made (0: now)."""

    type: int
    viewer: Viewer
    clauses: tuple[Clause, ...] = ()
    sort: tuple[Sort, ...] = ()
    count: int = 50
    mark: int = 0
    after: Place | None = None
