"""What a group of batches changes, as columns: one statement a table, however many rows."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.store.new_rows import NewRows
from gateway.store.postgres.connection import Bigints, Bytes, Doubles
from gateway.store.postgres.names import Asked

BURY: Final = """
    UPDATE res SET dead = a.dead FROM unnest(?, ?) AS a(row, dead) WHERE res.row = a.row"""
LET_GO: Final = "DELETE FROM business_key WHERE key = ANY(?)"
SHUT: Final = "DELETE FROM audience WHERE key = ANY(?)"
UNLINK: Final = "DELETE FROM certain WHERE holder = ANY(?)"

_RES: Final = "row, key, type, campus, version, op, label, codec, hole, digest, keys, body"
_SHAPES: Final[dict[str, tuple[str, str]]] = {
    # Each table with the kinds of its columns: integers, doubles, bytes.
    "versions": (f"res ({_RES})", "iiiiiiiiibbb"),
    "outbox": ("outbox", "iiiii"),
    "tokens": ("sp_token", "iiii"),
    "references": ("sp_reference", "iiii"),
    "strings": ("sp_string", "iiii"),
    "dates": ("sp_date", "iiiii"),
    "clinical": ("clinical", "iiiiiii"),
    "quantities": ("sp_quantity", "iiididiidi"),
    "uris": ("sp_uri", "iiii"),
    "texts": ("sp_text", "iiii"),
    "indexed": ("indexed", "ii"),
    "holds": ("sp_present", "ii"),
    "positions": ("sp_position", "ididdi"),
}
_ARRAYS: Final[dict[str, Callable[[Any], Any]]] = {"i": Bigints, "d": Doubles, "b": Bytes}


def columns(rows: Iterable[Sequence[Any]], kinds: str) -> tuple[Any, ...]:
    """Return rows as columns that are sent as arrays."""
    turned = zip(*rows, strict=True)
    return tuple(_ARRAYS[kind](column) for kind, column in zip(kinds, turned, strict=True))


def into(table: str, kinds: str) -> str:
    """Return the statement that takes rows as columns; a row that is there stays."""
    marks = ", ".join("?" * len(kinds))
    return f"INSERT INTO {table} SELECT * FROM unnest({marks}) ON CONFLICT DO NOTHING"


_INSERTS: Final = {
    name: (into(table, kinds), kinds) for name, (table, kinds) in _SHAPES.items()
} | {
    # Of these none may be there: what is, is an error.
    name: (into(*_SHAPES[name]).removesuffix(" ON CONFLICT DO NOTHING"), _SHAPES[name][1])
    for name in ("versions", "outbox")
}
_AUDIT: Final = into("audit", "iiiibb").removesuffix(" ON CONFLICT DO NOTHING")


@dataclass(slots=True)
class Effects:
    """What batches that are independent of each other write, and whom their writes concern."""

    rows: NewRows = field(default_factory=NewRows)
    buried: list[tuple[int, int]] = field(default_factory=list)
    released: list[int] = field(default_factory=list)
    claimed: list[tuple[int, int, int, int]] = field(default_factory=list)
    shut: list[int] = field(default_factory=list)
    shared: list[tuple[int, int]] = field(default_factory=list)
    unlinked: list[int] = field(default_factory=list)
    linked: list[tuple[int, int]] = field(default_factory=list)
    audit: list[tuple[Any, ...]] = field(default_factory=list)

    def statements(self) -> Iterator[Asked]:
        """Yield what writes it; a version ends before the next one begins."""
        if self.buried:
            yield BURY, columns(self.buried, "ii")
        for name, (sql, kinds) in _INSERTS.items():
            if rows := getattr(self.rows, name):
                yield sql, columns(rows, kinds)
        for sql, keys in ((LET_GO, self.released), (SHUT, self.shut), (UNLINK, self.unlinked)):
            if keys:
                yield sql, (Bigints(keys),)
        for sql, kinds, added in (
            (into("audience", "ii"), "ii", self.shared),
            (into("certain", "ii"), "ii", self.linked),
            (into("business_key", "iiii"), "iiii", self.claimed),
            (_AUDIT, "iiiibb", self.audit),
        ):
            if added:
                yield sql, columns(added, kinds)
