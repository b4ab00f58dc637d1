"""What evidence means for results that are there already; part of the worker role.

A failed round takes back the marks of its campus, item, instrument and period, and everybody who
relied on one is told by a Task in the same transaction. Evidence that comes late marks the results
of its period. Portions of a few hundred, the place in the same transaction: a kill repeats nothing.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from gateway.access.actor import administrator
from gateway.errors import UnavailableError
from gateway.fhir.searchparams import search_params
from gateway.interactions.commit import Extras, commit
from gateway.interactions.door import Door
from gateway.interactions.following import Followed
from gateway.interactions.retry import retried
from gateway.recognition.catalogue.exams import DCM
from gateway.recognition.catalogue.model import Code
from gateway.recognition.catalogue.registry import Catalogues
from gateway.recognition.quality import made
from gateway.recognition.quality.evidence import Evidence, Made, failed, of_row, passed
from gateway.recognition.quality.follow import Freezing
from gateway.recognition.quality.marks import When, frozen, marks_of
from gateway.recognition.quality.registry import Evidences
from gateway.recognition.recall.follow import recall_changes
from gateway.store.records import Statement
from gateway.store.stored import Stored

PORTION: Final = 200
REST: Final = 0.1
"""Seconds between portions, for whoever else writes."""
IDLE: Final = 0.5
SETTLED: Final = 1_000_000
"""Microseconds after which every process freezes marks by the new evidence."""
ACTOR: Final = administrator(name="quality")
RESTORE, RECALL, WALK = "restore", "recall", "walk"


class Rounds:
    """Looks for evidence that was not seen through yet, and sees it through."""

    def __init__(self, door: Door, catalogues: Catalogues) -> None:
        self._door = door
        self._catalogues = catalogues
        self._freezing = Freezing(catalogues, Evidences(door.store))
        self._told = asyncio.Event()
        door.store.subscribe("config", self._wake)

    def _wake(self, _topic: str, _payload: str) -> None:
        self._told.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            self._told.clear()
            try:
                busy = await self.portion()
            except UnavailableError:
                busy = False
            if busy:
                await asyncio.sleep(REST)
                continue
            try:
                await asyncio.wait_for(self._told.wait(), IDLE)
            except TimeoutError:
                continue

    async def portion(self) -> bool:
        """Do the next portion; return whether there was one."""
        waiting = self._door.store.fetch("evidence_waiting", (1,))
        if not waiting:
            return False
        one = of_row(waiting[0])
        if self._door.clock() - one.imported < SETTLED:
            return False
        if one.cursor.startswith(WALK) and self._catalogues.now() is None:
            return False  # what is of the item, a catalogue must say
        await retried(lambda: self._portion(one))
        return True

    async def _portion(self, one: Evidence) -> None:
        step, _, place = (one.cursor or RESTORE).partition(" ")
        match step:
            case "restore":
                await self._restore(one)
            case "recall":
                await self._recall(one)
            case _:
                await self._walk(one, place)

    async def _restore(self, one: Evidence) -> None:
        """Take back what an earlier wording of this evidence took back."""
        rows = self._door.store.fetch("marks_failed", (one.id, PORTION))
        following = WALK if one.passed else RECALL
        await self._write(
            one,
            [("mark_restore", (result, item, one.id)) for result, item in rows],
            RESTORE if rows else following,
        )

    async def _recall(self, one: Evidence) -> None:
        """Recall the marks that there are."""
        when = self._when()
        found = self._door.store.fetch(
            "marks_standing",
            (
                *(one.campus, one.item, when.begin(one.starts), when.over(one.ends)),
                *(one.laboratory, one.laboratory, one.instrument, one.instrument, PORTION),
            ),
        )
        names = [name for (name,) in found]
        statements: list[Statement] = [
            ("mark_recall", (when.now, one.id, name, one.item)) for name in names
        ]
        await self._write(one, statements, RECALL if names else WALK, names)

    async def _walk(self, one: Evidence, place: str) -> None:
        """Look at what is stored under the codes of the item; mark it, or say that it failed."""
        sources = list(self._sources(one.item))
        after = _place(place)
        source = next((pair for pair in sources if pair >= after[:2]), None)
        if source is None:
            await self._write(one, [], "")
            return
        row = after[2] if source == after[:2] else self._when().begin(one.starts) - 1
        found = [
            Stored(*columns)
            for columns in self._door.store.fetch("under_code", (*source, row, one.campus, PORTION))
        ]
        whole = len(found) == PORTION
        next_ = (*source, found[-1].row) if whole else (source[0], source[1] + 1, 0)
        statements, names = self._marked(one, found)
        await self._write(one, statements, f"{WALK} {'.'.join(map(str, next_))}", names)

    def _marked(self, one: Evidence, found: Sequence[Stored]) -> tuple[list[Statement], list[str]]:
        """Return what marks those that bear none yet, and which ones are recalled."""
        when = self._when()
        names = {f"{stored.type}/{stored.id}": stored for stored in found}
        known = marks_of(self._door.store, list(names))
        statements, recalled = [], []
        for name, stored in names.items():
            mark = known.get((name, one.item))
            if mark is not None and mark.evidence:
                continue
            resource = stored.resource()
            it = self._made(one, resource, when)
            if it is None:
                continue
            evidence = self._freezing.evidence(it)
            statement = frozen(name, it, evidence, made.claimed(resource), when)
            statements += [statement] if statement else []
            recalled += [] if one.passed else [name]
        return statements, recalled

    def _made(self, one: Evidence, resource: Mapping[str, Any], when: When) -> Made | None:
        """Return how a result came about, None where the evidence does not concern it."""
        if not made.is_final(resource):
            return None
        it = self._freezing.made(one.campus, resource, when)
        return it if it is not None and _concerns(one, it) else None

    def _sources(self, item: str) -> Iterator[tuple[int, int]]:
        """Yield (search parameter, term) under which results of an item stand, in order."""
        book = self._catalogues.now()
        found = book.item(item) if book else None
        if book is None or found is None:
            return
        codes = [(code, ("Observation", "DiagnosticReport")) for code in book.codes_of(found)]
        pairs = {
            (search_params(type_)["code"].stores[0], term)
            for code, types in codes
            for type_ in types
            for term in self._terms(code)
        }
        studies = search_params("ImagingStudy")["modality"].stores[0]
        pairs |= {(studies, term) for one in found.modality for term in self._terms(Code(DCM, one))}
        yield from sorted(pairs)

    def _terms(self, code: Code) -> list[int]:
        store = self._door.store
        return [
            term
            for (system,) in store.fetch("system_id", (code.system,))
            for (term,) in store.fetch("term_id", (code.code, system))
        ]

    async def _write(
        self, one: Evidence, statements: list[Statement], cursor: str, recalled: Sequence[str] = ()
    ) -> None:
        """Write a portion with the place that it reached; "" is the end."""
        done = None if cursor else self._door.clock()
        followed = Followed()
        if recalled:
            followed = recall_changes(self._door, recalled, _reason(one))
        walked: Statement = ("evidence_walked", (cursor, done, one.id, one.imported))
        await commit(
            self._door,
            ACTOR,
            followed.changes,
            Extras(
                versions=followed.versions,
                statements=[*statements, *followed.statements, walked],
                notices=followed.notices,
                unchanged=followed.unchanged,
                trusted=True,
            ),
        )

    def _when(self) -> When:
        return When(self._door.clock(), self._door.zone)


def _concerns(one: Evidence, it: Made) -> bool:
    judge = passed if one.passed else failed
    return it.item == one.item and bool(judge([one], it))


def _place(text: str) -> tuple[int, int, int]:
    parameter, term, row = text.split(".") if text else ("0", "0", "0")
    return int(parameter), int(term), int(row)


def _reason(one: Evidence) -> str:
    """Return what failed, for people; it names no patient."""
    words = (one.scheme.upper(), one.organisation, one.round, one.starts, one.ends)
    return " ".join(word for word in words if word)
