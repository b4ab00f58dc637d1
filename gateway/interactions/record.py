"""Which audit a read leaves: a plain one soon, one through the break-glass scope before the answer.

DESIGN §3, "Audit".
"""

from collections.abc import Sequence

from gateway.access.actor import Actor
from gateway.access.audit import Action, event
from gateway.fhir.definitions import TYPE_NAMES
from gateway.interactions.door import Door
from gateway.store.records import RESTRICTED
from gateway.store.stored import Stored


async def record(
    door: Door, actor: Actor, action: Action, shown: Sequence[Stored], told: str = ""
) -> None:
    """Record that the actor was shown these; `told` is the query, or the rest of the address."""
    names = [f"{TYPE_NAMES[one.type_id]}/{one.id}/_history/{one.version}" for one in shown]
    audited = event(actor, action, names, query=told)
    if actor.has("break-glass") and any(
        one.label == RESTRICTED and one.campus != actor.campus for one in shown
    ):
        await door.recorder.keep(audited)
    else:
        await door.recorder.add(audited)
