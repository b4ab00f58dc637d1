"""ECG records to FHIR R4; the rules are docs/reference/ecg-mapping.md."""

from mappers.ecg.identity import bare_name, same_recording
from mappers.ecg.report import EVENT, to_fhir

__all__ = ["EVENT", "bare_name", "same_recording", "to_fhir"]
