"""A Patient's links looked at again, outside of the message or request that changed it."""

from collections.abc import Iterable, Sequence
from typing import Final

from gateway.access.actor import administrator
from gateway.fhir.codec import members
from gateway.identity.linking import Changed, changes_for
from gateway.identity.persons import PersonChange
from gateway.interactions.commit import Change, Extras, commit
from gateway.interactions.door import Door
from gateway.interactions.prepare import same_words
from gateway.store.records import CONSORTIUM, StaleError
from gateway.store.standing import standing
from gateway.store.stored import Stored

ATTEMPTS: Final = 1000
IDENTITY: Final = (CONSORTIUM, "consortium")


async def identify(door: Door, ids: Iterable[str]) -> None:
    """Write the Persons that follow from Patients as they stand."""
    names = [("Patient", id_) for id_ in ids]
    for _ in range(ATTEMPTS):
        there = standing(door.store, names).values()
        changed = [
            Changed(
                one.id,
                door.directory.code(one.campus),
                None if one.deleted else one.resource(),
            )
            for one in there
        ]
        linking = changes_for(door.store, door.directory, changed)
        changes = [
            Change("Person", one.id, one.body, one.expect, IDENTITY)
            for one in _lacking(door, linking.persons)
        ]
        seen = (("Patient", one.id, one.version) for one in there)
        try:
            await follow(door, changes, [*linking.versions, *seen])
        except StaleError:
            continue
        return


def _lacking(door: Door, persons: Sequence[PersonChange]) -> list[PersonChange]:
    """Return the Persons that do not stand so already: nearly always none, and soon told."""
    there = standing(door.store, (("Person", one.id) for one in persons))
    return [one for one in persons if not _stands(there.get(("Person", one.id)), one.body)]


def _stands(stored: Stored | None, body: bytes | None) -> bool:
    if stored is None or stored.deleted or body is None:
        return False
    return same_words(members(stored.json()), members(body))


async def follow(door: Door, changes: list[Change], versions: list[tuple[str, str, int]]) -> None:
    """Store what follows from a change; StaleError."""
    if changes:
        extras = Extras(versions=versions, trusted=True, reason="follows from a change")
        await commit(door, administrator(name="worker"), changes, extras)
