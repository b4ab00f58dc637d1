"""DICOM records to FHIR R4; the rules are docs/reference/dicom-mapping.md."""

from adapters.dicom import Instance
from mappers.base import Key, Source
from mappers.dicom.context import Context
from mappers.dicom.patient import agree_on_patient, patient_key
from mappers.dicom.study import study_key, to_fhir

__all__ = ["agree_on_patient", "patient_of", "study_key", "to_fhir"]


def patient_of(instance: Instance, source: Source) -> Key:
    """Return the key of the patient that an object names."""
    return patient_key(instance, Context(source))
