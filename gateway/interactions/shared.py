"""Business keys that name one thing for all campuses: nobody writes another campus's again."""

from gateway.access.actor import Actor
from gateway.errors import ConflictError
from gateway.fhir.definitions import TYPE_IDS
from gateway.interactions.door import Door
from gateway.interactions.prepare import Prepared
from gateway.store.stored import Stored


def check_shared(door: Door, actor: Actor, prepared: Prepared) -> None:
    """Pass only what no other campus's resource is already; one that is hidden is not named."""
    type_ = TYPE_IDS[prepared.type]
    for system, value in prepared.claims:
        for row in door.store.fetch("standing_shared", (type_, value, system, type_, "")):
            found = Stored(*row)
            if found.deleted or found.campus == prepared.campus:
                continue
            seen = door.store.may_read(found, door.viewer(actor))
            name = f"{prepared.type}/{found.id} of another campus" if seen else "Another resource"
            raise ConflictError(
                f"{name} has this identifier already.", expression=f"{prepared.type}.identifier"
            )
