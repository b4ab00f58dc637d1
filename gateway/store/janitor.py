"""Clears what has outlived its use: index rows of superseded versions, tickets, old outbox rows.

Superseded index rows stay for the life of a page token, so that a page keeps its place while
resources change (DESIGN §3, "Paging"), and until subscriptions were matched with their versions.
A row of the outbox stays until everybody who reads it has.
"""

import sqlite3
import time
from typing import Any, ClassVar, Final

import msgspec

from gateway.store.statements import STATEMENTS

HOUR: Final = 3_600_000_000
PAGE_LIFE: Final = HOUR
OUTBOX_LIFE: Final = 7 * 24 * HOUR
STEP: Final = 200
NEWEST: Final = 2**63 - 1
"""Later than every row."""

Quantity = tuple[int, int, int, float, float, int, int, float]
"""param, value, unit, lo, hi, label, written, also."""


class Keys(msgspec.Struct, array_like=True, gc=False):
    """The index rows of one version; older versions have the first five lists alone."""

    tokens: list[tuple[int, int]]
    references: list[tuple[int, int]]
    strings: list[tuple[int, int]]
    dates: list[tuple[int, int, int]]
    clinical: list[tuple[int, int, int]]
    quantities: list[Quantity] = []
    uris: list[tuple[int, int]] = []
    texts: list[tuple[int, int]] = []
    holds: list[int] = []
    positions: list[tuple[int, float, float, float]] = []


decode_keys = msgspec.msgpack.Decoder(Keys).decode


class Janitor:
    """Works on the write connection, a small transaction at a time."""

    troubles: ClassVar[type[Exception]] = sqlite3.Error

    def __init__(self, connection: Any) -> None:
        self._db = connection

    def _begin(self) -> bool:
        """Begin a transaction; return whether the work is ours."""
        self._db.execute("BEGIN IMMEDIATE")
        return True

    def step(self, now: int | None = None) -> bool:
        """Clear one portion; return whether there was anything."""
        now = time.time_ns() // 1000 if now is None else now
        try:
            if not self._begin():
                return False
            followed, told = self._readers()
            count = self._superseded(min(now - PAGE_LIFE, told))
            count += self._db.execute(
                "DELETE FROM ticket WHERE id IN (SELECT id FROM ticket WHERE at < ? LIMIT ?)",
                (now - HOUR, STEP),
            ).rowcount
            count += self._db.execute(
                "DELETE FROM outbox WHERE row IN (SELECT row FROM outbox WHERE row < ? LIMIT ?)",
                (min(now - OUTBOX_LIFE, followed, told), STEP),
            ).rowcount
            self._db.execute("COMMIT")
        except self.troubles:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            return False
        return bool(count)

    def _readers(self) -> tuple[int, int]:
        """Return the rows up to which links and subscriptions have read the outbox."""
        found = {name: int(value) for name, value in self._db.execute(STATEMENTS["outbox_readers"])}
        return found.get("followed", 0), found.get("told", NEWEST)

    def _superseded(self, before: int) -> int:
        rows = self._db.execute(
            "SELECT row, type, keys FROM res WHERE dead < ? AND dead IS NOT NULL"
            " AND keys IS NOT NULL LIMIT ?",
            (before, STEP),
        ).fetchall()
        for row, type_, keys in rows:
            clear(self._db, row, type_, decode_keys(keys))
            self._db.execute("UPDATE res SET keys = NULL WHERE row = ?", (row,))
        return len(rows)


def clear(connection: Any, row: int, type_: int, keys: Keys) -> None:
    """Take out the index rows of one version."""
    take_out(connection, row, type_, keys)
    connection.execute("DELETE FROM indexed WHERE row = ?", (row,))


def take_out(connection: Any, row: int, type_: int, keys: Keys) -> None:
    """Take out some index rows of a version."""
    for table, values in (
        ("sp_token", keys.tokens),
        ("sp_reference", keys.references),
        ("sp_string", keys.strings),
        ("sp_uri", keys.uris),
        ("sp_text", keys.texts),
    ):
        connection.executemany(
            f"DELETE FROM {table} WHERE param = ? AND value = ? AND row = ?",
            [(param, value, row) for param, value in values],
        )
    connection.executemany(
        "DELETE FROM sp_date WHERE param = ? AND lo = ? AND row = ? AND hi = ?",
        [(param, lo, row, hi) for param, lo, hi in keys.dates],
    )
    connection.executemany(
        "DELETE FROM clinical WHERE patient = ? AND type = ? AND code = ? AND lo = ? AND row = ?",
        [(patient, type_, code, lo, row) for patient, code, lo in keys.clinical],
    )
    connection.executemany(
        "DELETE FROM sp_quantity WHERE param = ? AND value = ? AND unit = ? AND lo = ? AND row = ?"
        " AND hi = ? AND label = ? AND written = ? AND also = ?",
        [(*one[:4], row, *one[4:]) for one in keys.quantities],
    )
    connection.executemany(
        "DELETE FROM sp_present WHERE param = ? AND row = ?", [(one, row) for one in keys.holds]
    )
    connection.executemany(
        "DELETE FROM sp_position WHERE param = ? AND z = ? AND row = ? AND x = ? AND y = ?",
        [(param, z, row, x, y) for param, z, x, y in keys.positions],
    )


def parted(keys: Keys, params: frozenset[int]) -> tuple[Keys, Keys]:
    """Return the rows of some parameters, and the others."""
    lists = {name: getattr(keys, name) for name in Keys.__struct_fields__ if name != "clinical"}
    theirs = {
        name: [one for one in rows if (one if name == "holds" else one[0]) in params]
        for name, rows in lists.items()
    }
    others = {
        name: [one for one in rows if (one if name == "holds" else one[0]) not in params]
        for name, rows in lists.items()
    }
    return Keys(clinical=[], **theirs), Keys(clinical=keys.clinical, **others)


def joined(keys: Keys, more: Keys) -> Keys:
    """Return the rows of both, each once."""
    return Keys(
        *(
            list(dict.fromkeys([*getattr(keys, name), *getattr(more, name)]))
            for name in Keys.__struct_fields__
        )
    )
