"""One object as its header tells it. Fields are named by the keywords of PS3.6.

Text is decoded, blanks at its ends are gone, absent is "". Nothing is judged here but UIDs: dates
and numbers are as they were written.
"""

import re
import struct
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import msgspec

from adapters.dicom.charset import Charset
from adapters.dicom.faults import MismatchError, UidError
from adapters.dicom.scan import CHARACTER_SET, Header, Values, scan
from adapters.dicom.window import Read

UID: Final = re.compile(r"[0-9.]{1,64}", re.ASCII)
WELL_FORMED: Final = re.compile(r"(0|[1-9]\d*)(\.(0|[1-9]\d*))*", re.ASCII)
MAX_TEXT: Final = 4096


class PersonName(msgspec.Struct, frozen=True, omit_defaults=True):
    """The groups of a PN, each `family^given^middle^prefix^suffix`."""

    alphabetic: str = ""
    ideographic: str = ""
    phonetic: str = ""


class CodedEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """An item of a code sequence (PS3.3 §8)."""

    code_value: str = ""
    coding_scheme_designator: str = ""
    code_meaning: str = ""


class Issuer(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who assigned a number: the HL7 v2 hierarchic designator macro."""

    local_namespace_entity_id: str = ""
    universal_entity_id: str = ""
    universal_entity_id_type: str = ""


class Finding(msgspec.Struct, frozen=True):
    """Something about the object that is worth knowing; never a value."""

    code: str
    place: str = ""


class Instance(msgspec.Struct, frozen=True, omit_defaults=True):
    """One SOP instance."""

    sop_class_uid: str = ""
    sop_instance_uid: str = ""
    study_instance_uid: str = ""
    series_instance_uid: str = ""
    transfer_syntax_uid: str = ""

    patient_name: PersonName = PersonName()
    patient_id: str = ""
    issuer_of_patient_id: str = ""
    issuer_of_patient_id_qualifiers: Issuer = Issuer()
    patient_birth_date: str = ""
    patient_sex: str = ""
    patient_age: str = ""

    study_date: str = ""
    study_time: str = ""
    timezone_offset_from_utc: str = ""
    accession_number: str = ""
    issuer_of_accession_number: Issuer = Issuer()
    study_id: str = ""
    study_description: str = ""
    referring_physician_name: PersonName = PersonName()
    procedure_code: tuple[CodedEntry, ...] = ()
    requested_procedure_code: tuple[CodedEntry, ...] = ()
    requested_procedure_description: str = ""
    institution_name: str = ""
    admission_id: str = ""

    modality: str = ""
    series_number: str = ""
    series_description: str = ""
    series_date: str = ""
    series_time: str = ""
    acquisition_date: str = ""
    acquisition_time: str = ""
    body_part_examined: str = ""
    anatomic_region: tuple[CodedEntry, ...] = ()
    laterality: str = ""
    image_laterality: str = ""
    protocol_name: str = ""
    performing_physician_name: PersonName = PersonName()
    operators_name: PersonName = PersonName()
    manufacturer: str = ""
    manufacturer_model_name: str = ""
    station_name: str = ""

    instance_number: str = ""
    number_of_frames: str = ""
    image_type: tuple[str, ...] = ()
    content_label: str = ""
    document_title: str = ""
    concept_name: tuple[CodedEntry, ...] = ()
    photometric_interpretation: str = ""
    rows: int = 0
    columns: int = 0
    bits_allocated: int = 0

    data_set_offset: int = 0
    """Where the data set begins in the file."""
    meta_added: bool = False
    findings: tuple[Finding, ...] = ()


class _Reader:
    """Takes values of one header."""

    def __init__(self, header: Header, charset: str) -> None:
        labels = header.values.get(CHARACTER_SET, b"").decode("latin-1").split("\\")
        self.charset = Charset(labels, charset)
        self._short = struct.Struct(">H" if header.syntax.big else "<H")

    def text(self, value: bytes) -> str:
        """Return a text; of a long one its beginning."""
        return self.charset.text(value).strip("\0 ")[:MAX_TEXT].strip()

    def plain(self, value: bytes) -> str:
        """Return a UID, date, time or number."""
        return value.decode("latin-1").strip("\0 ")

    def first(self, value: bytes) -> str:
        """Return the first of several values."""
        return self.text(value).partition("\\")[0].strip()

    def several(self, value: bytes) -> tuple[str, ...]:
        """Return all values."""
        text = self.text(value)
        return tuple(part.strip() for part in text.split("\\")) if text else ()

    def name(self, value: bytes) -> PersonName:
        """Return a name; of several the first one."""
        groups = [group.strip() for group in self.first(value).split("=")]
        return PersonName(*groups[:3])

    def number(self, value: bytes) -> int:
        """Return a US value, 0 where it is none."""
        return int(self._short.unpack(value[:2])[0]) if len(value) >= self._short.size else 0

    def code(self, item: Values) -> CodedEntry:
        """Return an item of a code sequence."""
        value = item.get(0x00080100) or item.get(0x00080119) or item.get(0x00080120) or b""
        return CodedEntry(
            self.text(value),
            self.text(item.get(0x00080102, b"")),
            self.text(item.get(0x00080104, b"")),
        )

    def issuer(self, item: Values) -> Issuer:
        """Return an item that tells who assigned a number."""
        tags = (0x00400031, 0x00400032, 0x00400033)
        return Issuer(*(self.text(item.get(tag, b"")) for tag in tags))


Take = Callable[[_Reader, bytes], object]
TakeItem = Callable[[_Reader, Values], object]

FIELDS: Final[Mapping[int, tuple[str, Take]]] = {
    0x00080005: ("", _Reader.plain),
    0x00080008: ("image_type", _Reader.several),
    0x00080016: ("sop_class_uid", _Reader.plain),
    0x00080018: ("sop_instance_uid", _Reader.plain),
    0x00080020: ("study_date", _Reader.first),
    0x00080021: ("series_date", _Reader.first),
    0x00080022: ("acquisition_date", _Reader.first),
    0x00080030: ("study_time", _Reader.first),
    0x00080031: ("series_time", _Reader.first),
    0x00080032: ("acquisition_time", _Reader.first),
    0x00080050: ("accession_number", _Reader.first),
    0x00080060: ("modality", _Reader.first),
    0x00080070: ("manufacturer", _Reader.text),
    0x00080080: ("institution_name", _Reader.text),
    0x00080090: ("referring_physician_name", _Reader.name),
    0x00080201: ("timezone_offset_from_utc", _Reader.plain),
    0x00081010: ("station_name", _Reader.text),
    0x00081030: ("study_description", _Reader.text),
    0x0008103E: ("series_description", _Reader.text),
    0x00081050: ("performing_physician_name", _Reader.name),
    0x00081070: ("operators_name", _Reader.name),
    0x00081090: ("manufacturer_model_name", _Reader.text),
    0x00100010: ("patient_name", _Reader.name),
    0x00100020: ("patient_id", _Reader.text),
    0x00100021: ("issuer_of_patient_id", _Reader.text),
    0x00100030: ("patient_birth_date", _Reader.first),
    0x00100040: ("patient_sex", _Reader.first),
    0x00101010: ("patient_age", _Reader.first),
    0x00180015: ("body_part_examined", _Reader.text),
    0x00181030: ("protocol_name", _Reader.text),
    0x0020000D: ("study_instance_uid", _Reader.plain),
    0x0020000E: ("series_instance_uid", _Reader.plain),
    0x00200010: ("study_id", _Reader.text),
    0x00200011: ("series_number", _Reader.first),
    0x00200013: ("instance_number", _Reader.first),
    0x00200060: ("laterality", _Reader.first),
    0x00200062: ("image_laterality", _Reader.first),
    0x00280004: ("photometric_interpretation", _Reader.first),
    0x00280008: ("number_of_frames", _Reader.first),
    0x00280010: ("rows", _Reader.number),
    0x00280011: ("columns", _Reader.number),
    0x00280100: ("bits_allocated", _Reader.number),
    0x00321060: ("requested_procedure_description", _Reader.text),
    0x00380010: ("admission_id", _Reader.text),
    0x00420010: ("document_title", _Reader.text),
    0x00700080: ("content_label", _Reader.text),
}
OF_ITEMS: Final = (
    *(0x00080100, 0x00080102, 0x00080104, 0x00080119, 0x00080120),
    *(0x00400031, 0x00400032, 0x00400033),
)
SEQUENCES: Final[Mapping[int, tuple[str, TakeItem]]] = {
    0x00080051: ("issuer_of_accession_number", _Reader.issuer),
    0x00081032: ("procedure_code", _Reader.code),
    0x00082218: ("anatomic_region", _Reader.code),
    0x00100024: ("issuer_of_patient_id_qualifiers", _Reader.issuer),
    0x00321064: ("requested_procedure_code", _Reader.code),
    0x0040A043: ("concept_name", _Reader.code),
}
SINGLE: Final = frozenset({0x00080051, 0x00100024})
"""Sequences of one item that are no tuple."""
WANTED: Final = dict.fromkeys((*FIELDS, *OF_ITEMS))
UIDS: Final = ("sop_class_uid", "sop_instance_uid", "study_instance_uid", "series_instance_uid")


def read_instance(read: Read, size: int, *, charset: str = "") -> Instance:
    """Return the record of a file; ObjectError. `charset` is what the channel is set to."""
    return record(scan(read, size, WANTED, SEQUENCES), charset)


def parse_instance(data: bytes, *, charset: str = "") -> Instance:
    """Return the record of a file in memory; ObjectError."""
    return read_instance(lambda at, count: data[at : at + count], len(data), charset=charset)


def record(header: Header, charset: str = "") -> Instance:
    """Return the record of a header; MismatchError, UidError."""
    reader = _Reader(header, charset)
    found: dict[str, object] = {}
    for tag, value in header.values.items():
        name, take = FIELDS.get(tag, ("", None))
        if name and take and value:
            found[name] = take(reader, value)
    for tag, items in header.items.items():
        name, take_item = SEQUENCES[tag]
        told = tuple(filter(_says, (take_item(reader, item) for item in items)))
        if told:
            found[name] = told[0] if tag in SINGLE else told
    _check(found)
    return msgspec.structs.replace(
        Instance(),
        **found,
        transfer_syntax_uid=header.meta.transfer_syntax_uid,
        data_set_offset=header.meta.offset,
        meta_added=header.meta.added,
        findings=_findings(header, reader.charset, found),
    )


_says = partial(lambda empty, one: one not in empty, {CodedEntry(), Issuer()})


def _check(found: Mapping[str, object]) -> None:
    """Raise where a UID is missing or no UID."""
    if not found.get("sop_class_uid") or not found.get("sop_instance_uid"):
        raise MismatchError(
            "The object has no SOP Class or Instance UID.", place="(0008,0018)", reason="no-sop-uid"
        )
    for name in UIDS:
        uid = str(found.get(name, ""))
        if not uid:
            raise UidError(
                "The object has no Study or Series Instance UID.",
                place="(0020,000D)",
                reason="no-study-uid",
            )
        if not UID.fullmatch(uid):
            raise UidError("A UID has other characters than digits and dots.", place=name)


def _findings(header: Header, charset: Charset, found: Mapping[str, object]) -> tuple[Finding, ...]:
    codes = {
        "meta-added": header.meta.added,
        "transfer-syntax-guessed": header.meta.guessed,
        "unknown-vr": header.unknown_vr,
        "uid-form": any(not WELL_FORMED.fullmatch(str(found[name])) for name in UIDS),
        "charset-unreadable": charset.unreadable,
        "charset-repaired": charset.repaired and not charset.unreadable,
    }
    return tuple(Finding(code) for code, holds in codes.items() if holds)
