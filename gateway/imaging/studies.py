"""Studies as they are read over the door: by StudyInstanceUID, then series and instance.

DESIGN §1: there is no side door. Whoever may read the study's resource may read its objects.
"""

import asyncio
from typing import Final

from gateway.access.actor import Actor
from gateway.errors import ForbiddenError, NotFoundError
from gateway.fhir.definitions import TYPE_IDS
from gateway.imaging.stored_object import StoredObject
from gateway.interactions.door import Door
from gateway.interactions.record import record
from gateway.store.stored import Stored
from mappers.names import STUDY_UID

STUDY = TYPE_IDS["ImagingStudy"]
SCOPE = "dicom"
PATIENCE: Final = 2.0
"""Seconds that a reader waits for the resource of a study whose first objects have just come: it
follows them within a second (`keeper`)."""
PAUSE: Final = 0.02


def require(actor: Actor) -> None:
    """Pass only a caller whose scopes allow DICOMweb."""
    if not actor.has(SCOPE):
        raise ForbiddenError("The token's scopes do not allow DICOMweb.")


def find(door: Door, uid: str) -> Stored | None:
    """Return the resource of a study, None if there is none."""
    rows = door.store.fetch("standing_shared", (STUDY, f"urn:oid:{uid}", STUDY_UID, STUDY, ""))
    stored = Stored(*rows[0]) if rows else None
    return None if stored is None or stored.deleted else stored


async def _arrived(door: Door, uid: str) -> Stored | None:
    """Return the resource of a study; wait for it if there are objects whose study is untold.

    Whoever stored an object and was told so reads it at once, though its study is told a moment
    later.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE
    while (found := find(door, uid)) is None and loop.time() < end:
        if not door.store.fetch("object_first", (uid,)):
            return None
        await asyncio.sleep(PAUSE)
    return found


async def study(door: Door, actor: Actor, uid: str, told: str = "") -> Stored:
    """Return the resource of a study that the caller may see; NotFoundError."""
    require(actor)
    found = await _arrived(door, uid)
    if found is None or found.in_error or not door.store.may_read(found, door.viewer(actor)):
        raise NotFoundError("There is no such study.")
    await record(door, actor, "R", (found,), told)
    return found


async def objects(
    door: Door, actor: Actor, uid: str, series: str = "", instance: str = ""
) -> list[StoredObject]:
    """Return the objects of a study, of a series, or one alone; NotFoundError if there is none."""
    told = "/".join(part for part in (series, instance) if part)
    await study(door, actor, uid, told)
    found = [
        one
        for one in (StoredObject(*row) for row in door.store.fetch("objects_of_study", (uid, 0)))
        if series in {"", one.series} and instance in {"", one.sop}
    ]
    if not found:
        raise NotFoundError("There is no such series or instance.")
    return found
