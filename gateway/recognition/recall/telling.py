"""Who relied on a result, and the Tasks that tell them what befell it.

What is looked up becomes a condition of the write: an answer that comes between the look and the
write makes the write be prepared again, so that nobody is left untold.
"""

from collections.abc import Callable, Iterable
from typing import Final

from gateway.interactions.door import Door
from gateway.interactions.following import Followed
from gateway.recognition.ledger.model import Stand
from gateway.recognition.ledger.records import relying
from gateway.recognition.recall.task import Cause, recall, recalled

GRAVITY: Final = ("deleted", "entered-in-error", "cancelled", "moved", "unlinked", "suspended")
"""Of several changes at once the gravest is told."""

Pick = Callable[[Stand], Cause | None]


class Telling:
    """Collects who is to be told in one transaction: once a decision."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._told: dict[str, tuple[Stand, Cause]] = {}
        self._asked: dict[tuple[str, str], list[Stand]] = {}
        self._followed = Followed()

    def on(self, results: Iterable[str], cause: Cause) -> None:
        """Tell all who relied on results, named without version."""
        for name in results:
            for one in self._relied("ledger_relied", name):
                self._tell(one, cause)

    def of(self, patients: Iterable[str], pick: Pick) -> None:
        """Tell those who relied on something for Patients, where `pick` says what befell it."""
        for id_ in patients:
            for one in self._relied("ledger_relied_of", id_):
                if cause := pick(one):
                    self._tell(one, cause)

    def followed(self) -> Followed:
        """Return what must be written."""
        for one, cause in self._told.values():
            change = recall(self._door, one, cause)
            if change is not None:
                self._followed.changes.append(change)
                self._followed.statements.append(recalled(self._door, one, cause))
        return self._followed

    def _relied(self, statement: str, about: str) -> list[Stand]:
        """Return the decisions by which somebody goes now."""
        if (statement, about) in self._asked:
            return self._asked[statement, about]
        store = self._door.store
        ((last,),) = store.fetch(f"{statement}_last", (about,))
        rows = store.fetch(statement, (about,)) if last else ()
        found = relying(rows)
        self._asked[statement, about] = found
        self._followed.unchanged.append((f"{statement}_last", (about,), last))
        return found

    def _tell(self, one: Stand, cause: Cause) -> None:
        known = self._told.get(one.id)
        if known is None or _weight(one, cause) < _weight(one, known[1]):
            self._told[one.id] = one, cause


def _weight(one: Stand, cause: Cause) -> tuple[int, bool, str]:
    """Return what orders causes: the gravest first, then what befell the result itself."""
    grave = GRAVITY.index(cause.kind) if cause.kind in GRAVITY else len(GRAVITY)
    return grave, cause.what != one.result, cause.key
