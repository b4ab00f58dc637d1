"""DICOM: files, headers, character sets, and what travels by C-STORE and by HTTP."""

from adapters.dicom.delivery import Admission, Call, Delivered, ObjectSink, Spool
from adapters.dicom.faults import ObjectError
from adapters.dicom.records import (
    CodedEntry,
    Finding,
    Instance,
    Issuer,
    PersonName,
    parse_instance,
    read_instance,
)

__all__ = [
    "Admission",
    "Call",
    "CodedEntry",
    "Delivered",
    "Finding",
    "Instance",
    "Issuer",
    "ObjectError",
    "ObjectSink",
    "PersonName",
    "Spool",
    "parse_instance",
    "read_instance",
]
