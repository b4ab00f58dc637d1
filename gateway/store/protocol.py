"""What the rest of the gateway asks of a store, whatever database it stands on (DESIGN §3).

Structural: a store implements it by having these methods.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Protocol

from gateway.store.notices import Listener, Notices
from gateway.store.plan import Plan
from gateway.store.query import Query
from gateway.store.records import Batch, Commit, Viewer
from gateway.store.results import Found
from gateway.store.stored import Stored
from gateway.store.versions import Versions


class Store(Protocol):
    """Resources, their history and indexes; inbox, audit, settings by named statements."""

    def fetch(self, name: str, values: Sequence[object] = ()) -> list[Any]:
        """Return the rows of a named read statement, at once."""
        ...

    async def scan(self, name: str, values: Sequence[object] = ()) -> list[Any]:
        """Return the rows of a named read statement, read beside the event loop."""
        ...

    async def submit(self, batch: Batch) -> Commit:
        """Return once the batch is durable; StaleError, UnavailableError."""
        ...

    def subscribe(self, topic: str, listener: Listener) -> None:
        """Call the listener with each notice of a topic."""
        ...

    @property
    def alone(self) -> bool:
        """Whether this process is the one that writes: no gateway runs on it."""
        ...

    @property
    def single(self) -> bool:
        """Whether one process writes for all, so that no other gateway shares the database."""
        ...

    @property
    def notices(self) -> Notices:
        """Who listens in this process, and who carries its notices elsewhere."""
        ...

    async def close(self) -> None:
        """Let go of everything."""
        ...

    def current(self, type_: str, id_: str) -> Stored | None:
        """Return the newest version, a tombstone included."""
        ...

    def currents(self, names: Iterable[tuple[str, str]]) -> list[Stored]:
        """Return the newest versions of resources by type and id, in no order."""
        ...

    def by_integer(self, key: int) -> Stored | None:
        """Return the newest version of the resource with this integer key."""
        ...

    def version(self, type_: str, id_: str, number: int) -> Stored | None:
        """Return one version."""
        ...

    def history(self, key: int, before: int, count: int) -> list[Stored]:
        """Return versions older than a number, newest first."""
        ...

    async def versions(self, query: Versions) -> list[Stored]:
        """Return a page of a history, newest first."""
        ...

    async def count_versions(self, query: Versions) -> int:
        """Return how many versions a history has."""
        ...

    def by_key(self, campus: int, type_: str, system: str, value: str) -> str | None:
        """Return the id of the resource that has a business key."""
        ...

    def may_read(self, stored: Stored, viewer: Viewer) -> bool:
        """Return whether a campus may read a row."""
        ...

    def link_set(self, ids: Iterable[str]) -> tuple[set[str], set[str]]:
        """Return the Patients certainly joined to these, themselves included, and the Persons."""
        ...

    def was_alone(self, patient: str) -> bool:
        """Return whether a Patient was joined to nobody when last looked at: a guess."""
        ...

    async def search(self, query: Query) -> Found:
        """Return one page."""
        ...

    async def count(self, query: Query, most: int = 0) -> int:
        """Return how many resources match, counted up to a number (0: all)."""
        ...

    async def keys(self, query: Query, most: int, through: Sequence[int] = ()) -> list[int] | None:
        """Return the integer keys of what matches, or of what that refers to through parameters.

        None where they are more than `most`.
        """
        ...

    async def matches(self, query: Query, row: int) -> bool:
        """Return whether the version in a row matches, its successors left aside."""
        ...

    def explain(self, query: Query) -> Plan:
        """Return the plan of a search."""
        ...

    async def explain_to(self, query: Query) -> Plan:
        """Return the plan as it would be if there were nothing but what the viewer may see."""
        ...

    def targets(self, stored: Stored, params: Collection[int]) -> list[int]:
        """Return the integer keys that a version refers to through these parameters, () any."""
        ...

    def referring(
        self, key: int, params: Sequence[int], most: int = 0, viewer: Viewer | None = None
    ) -> list[Stored]:
        """Return the newest current versions that refer to a key through these parameters.

        Of what a viewer may not see nothing counts towards `most`.
        """
        ...

    def hiding(self, keys: Sequence[int], params: Sequence[int]) -> list[tuple[int, Stored]]:
        """Return what is hidden and refers to some keys through these parameters, with the key."""
        ...
