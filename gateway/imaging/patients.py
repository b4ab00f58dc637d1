"""Whether an object is about the patient of its study.

docs/reference/dicom-mapping.md; DESIGN §3, "A number never decides who".
"""

from adapters.dicom import Instance
from gateway.access.campus import Campus
from gateway.fhir.definitions import TYPE_IDS
from gateway.imaging.stored_object import StoredObject
from gateway.ingest.formats import source_of
from gateway.ingest.reconcile import is_same
from gateway.ingest.standing import Standings
from gateway.interactions.door import Door
from mappers.dicom import agree_on_patient, patient_of

PATIENT = TYPE_IDS["Patient"]


def is_same_patient(door: Door, campus: Campus, instance: Instance) -> bool:
    """Return whether the study's first object, if there is one, is about the same human."""
    rows = door.store.fetch("object_first", (instance.study_instance_uid,))
    if not rows:
        return True
    first = StoredObject(*rows[0])
    if agree_on_patient(first.instance, instance):
        return True
    owner = door.directory.campus_by_id(first.campus)
    if owner is None:
        return False
    return is_same(
        door, _reference(door, owner, first.instance), _reference(door, campus, instance)
    )


def _reference(door: Door, campus: Campus, instance: Instance) -> str:
    source = source_of(campus, door.directory.channel(campus.id, ""), door.directory.authorities)
    return Standings(door.store, campus).of(patient_of(instance, source)).reference
