"""The patient of a study to Patient; made where it is not there, else left as it is.

A registration knows the person better than a modality does, whose operator may have typed the name.
"""

from adapters.dicom import Instance
from mappers.base import Draft, Key, Resource
from mappers.citizen import citizen_id
from mappers.dicom.context import Context
from mappers.dicom.person import human_names
from mappers.names import CITIZEN_ID, STUDY_UID, v2_table

GENDER = {
    "M": "male", "F": "female", "O": "other", "U": "unknown", "男": "male", "女": "female",
}  # fmt: skip


def patient_key(instance: Instance, context: Context) -> Key:
    """Return the key of the patient: its number, else the study whose patient it is."""
    if not instance.patient_id:
        return Key("Patient", STUDY_UID, f"urn:oid:{instance.study_instance_uid}")
    campus = context.authority(
        instance.issuer_of_patient_id_qualifiers, instance.issuer_of_patient_id
    )
    return Key("Patient", context.system("pid", campus), instance.patient_id)


def agree_on_patient(one: Instance, other: Instance) -> bool:
    """Return whether two objects of one study name the same patient.

    Equal numbers do, as they are written: who passes a study on often leaves the issuer out. Where
    one has no number, the names do, unless they are two.
    """
    if one.patient_id and other.patient_id:
        issuers = {one.issuer_of_patient_id, other.issuer_of_patient_id} - {""}
        return one.patient_id == other.patient_id and len(issuers) < 2  # noqa: PLR2004 - two differ
    names = {_bare(one), _bare(other)} - {""}
    return len(names) < 2  # noqa: PLR2004 - two differ


def _bare(instance: Instance) -> str:
    name = instance.patient_name
    return "".join((name.ideographic or name.alphabetic).replace("^", " ").split()).casefold()


def to_patient(key: Key, instance: Instance, context: Context, clock: str) -> Draft:
    """Return the Patient of a study."""
    patient = context.resource("Patient")
    if instance.patient_id:
        patient["identifier"] = _identifiers(key, instance)
    else:
        context.note("no-patient-number", "(0010,0020)")
        patient["identifier"] = [{"system": key.system, "value": key.value}]
    if names := human_names(instance.patient_name):
        patient["name"] = names
    if sex := instance.patient_sex:
        if gender := GENDER.get(sex.upper()):
            patient["gender"] = gender
        else:
            context.note("unmapped-code", "(0010,0040)")
    if born := context.moment(instance.patient_birth_date, "", "", "(0010,0030)"):
        patient["birthDate"] = born.date
    return Draft(key, patient, clock, 0, mode="fill")


def _identifiers(key: Key, instance: Instance) -> list[Resource]:
    """Return the number, and as citizen ID too where it is one."""
    own: Resource = {"type": _kind("MR"), "system": key.system, "value": key.value}
    if instance.issuer_of_patient_id:
        own["assigner"] = {"display": instance.issuer_of_patient_id}
    found = [own]
    if number := citizen_id(instance.patient_id):
        found.append({"type": _kind("NI"), "system": CITIZEN_ID, "value": number})
    return found


def _kind(code: str) -> Resource:
    return {"coding": [{"system": v2_table("0203"), "code": code}]}
