"""The audit as AuditEvents: a view on its own table, beside those that members send.

https://hl7.org/fhir/R4/auditevent.html. A campus sees what its own callers did, an administrator
all. Nobody writes here (DESIGN §3, "Audit").
"""

import base64
import re
from typing import Final

from gateway.access.actor import Actor
from gateway.access.audit import Event, read_event
from gateway.errors import MethodNotAllowedError
from gateway.fhir.codec import Resource, encode
from gateway.fhir.dates import iso
from gateway.fhir.definitions import TYPE_IDS
from gateway.interactions.door import Door
from gateway.store.records import CONSORTIUM
from gateway.store.stored import Stored

ID: Final = re.compile(r"audit-(\d{1,18})")
TYPE: Final = "AuditEvent"
SUBTYPES: Final = {"C": "create", "R": "read", "U": "update", "D": "delete", "E": "search"}
Row = tuple[int, int, int, int, bytes, bytes]


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
    return stored(rows[0])


def own_only(actor: Actor) -> bool:
    """Return whether a caller sees only what its own campus did."""
    return not (actor.campus == CONSORTIUM and actor.has("admin"))


def _may_see(actor: Actor, row: Row) -> bool:
    return not own_only(actor) or row[2] == actor.campus


def stored(row: Row) -> Stored:
    """Return a record as the store would give it."""
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
    agent: Resource = {"who": who, "name": who["display"], "requestor": True}
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
