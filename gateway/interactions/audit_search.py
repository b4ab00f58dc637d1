"""Search over the audit, merged with the AuditEvents that members sent.

A record answers a search by what its AuditEvent says, as R4's own definitions do
(https://hl7.org/fhir/R4/search.html); what this cannot answer is refused by name.
"""

import asyncio
import heapq
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from gateway.access.actor import Actor
from gateway.access.audit import Event, read_event
from gateway.errors import CostlyError, NotSupportedError
from gateway.fhir.dates import interval
from gateway.fhir.definitions import TYPE_NAMES
from gateway.fhir.searchparams import search_params
from gateway.interactions.audit_view import ID, TYPE, Row, own_only, stored
from gateway.interactions.door import Door
from gateway.interactions.in_memory import answers
from gateway.interactions.names import Name
from gateway.interactions.published_view import candidate
from gateway.store.query import Clause, Ids, Patients, Query, References, Tokens
from gateway.store.results import Found
from gateway.store.stored import Stored

SCANNED: Final = 20_000
"""How many records one page looks through at most; the next goes on from there."""
COUNTED: Final = 200_000
"""How many records a count looks through at most."""
PORTION: Final = 500
SORTS: Final = frozenset({"date", "-date", "_lastUpdated", "-_lastUpdated"})
REFUSED: Final = frozenset({"_has", "_include", "_revinclude"})
HIERARCHIES: Final = frozenset({"above", "below"})

Test = Callable[[Event], bool]


def refuse(type_: str, name: Name, value: str) -> None:
    """Raise for what a search on AuditEvents does not have."""
    if type_ != TYPE:
        return
    what = ""
    if name.code in REFUSED:
        what = f"no {name.code}"
    elif name.chain:
        what = "no chains"
    elif name.modifier in HIERARCHIES:
        what = f"no modifier :{name.modifier}"
    elif name.code == "_sort" and value not in SORTS:
        what = f"_sort by one of {', '.join(sorted(SORTS))} alone"
    if what:
        raise NotSupportedError(
            f"A search on AuditEvents has {what}.", expression=f"http.{name.code}"
        )


async def merged(door: Door, actor: Actor, query: Query) -> Found:
    """Return a page of the audit and of the AuditEvents that members sent.

    A place is that of the stored ones, then the number of the audit's where it goes on, and the
    number of its newest when the first page was made.
    """
    *before, number, newest = query.after or (None, None)
    after = tuple(one for one in before if one is not None) or None
    rising = bool(query.sort) and not query.sort[0].descending
    top = newest if isinstance(newest, int) else _newest(door)
    start = number if isinstance(number, int) else 0 if rising else top + 1
    page = await door.store.search(replace(query, after=after))
    walk = await _walk(door, actor, query, (start, top))

    def moment(one: Stored) -> int:
        return _moment(door, query, one)

    both = list(heapq.merge(walk.found, page.matches, key=moment, reverse=not rising))
    if walk.cut is not None:
        # What lies beyond the last record that was looked at waits for it.
        edge = moment(walk.cut)
        both = [one for one in both if (moment(one) <= edge if rising else moment(one) >= edge)]
    shown = both[: query.count]
    own = [one for one in shown if one.key < 0]
    taken = len(shown) - len(own)
    last = page.last if taken else after
    if 0 < taken < len(page.matches):
        last = (await door.store.search(replace(query, after=after, count=taken))).last
    if walk.cut is not None and len(own) == len(walk.found):
        start = -walk.cut.key
    elif own:
        start = -own[-1].key
    more = page.more or len(shown) < len(page.matches) + len(walk.found) or walk.cut is not None
    shown.sort(key=moment, reverse=not rising)
    return Found(shown, more, (*(last or ()), start, top), page.mark, page.withheld)


