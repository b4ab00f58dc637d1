"""Small DICOM objects written by hand, so that a test sees every byte it speaks of."""

import struct

from adapters.dicom.part10 import preamble
from adapters.dicom.syntax import EXPLICIT_LITTLE, LONG

SOP_CLASS = "1.2.840.10008.5.1.4.1.1.2"
SOP, STUDY, SERIES = "1.2.3.4", "1.2.3", "1.2.3.9"
UNDEFINED = 0xFFFFFFFF

UIDS = (
    (0x00080016, b"UI", SOP_CLASS.encode()),
    (0x00080018, b"UI", SOP.encode()),
    (0x0020000D, b"UI", STUDY.encode()),
    (0x0020000E, b"UI", SERIES.encode()),
)


def element(tag, kind, value, *, length=None):
    """One element of explicit little endian."""
    value += b"\0" * (len(value) % 2) if kind == b"UI" else b" " * (len(value) % 2)
    size = len(value) if length is None else length
    head = struct.pack("<HH", tag >> 16, tag & 0xFFFF) + kind
    if kind in LONG:
        return head + b"\0\0" + struct.pack("<L", size) + value
    return head + struct.pack("<H", size) + value


def item(content, *, undefined=False):
    if undefined:
        return b"\xfe\xff\x00\xe0\xff\xff\xff\xff" + content + b"\xfe\xff\x0d\xe0\0\0\0\0"
    return b"\xfe\xff\x00\xe0" + struct.pack("<L", len(content)) + content


def sequence(tag, *items, undefined=False):
    content = b"".join(items)
    if undefined:
        return element(tag, b"SQ", content + b"\xfe\xff\xdd\xe0\0\0\0\0", length=UNDEFINED)
    return element(tag, b"SQ", content)


def data_set(*elements, without=()):
    """The data set of an object that is sound but for what a test changes."""
    told = {tag: element(tag, kind, value) for tag, kind, value in UIDS if tag not in without}
    for one in elements:
        group, number = struct.unpack("<HH", one[:4])
        told[group << 16 | number] = one
    return b"".join(told[tag] for tag in sorted(told))


def file(*elements, syntax=EXPLICIT_LITTLE, **changes):
    return preamble(SOP_CLASS, SOP, syntax) + data_set(*elements, **changes)
