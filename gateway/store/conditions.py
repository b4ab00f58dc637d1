"""Clauses as conditions on one version: what no single index table answers, at any depth.

A chain is a condition on the version that a reference leads to, `_has` one on the versions that
refer here; their inner clauses are conditions again, under the same access predicate and mark.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from gateway.store.amounts import near_rows, pair_rows, quantity_rows, text_rows, uri_rows
from gateway.store.clauses import (
    Fetch,
    Rows,
    date_rows,
    joined,
    marks,
    reference_rows,
    string_rows,
    token_rows,
    updated,
    visible,
)
from gateway.store.query import (
    Campuses,
    Chain,
    Clause,
    Dates,
    Either,
    Has,
    Holds,
    Ids,
    Keys,
    Missing,
    Near,
    Not,
    Pairs,
    Patients,
    Quantities,
    References,
    Simple,
    Strings,
    Texts,
    Tokens,
    Types,
    Updated,
    Uris,
)
from gateway.store.records import Viewer

Condition = tuple[str, tuple[object, ...]]
"""A piece of SQL and its values."""

MANY: Final = 50
"""Values of a reference beyond which it is looked up by the row."""

NEVER: Condition = ("1 = 0", ())

LINKED = """(WITH RECURSIVE linked(patient) AS (
    SELECT {0} UNION SELECT b.patient FROM linked
    JOIN certain a ON a.patient = linked.patient JOIN certain b ON b.holder = a.holder)
    SELECT patient FROM linked)"""
"""All Patients that are certainly the one in a column."""


class Scope(msgspec.Struct, frozen=True, gc=False):
    """Where a condition stands: the type and alias of its version, for whom, as of when."""

    type: int
    fetch: Fetch
    viewer: Viewer
    mark: int = 0
    alias: str = "r"
    depth: int = 0

    def below(self, type_: int) -> "Scope":
        """Return the scope of a version that this one leads to."""
        depth = self.depth + 1
        return Scope(type_, self.fetch, self.viewer, self.mark, f"q{depth}", depth)


_ROWS: Final[Mapping[type, Callable[[Any, Fetch], Rows]]] = {
    Tokens: token_rows,
    References: reference_rows,
    Patients: reference_rows,
    Strings: lambda clause, _: string_rows(clause),
    Dates: lambda clause, _: date_rows(clause),
    Quantities: quantity_rows,
    Pairs: pair_rows,
    Uris: lambda clause, _: uri_rows(clause),
    Texts: text_rows,
    Near: lambda clause, _: near_rows(clause),
}


def rows(clause: Simple, fetch: Fetch) -> Rows:
    """Return the index rows of a clause that one table answers."""
    return _ROWS[type(clause)](clause, fetch)


def exists(found: Rows, alias: str = "r") -> str:
    """Return the condition that a row is among those of a clause.

    The plus keeps SQLite from entering an index by the clause's own value, which may be that of a
    great many rows, where the row is known: the `_row` indexes are there for this.
    """
    where = found.where
    if found.table == "sp_date":
        where = where.replace("s.lo", "+s.lo").replace("s.hi", "+s.hi").removeprefix("+")
    elif found.table == "sp_string" or (found.table == "sp_reference" and len(found.values) > MANY):
        where = where.replace("s.value", "+s.value")
    elif found.table in {"sp_quantity", "sp_position"}:
        for column in ("s.value", "s.unit", "s.lo", "s.z"):
            where = where.replace(column, f"+{column}")
    return f"EXISTS (SELECT 1 FROM {found.table} s WHERE {where} AND s.row = {alias}.row)"


def condition(clause: Clause, scope: Scope) -> Condition:
    """Return what a clause asks of the version in scope."""
    return _CONDITIONS.get(type(clause), _indexed)(clause, scope)


def _indexed(clause: Simple, scope: Scope) -> Condition:
    found = rows(clause, scope.fetch)
    return NEVER if found.nothing else (exists(found, scope.alias), found.values)


def _by_keys(clause: Ids | Keys, scope: Scope) -> Condition:
    keys = _keys(clause, scope)
    return (f"{scope.alias}.key IN ({marks(len(keys))})", keys) if keys else NEVER


def _by_campus(clause: Campuses, scope: Scope) -> Condition:
    return f"{scope.alias}.campus IN ({marks(len(clause.campuses))})", clause.campuses


def _by_type(clause: Types, scope: Scope) -> Condition:
    # Versions are found by something else: the index of types is none to enter by.
    return f"+{scope.alias}.type IN ({marks(len(clause.types))})", clause.types


def _not(clause: Not, scope: Scope) -> Condition:
    text, values = condition(clause.clause, scope)
    return f"NOT ({text})", values


def _either(clause: Either, scope: Scope) -> Condition:
    if not clause.alternatives:
        return NEVER
    return _joined([_all(one, scope) for one in clause.alternatives], "OR")


def keys_of(clause: Ids, type_: int, fetch: Fetch) -> tuple[int, ...]:
    """Return the integers of ids that are known; type 0 is any."""
    if type_:
        return tuple(key for id_ in clause.ids for (key,) in fetch("key_id", (type_, id_)))
    return tuple(key for id_ in clause.ids for _, key in fetch("keys_named", (id_,)))


def alive(scope: Scope) -> Condition:
    """Return that a version is current, or was at the mark of the first page."""
    alias = scope.alias
    if not scope.mark:
        return f"{alias}.dead IS NULL AND {alias}.op <> 2", ()
    text = f"{alias}.row <= ? AND ({alias}.dead IS NULL OR {alias}.dead > ?) AND {alias}.op <> 2"
    return text, (scope.mark, scope.mark)


def _keys(clause: Ids | Keys, scope: Scope) -> tuple[int, ...]:
    return clause.keys if isinstance(clause, Keys) else keys_of(clause, scope.type, scope.fetch)


def _missing(clause: Missing, scope: Scope) -> Condition:
    each = " OR ".join(["(i.present & ?) = 0"] * len(clause.bits))
    test = f"({each})" if clause.missing else f"NOT ({each})"
    return (
        f"EXISTS (SELECT 1 FROM indexed i WHERE i.row = {scope.alias}.row AND {test})",
        clause.bits,
    )


def _holds(clause: Holds, scope: Scope) -> Condition:
    listed = marks(len(clause.params))
    test = f"p.param IN ({listed}) AND p.row = {scope.alias}.row"
    return f"EXISTS (SELECT 1 FROM sp_present p WHERE {test})", clause.params


def _all(clauses: Sequence[Clause], scope: Scope) -> Condition:
    return _joined([condition(one, scope) for one in clauses], "AND")


def _joined(conditions: Sequence[Condition], word: str) -> Condition:
    text = joined([text for text, _ in conditions], word)
    return f"({text})", tuple(value for _, values in conditions for value in values)


def _inner(clauses: Sequence[Clause], scope: Scope) -> Condition:
    """Return what is asked of a version at the other end of a reference."""
    return _joined(
        [
            alive(scope),
            # The key is known: the index of all of the type is none to enter by.
            (f"+{scope.alias}.type = ?", (scope.type,)),
            visible(scope.viewer, scope.alias),
            *(condition(one, scope) for one in clauses),
        ],
        "AND",
    )


def _chain(clause: Chain, scope: Scope) -> Condition:
    inner = scope.below(clause.type)
    reference, target = f"f{inner.depth}", inner.alias
    text, values = _inner(clause.clauses, inner)
    lead = f"{target}.key = {reference}.value"
    if clause.linked:
        lead = f"{target}.key IN {LINKED.format(f'{reference}.value')}"
    sql = (
        f"EXISTS (SELECT 1 FROM sp_reference {reference} CROSS JOIN res {target} ON {lead}"
        f" WHERE {reference}.param IN ({marks(len(clause.params))})"
        f" AND {reference}.row = {scope.alias}.row AND {text})"
    )
    return sql, (*clause.params, *values)


def _has(clause: Has, scope: Scope) -> Condition:
    inner = scope.below(clause.type)
    reference, source = f"f{inner.depth}", inner.alias
    text, values = _inner(clause.clauses, inner)
    sql = (
        f"EXISTS (SELECT 1 FROM sp_reference {reference}"
        f" CROSS JOIN res {source} ON {source}.row = {reference}.row"
        f" WHERE {reference}.param IN ({marks(len(clause.params))})"
        f" AND {reference}.value = {scope.alias}.key AND {text})"
    )
    return sql, (*clause.params, *values)


_CONDITIONS: Final[Mapping[type, Callable[[Any, Scope], Condition]]] = {
    Ids: _by_keys,
    Keys: _by_keys,
    Updated: lambda clause, scope: updated(clause, scope.alias),
    Campuses: _by_campus,
    Types: _by_type,
    Missing: _missing,
    Holds: _holds,
    Not: _not,
    Either: _either,
    Chain: _chain,
    Has: _has,
}