async def count(door: Door, actor: Actor, query: Query) -> int:
    """Return how many records of the audit match; CostlyError where that takes too long."""
    if not query.clauses:
        found: int = door.store.fetch("audit_count", (actor.campus, int(own_only(actor))))[0][0]
        return found
    tests, total, looked = _tests(query.clauses), 0, 0
    async for row in _rows(door, actor, query, _newest(door) + 1):
        looked += 1
        if looked > COUNTED:
            raise CostlyError(
                f"More than {COUNTED} records of the audit would be looked through for a total.",
                expression="http._total",
            )
        total += _matches(door, query.clauses, tests, row)
    return total


@dataclass(frozen=True, slots=True)
class _Walked:
    """What was found, in order; `cut` is the last record looked at where there are more."""

    found: list[Stored]
    cut: Stored | None = None


async def _walk(door: Door, actor: Actor, query: Query, between: tuple[int, int]) -> _Walked:
    start, top = between
    found: list[Stored] = []
    tests, looked = _tests(query.clauses), 0
    async for row in _rows(door, actor, query, start):
        if row[0] > top:
            break
        looked += 1
        if _matches(door, query.clauses, tests, row):
            found.append(stored(row))
        if len(found) > query.count:
            break
        if looked == SCANNED:
            return _Walked(found, stored(row))
    return _Walked(found)


async def _rows(door: Door, actor: Actor, query: Query, start: int) -> AsyncIterator[Row]:
    """Yield the records that the caller may see from a number on, that one left out."""
    rising = bool(query.sort) and not query.sort[0].descending
    named = next((clause.ids for clause in query.clauses if isinstance(clause, Ids)), None)
    if named is not None:
        numbers = {int(found[1]) for id_ in named if (found := ID.fullmatch(id_))}
        wanted = {one for one in numbers if (one > start if rising else one < start)}
        for number in sorted(wanted, reverse=not rising):
            for row in door.store.fetch("audit_get", (number,)):
                if not own_only(actor) or row[2] == actor.campus:
                    yield row
        return
    statement = "audit_from" if rising else "audit_before"
    whose = actor.campus, int(own_only(actor)), PORTION
    while rows := door.store.fetch(statement, (start, *whose)):
        for row in rows:
            yield row
        start = rows[-1][0]
        await asyncio.sleep(0)


def _newest(door: Door) -> int:
    rows = door.store.fetch("audit_last", ())
    return rows[0][0] if rows else 0


def _moment(door: Door, query: Query, one: Stored) -> int:
    """Return the ticks by which a page is in order."""
    if one.key > 0 and query.sort and query.sort[0].kind == "date":
        return interval(one.resource()["recorded"], door.zone)[0]
    return one.row * 10


def _matches(door: Door, clauses: Sequence[Clause], tests: Sequence[Test], row: Row) -> bool:
    event = read_event(row[4])
    if not all(test(event) for test in tests):
        return False
    return not clauses or answers(candidate(door, stored(row)), clauses)


def _tests(clauses: Sequence[Clause]) -> list[Test]:
    """Return what tells most records that do not match without making their AuditEvents."""
    params = search_params(TYPE)
    tests: list[Test] = []
    for clause in clauses:
        if isinstance(clause, References) and set(params["entity"].stores) & set(clause.params):
            tests.append(_entity(f"{TYPE_NAMES[one]}/{id_}" for one, id_ in clause.targets if one))
        elif isinstance(clause, Patients):
            tests.append(_entity(f"Patient/{id_}" for id_ in clause.ids))
        elif isinstance(clause, Tokens) and clause.params == params["action"].stores:
            tests.append(_code(clause, lambda event: event.action))
        elif isinstance(clause, Tokens) and clause.params == params["outcome"].stores:
            tests.append(_code(clause, lambda event: event.outcome))
    return tests


def _entity(targets: Iterable[str]) -> Test:
    names = set(targets)
    return lambda event: any(one.partition("/_history")[0] in names for one in event.entities)


def _code(clause: Tokens, value: Callable[[Event], str]) -> Test:
    codes = {code for _, code in clause.values}
    return lambda event: None in codes or value(event) in codes
