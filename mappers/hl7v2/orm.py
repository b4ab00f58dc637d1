"""ORM^O01 to Patient, Encounter and ServiceRequest."""

from collections import Counter

from adapters.hl7v2 import Message
from mappers.base import Draft, Key, Mapped, OrderLink
from mappers.hl7v2.context import Context
from mappers.hl7v2.groups import Grouper
from mappers.hl7v2.order import order_key, to_order
from mappers.hl7v2.patient import to_patient
from mappers.hl7v2.provenance import to_provenance
from mappers.hl7v2.visit import to_encounter


def map_orm(message: Message, context: Context, event: str) -> Mapped:
    """Return what a message of orders says."""
    drafts: dict[Key, Draft] = {}
    links: list[OrderLink] = []
    persons = Grouper(context, "ORM").persons(message.segments)
    keys = Counter(order_key(group, context) for person in persons for group in person.groups)
    shared = {key for key, count in keys.items() if count > 1}
    for person in persons:
        patient = to_patient(person.segment, context, context.clock)
        drafts.setdefault(patient.key, patient)
        encounter = to_encounter(person.visit, patient.key, context) if person.visit else None
        if encounter:
            drafts.setdefault(encounter.key, encounter)
        visit = encounter.key if encounter else None
        for group in person.groups:
            order, link = to_order(group, patient.key, visit, shared, context)
            drafts.setdefault(order.key, order)
            links += [link] if link else []
    found = tuple(drafts.values())
    return Mapped(
        event,
        drafts=found,
        orders=tuple(links),
        account=context.account(message.segments, found),
        notes=context.notes(),
        provenance=to_provenance(message.msh, [], context),
    )
