"""PID to Patient.

Follows the map "PID[Patient]" of the HL7 v2-to-FHIR guide; where we leave it, a comment says why.
"""

from collections.abc import Sequence

from adapters.hl7v2 import CX, NULL, PID, Segment
from mappers.base import Draft, Key, Resource
from mappers.citizen import LENGTH as CITIZEN_ID_LENGTH
from mappers.citizen import citizen_id
from mappers.hl7v2.context import Context, QuarantineError
from mappers.hl7v2.datatypes import (
    address,
    authority,
    coding,
    cx_number,
    human_name,
    identifier,
    real,
    telecom,
)
from mappers.names import CITIZEN_ID, CITIZEN_ID_ALIAS, EXT_BIRTH_TIME, MARITAL_STATUS

GENDER = {
    "F": "female", "M": "male", "O": "other", "U": "unknown", "A": "other", "N": "other",
    "FEMALE": "female", "MALE": "male", "OTHER": "other", "UNKNOWN": "unknown",
    "女": "female", "男": "male", "2": "female", "1": "male", "0": "unknown", "9": "unknown",
}  # fmt: skip
"""Table 0001, words, and GB/T 2261.1, which Chinese systems send in its place.

FHIR has no code for A or N: the guide folds both into other."""

NOT_A_PATIENT_NUMBER = frozenset(
    "AN BA BC BR CY DL DR EI HC JHN LN MA MC NI NN NPI PN PPN PRC SB SS TAX TX VN VS WC".split()  # noqa: SIM905 reads best as the table it is
)
"""Codes of table 0203 that number something else than this hospital's patient."""

MARITAL = {
    "A": "A", "D": "D", "M": "M", "S": "S", "W": "W", "C": "T", "P": "T", "G": "T", "I": "I",
    "10": "S", "20": "M", "30": "W", "40": "D",
}  # fmt: skip
"""Table 0002 and GB/T 2261.2; what v3 has no code for stays text."""

UNMAPPED = (2, 4, 6, 10, 12, 15, 17, 18, 20, 21, 22, 23, 26, 27, 28, 31, 32, 35, 36, 37, 38, 39)

CITIZEN_IDS = f"identifier|{CITIZEN_ID}"
"""Told to be erased where the sender says that the number was wrong."""
CITIZEN_KINDS = frozenset({"NI", "NN", "NNCHN", "SS"})

ERASABLE = {
    5: "name", 7: "birthDate", 8: "gender", 11: "address", 13: "telecom", 16: "maritalStatus",
}  # fmt: skip


def patient_number(numbers: Sequence[CX], context: Context) -> CX | None:
    """Return the repetition that names the patient: MR, else PI, else the first fit one.

    The campus's own number comes before another campus's.
    """
    fit = [cx for cx in numbers if cx_number(cx) and _names_a_patient(cx.identifier_type_code)]
    own = [cx for cx in fit if authority(cx.assigning_authority, context) in {"", context.campus}]
    for candidates in (own, fit):
        for kind in ("MR", "PI"):
            for cx in candidates:
                if cx.identifier_type_code == kind:
                    return cx
        if candidates:
            return candidates[0]
    return None


def _names_a_patient(kind: str) -> bool:
    return kind not in NOT_A_PATIENT_NUMBER and not kind.startswith("NN")


def patient_key(numbers: Sequence[CX], context: Context) -> Key | None:
    """Return the key of the patient that PID-3 or MRG-1 names."""
    cx = patient_number(numbers, context)
    if cx is None:
        return None
    system = context.system("pid", authority(cx.assigning_authority, context))
    return Key("Patient", system, cx_number(cx))


def to_patient(segment: Segment, context: Context, clock: str) -> Draft:
    """Return the Patient that the PID of a result or an order describes."""
    draft = registered(segment, context, clock)
    if draft.resource.get("gender") == "unknown":
        # A laboratory that was not told says U: no reason to forget what the registration knows.
        del draft.resource["gender"]
    return draft


def registered(segment: Segment, context: Context, clock: str, *, active: bool = True) -> Draft:
    """Return the Patient that one PID describes."""
    pid = segment.read(PID)
    key = patient_key(pid.patient_identifier_list, context)
    if key is None:
        raise QuarantineError("missing-patient-number", segment.place(3))
    patient = context.resource("Patient")
    patient["identifier"] = _identifiers(pid, key, context, segment)
    if not active:
        patient["active"] = False
    _person(pid, patient, context, segment)
    _contact(pid, patient)
    _birth_and_death(pid, patient, context, segment)
    context.unmapped(segment, UNMAPPED)
    erase = [name for field, name in ERASABLE.items() if segment.raw(field) == NULL]
    if segment.raw(19) == NULL or any(map(_contradicts, patient["identifier"])):
        erase.append(CITIZEN_IDS)
    return Draft(key, patient, clock, 1, erase=tuple(erase))


