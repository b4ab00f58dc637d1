"""The one writer: applies batches on the only write connection (DESIGN §3, "Group commit").

A group of batches shares one transaction and one fsync; each has a savepoint of its own, so that a
batch that fails takes nothing with it. Preconditions are checked here, under the writer's lock.
Batches that only write, and nothing that another of the group touches, have their rows inserted
together.
"""

import hashlib
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, ClassVar, Final

import msgspec

from gateway.store import guard
from gateway.store.index_rows import listed
from gateway.store.interning import Names
from gateway.store.janitor import clear, decode_keys, joined, parted, take_out
from gateway.store.long_names import NAMED, short, shortened
from gateway.store.new_rows import Gathered, NewRows
from gateway.store.records import (
    OPS,
    Audited,
    Batch,
    Commit,
    Reindex,
    Stale,
    StaleError,
    Strip,
    Write,
)
from gateway.store.statements import STATEMENTS

GENESIS = bytes(32)

REFUSED: Final = (
    sqlite3.DataError,
    sqlite3.IntegrityError,
    sqlite3.InterfaceError,
    sqlite3.ProgrammingError,
    LookupError,
    OverflowError,
    TypeError,
    ValueError,
)
"""What one batch can do wrong; everything else is the trouble of the disk or the database."""

STANDING: Final = "SELECT row, version FROM res WHERE key = ? AND dead IS NULL"

Tip = tuple[int, int, bytes]
"""The last version's row, the last number and hash of the audit."""
Reply = Commit | Stale | str
"""What a batch is answered: done, stale, or the text of an error (never a value)."""

_encode = msgspec.msgpack.Encoder().encode
_decode_commit = msgspec.msgpack.Decoder(Commit).decode


