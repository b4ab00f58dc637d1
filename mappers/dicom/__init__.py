"""DICOM records to FHIR R4; the rules are docs/reference/dicom-mapping.md."""

from mappers.dicom.study import study_key, to_fhir

__all__ = ["study_key", "to_fhir"]
