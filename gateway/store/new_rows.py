"""The rows of a batch, or of a group of them, gathered before they are written a table at a time.

One by one they cost three times as much; in the order of the index neighbours share its pages.
"""

from typing import Any, Final

from typing_extensions import override

from gateway.store.records import Batch

INSERTS: Final = {
    "versions": "INSERT INTO res VALUES (?, ?, ?, ?, ?, NULL, ?, ?, ?, ?, ?, ?, ?)",
    "outbox": "INSERT INTO outbox VALUES (?, ?, ?, ?, ?)",
    "tokens": "INSERT INTO sp_token VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
    "references": "INSERT INTO sp_reference VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
    "strings": "INSERT INTO sp_string VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
    "dates": "INSERT INTO sp_date VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    "clinical": "INSERT INTO clinical VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    "quantities": "INSERT INTO sp_quantity VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT DO NOTHING",
    "uris": "INSERT INTO sp_uri VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
    "texts": "INSERT INTO sp_text VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
    "indexed": "INSERT INTO indexed VALUES (?, ?) ON CONFLICT DO NOTHING",
    "holds": "INSERT INTO sp_present VALUES (?, ?) ON CONFLICT DO NOTHING",
    "positions": "INSERT INTO sp_position VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    "audit": "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?)",
    "tickets": "INSERT INTO ticket VALUES (?, ?, ?)",
}
"""Of each list of new rows, in this order."""

SETTING: Final = "setting"
"""The read that no row which waits can change: settings are written by statements, at once."""


class NewRows:
    """The rows of one batch."""

    __slots__ = tuple(INSERTS)

    def __init__(self) -> None:
        self.versions: list[tuple[object, ...]] = []
        self.outbox: list[tuple[int, int, int, int, int]] = []
        self.tokens: list[tuple[int, int, int, int]] = []
        self.references: list[tuple[int, int, int, int]] = []
        self.strings: list[tuple[int, int, int, int]] = []
        self.dates: list[tuple[int, int, int, int, int]] = []
        self.clinical: list[tuple[int, int, int, int, int, int, int]] = []
        self.quantities: list[tuple[float, ...]] = []
        self.uris: list[tuple[int, int, int, int]] = []
        self.texts: list[tuple[int, int, int, int]] = []
        self.indexed: list[tuple[int, int]] = []
        self.holds: list[tuple[int, int]] = []
        self.positions: list[tuple[int, float, int, float, float, int]] = []
        self.audit: list[tuple[int, int, int, int, bytes, bytes]] = []
        self.tickets: list[tuple[bytes, int, bytes]] = []

    def insert(self, connection: Any) -> None:
        """Write all rows; a row that two elements of a resource share is one."""
        for name, statement in INSERTS.items():
            if rows := getattr(self, name):
                rows.sort()
                connection.executemany(statement, rows)
                rows.clear()


class Gathered(NewRows):
    """The rows of batches that are inserted together, and what those batches touch."""

    __slots__ = ("_touched",)

    def __init__(self) -> None:
        super().__init__()
        self._touched: set[object] = set()

    def admits(self, batch: Batch) -> bool:
        """Return whether nothing that the batch rests on can be among the rows that wait."""
        if batch.statements or batch.absent or batch.reindex or batch.strip:
            return False
        if any(name != SETTING for name, *_ in batch.unchanged):
            return False
        leans: set[object] = {(type_, id_) for type_, id_, _ in batch.versions}
        leans |= {(one.type, one.system, one.value) for one in batch.requires}
        return self._touched.isdisjoint(leans | _names(batch))

    def take(self, batch: Batch, rows: NewRows) -> None:
        """Take the rows of a batch that is good."""
        for name in INSERTS:
            if its := getattr(rows, name):
                getattr(self, name).extend(its)
        self._touched |= _names(batch)

    @override
    def insert(self, connection: Any) -> None:
        super().insert(connection)
        self._touched.clear()


def _names(batch: Batch) -> set[object]:
    """Return what a batch writes, the keys that it claims, and its ticket."""
    names: set[object] = {(write.type, write.id) for write in batch.writes}
    names |= {(write.type, *claim) for write in batch.writes for claim in write.claims}
    return names | {batch.ticket}
