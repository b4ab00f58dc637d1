"""What QIDO-RS tells of studies, series and instances (PS3.18 tables 10.6.3-3 to 10.6.3-5)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from adapters.dicom import Instance, PersonName
from gateway.imaging.stored_object import StoredObject

Attribute = dict[str, Any]
Attributes = dict[str, Attribute]

STUDY_FIELDS: Final[Mapping[str, tuple[str, str, str]]] = {
    "00080020": ("DA", "StudyDate", "study_date"),
    "00080030": ("TM", "StudyTime", "study_time"),
    "00080050": ("SH", "AccessionNumber", "accession_number"),
    "00080090": ("PN", "ReferringPhysicianName", "referring_physician_name"),
    "00080201": ("SH", "TimezoneOffsetFromUTC", "timezone_offset_from_utc"),
    "00081030": ("LO", "StudyDescription", "study_description"),
    "00100010": ("PN", "PatientName", "patient_name"),
    "00100020": ("LO", "PatientID", "patient_id"),
    "00100021": ("LO", "IssuerOfPatientID", "issuer_of_patient_id"),
    "00100030": ("DA", "PatientBirthDate", "patient_birth_date"),
    "00100040": ("CS", "PatientSex", "patient_sex"),
    "0020000D": ("UI", "StudyInstanceUID", "study_instance_uid"),
    "00200010": ("SH", "StudyID", "study_id"),
}
SERIES_FIELDS: Final[Mapping[str, tuple[str, str, str]]] = {
    "00080060": ("CS", "Modality", "modality"),
    "00080021": ("DA", "SeriesDate", "series_date"),
    "00080031": ("TM", "SeriesTime", "series_time"),
    "0008103E": ("LO", "SeriesDescription", "series_description"),
    "00180015": ("CS", "BodyPartExamined", "body_part_examined"),
    "0020000E": ("UI", "SeriesInstanceUID", "series_instance_uid"),
    "00200011": ("IS", "SeriesNumber", "series_number"),
    "00200060": ("CS", "Laterality", "laterality"),
}
INSTANCE_FIELDS: Final[Mapping[str, tuple[str, str, str]]] = {
    "00080016": ("UI", "SOPClassUID", "sop_class_uid"),
    "00080018": ("UI", "SOPInstanceUID", "sop_instance_uid"),
    "00200013": ("IS", "InstanceNumber", "instance_number"),
    "00280008": ("IS", "NumberOfFrames", "number_of_frames"),
    "00280010": ("US", "Rows", "rows"),
    "00280011": ("US", "Columns", "columns"),
    "00280100": ("US", "BitsAllocated", "bits_allocated"),
    "00083002": ("UI", "AvailableTransferSyntaxUID", "transfer_syntax_uid"),
}
MODALITIES_IN_STUDY: Final = "00080061"
KEYWORDS: Final[Mapping[str, str]] = {
    **{keyword: tag for tag, (_, keyword, _) in STUDY_FIELDS.items()},
    **{keyword: tag for tag, (_, keyword, _) in SERIES_FIELDS.items()},
    **{keyword: tag for tag, (_, keyword, _) in INSTANCE_FIELDS.items()},
    "ModalitiesInStudy": MODALITIES_IN_STUDY,
}
WHOLE: Final = re.compile(r"-?\d{1,12}", re.ASCII)


def attribute(vr: str, value: Any) -> Attribute:
    """Return an attribute of the DICOM JSON model; without a value where it is empty."""
    if isinstance(value, PersonName):
        groups = {
            "Alphabetic": value.alphabetic,
            "Ideographic": value.ideographic,
            "Phonetic": value.phonetic,
        }
        value = {name: text for name, text in groups.items() if text}
    elif vr == "IS" and isinstance(value, str) and WHOLE.fullmatch(value):
        value = int(value)
    return {"vr": vr, "Value": [value]} if value or (value == 0 and vr == "IS") else {"vr": vr}


def _told(fields: Mapping[str, tuple[str, str, str]], instance: Instance) -> Attributes:
    return {tag: attribute(vr, getattr(instance, name)) for tag, (vr, _, name) in fields.items()}


def of_study(objects: Sequence[StoredObject], base: str) -> Attributes:
    """Return a study; its numbers are counted."""
    first = objects[0].instance
    modalities = sorted({one.instance.modality for one in objects} - {""})
    return {
        "00080005": attribute("CS", "ISO_IR 192"),
        "00080056": attribute("CS", "ONLINE"),
        MODALITIES_IN_STUDY: {"vr": "CS", "Value": modalities} if modalities else {"vr": "CS"},
        "00081190": attribute("UR", f"{base}/studies/{first.study_instance_uid}"),
        **_told(STUDY_FIELDS, first),
        "00201206": attribute("IS", len({one.series for one in objects})),
        "00201208": attribute("IS", len(objects)),
    }


def of_series(objects: Sequence[StoredObject], base: str) -> Attributes:
    """Return a series."""
    first = objects[0].instance
    place = f"{base}/studies/{first.study_instance_uid}/series/{first.series_instance_uid}"
    return {
        "00080005": attribute("CS", "ISO_IR 192"),
        "00081190": attribute("UR", place),
        "0020000D": attribute("UI", first.study_instance_uid),
        **_told(SERIES_FIELDS, first),
        "00201209": attribute("IS", len(objects)),
    }


def of_instance(one: StoredObject, base: str) -> Attributes:
    """Return an instance."""
    instance = one.instance
    place = (
        f"{base}/studies/{instance.study_instance_uid}/series/{instance.series_instance_uid}"
        f"/instances/{instance.sop_instance_uid}"
    )
    return {
        "00080005": attribute("CS", "ISO_IR 192"),
        "00080056": attribute("CS", "ONLINE"),
        "00081190": attribute("UR", place),
        "0020000D": attribute("UI", instance.study_instance_uid),
        "0020000E": attribute("UI", instance.series_instance_uid),
        **_told(INSTANCE_FIELDS, instance),
    }
