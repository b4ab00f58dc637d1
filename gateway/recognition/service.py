"""Recognition as every door asks it: one engine, one decision id (DESIGN §4, "recognition")."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from gateway.access.actor import Actor
from gateway.access.audit import event
from gateway.errors import NotFoundError
from gateway.interactions.door import Door
from gateway.recognition import recording
from gateway.recognition.books import Book, Books
from gateway.recognition.catalogue.model import Item
from gateway.recognition.coverage import coverage
from gateway.recognition.decide.decision import decide, moment_of
from gateway.recognition.decide.model import Circumstances, Fact, Facts
from gateway.recognition.gather.critical import OwnTable
from gateway.recognition.gather.examinations import SEEN, Examinations
from gateway.recognition.gather.index import Index, Memory
from gateway.recognition.gather.laboratory import Laboratory
from gateway.recognition.gather.waiting import waiting
from gateway.recognition.identify import Identified, identify
from gateway.recognition.model import (
    USABLE,
    Answer,
    Asked,
    Coverage,
    Decision,
    PatientAsked,
    Request,
)
from gateway.recognition.reading import FIRST, LAST
from gateway.recognition.recall.suspension import suspended
from gateway.store.records import Audited, Batch


@dataclass(frozen=True, slots=True)
class Summary:
    """What a patient has that may be recognised: usable results by category of the catalogue.

    `critical` counts the groups of results with an open critical value.
    """

    usable: Mapping[str, int]
    critical: int
    coverage: Coverage
    patients: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredDecision:
    """A recorded decision and who asked; `request` is the question without its orders."""

    id: str
    reminder: str
    at: int
    campus: int
    patient: str
    placed: str
    decision: Decision
    request: Request


@dataclass(frozen=True, slots=True)
class _Judged:
    """One request, judged: facts and decision of each order."""

    people: Identified
    pairs: tuple[tuple[Facts, Decision], ...]


class Recognition:
    """Judges ordered items against what all campuses have; one a process."""

    def __init__(self, door: Door, catalogues: Books) -> None:
        self._door = door
        self._catalogues = catalogues
        self._memory = Memory()

    async def check(self, actor: Actor, request: Request) -> Answer:
        """Judge each order and record the decisions, durable; a trial (`at`) is not recorded."""
        judged = self._judge(actor, request)
        if judged is None or request.at is not None:
            return await self._shown(actor, judged)
        statements = [
            recording.statement(request, facts, decision) for facts, decision in judged.pairs
        ]
        audited = _audited(actor, judged)
        await self._door.store.submit(
            Batch(ticket=os.urandom(16), statements=statements, audit=[audited])
        )
        return self._answer(judged)

    async def look(self, actor: Actor, request: Request) -> Answer:
        """Judge each order and record nothing; the ids are those that `check` would give."""
        return await self._shown(actor, self._judge(actor, request))

    async def summary(self, actor: Actor, patient: PatientAsked) -> Summary | None:
        """Return what of a patient's results is usable now, None where nobody is identified.

        Each test and examination of the catalogue is counted once, by its best result.
        """
        book = self._catalogues.at(self._door.clock())
        items = book.catalogue.items if book is not None else ()
        orders = tuple(Asked(ref=item.code) for item in items if not item.parts)
        judged = self._judge(actor, Request(patient=patient, orders=orders), by_item=True)
        if judged is None:
            return None
        await self._record(actor, judged)
        categories = {item.code: item.category for item in items}
        usable = Counter(categories[one.item] for _, one in judged.pairs if one.outcome in USABLE)
        groups = {one.group for facts, _ in judged.pairs for one in facts.circumstances.open}
        return Summary(usable, len(groups), coverage(self._door), judged.people.people)

    def stored(self, actor: Actor, id_: str) -> StoredDecision | None:
        """Return a decision that the actor's campus was given, if he may see its results."""
        found = self._kept(actor, id_)
        if found is None:
            return None
        (_, reminder, at, campus, patient, placed), kept = found
        return StoredDecision(
            id_, reminder, at, campus, patient, placed, kept.decision, kept.request
        )

    async def replay(self, actor: Actor, id_: str) -> Decision:
        """Decide again from the facts that were pinned; NotFoundError."""
        found = self._kept(actor, id_)
        if found is None:
            raise NotFoundError("There is no such decision.")
        facts = found[1].facts
        book = self._catalogues.version(facts.catalogue, moment_of(facts))
        return decide(facts, book if facts.catalogue else None)

    def _kept(self, actor: Actor, id_: str) -> tuple[Sequence[Any], recording.Kept] | None:
        """Return a decision's row and body; whoever may not see a result knows of no decision."""
        rows = self._door.store.fetch("decision", (id_,))
        if not rows or rows[0][3] != actor.campus:
            return None
        kept = recording.unpack(rows[0][-1])
        seen = all(self._may_see(actor, fact.name) for fact in kept.facts.found)
        return (rows[0][:-1], kept) if seen else None

    def _may_see(self, actor: Actor, name: str) -> bool:
        stored = self._door.store.current(*name.split("/"))
        return stored is None or self._door.store.may_read(stored, self._door.viewer(actor))

    # Judging.

    def _judge(self, actor: Actor, request: Request, *, by_item: bool = False) -> _Judged | None:
        """Return facts and decisions, None where nobody is identified.

        `by_item`: an order's `ref` is the code of its item.
        """
        people = identify(self._door, actor, request.patient)
        if people is None or not _are_of(request.orders, people):
            return None
        about = self._circumstances(actor, request, people)
        index = Index(self._door, actor, people.people, self._memory)
        books = [
            self._catalogues.at(moment_of(Facts(circumstances=about, asked=one)))
            for one in request.orders
        ]
        items = [
            _ordered(book, asked, by_item=by_item)
            for book, asked in zip(books, request.orders, strict=True)
        ]
        table = OwnTable(self._door, actor, people.own[0], self._memory)
        found = _gathered(index, table, books, items)
        pairs = []
        for asked, book, item in zip(request.orders, books, items, strict=True):
            facts = Facts(
                circumstances=about,
                asked=asked,
                catalogue=book.catalogue.version if book else 0,
                item=item.code if item else "",
                found=found[id(book)][item.code] if item else (),
            )
            pairs.append((facts, decide(facts, book)))
        return _Judged(people, tuple(pairs))

    def _circumstances(self, actor: Actor, request: Request, people: Identified) -> Circumstances:
        campus = self._door.directory.campus_by_id(actor.campus)
        zone = campus.zone if campus else self._door.zone.key
        now = self._door.clock() if request.at is None else min(max(request.at, FIRST), LAST)
        return Circumstances(
            now=now,
            campus=actor.campus,
            code=actor.code,
            zone=zone,
            own=people.own,
            people=people.people,
            suspended=tuple(sorted(suspended(self._door.store, people.people))),
            birth_date=people.birth_date,
            encounter_class=request.encounter_class,
            placed=request.encounter or _day(now, zone),
            silent={one.campus: one.since for one in coverage(self._door).silent},
            open=waiting(self._door, actor, people.people),
        )

    async def _shown(self, actor: Actor, judged: _Judged | None) -> Answer:
        """Return an answer of which nothing is kept but that it was given."""
        await self._record(actor, judged)
        return self._answer(judged)

    async def _record(self, actor: Actor, judged: _Judged | None) -> None:
        """Record what was shown; before the answer where it may be what others must not see."""
        recorder = self._door.recorder
        keep = recorder.keep if actor.has("break-glass") else recorder.add
        await keep(_audited(actor, judged))

    def _answer(self, judged: _Judged | None) -> Answer:
        covered = coverage(self._door)
        if judged is None:
            return Answer(identified=False, coverage=covered)
        decisions = tuple(decision for _, decision in judged.pairs)
        return Answer(True, decisions, covered, judged.people.people)  # noqa: FBT003


