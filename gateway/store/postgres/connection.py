"""One connection to PostgreSQL, as the store uses it: statements with `?`, rows as tuples.

It stands on libpq directly: every statement is prepared once and its values go in binary, which
costs a fifth of what a cursor does (https://www.postgresql.org/docs/current/libpq-exec.html).
"""

import select
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from psycopg import OperationalError, ProgrammingError, pq
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result

from gateway.store.postgres.address import conninfo
from gateway.store.postgres.dialect import translated

BINARY: Final = pq.Format.BINARY
PREPARED: Final = 300
"""Statements that a connection keeps prepared, and those that went at once with the last; each
costs the server some 50 kB."""

# Searches are planned by the store: it names the order of joins, and every step enters an index.
# A plan made once then suits all values, and making it costs more than walking it.
SETTINGS: Final = {
    "application_name": "hutong",
    "client_encoding": "UTF8",
    "client_min_messages": "error",
    "plan_cache_mode": "force_generic_plan",
    "join_collapse_limit": "1",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_seqscan": "off",
    "enable_material": "off",
    "jit": "off",
    "idle_in_transaction_session_timeout": "60000",
}

# What is read as a whole: the server joins as it finds best for these very values.
PLANNED: Final = {
    "plan_cache_mode": "force_custom_plan",
    "join_collapse_limit": "8",
    "enable_hashjoin": "on",
    "enable_mergejoin": "on",
    "enable_seqscan": "on",
    "enable_material": "on",
    "work_mem": "64MB",
}

Row = tuple[Any, ...]
_double = struct.Struct(">d").pack


def _integer(value: int) -> bytes:
    return value.to_bytes(8, "big", signed=True)


class Bigints(list[int]):
    """A column of integers, sent as bigint[]."""


class Doubles(list[float]):
    """A column of numbers, sent as double precision[]."""


class Words(list[str]):
    """A column of texts, sent as text[]."""


class Bytes(list[bytes | None]):
    """A column of byte strings, sent as bytea[]."""


_HEAD: Final = struct.Struct(">iiIii")


def _fixed(oid: int, letter: str) -> Callable[[Sequence[Any]], bytes]:
    """Return what writes an array of items of eight bytes (array_send in arrayfuncs.c)."""

    def write(values: Sequence[Any]) -> bytes:
        size = len(values)
        items: list[Any] = [8] * (2 * size)
        items[1::2] = values
        try:
            return _HEAD.pack(1, 0, oid, size, 1) + struct.pack(f">{f'i{letter}' * size}", *items)
        except struct.error as error:
            raise OverflowError("an integer has 64 bits") from error

    return write


def _varied(oid: int) -> Callable[[Sequence[bytes | None]], bytes]:
    """Return what writes an array of byte strings."""

    def write(values: Sequence[bytes | None]) -> bytes:
        parts = [_HEAD.pack(1, int(None in values), oid, len(values), 1)]
        for value in values:
            if value is None:
                parts.append(b"\xff\xff\xff\xff")
            else:
                parts += (len(value).to_bytes(4, "big"), value)
        return b"".join(parts)

    return write


_bytes_array = _varied(17)
_words_array = _varied(25)


def _text(value: str) -> bytes:
    """Return a text, a null character in it replaced: no text has one there, nor in FHIR."""
    return value.encode() if "\0" not in value else value.replace("\0", "\ufffd").encode()


KINDS: Final[dict[type, tuple[int, Callable[[Any], Any]]]] = {
    int: (20, _integer),
    bool: (20, _integer),
    str: (25, _text),
    bytes: (17, lambda value: value),
    memoryview: (17, bytes),
    float: (701, _double),
    type(None): (0, lambda _: None),
    Bigints: (1016, _fixed(20, "q")),
    Doubles: (1022, _fixed(701, "d")),
    Words: (1009, lambda values: _words_array([_text(value) for value in values])),
    Bytes: (1001, _bytes_array),
}
"""Of each type of a value its type there (pg_type.dat) and what writes it."""


