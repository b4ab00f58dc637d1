"""ECG files: HL7 aECG and DICOM waveforms to one record."""

from adapters.ecg.fingerprint import fingerprint, nanovolts
from adapters.ecg.parse import parse
from adapters.ecg.records import (
    STANDARD_LEADS,
    ECGRecording,
    Filters,
    Lead,
    Machine,
    Measurement,
    Remark,
    Series,
    Statement,
    Subject,
    has_twelve_leads,
)

__all__ = [
    "STANDARD_LEADS",
    "ECGRecording",
    "Filters",
    "Lead",
    "Machine",
    "Measurement",
    "Remark",
    "Series",
    "Statement",
    "Subject",
    "fingerprint",
    "has_twelve_leads",
    "nanovolts",
    "parse",
]
