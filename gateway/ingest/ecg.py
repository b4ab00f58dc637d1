"""An ECG file in the inbox: opened, mapped, its bytes kept as they came."""

import base64
import hashlib
from functools import lru_cache
from typing import Final

import msgspec

from adapters import ecg
from adapters.ecg import ECGRecording
from adapters.hl7v2.envelope import Envelope, Sender
from mappers.base import Draft, Key, Mapped, Source
from mappers.ecg import EVENT, to_fhir
from mappers.names import ECG

CONTENT_TYPES: Final = {"aecg": "application/xml", "dicom": "application/dicom"}


def split(body: bytes) -> list[bytes]:
    """Return the one file of a body."""
    return [body]


@lru_cache(maxsize=1)  # sender, envelope and often the map of one file are asked for in a row
def _parsed(body: bytes) -> ECGRecording:
    return ecg.parse(body)


def sender_of(body: bytes) -> Sender:
    """Return the device that recorded it; EnvelopeError. A file names no facility to trust."""
    return Sender(_parsed(body).device.model, "")


def has_twelve_leads(body: bytes) -> bool:
    """Return whether a file holds a 12-lead ECG that can be used; EnvelopeError."""
    recording = _parsed(body)
    return not recording.faults and ecg.has_twelve_leads(recording)


def open_envelope(body: bytes, _charset: str) -> Envelope:
    """Return the envelope; EnvelopeError."""
    return Envelope(EVENT, _parsed(body).identifier, hashlib.sha256(body).digest())


def convert(body: bytes, _charset: str, source: Source) -> Mapped:
    """Return what a file says, with a Binary that keeps it; EnvelopeError."""
    recording = _parsed(body)
    original = Key("Binary", ECG, hashlib.sha256(body).hexdigest())
    mapped = to_fhir(recording, source, original, len(body))
    if not mapped.drafts:
        return mapped
    report = next(one for one in mapped.drafts if one.key.type == "DiagnosticReport")
    kept = Draft(
        original,
        {
            "resourceType": "Binary",
            "contentType": CONTENT_TYPES[recording.format],
            # Whoever may see the report may see what it was made of.
            "securityContext": {"reference": str(report.key)},
            "data": base64.b64encode(body).decode(),
        },
        report.clock,
        report.rank,
    )
    return msgspec.structs.replace(mapped, drafts=(*mapped.drafts, kept))


def location(_place: str) -> str:
    """Return "": ECG files come by HTTP and DICOM, whose answers name places themselves."""
    return ""
