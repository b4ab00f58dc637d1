"""Which message is mapped how."""

from collections.abc import Callable

from adapters.hl7v2 import Message
from mappers.base import Account, Mapped, Source
from mappers.hl7v2.adt import map_adt
from mappers.hl7v2.context import Context, QuarantineError
from mappers.hl7v2.controls import without_controls
from mappers.hl7v2.orm import map_orm
from mappers.hl7v2.oru import map_oru

EVENTS: dict[str, Callable[[Message, Context, str], Mapped]] = {
    "ORU": map_oru,
    "ORU^R01": map_oru,
    "ORM": map_orm,
    "ORM^O01": map_orm,
    "ADT": map_adt,  # every event of ADT
}


def event_of(message: Message) -> str:
    """Return the event as EVENTS names it, "" if no map is there for it."""
    kind = message.msh.message_type
    code, trigger = kind.message_code, kind.trigger_event
    name = f"{code}^{trigger}" if trigger else code
    return name if name in EVENTS or code == "ADT" else ""


def to_fhir(message: Message, source: Source) -> Mapped:
    """Return what a message says; one that cannot be taken comes back with its quarantine note.

    The message is of a supported type: `event_of` says which, at the envelope.
    """
    event = event_of(message)
    context = Context(message.msh, source)
    message = without_controls(message, context)
    try:
        return EVENTS.get(event, map_adt)(message, context, event)
    except QuarantineError as error:
        received = context.account(message.segments, ()).received
        return Mapped(
            event, account=Account(received), notes=context.notes(), quarantine=error.note
        )
