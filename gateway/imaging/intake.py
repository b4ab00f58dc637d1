"""One DICOM object by POST /ingest/dicom: taken in as by STOW-RS, answered with what it became.

DESIGN §4, "ingest by HTTP".
"""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Final

from adapters.dicom import Instance
from gateway.access.actor import Actor
from gateway.errors import UnavailableError, UnprocessableError
from gateway.imaging.receive import OUT_OF_RESOURCES
from gateway.imaging.stored_object import CURRENT, StoredObject
from gateway.imaging.stow import Request, sender_of
from gateway.imaging.studies import find
from gateway.ingest.http import Answered, Intake, require, shown
from gateway.interactions.door import Door
from gateway.interactions.keys import resource_id
from gateway.store.stored import Stored
from mappers.names import STUDY_UID

POLL: Final = 0.05


async def receive(
    intake: Intake, request: Request, actor: Actor, body: AsyncIterator[bytes], wait: float
) -> Answered:
    """Return what became of an object, once its study is told of or the time is up.

    UnprocessableError if it is held, UnavailableError if it could not be kept.
    """
    require(actor)
    door, end = request.door, time.monotonic() + wait
    taken = await request.one(sender_of(door, actor), body)
    if taken.held:
        return await intake.finished(door, actor, taken.held, 0.0)
    if taken.status == OUT_OF_RESOURCES or taken.instance is None:
        raise UnavailableError("The object could not be kept.")
    while not _is_told(door, taken.instance):
        if time.monotonic() >= end:
            return Answered(202, later=_place(door, taken.instance))
        await asyncio.sleep(POLL)
    made = await shown(door, actor, _names(door, taken.instance))
    if taken.ecg:
        made += await _ecg(intake, door, actor, (taken.ecg, end))
    unique = {one.key: one for one in made}
    return Answered(201 if taken.fresh else 200, tuple(unique.values()))


def _is_told(door: Door, instance: Instance) -> bool:
    """Return whether the study's resource counts the object already."""
    rows = door.store.fetch("objects_of_sop", (instance.sop_instance_uid,))
    current = [one.id for one in (StoredObject(*row) for row in rows) if one.state == CURRENT]
    studies = door.store.fetch("study", (instance.study_instance_uid,))
    return bool(studies) and all(id_ <= studies[0][1] for id_ in current)


def _place(door: Door, instance: Instance) -> str:
    """Return the address that the study has or will have."""
    known = find(door, instance.study_instance_uid)
    value = f"urn:oid:{instance.study_instance_uid}"
    id_ = known.id if known else resource_id("", "ImagingStudy", STUDY_UID, value)
    return f"ImagingStudy/{id_}"


def _names(door: Door, instance: Instance) -> list[str]:
    """Return the study with its patient and endpoint."""
    found = find(door, instance.study_instance_uid)
    if found is None:
        return []
    study = found.resource()
    others = [study.get("subject", {}), *study.get("endpoint", ())]
    names = [str(one.get("reference", "")) for one in others]
    return [f"ImagingStudy/{found.id}", *(name for name in names if name.count("/") == 1)]


async def _ecg(
    intake: Intake, door: Door, actor: Actor, message: tuple[int, float]
) -> tuple[Stored, ...]:
    """Return what an object became as an ECG; one that is held has raised its own alert."""
    id_, end = message
    try:
        answered = await intake.finished(door, actor, id_, max(end - time.monotonic(), 0.0))
    except UnprocessableError:
        return ()
    return answered.made
