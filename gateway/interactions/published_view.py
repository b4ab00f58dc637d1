"""R4's own definitions as resources of the consortium: a view beside what is stored.

They are read and searched by whoever may read their type, and written by nobody. They lie in the
program (gateway/fhir/published.py), so that no start loads them and no count of what members
stored has them. https://hl7.org/fhir/R4/definitions.html
"""

import asyncio
from collections.abc import Iterable, Sequence
from functools import lru_cache
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from gateway.fhir import published
from gateway.fhir.codec import decode
from gateway.fhir.definitions import TYPE_IDS, TYPE_NAMES
from gateway.fhir.extract import Extracted, extract, extract_more, joined
from gateway.fhir.published import Entry
from gateway.fhir.searchparams import search_params
from gateway.interactions.door import Door
from gateway.interactions.in_memory import Candidate, answers, ordered
from gateway.interactions.parameters import Parameters
from gateway.interactions.prepare import CAMPUS_EXTENSION
from gateway.store.body import PLAIN
from gateway.store.query import Clause, Ids, Place, Query, Uris
from gateway.store.records import CONSORTIUM
from gateway.store.results import Found
from gateway.store.stored import Stored

OWNER = "consortium"
TYPE_NUMBERS = frozenset(TYPE_IDS[name] for name in published.TYPES)


def find(type_: str, id_: str) -> Stored | None:
    """Return R4's own definition with this id, if there is one."""
    entry = published.entries(type_).get(id_) if type_ in published.TYPES else None
    return stored(entry) if entry else None


def stored(entry: Entry) -> Stored:
    """Return a definition as the store would give it."""
    line = published.body(entry)
    hole = line.index(b'"meta":{') + len(b'"meta":{')
    owner = f',"extension":[{{"url":"{CAMPUS_EXTENSION}","valueCode":"{OWNER}"}}]'.encode()
    comma = b"" if line[hole : hole + 1] == b"}" else b","
    return Stored(
        type_id=TYPE_IDS[entry.type],
        id=entry.id,
        version=1,
        row=published.MOMENT + entry.number,
        campus=CONSORTIUM,
        op=0,
        hole=hole,
        codec=PLAIN,
        body=b"".join((line[:hole], owner, comma, line[hole:])),
        key=-1 - entry.number,
        label=0,
    )


async def merged(door: Door, query: Query) -> Found:
    """Return a page of what is stored and of R4's own, in the order asked for.

    A place is that of the stored ones, then how many of R4's own were shown before.
    """
    *before, seen = query.after or (0,)
    after: Place | None = tuple(before) or None
    shown = int(seen or 0)
    rest = (await matching(door, query))[shown:]
    page = await door.store.search(replace(query, after=after))
    if not rest:
        place = (*(page.last or before), shown)
        return Found(page.matches, page.more, place, page.mark, page.withheld)
    own = {id(one) for one in rest}
    members = [candidate(door, one) for one in page.matches]
    both = ordered([*members, *rest[: query.count + 1]], query.sort)
    chosen = both[: query.count]
    taken = sum(id(one) not in own for one in chosen)
    more = page.more or len(both) > query.count
    last = page.last
    if 0 < taken < len(page.matches):
        last = (await door.store.search(replace(query, after=after, count=taken))).last
    place = (*((last if taken else after) or ()), shown + len(chosen) - taken)
    return Found([one.stored() for one in chosen], more, place, page.mark, page.withheld)


async def matching(door: Door, query: Query) -> list[Candidate]:
    """Return R4's own definitions that match, in the order asked for."""
    if query.type not in TYPE_NUMBERS:
        return []
    type_ = TYPE_NAMES[query.type]
    named = _named(type_, query.clauses)
    if named is not None:
        return _chosen(door, named, query)
    return await asyncio.to_thread(_chosen, door, published.entries(type_).values(), query)


def _chosen(door: Door, entries: Iterable[Entry], query: Query) -> list[Candidate]:
    version = door.params.version
    candidates = (_own(door, entry, version) for entry in entries)
    return ordered((one for one in candidates if answers(one, query.clauses)), query.sort)


def _named(type_: str, clauses: Sequence[Clause]) -> list[Entry] | None:
    """Return what the search names by id or address, None where it names nothing so."""
    url = search_params(type_)["url"].stores
    for clause in clauses:
        if isinstance(clause, Ids):
            found = published.entries(type_)
            return [found[one] for one in clause.ids if one in found]
        if isinstance(clause, Uris) and clause.params == url and _is_exact(clause):
            wanted = {address for _, address in clause.values}
            return [one for one in published.entries(type_).values() if one.url in wanted]
    return None


def _is_exact(clause: Uris) -> bool:
    return all(how == "exact" for how, _ in clause.values)


def _own(door: Door, entry: Entry, version: object) -> Candidate:
    zone, base, takes = door.zone, door.base, door.params.takes(entry.type)
    rows = _rows(entry, zone, base)
    if takes:
        rows = joined(rows, _more(entry, door.params, (zone, base, version)))
    return Candidate(
        entry.id,
        published.MOMENT + entry.number,
        CONSORTIUM,
        rows,
        lambda: extract(published.resource(entry), zone, base).texts,
        lambda: stored(entry),
    )


def candidate(door: Door, one: Stored) -> Candidate:
    """Return a version with what search finds of it."""
    takes = door.params.takes(one.type)
    rows = extract(decode(one.json()), door.zone, door.base, takes)
    return Candidate(one.id, one.row, one.campus, rows, lambda: rows.texts, lambda: one)


@lru_cache(8192)
def _more(entry: Entry, params: Parameters, under: tuple[ZoneInfo, str, object]) -> Extracted:
    """Return what custom parameters find of a definition, as they were defined."""
    zone, base, _ = under
    return extract_more(published.resource(entry), zone, base, params.takes(entry.type))


@lru_cache(8192)
def _rows(entry: Entry, zone: ZoneInfo, base: str) -> Extracted:
    """Return what search finds of a definition; its words would be megabytes to keep."""
    found = extract(published.resource(entry), zone, base)
    found.texts.clear()
    return found
