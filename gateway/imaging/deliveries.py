"""Who else delivered a study: a Provenance beside the resource, whose owner made it.

DESIGN §3, "Business keys decide": the performing campus owns, other deliverers are Provenance.
"""

from contextlib import suppress

from adapters.dicom import Instance
from gateway.access.actor import Actor
from gateway.access.campus import Campus
from gateway.errors import UnavailableError
from gateway.fhir.codec import encode
from gateway.imaging.stored_object import StoredObject
from gateway.imaging.studies import find
from gateway.ingest.message import SCOPES
from gateway.interactions.commit import Change, Extras, commit
from gateway.interactions.door import Door
from gateway.interactions.keys import resource_id
from gateway.store.body import instant
from gateway.store.records import StaleError
from mappers.base import Resource
from mappers.names import CAMPUS, DATA_OPERATION, PROVENANCE_AGENT, STUDY_UID


async def note_delivery(door: Door, campus: Campus, instance: Instance) -> None:
    """Remember once that a campus delivered a study that is another campus's."""
    rows = door.store.fetch("object_first", (instance.study_instance_uid,))
    if not campus.verified or not rows or StoredObject(*rows[0]).campus == campus.id:
        return
    value = f"urn:oid:{instance.study_instance_uid}"
    id_ = resource_id(campus.code, "Provenance", STUDY_UID, value)
    if door.store.current("Provenance", id_) is not None:
        return
    known = find(door, instance.study_instance_uid)
    study = known.id if known else resource_id("", "ImagingStudy", STUDY_UID, value)
    body = encode(_provenance(campus, f"ImagingStudy/{study}", instant(door.clock())))
    actor = Actor(0, campus.id, campus.code, SCOPES)
    # It is told with the next object, if not now.
    with suppress(StaleError, UnavailableError):
        change = Change("Provenance", id_, body, 0)
        await commit(door, actor, [change], Extras(trusted=True, reason="delivery"))


def _provenance(campus: Campus, study: str, at: str) -> Resource:
    role = {"coding": [{"system": PROVENANCE_AGENT, "code": "transmitter"}]}
    who = {"type": "Organization", "identifier": {"system": CAMPUS, "value": campus.code}}
    return {
        "resourceType": "Provenance",
        "target": [{"reference": study}],
        "recorded": at,
        "activity": {"coding": [{"system": DATA_OPERATION, "code": "APPEND"}]},
        "agent": [{"type": role, "who": who}],
    }