def _are_of(orders: Sequence[Asked], people: Identified) -> bool:
    """Return whether each order is for the patient of the context (§2.10.4)."""
    subjects = {one.subject.removeprefix("Patient/") for one in orders if one.subject}
    return subjects <= set(people.people)


def _ordered(book: Book | None, asked: Asked, *, by_item: bool) -> Item | None:
    if book is None:
        return None
    return book.item(asked.ref) if by_item else book.of_order(asked)


def _gathered(
    index: Index, table: OwnTable, books: Sequence[Book | None], items: Sequence[Item | None]
) -> dict[int, dict[str, tuple[Fact, ...]]]:
    """Return what there is of each item, by the book that it was looked up in."""
    found: dict[int, dict[str, tuple[Fact, ...]]] = {}
    for book in {id(one): one for one in books if one is not None}.values():
        its = [item for item, one in zip(items, books, strict=True) if item and one is book]
        measured = [item for item in its if item.category not in SEEN]
        seen = [item for item in its if item.category in SEEN]
        found[id(book)] = {
            **Laboratory(index, book, table).facts(measured),
            **Examinations(index, book, table).facts(seen),
        }
    return found


def _day(us: int, zone: str) -> str:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)
    return at.astimezone(ZoneInfo(zone)).date().isoformat()


def _audited(actor: Actor, judged: _Judged | None) -> Audited:
    """Return the record of a check: whom it was about, and which results it named."""
    shown = [] if judged is None else [f"Patient/{id_}" for id_ in judged.people.own]
    pairs = () if judged is None else judged.pairs
    shown += [
        reference
        for _, one in pairs
        for reference in (
            *((one.result.reference,) if one.result else ()),
            *(other.reference for other, _ in one.others),
        )
    ]
    return event(actor, "E", dict.fromkeys(shown), query="recognition")
