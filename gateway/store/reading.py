"""What a store reads, in SQL that runs on both databases; how it is run, each database says.

Point reads and pages that an index gives run in the event loop under a deadline; what takes longer
runs once more in a thread.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from typing import Any, Final, TypeVar

from gateway.fhir.definitions import TYPE_IDS
from gateway.store import pages, single, versions
from gateway.store.clauses import Fetch, Rows, marks, visible
from gateway.store.janitor import decode_keys
from gateway.store.linked import reached
from gateway.store.long_names import NAMED, short, shortened
from gateway.store.notices import Listener, Notices
from gateway.store.plan import NOTHING, Plan, make
from gateway.store.query import Query
from gateway.store.records import Batch, Commit, Viewer
from gateway.store.results import Found
from gateway.store.sender import Sender
from gateway.store.standing import in_parts
from gateway.store.statements import STATEMENTS
from gateway.store.statements.resources import BY_KEYS, FEW, OWN
from gateway.store.stored import Stored
from gateway.store.versions import Versions
from gateway.store.walks import Hit, Run

LASTING: Final = frozenset({"key_id", "key_name", "system_id", "term_id"})
REMEMBERED: Final = 100_000
KEY: Final = OWN.split(", ").index("r.key")
ALL: Final = 2**62
"""A limit that is none."""

T = TypeVar("T")
Work = Callable[[Run], T]


class Reading(ABC):
    """The reading half of `gateway.store.protocol.Store`."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._names: dict[tuple[str, Sequence[object]], list[Any]] = {}
        self._alone: set[str] = set()

    # What a database does in its own way.

    @abstractmethod
    def _run(self, sql: str, values: Sequence[object]) -> list[Any]:
        """Return the rows of a statement, at once."""

    @abstractmethod
    async def _timed(self, work: Work[T], viewer: Viewer) -> T:
        """Do the work here if it is quick, else in a thread; it reads for somebody."""

    @abstractmethod
    async def _aside(self, work: Work[T]) -> T:
        """Do the work in a thread."""

    # Statements by name.

    def fetch(self, name: str, values: Sequence[object] = ()) -> list[Any]:
        """Return the rows of a named read statement, at once."""
        if name in LASTING:
            return self._lasting(name, values)
        if name in NAMED:
            values = shortened(values)
        return self._run(STATEMENTS[name], values)

    def _lasting(self, name: str, values: Sequence[object]) -> list[Any]:
        """Return the integer of a name or the name of an integer; what is once so stays so."""
        found = self._names.get((name, values))
        if found is None:
            values = shortened(values)
            found = self._run(STATEMENTS[name], values)
            if found:
                self._remember((name, values), found)
        return found

    def _remember(self, asked: tuple[str, Sequence[object]], found: list[Any]) -> None:
        if len(self._names) >= REMEMBERED:
            self._names.clear()
        self._names[asked] = found

    def _keys_of(self, type_: int, ids: Iterable[str]) -> list[int]:
        """Return the integers of the names that have one, of many asked for together."""
        known: list[int] = []
        missing: list[str] = []
        for id_ in ids:
            found = self._names.get(("key_id", (type_, id_)))
            if found is None:
                missing.append(short(id_))
            else:
                known.append(found[0][0])
        for size, part in in_parts(missing) if missing else ():
            for id_, key in self._run(STATEMENTS[f"key_ids_of_{size}"], (type_, *part)):
                self._remember(("key_id", (type_, id_)), [(key,)])
                known.append(key)
        return known

    def _names_of(self, keys: Iterable[int]) -> dict[int, tuple[int, str]]:
        """Return type and id of integers, of many asked for together."""
        names: dict[int, tuple[int, str]] = {}
        missing: list[int] = []
        for key in keys:
            found = self._names.get(("key_name", (key,)))
            if found is None:
                missing.append(key)
            else:
                names[key] = found[0]
        for size, part in in_parts(missing) if missing else ():
            for key, type_, id_ in self._run(STATEMENTS[f"key_names_of_{size}"], part):
                self._remember(("key_name", (key,)), [(type_, id_)])
                names[key] = type_, id_
        return names

    async def scan(self, name: str, values: Sequence[object] = ()) -> list[Any]:
        """Return the rows of a named read statement, read in a thread."""
        return await self._aside(lambda run: run(STATEMENTS[name], values))

    async def submit(self, batch: Batch) -> Commit:
        """Return once the batch is durable; StaleError, UnavailableError."""
        return await self._sender.submit(batch)

    def subscribe(self, topic: str, listener: Listener) -> None:
        """Call the listener with each notice of a topic."""
        self._sender.subscribe(topic, listener)

    @property
    def notices(self) -> Notices:
        """Who listens in this process."""
        return self._sender.notices

    # Resources.

    def current(self, type_: str, id_: str) -> Stored | None:
        """Return the newest version, a tombstone included."""
        rows = self._run(STATEMENTS["current"], (TYPE_IDS[type_], id_))
        return Stored(*rows[0]) if rows else None

    def currents(self, names: Iterable[tuple[str, str]]) -> list[Stored]:
        """Return the newest versions of resources by type and id, in no order."""
        named = {
            key: (TYPE_IDS[type_], id_)
            for type_, id_ in names
            for key in self._keys_of(TYPE_IDS[type_], (id_,))
        }
        keys = [*named]
        return [
            Stored(*named[row[KEY]], *row)
            for part in (keys[at : at + FEW] for at in range(0, len(keys), FEW))
            for row in self._run(BY_KEYS[len(part)], part)
        ]

    def by_integer(self, key: int) -> Stored | None:
        """Return the newest version of the resource with this integer key."""
        rows = self._run(STATEMENTS["current_by_key"], (key,))
        return Stored(*rows[0]) if rows else None

    def version(self, type_: str, id_: str, number: int) -> Stored | None:
        """Return one version."""
        rows = self._run(STATEMENTS["version"], (number, TYPE_IDS[type_], id_))
        return Stored(*rows[0]) if rows else None

    def history(self, key: int, before: int, count: int) -> list[Stored]:
        """Return versions older than a number, newest first."""
        return [Stored(*row) for row in self.fetch("history", (key, before, count))]

    async def versions(self, query: Versions) -> list[Stored]:
        """Return a page of a history, newest first."""
        statement = versions.select(query)
        return [
            Stored(*row) for row in await self._timed(lambda run: run(*statement), query.viewer)
        ]

    async def count_versions(self, query: Versions) -> int:
        """Return how many versions a history has."""
        statement = versions.count(query)
        return int((await self._timed(lambda run: run(*statement), query.viewer))[0][0])

    def by_key(self, campus: int, type_: str, system: str, value: str) -> str | None:
        """Return the id of the resource that has a business key."""
        found = self.fetch("by_business_key", (TYPE_IDS[type_], campus, value, system))
        return str(found[0][0]) if found else None

    def may_read(self, stored: Stored, viewer: Viewer) -> bool:
        """Return whether a campus may read a row: the same rule as `clauses.visible`."""
        if stored.campus == viewer.campus:
            return True
        open_labels = (0, 2) if viewer.break_glass else (0,)
        if stored.label in open_labels and stored.campus not in viewer.inactive:
            return True
        return (viewer.campus,) in self.fetch("audience_of", (stored.key,))

    def link_set(self, ids: Iterable[str]) -> tuple[set[str], set[str]]:
        """Return the Patients certainly joined to these, themselves included, and the Persons.

        Holders of a link are Persons, and Patients that a merge of their campus replaced.
        """
        patient = TYPE_IDS["Patient"]
        ids = set(ids)
        seen, holders = reached(self._keys_of(patient, ids), self._run)
        if len(ids) == 1:
            self._guess(*ids, alone=not holders)
        if not holders:
            return ids, set()
        names = self._names_of(seen | holders)
        person = TYPE_IDS["Person"]
        return (
            {*ids, *(names[key][1] for key in seen)},
            {id_ for type_, id_ in (names[key] for key in holders) if type_ == person},
        )

    def _guess(self, patient: str, *, alone: bool) -> None:
        if not alone:
            self._alone.discard(patient)
            return
        if len(self._alone) >= REMEMBERED:
            self._alone.clear()
        self._alone.add(patient)

    def was_alone(self, patient: str) -> bool:
        """Return whether a Patient was joined to nobody when last looked at: a guess."""
        return patient in self._alone

    # Search.

    async def search(self, query: Query) -> Found:
        """Return one page."""
        looked = await self._timed(partial(self._look, query), query.viewer)
        if isinstance(looked, Found):
            return looked
        mark, hits = looked
        page = hits[: query.count]
        standing = self._standing([row for _, row in page])
        matches = [self._shown(*standing[row], query.viewer) for _, row in page]
        return Found(
            matches=[one for one in matches if one is not None],
            more=len(hits) > query.count,
            last=page[-1][0] if page else None,
            mark=mark,
            withheld=matches.count(None),
        )

    async def count(self, query: Query, most: int = 0) -> int:
        """Return how many resources match, counted up to a number (0: all)."""
        mark = self._mark()

        def work(run: Run) -> int:
            plan = self._plan(query, run)
            return 0 if plan.nothing else pages.count(plan, mark, run, most)

        return await self._timed(work, query.viewer)

    async def keys(self, query: Query, most: int, through: Sequence[int] = ()) -> list[int] | None:
        """Return the keys of what matches, or of what that refers to; None if they are more."""

        def work(run: Run) -> list[int]:
            plan = self._plan(query, run)
            mark = query.mark or int(run(STATEMENTS["last_row"], ())[0][0])
            return [] if plan.nothing else pages.keys(plan, mark, run, (most + 1, through))

        found = await self._timed(work, query.viewer)
        return found if len(found) <= most else None

    async def matches(self, query: Query, row: int) -> bool:
        """Return whether the version in a row matches, its successors left aside."""

        def work(run: Run) -> bool:
            def fetch(name: str, values: Sequence[object]) -> list[Any]:
                return run(STATEMENTS[name], values)

            return bool(run(*single.statement(query, row, fetch)))

        return await self._timed(work, query.viewer)

    def explain(self, query: Query) -> Plan:
        """Return the plan of a search."""
        return self._plan(query, self._run)

    async def explain_to(self, query: Query) -> Plan:
        """Return the plan as it would be if there were nothing but what the viewer may see.

        What is hidden would show in the driver that is chosen by its rows, and in a name that
        nothing else has.
        """
        text, its = visible(query.viewer)

        def work(run: Run) -> Plan:
            def probe(rows: Rows, most: int) -> int:
                inner = (
                    f"SELECT 1 FROM {rows.table} s CROSS JOIN res r ON r.row = s.row"
                    f" WHERE {rows.where} AND r.dead IS NULL AND {text} LIMIT ?"
                )
                sql = f"SELECT count(*) FROM ({inner}) n"
                return int(run(sql, (*rows.values, *its, most))[0][0])

            plan = make(query, self._fetching(run), probe)
            found = not plan.nothing and pages.count(plan, self._mark(), run, 1)
            return plan if found else NOTHING

        return await self._timed(work, query.viewer)

    def targets(self, stored: Stored, params: Collection[int]) -> list[int]:
        """Return the integer keys that a version refers to through these parameters, () any."""
        ((keys,),) = self.fetch("keys_of_row", (stored.row,))
        references = decode_keys(keys).references if keys else []
        return [key for param, key in references if not params or param in params]

    def referring(
        self, key: int, params: Sequence[int], most: int = 0, viewer: Viewer | None = None
    ) -> list[Stored]:
        """Return the newest current versions that refer to a key through these parameters.

        Of what a viewer may not see nothing counts towards `most`.
        """
        if not params:
            return []
        seen, its = visible(viewer) if viewer else ("r.dead IS NULL", ())
        sql = STATEMENTS["referring"].replace("s.param = ?", f"s.param IN ({marks(len(params))})")
        sql = sql.replace("r.dead IS NULL", f"r.dead IS NULL AND {seen}")
        rows = [row for (row,) in self._run(sql, (*params, key, *its, most or ALL))]
        found = (self.fetch("current_by_row", (row,))[0] for row in rows)
        return [Stored(*one[:-1]) for one in found]

    def hiding(self, keys: Sequence[int], params: Sequence[int]) -> list[tuple[int, Stored]]:
        """Return what is hidden and refers to some keys through these parameters, with the key."""
        named = f"s.param IN ({marks(len(params))})"
        return [
            (key, Stored(*row))
            for size, part in in_parts(keys)
            for key, *row in self._run(
                STATEMENTS[f"hiding_of_{size}"].replace("s.param = ?", named), (*params, *part)
            )
        ]

    def _mark(self) -> int:
        return int(self.fetch("last_row")[0][0])

    def _plan(self, query: Query, run: Run) -> Plan:
        def probe(rows: Rows, most: int) -> int:
            inner = f"SELECT 1 FROM {rows.table} s WHERE {rows.where} LIMIT ?"
            sql = f"SELECT count(*) FROM ({inner}) n"
            return int(run(sql, (*rows.values, most))[0][0])

        return make(query, self._fetching(run), probe)

    def _fetching(self, run: Run) -> Fetch:
        def fetch(name: str, values: Sequence[object]) -> list[Any]:
            if name in LASTING:
                return self._lasting(name, values)
            return run(STATEMENTS[name], shortened(values) if name in NAMED else values)

        return fetch

    def _look(self, query: Query, run: Run) -> Found | tuple[int, list[Hit]]:
        """Return a page, or where more than one statement is needed its mark and places."""
        plan = self._plan(query, run)
        if plan.nothing:
            return Found([], more=False, last=None, mark=query.mark, withheld=0)
        if not query.mark and (first := pages.first(query, plan, run)):
            return first
        mark = query.mark or int(run(STATEMENTS["last_row"], ())[0][0])
        return mark, pages.hits(query, plan, mark, run)

    def _standing(self, rows: Sequence[int]) -> dict[int, tuple[Stored, int | None]]:
        """Return the versions of these rows, each with the row that followed it."""
        if not rows:
            return {}
        sql = STATEMENTS["current_by_row"].replace("r.row = ?", f"r.row IN ({marks(len(rows))})")
        found = self._run(sql, rows)
        return {row[3]: (Stored(*row[:-1]), row[-1]) for row in found}

    def _shown(self, stored: Stored | None, dead: int | None, viewer: Viewer) -> Stored | None:
        """Return what stands in a version's place now, None if it may no longer be shown."""
        if dead is not None and stored is not None:
            was_in_error = stored.in_error
            stored = self.by_integer(stored.key)
            if stored is not None and stored.in_error and not was_in_error:
                return None
        if stored is None or stored.deleted or not self.may_read(stored, viewer):
            return None
        return stored
