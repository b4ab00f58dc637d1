"""ORC and OBR to ServiceRequest, and the link from a report to the order it answers.

Follows the maps "ORC[ServiceRequest]" and "OBR[ServiceRequest]" of the HL7 v2-to-FHIR guide;
where we leave them, a comment says why.
"""

from typing import NamedTuple

from adapters.hl7v2 import EI, OBR, ORC, TQ1
from mappers.base import Draft, Key, OrderLink, Resource
from mappers.hl7v2.context import Context, QuarantineError, place
from mappers.hl7v2.datatypes import (
    concepts,
    ei_authority,
    identifier,
    item,
    item_code,
    practitioners,
    real,
)
from mappers.hl7v2.groups import Group
from mappers.hl7v2.notes import to_annotations

ORDER_STATUS = {
    "A": "active", "CA": "revoked", "CM": "completed", "DC": "revoked", "ER": "entered-in-error",
    "HD": "on-hold", "IP": "active", "RP": "revoked", "SC": "active",
}  # fmt: skip
"""Table 0038."""

ORDER_CONTROL = {
    "OC": "revoked", "CR": "revoked", "DC": "revoked", "DR": "revoked", "OD": "revoked",
    "OR": "revoked", "HD": "on-hold", "HR": "on-hold",
}  # fmt: skip
"""Table 0119; what is not here leaves the order active. CA asks for a cancellation only."""

PRIORITY = {"S": "stat", "A": "asap", "R": "routine", "T": "urgent", "P": "routine"}
"""Table 0485; T, timing critical, is urgent in FHIR's short list."""

RANKS = {"on-hold": 2, "completed": 3, "revoked": 4, "entered-in-error": 5}

UNMAPPED_ORC = (6, 8, 13, 14, 17, 18, 19, 20, 22, 23, 24, 26, 27, 28, 30, 31, 32, 33, 34)


class Numbers(NamedTuple):
    """The numbers of one order."""

    placer: str
    campus: str
    """CODE whose number the placer number is, "" for the sender's own."""
    filler: str
    namespace: str = ""
    """Who gave the placer number, as sent."""


def numbers(obr: OBR, orc: ORC, context: Context) -> Numbers:
    """Return the numbers of an order: ORC-2, else OBR-2; OBR-3, else ORC-3."""
    placer = _first(orc.placer_order_number, obr.placer_order_number)
    filler = _first(obr.filler_order_number, orc.filler_order_number)
    campus = ei_authority(placer, context)
    if not (placer.namespace_id or placer.universal_id):
        campus = context.source.orders_from
    return Numbers(
        real(placer.entity_identifier),
        "" if campus == context.campus else campus,
        real(filler.entity_identifier),
        real(placer.namespace_id, placer.universal_id),
    )


def _first(first: EI, second: EI) -> EI:
    return first if real(first.entity_identifier) else second


def own_key(found: Numbers, context: Context) -> Key | None:
    """Return the key of the sender's own order; another campus's number is no key of it."""
    if found.placer and not found.campus:
        return Key("ServiceRequest", context.system("placer"), found.placer)
    if found.filler:
        return Key("ServiceRequest", context.system("filler"), found.filler)
    return None


def read_group(group: Group) -> tuple[OBR, ORC]:
    """Return the OBR of a group and its ORC, an empty one if there is none."""
    return group.segment.read(OBR), group.orc.read(ORC) if group.orc else ORC()


def order_key(group: Group, context: Context) -> Key:
    """Return the key that the numbers of an ORM give its order."""
    key = own_key(numbers(*read_group(group), context), context)
    if key is None:
        raise QuarantineError("missing-order-number", place(group.segment))
    return key


def to_order(
    group: Group, patient: Key, encounter: Key | None, shared: set[Key], context: Context
) -> tuple[Draft, OrderLink | None]:
    """Return the ServiceRequest of one group of an ORM, and its link to another campus's order.

    `shared` holds the keys that cover several OBR of the message.
    """
    obr, orc = read_group(group)
    found = numbers(obr, orc, context)
    first = key = order_key(group, context)
    if key in shared and context.nth(f"order|{key.value}") > 1:
        code = item_code(obr.universal_service_identifier)
        key = Key(key.type, key.system, f"{key.value}/{code}")
    status = _status(orc, context, group)
    request = service_request(key, found, status, context)
    describe(request, obr, orc, group, context)
    _refer(request, patient, encounter)
    if first in shared or real(orc.placer_group_number.entity_identifier):
        request["requisition"] = _requisition(orc, first)
    if annotations := to_annotations(group.notes, context):
        request["note"] = [*request.get("note", ()), *annotations]
    if group.orc:
        context.unmapped(group.orc, UNMAPPED_ORC)
    when = context.moment(orc.date_time_of_order_event, "ORC-9")
    clock = context.fact(when, "ORC-9") or context.clock
    draft = Draft(key, request, clock, RANKS.get(status, 1))
    link = OrderLink(key, found.campus, found.placer) if found.placer and found.campus else None
    return draft, link


