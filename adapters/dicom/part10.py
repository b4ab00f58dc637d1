"""The DICOM file: preamble, group 0002, data set (PS3.10 §7).

Also what is met in the field: data sets without either, group 0002 without transfer syntax.
"""

import struct
from dataclasses import dataclass, replace
from typing import Final

from adapters.dicom.faults import NotDicomError
from adapters.dicom.syntax import EXPLICIT_LITTLE, IMPLICIT_LITTLE, LONG
from adapters.dicom.window import Window

PREAMBLE: Final = 128
MAGIC: Final = b"DICM"
META_LIMIT: Final = 64 * 1024
META_GROUP: Final = 0x0002
FIRST_GROUP: Final = 0x0008
IMPLEMENTATION_CLASS_UID: Final = "2.25.205743182973451820957330714261180437229"
IMPLEMENTATION_VERSION_NAME: Final = "HUTONG"

_HEADER = struct.Struct("<HH2sH")


@dataclass(frozen=True, slots=True)
class Meta:
    """Group 0002, and where the data set begins."""

    transfer_syntax_uid: str
    media_storage_sop_class_uid: str = ""
    media_storage_sop_instance_uid: str = ""
    offset: int = 0
    guessed: bool = False
    """Whether the transfer syntax was found out from the first element."""
    added: bool = False
    """Whether there is no group 0002."""


def read_meta(window: Window) -> Meta:
    """Return group 0002 of a file; NotDicomError, TruncatedError."""
    start = 0
    if window.size >= PREAMBLE + 4 and window.at(PREAMBLE, 4) == MAGIC:
        start = PREAMBLE + 4
    group = int.from_bytes(window.at(start, 2), "little") if window.size > start + 8 else 0
    if not start and group not in {META_GROUP, FIRST_GROUP}:
        raise NotDicomError("The object is no DICOM: no preamble and no first element.")
    offset, found = _walk(window, start)
    meta = Meta(
        transfer_syntax_uid=found.get(0x0010, ""),
        media_storage_sop_class_uid=found.get(0x0002, ""),
        media_storage_sop_instance_uid=found.get(0x0003, ""),
        offset=offset,
        added=not found,
    )
    if meta.transfer_syntax_uid:
        return meta
    return replace(meta, transfer_syntax_uid=_guess(window, offset), guessed=bool(found))


def _walk(window: Window, start: int) -> tuple[int, dict[int, str]]:
    """Return where group 0002 ends, and its UIDs."""
    found: dict[int, str] = {}
    offset = start
    while offset + 8 <= window.size and offset < start + META_LIMIT:
        group, element, kind, length = _HEADER.unpack(window.at(offset, 8))
        if group != META_GROUP:
            break
        offset += 8
        if kind in LONG:
            length = int.from_bytes(window.at(offset, 4), "little")
            offset += 4
        if kind == b"UI":
            found[element] = window.at(offset, length).rstrip(b"\0 ").decode("latin-1")
        else:
            found.setdefault(element, "")
        offset += length
    return offset, found


def _guess(window: Window, offset: int) -> str:
    """Return the transfer syntax that the first element is written in."""
    if window.size < offset + 8:
        return EXPLICIT_LITTLE
    return EXPLICIT_LITTLE if window.at(offset + 4, 2).isalpha() else IMPLICIT_LITTLE


def preamble(sop_class_uid: str, sop_instance_uid: str, transfer_syntax_uid: str) -> bytes:
    """Return what stands before a data set in a file: the same for the same object."""
    rest = b"".join(
        (
            b"\x02\x00\x01\x00OB\x00\x00\x02\x00\x00\x00\x00\x01",
            _uid(0x0002, sop_class_uid),
            _uid(0x0003, sop_instance_uid),
            _uid(0x0010, transfer_syntax_uid),
            _uid(0x0012, IMPLEMENTATION_CLASS_UID),
            _text(0x0013, b"SH", IMPLEMENTATION_VERSION_NAME.encode()),
        )
    )
    length = b"\x02\x00\x00\x00UL\x04\x00" + len(rest).to_bytes(4, "little")
    return bytes(PREAMBLE) + MAGIC + length + rest


def _uid(element: int, uid: str) -> bytes:
    value = uid.encode("latin-1", "replace")
    return _text(element, b"UI", value + b"\0" * (len(value) % 2))


def _text(element: int, kind: bytes, value: bytes) -> bytes:
    return _HEADER.pack(META_GROUP, element, kind, len(value)) + value
