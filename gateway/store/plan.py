"""From a query to a statement: one driver is walked, the other clauses are EXISTS.

The driver is chosen by what it can narrow (DESIGN §3, "Indexes"): ids, the patient's clinical rows,
then the clause with the fewest rows as far as counting is cheap, last the newest of the type.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from gateway.store.clauses import Fetch, Rows, compare, joined, marks, visible
from gateway.store.conditions import Condition, Scope, condition, exists, keys_of, rows
from gateway.store.query import (
    Clause,
    Dates,
    Either,
    Ids,
    Keys,
    Near,
    Pairs,
    Patients,
    Quantities,
    Query,
    References,
    Strings,
    Texts,
    Tokens,
    Uris,
)

PROBE: Final = 500
"""How far a clause's rows are counted to find the narrowest."""
SORTABLE: Final = 10_000
"""How many rows may be sorted for a page, rather than walk the newest of the type."""
SEVERAL: Final = 2
ARMS: Final = 16
"""How many walks by patient and code are made as one."""
ARM: Final = "c.patient = ? AND c.type = ? AND c.code = ?"


OF_TYPE: Final = "r.type = ? AND r.op <> 2"

Probe = Callable[[Rows, int], int]
"""Counts a clause's rows up to a number."""


class Plan(msgspec.Struct, frozen=True, gc=False):
    """A walk over rows in an order: `sql` without ORDER BY and LIMIT.

    What several patients have, or several codes of one, is as many walks as `arms` tells the values
    of, each by ARM and the conditions after the first three, which have the first values.
    """

    driver: str
    source: str
    where: tuple[str, ...]
    values: tuple[object, ...]
    key: str = "r.row"
    distinct: bool = False
    nothing: bool = False
    arms: tuple[tuple[object, ...], ...] = ()
    entry: Rows | None = None  # the index rows that are walked, where it is those of one clause

    @property
    def conditions(self) -> tuple[str, ...]:
        """All that holds of a version, for a walk that is entered elsewhere."""
        if self.entry is None:
            return self.where
        others = self.where if self.entry.repeats else self.where[1:]
        return (exists(self.entry), *others)

    @property
    def arm_where(self) -> tuple[str, ...]:
        """The conditions of each of the arms."""
        return ARM, *self.where[3:]

    @property
    def arm_values(self) -> tuple[object, ...]:
        """What each arm has after its own values."""
        patients, _, codes = map(set, zip(*self.arms, strict=True))
        return self.values[len(patients) + 1 + len(codes) :]


NOTHING = Plan("nothing", "", (), (), nothing=True)


def make(query: Query, fetch: Fetch, probe: Probe) -> Plan:
    """Return how the rows of a query are found."""
    scope = Scope(query.type, fetch, query.viewer, query.mark)
    direct, values = _types(query)
    _alone(query, fetch, direct, values)
    indexed: list[tuple[Clause, Rows]] = []
    patients: Patients | None = None
    named: tuple[int, ...] | None = None
    for clause in flat(query.clauses):
        match clause:
            case Ids() | Keys() if named is None:
                named = (
                    clause.keys if isinstance(clause, Keys) else keys_of(clause, query.type, fetch)
                )
            case Patients() if patients is None and not _named(query):
                patients = clause
            case (
                Tokens()
                | References()
                | Patients()
                | Dates()
                | Strings()
                | Quantities()
                | Uris()
                | Texts()
                | Pairs()
                | Near()
            ):
                found = rows(clause, fetch)
                if found.nothing:
                    return NOTHING
                indexed.append((clause, found))
            case _:
                text, its = condition(clause, scope)
                direct.append(text)
                values += its
    text, its = visible(query.viewer)
    base = Plan("type", "res r", (*direct, text), (*values, *its))
    if named is not None:
        return _by_key(base, named, [found for _, found in indexed])
    if patients is not None:
        return _by_patient(base, patients, query, indexed, fetch)
    return _by_rows(base, indexed, probe)


def flat(clauses: Iterable[Clause]) -> Iterator[Clause]:
    """Yield the clauses, a conjunction as what it joins."""
    for clause in clauses:
        if isinstance(clause, Either) and len(clause.alternatives) == 1:
            yield from flat(clause.alternatives[0])
        else:
            yield clause


def _named(query: Query) -> bool:
    return any(isinstance(clause, (Ids, Keys)) for clause in query.clauses)


