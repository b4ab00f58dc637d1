"""ADT, every event with a PID, to Patient; A40 and A34 merge two numbers."""

import msgspec

from adapters.hl7v2 import EVN, Message, Segment
from mappers.base import Draft, Key, Mapped, Merge
from mappers.hl7v2.context import Context, QuarantineError
from mappers.hl7v2.merge import to_merge
from mappers.hl7v2.patient import registered
from mappers.hl7v2.provenance import to_provenance

MERGES = frozenset({"A34", "A40"})
DELETES = frozenset({"A29"})
HEADERS = frozenset({"MSH", "EVN"})


def map_adt(message: Message, context: Context, event: str) -> Mapped:
    """Return what an event says of its patients; all else of it is a named skip."""
    trigger = event.partition("^")[2]
    clock = _clock(message, context)
    drafts: dict[Key, Draft] = {}
    merges: list[Merge] = []
    survivor: Key | None = None
    for segment in message.segments:
        if segment.name == "PID":
            patient = registered(segment, context, clock, active=trigger not in DELETES)
            # The registration knows the person better than an order or a result does.
            patient = msgspec.structs.replace(patient, rank=patient.rank + 1)
            drafts.setdefault(patient.key, patient)
            survivor = patient.key
        elif segment.name == "MRG" and trigger in MERGES:
            merges += _merge(segment, survivor, context)
        elif segment.name not in HEADERS:
            context.skip(segment, "not-mapped")
    if survivor is None:
        raise QuarantineError("missing-pid", "PID")
    if trigger in MERGES and not message.first("MRG"):
        context.note("missing-merge-number", "MRG")
    found = tuple(drafts.values())
    return Mapped(
        event,
        drafts=found,
        merges=tuple(merges),
        account=context.account(message.segments, found),
        notes=context.notes(),
        provenance=to_provenance(message.msh, [], context),
    )


def _merge(segment: Segment, survivor: Key | None, context: Context) -> list[Merge]:
    if survivor is None:
        raise QuarantineError("missing-pid", "PID")
    merge = to_merge(segment, survivor, context)
    return [merge] if merge else []


def _clock(message: Message, context: Context) -> str:
    """Return when the event was recorded: EVN-2, else MSH-7."""
    segment = message.first("EVN")
    recorded = ""
    if segment:
        place = segment.place(2)
        recorded = context.fact(context.moment(segment.read(EVN).recorded_date_time, place), place)
    return recorded or context.clock