def _contradicts(identifier: Resource) -> bool:
    """Return whether a number was meant as citizen ID but is none; a masked one says nothing."""
    number = str(identifier["value"])
    if identifier.get("system") or _kind(identifier) not in CITIZEN_KINDS:
        return False
    return len(number) == CITIZEN_ID_LENGTH and number[:-1].isdecimal()


def _kind(identifier: Resource) -> str:
    return "".join(one["code"] for one in identifier.get("type", {}).get("coding", ()))


def _identifiers(pid: PID, key: Key, context: Context, segment: Segment) -> list[Resource]:
    """Return all numbers; only the key has the campus's own system.

    A second number there would be a second key, and a number never decides who somebody is.
    """
    own = patient_number(pid.patient_identifier_list, context)
    kind = own.identifier_type_code if own else ""
    found = [identifier(key.system, key.value, kind or "MR")]
    found += [
        _further(cx, context, segment)
        for cx in pid.patient_identifier_list
        if cx is not own and cx_number(cx)
    ]
    if number := real(pid.ssn_number):
        if citizen := citizen_id(number):
            found.append(identifier(CITIZEN_ID, citizen, "NI"))
        else:
            found.append(identifier("", number, "SS"))
            if len(number) == CITIZEN_ID_LENGTH:
                context.note("citizen-id-invalid", segment.place(19))
    return [one for index, one in enumerate(found) if one not in found[:index]]


def _further(cx: CX, context: Context, segment: Segment) -> Resource:
    number, kind, hd = cx_number(cx), cx.identifier_type_code, cx.assigning_authority
    if _is_citizen_id(cx):
        if citizen := citizen_id(number):
            return identifier(CITIZEN_ID, citizen, "NI")
        context.note("citizen-id-invalid", segment.place(3))
    campus = authority(hd, context)
    system = context.system("pid", campus) if campus not in {"", context.campus} else ""
    element = identifier(system, number, kind)
    if name := real(hd.namespace_id, hd.universal_id):
        element["assigner"] = {"display": name}
    return element


def _is_citizen_id(cx: CX) -> bool:
    oids = {CITIZEN_ID.removeprefix("urn:oid:"), CITIZEN_ID_ALIAS.removeprefix("urn:oid:")}
    hd = cx.assigning_authority
    if not oids.isdisjoint({hd.namespace_id, hd.universal_id}):
        return True
    return cx.identifier_type_code == "NNCHN" or (
        cx.identifier_type_code in {"NI", "NN"} and "CHN" in {hd.namespace_id, hd.universal_id}
    )


def _person(pid: PID, patient: Resource, context: Context, segment: Segment) -> None:
    names = [name for xpn in pid.patient_name if (name := human_name(xpn))]
    names += [name for xpn in pid.patient_alias if (name := human_name(xpn, "old"))]
    if names:
        patient["name"] = names
    if sex := real(pid.administrative_sex):
        if gender := GENDER.get(sex.upper()):
            patient["gender"] = gender
        else:
            context.note("unmapped-code", segment.place(8))
    if code := MARITAL.get(real(pid.marital_status.identifier)):
        patient["maritalStatus"] = {"coding": [coding(code, "", MARITAL_STATUS)]}
    elif text := real(pid.marital_status.text, pid.marital_status.identifier):
        patient["maritalStatus"] = {"text": text}


def _contact(pid: PID, patient: Resource) -> None:
    home = pid.phone_number_home + pid.patient_telecommunication_information
    points = [point for xtn in home if (point := telecom(xtn, "home"))]
    points += [point for xtn in pid.phone_number_business if (point := telecom(xtn, "work"))]
    if points:
        patient["telecom"] = points
    if addresses := [one for xad in pid.patient_address if (one := address(xad))]:
        patient["address"] = addresses


def _birth_and_death(pid: PID, patient: Resource, context: Context, segment: Segment) -> None:
    if born := context.moment(pid.date_time_of_birth, segment.place(7)):
        patient["birthDate"] = born.date
        if born.instant:
            extension = {"url": EXT_BIRTH_TIME, "valueDateTime": born.text}
            patient["_birthDate"] = {"extension": [extension]}
    if died := context.moment(pid.patient_death_date_and_time, segment.place(29)):
        patient["deceasedDateTime"] = died.text
    elif pid.patient_death_indicator in {"Y", "N"}:
        patient["deceasedBoolean"] = pid.patient_death_indicator == "Y"
    if pid.birth_order.isdecimal():
        patient["multipleBirthInteger"] = int(pid.birth_order)
    elif pid.multiple_birth_indicator in {"Y", "N"}:
        patient["multipleBirthBoolean"] = pid.multiple_birth_indicator == "Y"
