"""A search as the store understands it: clauses joined by AND, the values in one by OR.

The records are msgspec structs, which are made several times as fast as frozen dataclasses.
"""

from typing import Literal

import msgspec

from gateway.store.records import Viewer


class Tokens(msgspec.Struct, frozen=True, gc=False):
    """(system, code) pairs: system None is any, "" is none; code None is any of the system."""

    params: tuple[int, ...]
    values: tuple[tuple[str | None, str | None], ...]
    is_code: bool = False  # the clinical code of its type


class References(msgspec.Struct, frozen=True, gc=False):
    """Targets as (type, id); type 0 is an address outside."""

    params: tuple[int, ...]
    targets: tuple[tuple[int, str], ...]


class Patients(msgspec.Struct, frozen=True, gc=False):
    """The Patients that a clinical resource is about, by id."""

    params: tuple[int, ...]
    ids: tuple[str, ...]
    type: int


class Dates(msgspec.Struct, frozen=True, gc=False):
    """(prefix, lo, hi) in ticks, hi exclusive."""

    params: tuple[int, ...]
    bounds: tuple[tuple[str, int, int], ...]
    is_date: bool = False  # the clinical date of its type


class Strings(msgspec.Struct, frozen=True, gc=False):
    """(how, text): `prefix` and `contains` take folded text, `exact` text as written."""

    params: tuple[int, ...]
    values: tuple[tuple[Literal["prefix", "exact", "contains"], str], ...]


class Ids(msgspec.Struct, frozen=True, gc=False):
    """Resource ids."""

    ids: tuple[str, ...]


class Updated(msgspec.Struct, frozen=True, gc=False):
    """`_lastUpdated` as (prefix, lo, hi) in rows (microseconds)."""

    bounds: tuple[tuple[str, int, int], ...]


class Campuses(msgspec.Struct, frozen=True, gc=False):
    """The owning campuses, by number."""

    campuses: tuple[int, ...]


Clause = Tokens | References | Patients | Dates | Strings | Ids | Updated | Campuses


class Sort(msgspec.Struct, frozen=True, gc=False):
    """One sort key. Kind `row` is `_lastUpdated`, `id` is `_id`; `is_date` the clinical date."""

    kind: Literal["row", "id", "token", "reference", "date", "string"]
    params: tuple[int, ...] = ()
    descending: bool = False
    is_date: bool = False


Place = tuple[int | str | None, ...]
"""Where a page ended: the sort keys of its last row, then the row."""


class Query(msgspec.Struct, frozen=True, gc=False):
    """One page of a search. `mark` is the newest row when the first page was made (0: now)."""

    type: int
    viewer: Viewer
    clauses: tuple[Clause, ...] = ()
    sort: tuple[Sort, ...] = ()
    count: int = 50
    mark: int = 0
    after: Place | None = None
