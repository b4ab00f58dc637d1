"""Applies a group of batches on PostgreSQL: two round trips and one sync for all of them.

Writers take turns by an advisory lock, so rows are given out in the order of the commits and no
snapshot has a gap; what a batch rests on is looked at under the lock, as on SQLite. Batches that
have nothing to do with each other are written together. A group in which anything fails is undone
and done again batch by batch, so that each stands alone.
https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
"""

import json
import logging
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
import psycopg
from typing_extensions import override

from gateway.store.postgres.connection import Bytes, Connection
from gateway.store.postgres.effects import Effects, columns, into
from gateway.store.postgres.names import Asked, SharedNames
from gateway.store.postgres.parts import Part, check, check_writes, checks, parts
from gateway.store.records import Batch, Commit, StaleError, Write
from gateway.store.statements import STATEMENTS
from gateway.store.writer import GENESIS, REFUSED, Reply, Writer

WRITING: Final = 0x6875746F6E670002
"""The advisory lock of whoever writes."""
CHANNEL: Final = "hutong_"
"""The beginning of a channel's name; the topic follows."""
NOTICE_BYTES: Final = 7_500
"""NOTIFY takes 8,000 bytes (https://www.postgresql.org/docs/current/sql-notify.html)."""

FAULTS: Final = (
    *REFUSED,
    psycopg.DataError,
    psycopg.IntegrityError,
    psycopg.NotSupportedError,
    psycopg.ProgrammingError,
)
"""What one batch can do wrong; everything else is the trouble of the database."""

BEGIN: Final[tuple[Asked, ...]] = (
    ("BEGIN", ()),
    ("SELECT pg_advisory_xact_lock(?)", (WRITING,)),
)
COMMIT: Final[Asked] = ("COMMIT", ())
ENDS: Final[tuple[Asked, ...]] = ((STATEMENTS["last_row"], ()), (STATEMENTS["audit_last"], ()))
TICKETS: Final = "SELECT id, reply FROM ticket WHERE id = ANY(?)"
ANSWERED: Final = into("ticket", "bib").removesuffix(" ON CONFLICT DO NOTHING")
NOTIFY: Final = "SELECT pg_notify(?, ?)"
NUMBERED: Final = """
    SELECT table_name, column_name FROM information_schema.columns
    WHERE table_schema = current_schema() AND column_default LIKE 'next%'"""
INSERTED: Final = re.compile(r"\s*INSERT INTO (\w+)")

log = logging.getLogger(__name__)

_encode = msgspec.msgpack.Encoder().encode
_decode_commit = msgspec.msgpack.Decoder(Commit).decode


@dataclass(slots=True)
class Group:
    """What is not yet sent of a group, and what its batches become."""

    todo: list[Asked] = field(default_factory=lambda: [*BEGIN])
    numbered: list[tuple[Commit, int, int]] = field(default_factory=list)
    """Commits that wait for the number of a row: the place in it, the place in `todo`."""
    known: dict[bytes, Commit] = field(default_factory=dict)
    """What tickets were answered, before or in this group."""
    fresh: list[tuple[bytes, Commit]] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    notices: list[tuple[str, str]] = field(default_factory=list)