ARRAYS: Final[dict[type, Callable[[Sequence[Any]], object]]] = {
    int: Bigints,
    float: Doubles,
    str: Words,
    bytes: Bytes,
}


class Answer:
    """What a statement gave, as a cursor of sqlite3 tells it."""

    __slots__ = ("_rows", "rowcount")

    def __init__(self, rows: list[Row], rowcount: int) -> None:
        self._rows = rows
        self.rowcount = rowcount

    def fetchall(self) -> list[Row]:
        """Return all rows."""
        return self._rows

    def fetchone(self) -> Row | None:
        """Return the first row."""
        return self._rows[0] if self._rows else None

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows)

    @property
    def lastrowid(self) -> int:
        """The id that a new row was given, 0 where nothing says so."""
        return self._rows[0][0] if self._rows else 0


class Connection:
    """A connection for one thread at a time; `psycopg.Error` where a statement fails."""

    def __init__(self, url: str, **settings: str) -> None:
        self._pg = pq.PGconn.connect(conninfo(url, **(SETTINGS | settings)).encode())
        if self._pg.status != pq.ConnStatus.OK:
            self._pg.finish()
            # What libpq says names the address and the user; that is for the log alone.
            raise OperationalError("the database does not take the connection")
        self._pg.nonblocking = 1
        self._loaders = Transformer()
        self._prepared: dict[tuple[str, tuple[type, ...]], bytes] = {}

    def run(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """Return the rows of one statement."""
        self._make_room()
        return self._rows(self._pg.exec_prepared(*self._statement(sql, values), BINARY))

    def execute(self, sql: str, values: Sequence[object] = ()) -> Answer:
        """Return what one statement gave."""
        self._make_room()
        result = self._pg.exec_prepared(*self._statement(sql, values), BINARY)
        return Answer(self._rows(result), result.command_tuples or 0)

    def executemany(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for each row."""
        self.pipeline([(sql, row) for row in rows])

    def pipeline(self, statements: Sequence[tuple[str, Sequence[object]]]) -> list[list[Row]]:
        """Return the rows of each statement, all sent at once; none goes on after one that fails.

        https://www.postgresql.org/docs/current/libpq-pipeline-mode.html
        """
        self._make_room()
        named = [self._statement(sql, values) for sql, values in statements]
        self._pg.enter_pipeline_mode()
        try:
            for one in named:
                self._pg.send_query_prepared(*one, BINARY)
            self._pg.pipeline_sync()
            self._flush()
            results = self._answers(len(named))
        except OperationalError:
            # It is no answer of the server's: the line broke, whether libpq knows of it yet or not.
            self.close()
            raise
        self._pg.exit_pipeline_mode()
        for result in results:
            if result.status not in _DONE:
                raise self._error(result)
        return [self._rows(result) for result in results]

    def _flush(self) -> None:
        """Send all of the pipeline, while what it answers already is taken in."""
        while self._pg.flush():
            self._wait(select.POLLIN | select.POLLOUT)

    def _wait(self, events: int = select.POLLIN) -> None:
        """Wait for the server, and let other threads run meanwhile: libpq would not."""
        for _, ready in self._poll(events):
            if ready & ~select.POLLOUT:
                self._pg.consume_input()

    def _poll(self, events: int) -> list[tuple[int, int]]:
        poll = select.poll()
        poll.register(self._pg.socket, events)
        return poll.poll()

    def _result(self) -> pq.abc.PGresult | None:
        while self._pg.is_busy():
            self._wait()
        return self._pg.get_result()

    def _answers(self, count: int) -> list[pq.abc.PGresult]:
        """Return the answers to what is in the pipeline."""
        results = []
        for _ in range(count):
            result = self._result()
            if result is None:
                raise OperationalError("the connection to the database is lost")
            results.append(result)
            while self._result() is not None:
                pass
        while (last := self._result()) is not None:
            if last.status == pq.ExecStatus.PIPELINE_SYNC:
                return results
        # A server that ends says so, and answers no more.
        raise OperationalError("the connection to the database is lost")

    def script(self, sql: str) -> None:
        """Run statements without values, not prepared."""
        self._rows(self._pg.exec_(sql.encode()))

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return self._pg.transaction_status in {
            pq.TransactionStatus.INTRANS,
            pq.TransactionStatus.INERROR,
        }

    @property
    def lost(self) -> bool:
        """Whether the server is gone."""
        return self._pg.status != pq.ConnStatus.OK

    @property
    def socket(self) -> int:
        """The descriptor to wait on for notices."""
        return self._pg.socket

    @property
    def backend(self) -> int:
        """The process that serves it, there."""
        return self._pg.backend_pid

    def notices(self) -> list[tuple[int, str, str]]:
        """Return what came by NOTIFY: the process that sent it, the channel, the words."""
        self._pg.consume_input()
        found = []
        while (one := self._pg.notifies()) is not None:
            found.append((one.be_pid, one.relname.decode(), one.extra.decode()))
        return found

    def close(self) -> None:
        """Hang up."""
        self._pg.finish()

    def _statement(
        self, sql: str, values: Sequence[object]
    ) -> tuple[bytes, Any, Sequence[pq.Format] | None]:
        """Return a statement's name there, its values as they are sent, and their formats."""
        told = translated(sql)
        if told.total != len(values):
            # libpq would take the connection for broken.
            raise ProgrammingError("as many values as places are needed")
        if not told.plain:
            values = _placed(values, told.places)
        asked = told.text, tuple(map(type, values))
        name = self._prepared.get(asked)
        if name is None:
            name = self._prepare(asked)
        written = [KINDS[type(value)][1](value) for value in values]
        return name, written, [BINARY] * len(written)

    def _make_room(self) -> None:
        """Let go of all that is prepared where it has become too much.

        Before statements, never between naming and sending them: a name might be gone by then, or
        be another's. A transaction that failed would take no such word.
        """
        if len(self._prepared) >= PREPARED:
            if self._pg.transaction_status == pq.TransactionStatus.INERROR:
                return
            self.script("DEALLOCATE ALL")
            self._prepared.clear()

    def _prepare(self, asked: tuple[str, tuple[type, ...]]) -> bytes:
        text, kinds = asked
        try:
            oids = [KINDS[kind][0] for kind in kinds]
        except KeyError as error:
            raise TypeError(f"no such kind of value: {error}") from error
        name = f"s{len(self._prepared)}".encode()
        self._rows(self._pg.prepare(name, text.encode(), oids))
        self._prepared[asked] = name
        return name

    def _rows(self, result: pq.abc.PGresult) -> list[Row]:
        if result.status == pq.ExecStatus.TUPLES_OK:
            self._loaders.set_pgresult(result)
            return self._loaders.load_rows(0, result.ntuples, tuple)
        if result.status not in _DONE:
            raise self._error(result)
        return []

    def _error(self, result: pq.abc.PGresult) -> Exception:
        if self.lost:
            return OperationalError("the connection to the database is lost")
        return error_from_result(result, encoding="utf-8")


_DONE: Final = frozenset(
    {pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK, pq.ExecStatus.EMPTY_QUERY}
)


def _placed(values: Sequence[object], places: Sequence[int]) -> list[object]:
    """Return the values, those of a list as one array."""
    placed: list[object] = []
    at = 0
    for count in places:
        part = values[at : at + count]
        placed.append(part[0] if count == 1 else _array(part))
        at += count
    return placed


def _array(values: Sequence[Any]) -> object:
    kinds = {bool: int, memoryview: bytes}
    (kind,) = {kinds.get(type(value), type(value)) for value in values}
    return ARRAYS[kind](values)