def _requisition(orc: ORC, first: Key) -> Resource:
    group = real(orc.placer_group_number.entity_identifier)
    return identifier("", group, "PGN") if group else {"value": first.value}


def _status(orc: ORC, context: Context, group: Group) -> str:
    if status := ORDER_STATUS.get(real(orc.order_status)):
        return status
    if real(orc.order_status):
        context.note("unmapped-code", f"{place(group.orc or group.segment)}-5")
    control = real(orc.order_control)
    if control == "CA":
        # A request to cancel: the order stands until the laboratory agrees (OC, CR).
        if context.source.options.get("ca") == "cancelled":
            return "revoked"
        context.note("cancel-requested", f"{place(group.orc or group.segment)}-1")
    return ORDER_CONTROL.get(control, "active")


def to_link(
    group: Group, report: Draft, patient: Key, encounter: Key | None, context: Context
) -> OrderLink | None:
    """Return which order a report answers, and the sender's own order to make if none is found."""
    obr, orc = read_group(group)
    found = numbers(obr, orc, context)
    item_name = item_code(obr.universal_service_identifier)
    key = own_key(found, context)
    if key is None:
        # A report known by its specimen alone: there is no number that an own order could have.
        named = bool(found.placer)
        return OrderLink(report.key, found.campus, found.placer, None, item_name) if named else None
    status = "completed" if report.resource["status"] in {"final", "corrected"} else "active"
    request = service_request(key, found, status, context)
    describe(request, obr, orc, group, context)
    _refer(request, patient, encounter)
    if details := _details(group):
        request["orderDetail"] = details
    when = context.moment(orc.date_time_of_order_event, "ORC-9")
    clock = context.fact(when, "ORC-9") or context.clock
    own = Draft(key, request, clock, RANKS.get(status, 1), mode="fill")
    return OrderLink(report.key, found.campus, found.placer, own, item_name)


def service_request(key: Key, found: Numbers, status: str, context: Context) -> Resource:
    """Return the beginning of a ServiceRequest; only its key has a system of the campus's own.

    The other number stands without a system: a second key could collide with another order's.
    """
    request = context.resource("ServiceRequest")
    by_placer = key.system.endswith(":placer")
    request["identifier"] = [identifier(key.system, key.value, "PLAC" if by_placer else "FILL")]
    if by_placer and found.filler:
        request["identifier"].append(identifier("", found.filler, "FILL"))
    request["status"] = status
    request["intent"] = "order"
    return request


def describe(request: Resource, obr: OBR, orc: ORC, group: Group, context: Context) -> None:
    """Add what was asked, by whom, when and why."""
    if obr.specimen_action_code == "G":
        request["intent"] = "reflex-order"
    if code := item(obr.universal_service_identifier, context.campus):
        request["code"] = code
    _plan(request, obr, orc, group, context)
    providers = (*orc.ordering_provider, *obr.ordering_provider)
    if requesters := practitioners(providers, context.campus):
        request["requester"] = requesters[0]
    reasons = obr.reason_for_study or (orc.order_control_code_reason,)
    if codes := concepts(reasons, context.campus):
        request["reasonCode"] = codes
    if info := real(obr.relevant_clinical_information):
        request["note"] = [{"text": info}]


def _plan(request: Resource, obr: OBR, orc: ORC, group: Group, context: Context) -> None:
    """Set priority, when it is to be done, and when it was ordered."""
    timing = group.timing.read(TQ1) if group.timing else TQ1()
    priority = real(*(cwe.identifier for cwe in timing.priority), obr.priority)
    if priority in PRIORITY:
        request["priority"] = PRIORITY[priority]
    planned = context.moment(timing.start_date_time, "TQ1-7")
    if planned := planned or context.moment(obr.scheduled_date_time, "OBR-36"):
        request["occurrenceDateTime"] = planned.text
    ordered = context.moment(orc.date_time_of_order_event, "ORC-9")
    requested = context.moment(obr.requested_date_time, "OBR-6")
    if authored := (ordered if orc.order_control == "NW" else None) or requested:
        request["authoredOn"] = authored.text


def _refer(request: Resource, patient: Key, encounter: Key | None) -> None:
    request["subject"] = {"reference": str(patient)}
    if encounter:
        request["encounter"] = {"reference": str(encounter)}


def _details(group: Group) -> list[Resource]:
    """Return the order details that a result repeats (OBX-11 O)."""
    details = []
    for result in group.results:
        segment = result.segment
        if segment.value(11).strip() == "O":
            name, value = segment.value(3, 1, 2) or segment.value(3, 1, 1), segment.value(5)
            details.append({"text": f"{name}: {value}"})
    return details
