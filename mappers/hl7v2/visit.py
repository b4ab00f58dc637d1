"""PV1 to Encounter, only with a visit number: what a result tells of a visit is thin.

Follows the map "PV1[Encounter]" of the HL7 v2-to-FHIR guide, except for the status.
"""

from adapters.hl7v2 import CX, PL, PV1, Segment
from mappers.base import Draft, Key, Resource
from mappers.hl7v2.context import Context
from mappers.hl7v2.datatypes import cx_number, identifier, practitioners, real
from mappers.names import ACT_CODE, PARTICIPATION_TYPE, v2_table

CLASS = {
    "E": ("EMER", "emergency"),
    "I": ("IMP", "inpatient encounter"),
    "O": ("AMB", "ambulatory"),
    "P": ("PRENC", "pre-admission"),
}
"""Table 0004 to v3-ActCode; others keep their v2 code."""

PARTICIPANTS = (
    ("attending_doctor", "ATND"),
    ("referring_doctor", "REF"),
    ("consulting_doctor", "CON"),
    ("admitting_doctor", "ADM"),
)

UNMAPPED = (4, 5, 6, 10, 11, 12, 13, 14, 15, 16, 18, 36, 37, 38, 39, 41, 42, 43, 50, 51, 52)


def visit_key(number: CX, context: Context) -> Key | None:
    """Return the key of the visit, None without a visit number."""
    value = cx_number(number)
    return Key("Encounter", context.system("visit"), value) if value else None


def to_encounter(segment: Segment, patient: Key, context: Context) -> Draft | None:
    """Return the Encounter that one PV1 describes; it never changes a stored one."""
    pv1 = segment.read(PV1)
    key = visit_key(pv1.visit_number, context)
    if key is None:
        context.skip(segment, "no-visit-number")
        return None
    encounter = context.resource("Encounter")
    encounter["identifier"] = [identifier(key.system, key.value, "VN")]
    encounter["status"] = _status(pv1)
    code = real(pv1.patient_class)
    if known := CLASS.get(code):
        encounter["class"] = {"system": ACT_CODE, "code": known[0], "display": known[1]}
    else:
        encounter["class"] = {"system": v2_table("0004"), "code": code or "U"}
    encounter["subject"] = {"reference": str(patient)}
    if participants := _participants(pv1, context):
        encounter["participant"] = participants
    if period := _period(pv1, context, segment):
        encounter["period"] = period
    if place := _place(pv1.assigned_patient_location):
        encounter["location"] = [{"location": {"display": place}, "status": "active"}]
    context.unmapped(segment, UNMAPPED)
    return Draft(key, encounter, context.clock, 0, mode="fill")


def _status(pv1: PV1) -> str:
    # The guide says in-progress for every class. A result often comes after the discharge.
    if real(pv1.discharge_date_time):
        return "finished"
    return "planned" if pv1.patient_class == "P" else "unknown"


def _participants(pv1: PV1, context: Context) -> list[Resource]:
    return [
        {
            "type": [{"coding": [{"system": PARTICIPATION_TYPE, "code": code}]}],
            "individual": person,
        }
        for field, code in PARTICIPANTS
        for person in practitioners(getattr(pv1, field), context.campus)
    ]


def _period(pv1: PV1, context: Context, segment: Segment) -> Resource:
    period: Resource = {}
    if start := context.moment(pv1.admit_date_time, segment.place(44)):
        period["start"] = start.text
    if end := context.moment(pv1.discharge_date_time, segment.place(45)):
        period["end"] = end.text
    return period


def _place(pl: PL) -> str:
    parts = (pl.facility.namespace_id, pl.building, pl.floor, pl.point_of_care, pl.room, pl.bed)
    return " ".join(filter(None, map(real, parts)))
