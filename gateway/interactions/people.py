"""The Persons that follow from changed Patients, in the same transaction (DESIGN §3)."""

from typing import TYPE_CHECKING

from gateway.identity.linking import Changed, Linking, changes_for
from gateway.interactions.door import Door

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.interactions.item import Item


def linking(door: Door, items: "Sequence[Item]") -> Linking:
    """Return the Persons to write with these changes, and the Patients that was decided on."""
    changed = []
    for item in items:
        if item.change.type != "Patient":
            continue
        if item.prepared is not None:
            changed.append(Changed(item.change.id, item.prepared.code, item.prepared.resource))
        elif item.current is not None:
            code = door.directory.code(item.current.campus)
            changed.append(Changed(item.change.id, code, None))
    return changes_for(door.store, door.directory, changed)