def _types(query: Query) -> tuple[list[str], list[object]]:
    """Return the condition on the type; a tombstone is no match."""
    if query.type:
        return [OF_TYPE], [query.type]
    if query.types:
        return [f"r.type IN ({marks(len(query.types))}) AND r.op <> 2"], [*query.types]
    return ["r.op <> 2"], []


def of_each_type(plan: Plan, types: Sequence[int]) -> list[Plan]:
    """Return a walk over several types as one of each: together they are in no index's order."""
    if plan.driver != "type" or len(types) < SEVERAL:
        return [plan]
    where, values = (OF_TYPE, *plan.where[1:]), plan.values[len(types) :]
    return [replace(plan, where=where, values=(one, *values)) for one in types]


def _by_key(base: Plan, keys: tuple[int, ...], indexed: Sequence[Rows]) -> Plan:
    if not keys:
        return NOTHING
    # The keys are of the type already; its index would walk all of the type.
    where = ("+" + base.where[0], f"k.id IN ({marks(len(keys))})", *base.where[1:])
    count = base.where[0].count("?")
    few = replace(
        base,
        driver="id",
        source="key k CROSS JOIN res r ON r.key = k.id",
        where=where,
        values=(*base.values[:count], *keys, *base.values[count:]),
    )
    return _with(few, indexed)


def _with(plan: Plan, others: Sequence[Rows]) -> Plan:
    if not others:
        return plan
    return replace(
        plan,
        where=(*plan.where, *(exists(rows) for rows in others)),
        values=(*plan.values, *(value for rows in others for value in rows.values)),
    )


def _alone(query: Query, fetch: Fetch, direct: list[str], values: list[object]) -> None:
    """Add the conditions that who is taken to be alone is so."""
    for clause in query.clauses:
        if type(clause) is Patients and clause.alone:
            for key in _known(clause, fetch):
                direct.append("NOT EXISTS (SELECT 1 FROM certain a WHERE a.patient = ?)")
                values.append(key)


def _known(patients: Patients, fetch: Fetch) -> list[int]:
    """Return the integers of Patients that anything ever spoke of."""
    found = [key for id_ in patients.ids for (key,) in fetch("key_id", (patients.type, id_))]
    return list(dict.fromkeys(found))


def _by_patient(
    base: Plan,
    patients: Patients,
    query: Query,
    indexed: Sequence[tuple[Clause, Rows]],
    fetch: Fetch,
) -> Plan:
    keys = _known(patients, fetch)
    if not keys:
        return NOTHING
    code, date, others = _clinical(indexed)
    terms = list(dict.fromkeys(code.values[len(code.params) :])) if code else [0]
    where = [
        f"c.patient IN ({marks(len(keys))})",
        "c.type = ?",
        f"c.code IN ({marks(len(terms))})",
    ]
    values: list[object] = [*keys, query.type, *terms]
    many = len(keys) * len(terms)
    if date:
        where.append(date[0])
        values += date[1]
    plan = Plan(
        "patient",
        "clinical c CROSS JOIN res r ON r.row = c.row",
        (*where, *base.where),
        (*values, *base.values),
        key="c.lo",
        distinct=many > 1,
        arms=tuple((key, query.type, term) for key in keys for term in terms)
        if 1 < many <= ARMS
        else (),
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
    for clause, found in indexed:
        if (
            isinstance(clause, Tokens)
            and clause.is_code
            and not code
            and "SELECT" not in found.where
        ):
            code = Codes(clause.params, found.values)
        elif isinstance(clause, Dates) and clause.is_date:
            dates.append(_clinical_dates(clause))
        else:
            others.append(found)
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
    return f"({joined(either)})", tuple(values)


def _by_rows(base: Plan, indexed: Sequence[tuple[Clause, Rows]], probe: Probe) -> Plan:
    rows = [one for _, one in indexed]
    driver = _driver(rows, probe)
    if driver is None:
        return _with(base, rows)
    source, alias, key, where = f"{driver.table} s", "s", "s.row", (driver.where, *base.where)
    if driver.repeats:
        # Each row once before anything is asked of it: they are few, and sorted. By the row as it
        # is PostgreSQL may walk all of the type instead, to have it in order.
        once = f"SELECT DISTINCT s.row FROM {driver.table} s WHERE {driver.where}"
        source, alias, key = f"({once}) n", "n", "+n.row"
        where = (f"+{base.where[0]}", *base.where[1:])
    plan = Plan(
        driver.table,
        f"{source} CROSS JOIN res r ON r.row = {alias}.row",
        where,
        (*driver.values, *base.values),
        key=key,
        entry=driver,
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