class Writer:
    """Owns the write connection. `clock` gives microseconds since 1970."""

    faults: ClassVar[tuple[type[Exception], ...]] = REFUSED

    def __init__(
        self,
        connection: Any,
        clock: Callable[[], int] = lambda: time.time_ns() // 1000,
        names: Names | None = None,
    ) -> None:
        self._db = connection
        self._execute = connection.execute
        self._clock = clock
        self._names = names or Names(connection)
        self._last_row: int
        self._audit_seq: int
        self._audit_hash: bytes
        self._find_ends()

    def _find_ends(self) -> None:
        """Find out after what the next version and the next record of the audit come."""
        (self._last_row,) = self._execute(STATEMENTS["last_row"]).fetchone()
        tip = self._execute(STATEMENTS["audit_last"]).fetchone()
        self._audit_seq, self._audit_hash = tip or (0, GENESIS)

    def apply(self, batches: Sequence[Batch]) -> list[Reply]:
        """Apply a group in order and make it durable; sqlite3.Error means that nothing was kept."""
        if len(batches) > 1:
            # Should rows that were gathered be at fault, nobody knows whose: each then for itself.
            with suppress(*self.faults):
                return self._group(batches, gather=True)
            return self._group(batches, gather=False)
        return [self._alone(batch) for batch in batches]

    def _alone(self, batch: Batch) -> Reply:
        """Apply a batch in a transaction of its own.

        Without a savepoint: to release one took 7 % of the time of a batch of 250.
        """
        tip = self._tip
        try:
            self._begin()
            reply: Reply | None = self._known(batch)
            if reply is None:
                reply, rows = self._write(batch)
                rows.insert(self._db)
            self._end([batch], [reply])
        except StaleError as error:
            self._roll_back(tip)
            return error.stale
        except self.faults as error:
            self._roll_back(tip)
            return _refusal(error)
        except BaseException:
            self._restore("ROLLBACK")
            raise
        self._names.keep()
        return reply

    def _roll_back(self, tip: Tip) -> None:
        if self._db.in_transaction:
            self._execute("ROLLBACK")
        self._take_back(tip)

    def _group(self, batches: Sequence[Batch], *, gather: bool) -> list[Reply]:
        gathered = Gathered() if gather else None
        try:
            self._begin()
            replies = [self._one(batch, gathered) for batch in batches]
            if gathered:
                gathered.insert(self._db)
            self._end(batches, replies)
        except BaseException:
            self._restore("ROLLBACK")
            raise
        return replies

    def _begin(self) -> None:
        self._execute("BEGIN IMMEDIATE")

    def _end(self, batches: Sequence[Batch], replies: Sequence[Reply]) -> None:
        del batches, replies
        self._execute("COMMIT")

    def _one(self, batch: Batch, gathered: Gathered | None) -> Reply:
        if gathered is not None and not gathered.admits(batch):
            gathered.insert(self._db)
        known = self._known(batch)
        if known is not None:
            return known
        tip = self._tip
        self._execute("SAVEPOINT batch")
        try:
            commit, rows = self._write(batch)
            if gathered is None:
                rows.insert(self._db)
        except StaleError as error:
            self._undo(tip)
            return error.stale
        except self.faults as error:
            # The batch's own fault: the others of its group go on.
            self._undo(tip)
            return _refusal(error)
        self._execute("RELEASE batch")
        self._names.keep()
        if gathered is not None:
            gathered.take(batch, rows)
        return commit

    def _known(self, batch: Batch) -> Commit | None:
        """Return what a batch that was committed before was answered."""
        found = self._execute("SELECT reply FROM ticket WHERE id = ?", (batch.ticket,)).fetchone()
        return _decode_commit(found[0]) if found else None

    def _undo(self, tip: Tip) -> None:
        self._execute("ROLLBACK TO batch")
        self._execute("RELEASE batch")
        self._take_back(tip)

    @property
    def _tip(self) -> Tip:
        return self._last_row, self._audit_seq, self._audit_hash

    def _take_back(self, tip: Tip) -> None:
        """Forget what a batch came to that was undone."""
        self._names.take_back()
        self._last_row, self._audit_seq, self._audit_hash = tip

    def _restore(self, statement: str) -> None:
        if self._db.in_transaction:
            self._execute(statement)
        self._names.forget()
        self._find_ends()

    def _write(self, batch: Batch) -> tuple[Commit, NewRows]:
        """Return what a batch becomes, and the rows that are still to be inserted."""
        self._check(batch)
        rows = NewRows()
        names = {(write.type, write.id) for write in batch.writes}
        if len(names) < len(batch.writes):
            raise ValueError("a batch writes a resource once")
        commit = Commit(
            [self._version(index, write, rows) for index, write in enumerate(batch.writes)]
        )
        for again in batch.reindex:
            self._reindex(again, rows)
        for strip in batch.strip:
            self._strip(strip)
        rows.audit = [self._chained(audited) for audited in batch.audit]
        if batch.statements:
            # They may rest on the rows.
            rows.insert(self._db)
            commit.results = [self._change(*statement) for statement in batch.statements]
        if batch.ticket:
            rows.tickets.append((batch.ticket, self._clock(), _encode(commit)))
        return commit, rows

    def _change(self, name: str, values: Sequence[object]) -> int:
        """Run a named statement; return the id of the row that it made."""
        return self._execute(STATEMENTS[name], values).lastrowid or 0

    def _chained(self, audited: Audited) -> tuple[int, int, int, int, bytes, bytes]:
        """Return the row of a record, joined to the chain."""
        self._audit_seq += 1
        self._audit_hash = hashlib.sha256(self._audit_hash + audited.body).digest()
        return (
            self._audit_seq,
            audited.at,
            audited.campus,
            audited.token,
            audited.body,
            self._audit_hash,
        )

    def _check(self, batch: Batch) -> None:
        for require in batch.requires:
            found = self._execute(
                STATEMENTS["by_business_key"],
                (require.type, require.campus, short(require.value), short(require.system)),
            ).fetchone()
            if (found[0] if found else "") != require.id:
                raise StaleError(Stale("key", require.type, found[0] if found else ""))
        for type_, fhir_id, version in batch.versions:
            found = self._execute(STATEMENTS["digest"], (type_, fhir_id)).fetchone()
            if (found[1] if found else 0) != version:
                raise StaleError(Stale("version", type_, fhir_id))
        for name, values, seen in batch.unchanged:
            found = self._execute(STATEMENTS[name], values).fetchone()
            if (found[0] if found else None) != seen:
                raise StaleError(Stale("read"))
        self._check_absent(batch)

    def _check_absent(self, batch: Batch) -> None:
        for absent in batch.absent:
            query = guard.unpack(absent.query)
            if guard.is_matched(query, absent.mark, self._fetch, self._run):
                raise StaleError(Stale("match", query.type))

    def _fetch(self, name: str, values: Sequence[object]) -> list[Any]:
        if name in NAMED:
            values = shortened(values)
        found: list[Any] = self._execute(STATEMENTS[name], values).fetchall()
        return found

    def _run(self, sql: str, values: Sequence[object]) -> list[Any]:
        found: list[Any] = self._execute(sql, values).fetchall()
        return found

    def _version(self, index: int, write: Write, rows: NewRows) -> tuple[int, int]:
        key, is_new = self._names.of_write(write.type, write.id, likely=not write.expect)
        old = None if is_new else self._execute(STANDING, (key,)).fetchone()
        version = old[1] if old else 0
        if write.expect is not None and write.expect != version:
            raise StaleError(Stale("version", write.type, write.id, index))
        row = self._last_row = max(self._last_row + 1, self._clock())
        if old:
            self._execute("UPDATE res SET dead = ? WHERE row = ?", (row, old[0]))
        self._claim(index, write, key, fresh=old is None)
        self._rows_of(write, (row, key, version + 1), rows)
        self._relate(write, key, fresh=old is None)
        return version + 1, row

    def _rows_of(self, write: Write, place: tuple[int, int, int], rows: NewRows) -> None:
        """Add a version, by its row, key and number, and what it is found by."""
        row, key, version = place
        keys = b"" if write.op == "delete" else self._index(write, row, rows)
        op = OPS[write.op]
        rows.versions.append(
            (
                row,
                key,
                write.type,
                write.campus,
                version,
                op,
                write.label,
                write.codec,
                write.hole,
                write.digest,
                keys or None,
                write.body,
            )
        )
        rows.outbox.append((row, key, write.type, write.campus, op))

    def _claim(self, index: int, write: Write, key: int, *, fresh: bool) -> None:
        """Take the business keys that the resource carries, and let go of those it had."""
        terms = [self._names.term(system, value) for system, value in write.claims]
        for term in terms:
            taken = self._execute(
                "SELECT key FROM business_key WHERE type = ? AND term = ? AND key <> ?"
                " AND (campus = ? OR ? = 1)",
                (write.type, term, key, write.campus, int(write.claims_for_all)),
            ).fetchone()
            if taken:
                type_, fhir_id = self._execute(STATEMENTS["key_name"], taken).fetchone()
                raise StaleError(Stale("claim", type_, fhir_id, index))
        if not fresh:
            self._execute("DELETE FROM business_key WHERE key = ?", (key,))
        for term in terms:
            self._execute(
                "INSERT INTO business_key VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (write.type, term, write.campus, key),
            )

    def _relate(self, write: Write, key: int, *, fresh: bool) -> None:
        """Renew who else may read the resource, and whom it certainly links."""
        if write.op == "delete":
            # Whoever could read it may see that it is gone; what is gone links nobody.
            self._execute("DELETE FROM certain WHERE holder = ?", (key,))
            return
        if not fresh:
            self._execute("DELETE FROM audience WHERE key = ?", (key,))
        for campus in write.audience:
            self._execute(
                "INSERT INTO audience VALUES (?, ?) ON CONFLICT DO NOTHING", (key, campus)
            )
        if write.certain is not None:
            self._execute("DELETE FROM certain WHERE holder = ?", (key,))
            for type_, fhir_id in write.certain:
                self._execute(
                    "INSERT INTO certain VALUES (?, ?) ON CONFLICT DO NOTHING",
                    (self._names.key(type_, fhir_id), key),
                )

    def _reindex(self, again: Reindex, rows: NewRows) -> None:
        """Put the index rows of a version that is still current in the place of those it has."""
        found = self._execute(
            "SELECT type, keys FROM res WHERE row = ? AND dead IS NULL AND op <> 2", (again.row,)
        ).fetchone()
        if found is None:
            return
        if again.more:
            before = decode_keys(found[1])
            keys = _encode(joined(before, listed(again.write, again.row, self._names, rows)))
        else:
            if found[1]:
                clear(self._db, again.row, found[0], decode_keys(found[1]))
            keys = self._index(again.write, again.row, rows)
        self._execute("UPDATE res SET keys = ? WHERE row = ?", (keys, again.row))
        for _, text, folded in again.write.strings:
            self._names.sound(self._names.word(text, folded), text)

    def _strip(self, strip: Strip) -> None:
        """Take the index rows of some parameters from a version, a superseded one too."""
        found = self._execute(
            "SELECT type, keys FROM res WHERE row = ? AND keys IS NOT NULL", (strip.row,)
        ).fetchone()
        if found is None:
            return
        theirs, others = parted(decode_keys(found[1]), frozenset(strip.params))
        take_out(self._db, strip.row, found[0], theirs)
        self._execute("UPDATE res SET keys = ? WHERE row = ?", (_encode(others), strip.row))

    def _index(self, write: Write, row: int, rows: NewRows) -> bytes:
        lists = listed(write, row, self._names, rows)
        rows.indexed.append((row, write.present))
        return _encode(lists)


def _refusal(error: Exception) -> str:
    """Return the text of what is wrong with a batch; a database's own words hold no values."""
    told = str(error) if isinstance(error, sqlite3.Error) else type(error).__name__
    return f"The store refused a batch: {told}."
