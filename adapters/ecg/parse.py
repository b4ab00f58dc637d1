"""An ECG file of any format that is known here."""

from adapters.ecg import aecg
from adapters.ecg.records import ECGRecording
from adapters.errors import UnsupportedError

PREAMBLE = 128
MARKUP = (b"<", b"\xff\xfe<\x00", b"\xfe\xff\x00<", b"\xef\xbb\xbf<")


def parse(body: bytes) -> ECGRecording:
    """Return what the file says; EnvelopeError. Its content decides the format, never its name."""
    if body.lstrip(b"\r\n\t ").startswith(MARKUP):
        return aecg.parse(body)
    if is_dicom(body):
        # pydicom takes its time to be imported, and threads with it: only who reads DICOM pays.
        from adapters.ecg import dicom  # noqa: PLC0415

        return dicom.parse(body)
    raise UnsupportedError("不是 HL7 aECG 或 DICOM 文件")


def is_dicom(body: bytes) -> bool:
    """Return whether the bytes look like a DICOM file, with or without preamble."""
    if body[PREAMBLE : PREAMBLE + 4] == b"DICM":
        return True
    # A data set alone begins with group 0002 or 0008.
    return body[:2] in {b"\x02\x00", b"\x08\x00"} and body[3:4] == b"\x00"
