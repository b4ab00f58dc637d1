"""The audit as AuditEvents: a view on its own table, beside those that members send.

https://hl7.org/fhir/R4/auditevent.html. A campus sees what its own callers did, an administrator
all. Nobody writes here (DESIGN §3, "Audit").
"""

import base64
import re
from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from gateway.access.actor import Actor
from gateway.access.audit import Event, read_event
from gateway.errors import InvalidRequestError, MethodNotAllowedError
from gateway.fhir.codec import Resource, encode
from gateway.fhir.dates import iso, matches
from gateway.fhir.definitions import TYPE_IDS, TYPE_NAMES
from gateway.fhir.text import joined
from gateway.interactions import clauses
from gateway.interactions.clauses import parse_name
from gateway.interactions.door import Door
from gateway.store.query import Dates, Patients, Query, Strings, Tokens
from gateway.store.records import CONSORTIUM
from gateway.store.results import Found
from gateway.store.stored import Stored

ID: Final = re.compile(r"audit-(\d{1,18})")
TYPE: Final = "AuditEvent"
SUBTYPES: Final = {"C": "create", "R": "read", "U": "update", "D": "delete", "E": "search"}
SCANNED: Final = 20_000
"""How many records one page looks through at most."""
PORTION: Final = 500
NEWEST: Final = 2**62
CONTROLS: Final = frozenset({"_count", "_explain", "_linked", "_sort", "_summary", "_total"})

Row = tuple[int, int, int, int, bytes, bytes]
Test = Callable[[Event], bool]


def refuse_write(type_: str, id_: str) -> None:
    """Raise for a write to what only the audit itself writes."""
    if type_ == TYPE and ID.fullmatch(id_):
        raise MethodNotAllowedError("The audit is written by the gateway alone.")


def find(door: Door, actor: Actor, id_: str) -> Stored | None:
    """Return the record with this id, None if there is none that the caller may see."""
    found = ID.fullmatch(id_)
    if not found:
        return None
    rows = door.store.fetch("audit_get", (int(found[1]),))
    if not rows or not _may_see(actor, rows[0]):
        return None
    return _stored(rows[0])


def page(
    door: Door, actor: Actor, tests: list[Test], before: int, count: int
) -> tuple[list[Stored], int]:
    """Return records older than a number that pass the tests, newest first, and where it ended."""
    found: list[Stored] = []
    looked = 0
    own_only = int(_own_only(actor))
    while looked < SCANNED and len(found) < count:
        rows = door.store.fetch("audit_before", (before, actor.campus, own_only, PORTION))
        for row in rows:
            before = row[0]
            looked += 1
            if all(test(read_event(row[4])) for test in tests):
                found.append(_stored(row))
                if len(found) == count:
                    break
        if len(rows) < PORTION:
            return found, before if len(found) == count else 0
    return found, before


async def merged(door: Door, actor: Actor, query: Query, params: list[tuple[str, str]]) -> Found:
    """Return a page of the audit and of the AuditEvents that members sent, newest first.

    A place is (row of the stored ones, number of the audit's).
    """
    row, seq = (query.after or (None, None))[-2:]
    tests = tests_of(door, params)
    stored = await door.store.search(
        replace(query, sort=(), after=(row,) if isinstance(row, int) else None)
    )
    own, _ = page(door, actor, tests, seq if isinstance(seq, int) else NEWEST, query.count + 1)
    both = sorted((*stored.matches, *own), key=lambda one: -one.row)
    shown = both[: query.count]
    for one in shown:
        if one.key < 0:
            seq = -one.key
        else:
            row = one.row
    more = stored.more or len(both) > query.count
    return Found(shown, more, (row, seq), stored.mark, stored.withheld)


def tests_of(door: Door, params: list[tuple[str, str]]) -> list[Test]:
    """Return what the search parameters ask of a record; what has no test finds no record."""
    tests: list[Test] = []
    for text, value in params:
        name = parse_name(text)
        if name.code in CONTROLS:
            continue
        make = _TESTS.get(name.code)
        if make is None or name.modifier or name.chain:
            tests.append(_never)
            continue
        tests.append(make(clauses.clause(door, TYPE, name, value)))
    return tests


def _never(_: Event) -> bool:
    return False


def _date(clause: Any) -> Test:
    if not isinstance(clause, Dates):
        raise InvalidRequestError("date takes a date.", expression="http.date")
    return lambda event: any(
        matches(prefix, (lo, hi), event.at * 10, event.at * 10 + 1)
        for prefix, lo, hi in clause.bounds
    )


def _token(value: Callable[[Event], str]) -> Callable[[Any], Test]:
    def make(clause: Any) -> Test:
        codes = {code for _, code in clause.values} if isinstance(clause, Tokens) else set()
        return lambda event: value(event) in codes

    return make


def _name(clause: Any) -> Test:
    texts = [text for _, text in clause.values] if isinstance(clause, Strings) else []
    return lambda event: any(joined(event.person or event.name).startswith(text) for text in texts)


def _entity(clause: Any) -> Test:
    if isinstance(clause, Patients):
        names = {f"Patient/{id_}" for id_ in clause.ids}
    else:
        names = {f"{TYPE_NAMES[type_]}/{id_}" for type_, id_ in clause.targets if type_}
    return lambda event: any(entity.partition("/_history")[0] in names for entity in event.entities)


_TESTS: Final[dict[str, Callable[[Any], Test]]] = {
    "action": _token(lambda event: event.action),
    "agent-name": _name,
    "date": _date,
    "entity": _entity,
    "outcome": _token(lambda event: event.outcome),
}


def _own_only(actor: Actor) -> bool:
    return not (actor.campus == CONSORTIUM and actor.has("admin"))


def _may_see(actor: Actor, row: Row) -> bool:
    return not _own_only(actor) or row[2] == actor.campus


def _stored(row: Row) -> Stored:
    seq, at, campus, _, body, _ = row
    resource = _resource(f"audit-{seq}", read_event(body))
    data = encode(resource)
    hole = data.index(b'"meta":{') + len(b'"meta":{')
    return Stored(
        type_id=TYPE_IDS[TYPE],
        id=resource["id"],
        version=1,
        row=at,
        campus=campus,
        op=0,
        hole=hole,
        codec=0,
        body=data[:hole] + b"," + data[hole:],
        key=-seq,
        label=0,
    )


def _resource(id_: str, event: Event) -> Resource:
    coding = "http://terminology.hl7.org/CodeSystem/audit-event-type"
    who = {"display": event.person or event.name or f"token {event.token}"}
    agent: Resource = {"who": who, "requestor": True}
    if event.person:
        agent["altId"] = event.name or f"token {event.token}"
    resource: Resource = {
        "resourceType": TYPE,
        "id": id_,
        "meta": {"tag": [{"system": "urn:hutong:cs:audit", "code": "gateway"}]},
        "type": {"system": coding, "code": "rest", "display": "RESTful Operation"},
        "subtype": [
            {"system": "http://hl7.org/fhir/restful-interaction", "code": SUBTYPES[event.action]}
        ],
        "action": event.action,
        "recorded": iso(event.at),
        "outcome": event.outcome,
        "agent": [agent],
        "source": {"observer": {"display": "Hutong"}},
    }
    if event.reason:
        resource["outcomeDesc"] = event.reason
    entities: list[Resource] = [{"what": {"reference": one}} for one in event.entities]
    if event.query:
        entities.append({"query": base64.b64encode(event.query.encode()).decode()})
    if entities:
        resource["entity"] = entities
    return resource