class SharedWriter(Writer):
    """Owns a connection to write on; other processes and machines have theirs."""

    faults = FAULTS

    def __init__(
        self,
        connection: Connection,
        clock: Callable[[], int] = lambda: time.time_ns() // 1000,
        carried: Callable[[], bool] = lambda: False,
    ) -> None:
        self._carried = carried
        self._shared = SharedNames(connection)
        self._connection = connection
        super().__init__(connection, clock, self._shared)
        self._numbered: dict[str, str] = dict(connection.run(NUMBERED))

    @override
    def apply(self, batches: Sequence[Batch]) -> list[Reply]:
        """Apply a group in order and make it durable; psycopg.Error where nothing was kept."""
        try:
            return self._together(batches)
        except self.faults as error:
            log.info("store: %d batches one by one, after %s", len(batches), type(error).__name__)
            self._undo_all()
        except BaseException:
            self._undo_all()
            raise
        # Something in it is at fault; who, shows where each has a savepoint of its own.
        return self._group(batches, gather=False)

    def _undo_all(self) -> None:
        self._names.take_back()
        if not self._connection.lost and self._connection.in_transaction:
            self._connection.script("ROLLBACK")

    def _told(self, notices: Sequence[tuple[str, str]]) -> Iterator[Asked]:
        """Return what tells the other processes, where nobody else carries it to them."""
        return iter(()) if self._carried() else told(notices)

    # One by one.

    @override
    def _begin(self) -> None:
        self._connection.pipeline(BEGIN)
        self._find_ends()

    @override
    def _end(self, batches: Sequence[Batch], replies: Sequence[Reply]) -> None:
        notices = [
            notice
            for batch, reply in zip(batches, replies, strict=True)
            if isinstance(reply, Commit)
            for notice in batch.notices
        ]
        self._connection.pipeline([*self._told(notices), COMMIT])

    @override
    def _restore(self, statement: str) -> None:
        self._names.forget()
        if not self._connection.lost and self._connection.in_transaction:
            self._connection.script(statement)

    @override
    def _change(self, name: str, values: Sequence[object]) -> int:
        return self._connection.execute(self._named(name)[0], values).lastrowid

    def _named(self, name: str) -> tuple[str, bool]:
        """Return a named statement, and whether it returns the number of the row that it makes."""
        text = STATEMENTS[name]
        found = INSERTED.match(text)
        if found is None or found[1] not in self._numbered:
            return text, False
        return f"{text} RETURNING {self._numbered[found[1]]}", True

    # All at once.

    def _together(self, batches: Sequence[Batch]) -> list[Reply]:
        group = Group()
        for part in parts(batches):
            self._take_part(part, group)
        if group.numbered:
            self._send(group)
        if group.fresh:
            now = self._clock()
            rows = [(ticket, now, _encode(commit)) for ticket, commit in group.fresh]
            group.todo.append((ANSWERED, columns(rows, "bib")))
        group.todo += [*self._told(group.notices), COMMIT]
        self._send(group)
        self._names.keep()
        return group.replies

    def _send(self, group: Group) -> list[list[Any]]:
        """Send what waits; return the answers."""
        answers = self._connection.pipeline(group.todo)
        for commit, place, at in group.numbered:
            commit.results[place] = answers[at][0][0] if answers[at] else 0
        group.todo, group.numbered = [], []
        return answers

    def _take_part(self, batches: list[Batch], group: Group) -> None:
        """Decide on the batches of a part; what they write waits in the group."""
        part, found = self._look(batches, group)
        effects = Effects()
        done: list[tuple[Batch, Commit]] = []
        for batch, answers in zip(batches, found, strict=True):
            reply: Reply | None = group.known.get(batch.ticket)
            if reply is None:
                reply = self._decide(batch, part, answers, effects)
                if isinstance(reply, Commit):
                    done.append((batch, reply))
            group.replies.append(reply)
        group.todo += effects.statements()
        for batch, commit in done:
            self._keep(batch, commit, group)

    def _keep(self, batch: Batch, commit: Commit, group: Group) -> None:
        """Take what goes with the writes of a batch that is good."""
        for place, (name, values) in enumerate(batch.statements):
            text, numbered = self._named(name)
            if numbered:
                group.numbered.append((commit, place, len(group.todo)))
            commit.results.append(0)
            group.todo.append((text, values))
        group.notices += batch.notices
        if batch.ticket:
            group.known[batch.ticket] = commit
            group.fresh.append((batch.ticket, commit))

    def _look(self, batches: list[Batch], group: Group) -> tuple[Part, list[list[list[Any]]]]:
        """Return what stands in the way of the batches, and what the reads of each gave."""
        writes = [write for batch in batches for write in batch.writes]
        writes += [again.write for batch in batches for again in batch.reindex]
        want = self._shared.wanted(writes)
        if want.systems:
            group.todo += self._shared.ask_systems(want)
            self._shared.take_systems(self._send(group)[-1:])
        sent = len(group.todo)
        part = Part(batches)
        names, asked = self._shared.ask(want), part.asked()
        its = [checks(batch) for batch in batches]
        # What many batches rest on is looked at once.
        each = list(dict.fromkeys((sql, tuple(values)) for some in its for sql, values in some))
        group.todo += [*ENDS, (TICKETS, (Bytes(batch.ticket for batch in batches),))]
        group.todo += [*names, *asked, *each]
        answers = iter(self._send(group)[sent:])
        ((self._last_row,),) = next(answers)
        self._audit_seq, self._audit_hash = next(iter(next(answers)), (0, GENESIS))
        group.known |= {ticket: _decode_commit(reply) for ticket, reply in next(answers)}
        group.todo += self._shared.take(want, [next(answers) for _ in names])
        part.take([next(answers) for _ in asked])
        seen = dict(zip(each, answers, strict=True))
        return part, [[seen[sql, tuple(values)] for sql, values in some] for some in its]

    def _decide(
        self, batch: Batch, part: Part, answers: Sequence[list[Any]], effects: Effects
    ) -> Reply:
        try:
            check(batch, part, answers)
            self._check_absent(batch)
            check_writes(batch, part)
        except StaleError as error:
            return error.stale
        written = [self._effect(write, part, effects) for write in batch.writes]
        for again in batch.reindex:
            self._reindex(again, effects.rows)
        for strip in batch.strip:
            self._strip(strip)
        effects.audit += [self._chained(one) for one in batch.audit]
        return Commit(written, [])

    def _effect(self, write: Write, part: Part, effects: Effects) -> tuple[int, int]:
        """Return the version that a write becomes, and its row."""
        old = part.standing.get((write.type, write.id))
        key = self._names.key(write.type, write.id)
        row = self._last_row = max(self._last_row + 1, self._clock())
        version = old[1] + 1 if old else 1
        if old:
            effects.buried.append((old[0], row))
            effects.released.append(key)
        effects.claimed += [
            (write.type, self._names.term(*claim), write.campus, key) for claim in write.claims
        ]
        self._rows_of(write, (row, key, version), effects.rows)
        if write.op == "delete":
            effects.unlinked.append(key)
            return version, row
        if old:
            effects.shut.append(key)
        effects.shared += [(key, campus) for campus in write.audience]
        if write.certain is not None:
            effects.unlinked.append(key)
            effects.linked += [(self._names.key(*patient), key) for patient in write.certain]
        return version, row


def told(notices: Sequence[tuple[str, str]]) -> Iterator[Asked]:
    """Yield what tells other processes, by topic and each notice once: only who listens wakes."""
    topics: dict[str, list[str]] = {}
    for topic, payload in dict.fromkeys(notices):
        topics.setdefault(topic, []).append(payload)
    for topic, payloads in topics.items():
        part: list[str] = []
        for payload in payloads:
            if part and len(json.dumps([*part, payload])) > NOTICE_BYTES:
                yield NOTIFY, (CHANNEL + topic, json.dumps(part))
                part = []
            part.append(payload)
        yield NOTIFY, (CHANNEL + topic, json.dumps(part))
