"""From a query to a statement: one driver is walked, the other clauses are EXISTS.

The driver is chosen by what it can narrow (DESIGN §3, "Indexes"): ids, the patient's clinical rows,
then the clause with the fewest rows as far as counting is cheap, last the newest of the type.
"""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from gateway.store.clauses import (
    Fetch,
    Rows,
    compare,
    date_rows,
    marks,
    reference_rows,
    string_rows,
    token_rows,
    updated,
    visible,
)
from gateway.store.query import (
    Campuses,
    Clause,
    Dates,
    Ids,
    Patients,
    Query,
    References,
    Strings,
    Tokens,
    Updated,
)

PROBE: Final = 500
"""How far a clause's rows are counted to find the narrowest."""
SORTABLE: Final = 10_000
"""How many rows may be sorted for a page, rather than walk the newest of the type."""


Condition = tuple[str, tuple[object, ...]]
"""A piece of SQL and its values."""

Probe = Callable[[Rows, int], int]
"""Counts a clause's rows up to a number."""


class Plan(msgspec.Struct, frozen=True, gc=False):
    """A walk over rows in an order: `sql` without ORDER BY and LIMIT."""

    driver: str
    source: str
    where: tuple[str, ...]
    values: tuple[object, ...]
    key: str = "r.row"
    distinct: bool = False
    nothing: bool = False


NOTHING = Plan("nothing", "", (), (), nothing=True)


def make(query: Query, fetch: Fetch, probe: Probe) -> Plan:
    """Return how the rows of a query are found."""
    direct: list[str] = ["r.type = ? AND r.op <> 2"]  # a tombstone is no match
    values: list[object] = [query.type]
    indexed: list[tuple[Clause, Rows]] = []
    patients: Patients | None = None
    named = any(isinstance(clause, Ids) for clause in query.clauses)
    for clause in query.clauses:
        match clause:
            case Ids() | Updated() | Campuses():
                text, its = _direct(clause, query, fetch)
                direct.append(text)
                values += its
            case Patients() if patients is None and not named:
                patients = clause
            case _:
                rows = _rows(clause, fetch)
                if rows.nothing:
                    return NOTHING
                indexed.append((clause, rows))
    text, its = visible(query.viewer)
    base = Plan("type", "res r", (*direct, text), (*values, *its))
    if named:
        # The keys are of the type already; its index would walk all of the type.
        source = "key k CROSS JOIN res r ON r.key = k.id"
        where = ("+" + base.where[0], *base.where[1:])
        few = replace(base, driver="id", source=source, where=where)
        return _with(few, [rows for _, rows in indexed])
    if patients is not None:
        return _by_patient(base, patients, query, indexed, fetch)
    return _by_rows(base, indexed, probe)


def _direct(clause: Ids | Updated | Campuses, query: Query, fetch: Fetch) -> Condition:
    """Return the condition of a clause that the rows of `res` answer themselves."""
    match clause:
        case Ids():
            keys = [key for id_ in clause.ids for (key,) in fetch("key_id", (query.type, id_))]
            return (f"k.id IN ({marks(len(keys))})", tuple(keys)) if keys else ("1 = 0", ())
        case Updated():
            return updated(clause)
        case Campuses():
            return f"r.campus IN ({marks(len(clause.campuses))})", clause.campuses


def _rows(clause: Clause, fetch: Fetch) -> Rows:
    match clause:
        case Tokens():
            return token_rows(clause, fetch)
        case References() | Patients():
            return reference_rows(clause, fetch)
        case Strings():
            return string_rows(clause)
        case Dates():
            return date_rows(clause)
        case _:
            raise TypeError(type(clause).__name__)


def exists(rows: Rows) -> str:
    """Return the condition that a row is among those of a clause.

    The plus keeps SQLite from entering an index by the clause's own value, which may be that of a
    great many rows, where the row is known: `sp_date_row` and `sp_string_row` are there for this.
    """
    where = rows.where
    if rows.table == "sp_date":
        where = where.replace("s.hi", "+s.hi")
    elif rows.table == "sp_string":
        where = where.replace("s.value", "+s.value")
    return f"EXISTS (SELECT 1 FROM {rows.table} s WHERE {where} AND s.row = r.row)"


