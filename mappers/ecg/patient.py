"""The patient of an ECG file to Patient, told in part."""

import re

from mappers.base import Draft, Key, Recording, Resource
from mappers.citizen import citizen_id
from mappers.ecg.context import Context
from mappers.names import CITIZEN_ID, ECG, v2_table

OID = re.compile(r"[0-2](?:\.\d+)+\Z", re.ASCII)
GENDER = {
    "M": "male", "F": "female", "O": "other", "U": "unknown", "UN": "unknown", "UNK": "unknown",
}  # fmt: skip
"""HL7 V3 and DICOM. Devices write UN, "undifferentiated", where nobody entered anything."""


def patient_key(context: Context, recording: Recording) -> Key:
    """Return the key of the patient; without a number it is that of this recording alone."""
    subject = context.recording.subject
    if subject.number:
        return Key("Patient", _system(subject.authority, context), subject.number)
    context.note("no-patient-number", "patient")
    return Key("Patient", ECG, f"{recording.hash}|{recording.start}|{whose(recording)}")


def whose(recording: Recording) -> str:
    """Return what tells the patient of one recording from that of an equal one."""
    return recording.number or f"~{recording.name}~{recording.birth_date}"


def _system(authority: str, context: Context) -> str:
    campus = context.source.authorities.get(authority, "")
    if not campus and OID.match(authority):
        return f"urn:oid:{authority}"
    return context.system("pid", campus)


def to_patient(key: Key, clock: str, context: Context) -> Draft:
    """Return the Patient that a file describes."""
    subject = context.recording.subject
    patient = context.resource("Patient")
    own = [_identifier(key.system, key.value, "MR")] if subject.number else []
    if identifiers := [*own, *_others(context)]:
        patient["identifier"] = identifiers
    if subject.name:
        patient["name"] = [_name(subject.name, structured=subject.structured)]
    if gender := GENDER.get(subject.sex.upper()):
        patient["gender"] = gender
    elif subject.sex:
        context.note("unmapped-code", "sex")
    if born := context.moment(subject.birth_date, "birthTime"):
        patient["birthDate"] = born.date
    return Draft(key, patient, clock, 1)


def _others(context: Context) -> list[Resource]:
    """Return further numbers that are certain to be what they seem: citizen IDs."""
    return [
        _identifier(CITIZEN_ID, found, "NI")
        for _, number in context.recording.subject.others
        if (found := citizen_id(number))
    ]


def _identifier(system: str, value: str, kind: str) -> Resource:
    coding = {"system": v2_table("0203"), "code": kind}
    return {"type": {"coding": [coding]}, "system": system, "value": value}


def _name(text: str, *, structured: bool) -> Resource:
    if not structured:
        return {"text": text}
    family, *given = (part.strip() for part in text.split("^"))
    given = [part for part in given[:2] if part]
    whole = [*given, family] if text.isascii() else [family, *given]
    name: Resource = {"text": (" " if text.isascii() else "").join(filter(None, whole))}
    if family:
        name["family"] = family
    if given:
        name["given"] = given
    return name
