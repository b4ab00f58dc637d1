"""Orders that an index of names gives: for more matches than are sorted here.

By a text, a code, an address, an id or a date the table of names is walked in its order, and what
has each name is taken where it matches. A row stands at its lowest value (descending its highest)
alone; those without one come last, by their row.
"""

from collections.abc import Callable, Iterator, Sequence
from heapq import merge
from itertools import islice
from operator import itemgetter
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from gateway.fhir.definitions import TYPE_NAMES
from gateway.store.clauses import marks
from gateway.store.janitor import Keys, decode_keys
from gateway.store.plan import Plan, of_each_type
from gateway.store.query import Place, Query, Sort

Run = Callable[[str, Sequence[object]], list[Any]]
Hit = tuple[Place, int]
Value = Callable[[Sort, int, Keys], float | str | None]
"""Returns what a version is sorted by."""

CHUNK: Final = 500
"""Rows of one statement at least: some of them stand elsewhere."""


class Way(msgspec.Struct, frozen=True, gc=False):
    """A walk in the order of `key`: over names `w` to the rows `s` that have them."""

    source: str
    key: str
    where: str = ""


WAYS: Final = {
    "string": Way("word w CROSS JOIN sp_string s ON s.value = w.id", "w.folded"),
    "token": Way("term w CROSS JOIN sp_token s ON s.value = w.id", "w.code"),
    "uri": Way("system w CROSS JOIN sp_uri s ON s.value = w.id", "w.uri"),
    "date": Way("sp_date s", "s.lo", " AND s.hi > s.lo"),
    "id": Way("key w CROSS JOIN res s ON s.key = w.id", "w.fhir_id"),
}


def is_walked(sort: Sequence[Sort], plan: Plan) -> bool:
    """Return whether an index gives this order of what a plan finds."""
    return len(sort) == 1 and sort[0].kind in WAYS and plan.driver not in {"id", "patient"}


def page(query: Query, plan: Plan, mark: int, run: Run, value: Value) -> list[Hit]:
    """Return up to count + 1 rows after `query.after`, in order, each with its place."""
    return list(islice(walk(query, plan, mark, run, value), query.count + 1))


def walk(query: Query, plan: Plan, mark: int, run: Run, value: Value) -> Iterator[Hit]:
    """Yield the rows after `query.after`, in order, each with its place."""
    for each in (_valued, _without):
        yield from each(query, plan, mark, run, value)


def _valued(query: Query, plan: Plan, mark: int, run: Run, value: Value) -> Iterator[Hit]:
    """Return the rows that have a value, by it and their row: of several walks the next each."""
    (sort,) = query.sort
    if query.after is not None and query.after[0] is None:
        return iter(())
    walks = [_walked(one, plan, mark, run, value) for one in _parts(query)]
    return merge(*walks, key=itemgetter(0), reverse=sort.descending)


def _parts(query: Query) -> list[Query]:
    """Return the walks that an order takes: dates lie by parameter in their index, ids by type."""
    (sort,) = query.sort
    if sort.kind == "date":
        return [replace(query, sort=(replace(sort, params=(one,)),)) for one in sort.params]
    if sort.kind == "id" and not query.type:
        return [replace(query, type=one) for one in query.types or TYPE_NAMES]
    return [query]


def _walked(query: Query, plan: Plan, mark: int, run: Run, value: Value) -> Iterator[Hit]:
    """Yield the rows of one walk that have a value there."""
    (sort,), after = query.sort, query.after
    way = WAYS[sort.kind]
    where, values = _conditions(plan, sort, query)
    sign, direction = ("<", "DESC") if sort.descending else (">", "ASC")
    many = max(2 * query.count, CHUNK)
    # Entered at the key, which an index has; the row decides among its equals.
    beyond = f" AND {way.key} {sign}= ? AND ({way.key} {sign} ? OR s.row {sign} ?)"
    last: Place | None = after
    while True:
        place: Place = () if last is None else (last[0], last[0], last[1])
        rows = run(
            f"SELECT {way.key}, s.row, r.keys FROM {way.source} CROSS JOIN res r ON r.row = s.row"
            f" WHERE {where}{way.where} AND r.row <= ? AND (r.dead IS NULL OR r.dead > ?)"
            f"{beyond if place else ''} ORDER BY {way.key} {direction}, s.row {direction} LIMIT ?",
            (*values, mark, mark, *place, many),
        )
        for key, row, keys in rows:
            # Two codes of one name are one place.
            if (key, row) != last and value(sort, row, decode_keys(keys)) == key:
                yield (key, row), row
            last = key, row
        if len(rows) < many:
            return


def _conditions(plan: Plan, sort: Sort, query: Query) -> tuple[str, list[object]]:
    """Return what holds of a row besides its order: all of the plan."""
    text = " AND ".join(plan.conditions)
    if sort.kind == "id":
        return f"w.type = ? AND {text}", [query.type, *plan.values]
    return f"s.param IN ({marks(len(sort.params))}) AND {text}", [*sort.params, *plan.values]


def _without(query: Query, plan: Plan, mark: int, run: Run, value: Value) -> Iterator[Hit]:
    """Return the rows without a value, by their row."""
    (sort,) = query.sort
    if sort.kind == "id":
        return iter(())
    walks = [_lacking(query, one, mark, run, value) for one in of_each_type(plan, query.types)]
    return merge(*walks, key=itemgetter(1), reverse=sort.descending)


def _lacking(query: Query, plan: Plan, mark: int, run: Run, value: Value) -> Iterator[Hit]:
    """Yield the rows of one walk without a value."""
    (sort,), after = query.sort, query.after
    where = " AND ".join((*plan.where, "r.row <= ?", "(r.dead IS NULL OR r.dead > ?)"))
    sign, direction = ("<", "DESC") if sort.descending else (">", "ASC")
    last = after[1] if after is not None and after[0] is None else None
    while True:
        place: Place = () if last is None else (last,)
        rows = run(
            f"SELECT DISTINCT {plan.key}, r.keys FROM {plan.source} WHERE {where}"
            f"{f' AND {plan.key} {sign} ?' if place else ''}"
            f" ORDER BY {plan.key} {direction} LIMIT ?",
            (*plan.values, mark, mark, *place, CHUNK),
        )
        for row, keys in rows:
            last = row
            if value(sort, row, decode_keys(keys)) is None:
                yield (None, row), row
        if len(rows) < CHUNK:
            return
