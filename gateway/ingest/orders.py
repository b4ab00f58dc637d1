"""Which order a result answers.

DESIGN §3, "A number never decides who": another campus's order is meant only where the number says
so and the patients are certainly one human; else the order is the sender's own.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from gateway.ingest.facts import INFERRED, tagged
from gateway.ingest.reasons import QuarantineError
from gateway.ingest.reconcile import Unmatched, orders_of, task, task_id
from gateway.ingest.standing import subject_of
from mappers.base import Key, OrderLink
from mappers.names import identifier_system

if TYPE_CHECKING:
    from gateway.ingest.resolve import Resolver


@dataclass(frozen=True, slots=True)
class Answer:
    """The order that something answers, "" for none; not `firm` if only for want of a better."""

    order: str
    firm: bool = True


def answer(resolver: "Resolver", link: OrderLink) -> Answer:
    """Return the order that a report, or an order placed further, answers."""
    if not link.campus:
        return Answer(_own(resolver, link))
    patient = resolver.subject(link.report)
    for order in orders_of(resolver.door, link.campus, link.number, link.item, link.kinds):
        if resolver.is_same(patient, subject_of(order.resource())):
            return Answer(f"ServiceRequest/{order.id}")
    _ask(resolver, link, patient)
    return Answer(_own(resolver, link), firm=False)


def _ask(resolver: "Resolver", link: OrderLink, patient: str) -> None:
    """Make the Task that asks the other campus which order is meant."""
    unmatched = Unmatched(
        performer=resolver.message.campus.code,
        focus=resolver.references.by_key[str(link.report)],
        patient=patient,
        orderer=link.campus,
        number=link.number,
        item=link.item,
        kind=link.kinds[0],
        at=resolver.message.at,
    )
    resolver.make(resolver.standings.at("Task", task_id(unmatched)), task(unmatched))


def _own(resolver: "Resolver", link: OrderLink) -> str:
    """Return the sender's own order: found by its number, else made from the result."""
    for key in _keys(resolver, link):
        standing = resolver.standings.of(key)
        if standing.stored is None:
            continue
        order = resolver.standings.resource(standing)
        same = resolver.is_same(subject_of(order), resolver.subject(link.report))
        if not same and not resolver.forgives(link, order):
            raise QuarantineError("other-patient", "ServiceRequest.subject")
        if link.own is None or key != link.own.key:
            return standing.reference
    if link.own is None:
        return ""
    own = msgspec.structs.replace(link.own, resource=tagged(link.own.resource, INFERRED))
    return resolver.add(own).reference


def _keys(resolver: "Resolver", link: OrderLink) -> list[Key]:
    """Return the keys under which the order may stand: one number may cover several orders."""
    keys: list[Key] = []
    if link.number and not link.campus:
        for kind in link.kinds:
            system = identifier_system(resolver.message.campus.namespace, kind)
            if link.item:
                keys.append(Key("ServiceRequest", system, f"{link.number}/{link.item}"))
            keys.append(Key("ServiceRequest", system, link.number))
    if link.own is not None and link.own.key not in keys:
        keys.append(link.own.key)
    return keys