def _with(plan: Plan, others: Sequence[Rows]) -> Plan:
    return replace(
        plan,
        where=(*plan.where, *(exists(rows) for rows in others)),
        values=(*plan.values, *(value for rows in others for value in rows.values)),
    )


def _by_patient(
    base: Plan,
    patients: Patients,
    query: Query,
    indexed: Sequence[tuple[Clause, Rows]],
    fetch: Fetch,
) -> Plan:
    keys = [key for id_ in patients.ids for (key,) in fetch("key_id", (patients.type, id_))]
    if not keys:
        return NOTHING
    code, date, others = _clinical(indexed)
    terms = list(code.values[len(code.params) :]) if code else [0]
    where = [
        f"c.patient IN ({marks(len(keys))})",
        "c.type = ?",
        f"c.code IN ({marks(len(terms))})",
    ]
    values: list[object] = [*keys, query.type, *terms]
    if date:
        where.append(date[0])
        values += date[1]
    plan = Plan(
        "patient",
        "clinical c CROSS JOIN res r ON r.row = c.row",
        (*where, *base.where),
        (*values, *base.values),
        key="c.lo",
        distinct=len(terms) > 1 or len(keys) > 1,
    )
    return _with(plan, others)


class Codes(msgspec.Struct, frozen=True, gc=False):
    """A token clause's params and values, when the clinical table can answer it."""

    params: tuple[int, ...]
    values: tuple[object, ...]


def _clinical(
    indexed: Sequence[tuple[Clause, Rows]],
) -> tuple[Codes | None, Condition | None, list[Rows]]:
    """Return the code and date clauses that the clinical table answers, and the other clauses."""
    code: Codes | None = None
    dates: list[Condition] = []
    others: list[Rows] = []
    for clause, rows in indexed:
        if (
            isinstance(clause, Tokens)
            and clause.is_code
            and not code
            and "SELECT" not in rows.where
        ):
            code = Codes(clause.params, rows.values)
        elif isinstance(clause, Dates) and clause.is_date:
            dates.append(_clinical_dates(clause))
        else:
            others.append(rows)
    if not dates:
        return code, None, others
    both = " AND ".join(text for text, _ in dates)
    return code, (both, tuple(value for _, values in dates for value in values)), others


def _clinical_dates(clause: Dates) -> Condition:
    either, values = [], []
    for bound in clause.bounds:
        text, its = compare("c", *bound)
        either.append(text.replace("c.lo", "-c.lo"))
        values += its
    return f"({' OR '.join(either)})", tuple(values)


def _by_rows(base: Plan, indexed: Sequence[tuple[Clause, Rows]], probe: Probe) -> Plan:
    rows = [one for _, one in indexed]
    driver = _driver(rows, probe)
    if driver is None:
        return _with(base, rows)
    plan = Plan(
        driver.table,
        f"{driver.table} s CROSS JOIN res r ON r.row = s.row",
        (driver.where, *base.where),
        (*driver.values, *base.values),
        key="s.row",
        distinct=driver.repeats,
    )
    return _with(plan, [one for one in rows if one is not driver])


def _driver(rows: Sequence[Rows], probe: Probe) -> Rows | None:
    """Return the clause with the fewest rows if that is few, else one that is in order.

    Rows that do not come in the order of `res` are sorted before the first is shown, so where they
    are many the newest of the type are walked instead: None.
    """
    if len(rows) == 1 and not rows[0].repeats:
        return rows[0]
    for most in (PROBE, SORTABLE):
        counts = [probe(one, most) for one in rows]
        if rows and min(counts) < most:
            return rows[counts.index(min(counts))]
    return next((one for one in rows if not one.repeats), None)
