"""Versions as a history shows them: of one resource, of a type, of all; newest first.

Who may see a version is decided by what is current: what is hidden now hides its past too.
"""

import msgspec

from gateway.store.clauses import marks, visible
from gateway.store.records import Viewer
from gateway.store.statements.resources import STORED

_COLUMNS = STORED.replace("r.", "v.") + ", v.label"


class Versions(msgspec.Struct, frozen=True, gc=False):
    """One page of a history. Bounds are rows; 0 is none.

    `since` is the first row, `held` (lo, hi) a time in which a version was current, `before` where
    the page before ended: a version of the one resource (`key`), a row of many.
    """

    viewer: Viewer
    types: tuple[int, ...] = ()
    key: int = 0
    since: int = 0
    held: tuple[int, int] | None = None
    before: int = 0
    count: int = 50


def select(query: Versions) -> tuple[str, tuple[object, ...]]:
    """Return the statement of a page and its values."""
    where, values = _where(query)
    place = "v.version" if query.key else "v.row"
    if query.before:
        where += f" AND {place} < ?"
        values += (query.before,)
    sql = f"SELECT {_COLUMNS} FROM {_SOURCE} WHERE {where} ORDER BY {place} DESC LIMIT ?"
    return sql, (*values, query.count)


def count(query: Versions) -> tuple[str, tuple[object, ...]]:
    """Return the statement that counts all versions, and its values."""
    where, values = _where(query)
    return f"SELECT count(*) FROM {_SOURCE} WHERE {where}", values


_SOURCE = """res v CROSS JOIN res r ON r.key = v.key AND r.dead IS NULL
    CROSS JOIN key k ON k.id = v.key"""


def _where(query: Versions) -> tuple[str, tuple[object, ...]]:
    text, values = visible(query.viewer)
    parts = [text]
    if query.key:
        parts.append("v.key = ?")
        values += (query.key,)
    if query.types:
        parts.append(f"v.type IN ({marks(len(query.types))})")
        values += query.types
    if query.since:
        parts.append("v.row >= ?")
        values += (query.since,)
    if query.held:
        lo, hi = query.held
        parts.append("v.row < ? AND (v.dead IS NULL OR v.dead > ?)")
        values += (hi, lo)
    return " AND ".join(parts), values
