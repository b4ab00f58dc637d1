"""Objects of a small study, each with a few pixels."""

import struct

from adapters.dicom.part10 import preamble, read_meta
from adapters.dicom.syntax import EXPLICIT_LITTLE
from adapters.dicom.window import Window
from fixtures.dicom.write import BASE, CT, ROOT, encoded, issuer, text

SIDE = 16


def image(number=1, *changes, series=1, study=1, pixels=None):
    """One slice of a study: 16 by 16 pixels of 16 bits."""
    values = pixels or struct.pack(f"<{SIDE * SIDE}H", *(at * 16 for at in range(SIDE * SIDE)))
    sop = f"{ROOT}.{study}.{series}.{number}"
    told = {one[0]: one for one in BASE}
    told |= {
        one[0]: one
        for one in (
            text(0x00080018, "UI", sop),
            text(0x0020000D, "UI", f"{ROOT}.{study}"),
            text(0x0020000E, "UI", f"{ROOT}.{study}.{series}"),
            text(0x00200011, "IS", str(series)),
            text(0x00200013, "IS", str(number)),
            (0x00280002, "US", struct.pack("<H", 1)),
            text(0x00280004, "CS", "MONOCHROME2"),
            (0x00280010, "US", struct.pack("<H", SIDE)),
            (0x00280011, "US", struct.pack("<H", SIDE)),
            (0x00280100, "US", struct.pack("<H", 16)),
            (0x00280101, "US", struct.pack("<H", 16)),
            (0x00280102, "US", struct.pack("<H", 15)),
            (0x00280103, "US", struct.pack("<H", 0)),
            (0x7FE00010, "OW", values),
            *changes,
        )
    }
    data_set = b"".join(encoded(*told[tag]) for tag in sorted(told) if told[tag][2] is not None)
    return preamble(CT, sop, EXPLICIT_LITTLE) + data_set


def data_set(file):
    """The bytes after group 0002, which is written anew for C-STORE."""
    return file[read_meta(Window(lambda at, count: file[at : at + count], len(file))).offset :]


def without(tag):
    """A change that leaves an element out."""
    return tag, "UI", None


def patient(number="", name="Wang^Xiaodong"):
    """Changes that make it another patient's."""
    return text(0x00100020, "LO", number), text(0x00100010, "PN", name)


def accession(number, campus=""):
    """Changes that name an order."""
    told = [text(0x00080050, "SH", number)]
    return (*told, issuer(0x00080051, campus)) if campus else tuple(told)


STUDY = f"{ROOT}.1"
