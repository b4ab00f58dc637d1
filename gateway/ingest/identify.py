"""A Patient's links looked at again, outside of the message or request that changed it."""

from typing import Final

from gateway.access.actor import administrator
from gateway.fhir.codec import members
from gateway.identity.linking import Changed, changes_for
from gateway.identity.persons import PersonChange
from gateway.interactions.commit import Change, Extras, commit
from gateway.interactions.door import Door
from gateway.interactions.prepare import same_words
from gateway.store.records import CONSORTIUM, StaleError

ATTEMPTS: Final = 1000
IDENTITY: Final = (CONSORTIUM, "consortium")


async def identify(door: Door, id_: str) -> None:
    """Write the Persons that follow from a Patient as it stands."""
    for _ in range(ATTEMPTS):
        stored = door.store.current("Patient", id_)
        if stored is None:
            return
        resource = None if stored.deleted else stored.resource()
        changed = Changed(id_, door.directory.code(stored.campus), resource)
        linking = changes_for(door.store, door.directory, [changed])
        changes = [
            Change("Person", one.id, one.body, one.expect, IDENTITY)
            for one in linking.persons
            if not _stands(door, one)
        ]
        versions = [*linking.versions, ("Patient", id_, stored.version)]
        try:
            await follow(door, changes, versions)
        except StaleError:
            continue
        return


def _stands(door: Door, person: PersonChange) -> bool:
    """Return whether a Person stands so already: nearly always, and soon told."""
    stored = door.store.current("Person", person.id)
    if stored is None or stored.deleted or person.body is None:
        return False
    return same_words(members(stored.json()), members(person.body))


async def follow(door: Door, changes: list[Change], versions: list[tuple[str, str, int]]) -> None:
    """Store what follows from a change; StaleError."""
    if changes:
        extras = Extras(versions=versions, trusted=True, reason="follows from a change")
        await commit(door, administrator(name="worker"), changes, extras)
