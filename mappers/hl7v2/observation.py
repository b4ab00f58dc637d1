"""OBX to Observation.

Follows the map "OBX[Observation]" of the HL7 v2-to-FHIR guide; where we leave it, a comment
says why.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from adapters.hl7v2 import CWE, OBX, Segment
from mappers.base import Draft, Key, Resource
from mappers.flags import concept as flag_concept
from mappers.flags import flag
from mappers.hl7v2.context import Context, QuarantineError
from mappers.hl7v2.datatypes import claim, concept, identifier, item, item_code, practitioners, real
from mappers.hl7v2.groups import Group, Noted, Result
from mappers.hl7v2.notes import to_annotations
from mappers.hl7v2.results import Found, to_found, units_of
from mappers.names import (
    EXT_ANALYSIS_TIME,
    EXT_SUB_ID,
    EXT_V2_STATUS,
    OBSERVATION_CATEGORY,
    item_system,
)
from mappers.ranges import reference_ranges
from mappers.values import ABSENT, absent, qualitative

STATUS = {
    "F": "final", "V": "final", "U": "final",
    "P": "preliminary", "R": "preliminary", "S": "preliminary",
    "C": "corrected", "A": "amended", "B": "amended",
    "D": "entered-in-error", "W": "entered-in-error",
    "X": "cancelled", "N": "cancelled", "I": "registered",
}  # fmt: skip
"""Table 0085. The guide has no target for B, I, N, R, S, U and V."""

SAME_STATUS = frozenset("BDNRSUVW")
"""Codes that share their FHIR status with another one: the code itself is kept too."""

WITHOUT_RESULT = {"X": "not-performed", "N": "not-asked", "D": "", "W": ""}
"""Codes that carry no result, and the reason to give."""

RANKS = {
    "registered": 0, "unknown": 0, "preliminary": 1, "partial": 2, "final": 3,
    "amended": 4, "corrected": 4, "cancelled": 5, "entered-in-error": 5,
}  # fmt: skip
"""Which of two facts of the same clock holds."""

CHANNEL_DIGITS = 3

UNMAPPED = (9, 10, 12, 13, 20, 22, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33)


@dataclass(slots=True)
class Frame:
    """What all results of one report share."""

    context: Context
    report: str
    """Value of the report's key."""
    patient: str
    encounter: str
    group: Group
    code: CWE
    """OBR-4."""
    status: str
    """FHIR status of the report by OBR-25, "" if that is empty."""
    effective: Resource
    issued: str
    """Clock of OBR-22."""
    fallback: str
    """Clock of what has no time: ORC-9, else MSH-7."""
    laboratory: bool
    specimens: dict[Noted | None, Key] = field(default_factory=dict)
    """Specimen keys by SPM; None is the specimen that OBR-15 describes."""
    collected: dict[Noted | None, Resource] = field(default_factory=dict)
    """effective[x] by specimen, from SPM-17."""
    attachments: list[Resource] = field(default_factory=list)


class Identity(NamedTuple):
    """Key and code of one result."""

    key: Key
    code: Resource
    sub_id: str
    filler: str
    """OBX-21."""


def to_observation(result: Result, frame: Frame) -> Draft | None:
    """Return the Observation of one OBX, None if it says nothing (a named skip)."""
    segment, context = result.segment, frame.context
    obx = segment.read(OBX)
    v2_status = real(obx.observation_result_status).upper()
    if v2_status == "O":
        context.skip(segment, "order-detail")
        return None
    identity = _identity(obx, segment, frame)
    if identity is None:
        context.skip(segment, "empty")
        return None
    status = _status(v2_status, segment, frame)
    observation = context.resource("Observation", ("unverified",) if v2_status == "R" else ())
    observation["identifier"] = _identifiers(identity)
    observation["status"] = status
    if frame.laboratory:
        coding = {"system": OBSERVATION_CATEGORY, "code": "laboratory"}
        observation["category"] = [{"coding": [coding]}]
    observation["code"] = identity.code
    observation["subject"] = {"reference": frame.patient}
    if frame.encounter:
        observation["encounter"] = {"reference": frame.encounter}
    clock = _times(obx, observation, result, frame)
    found = _result(obx, observation, result, frame, v2_status)
    _circumstances(obx, observation, result, frame)
    if obx.observation_method[1:]:  # R4 keeps one
        context.note("not-mapped", "OBX-17")
    extensions = claim(obx.observation_identifier) + _extensions(identity.sub_id, v2_status)
    if extensions:
        observation["extension"] = observation.get("extension", []) + extensions
    context.unmapped(segment, UNMAPPED)
    mode = "finalise" if v2_status == "U" and not found else "write"
    return Draft(identity.key, observation, clock, RANKS[status], mode)


def _identity(obx: OBX, segment: Segment, frame: Frame) -> Identity | None:
    """Return key and code; analysers put the code into OBX-4, texts have none at all."""
    context, campus = frame.context, frame.context.campus
    cwe, sub_id = obx.observation_identifier, real(obx.observation_sub_id)
    code, name = item(cwe, campus), item_code(cwe)
    if _is_channel(cwe) and sub_id.isalpha():
        code = {}
    if not code:
        if not sub_id and not real(obx.observation_value.text) and not _is_text(obx):
            return None
        if sub_id and not sub_id.replace(".", "").isdigit():
            code = {"coding": [{"system": item_system(campus), "code": sub_id}], "text": sub_id}
            name, sub_id = sub_id, ""
        else:
            # A text without a code of its own is the text of what was asked.
            code, name = item(frame.code, campus) or {"text": "-"}, "-"
            context.note("missing-code", segment.place(3))
    value = f"{frame.report}#{name}.{sub_id}" if sub_id else f"{frame.report}#{name}"
    filler = real(obx.observation_instance_identifier.entity_identifier)
    if filler:
        # Alone it would be no key: some write the tube's number there, in every row and report.
        value = f"{value}@{filler}"
    if (count := context.nth(f"result|{value}")) > 1:
        value = f"{value}~{count}"  # a sign that no sub-id begins with
    key = Key("Observation", context.system("report"), value)
    return Identity(key, code, sub_id, filler)


def _identifiers(identity: Identity) -> list[Resource]:
    own: list[Resource] = [{"system": identity.key.system, "value": identity.key.value}]
    return [*own, identifier("", identity.filler, "FILL")] if identity.filler else own


def _is_channel(cwe: CWE) -> bool:
    """Return whether OBX-3 is an analyser's channel: a 6 there, and WBC in OBX-4."""
    number = cwe.identifier
    return number.isdecimal() and len(number) <= CHANNEL_DIGITS and not cwe.text


def _is_text(obx: OBX) -> bool:
    return obx.value_type in {"TX", "FT"}


def _status(v2_status: str, segment: Segment, frame: Frame) -> str:
    if status := STATUS.get(v2_status):
        return status
    if v2_status:
        frame.context.note("unmapped-status", segment.place(11))
        return "unknown"
    status = frame.status or STATUS.get(frame.context.source.options.get("status", ""), "")
    if not status:
        raise QuarantineError("missing-status", segment.place(11))
    return "preliminary" if status == "partial" else status


def _times(obx: OBX, observation: Resource, result: Result, frame: Frame) -> str:
    """Set effective[x] and return the clock: the latest of OBX-19, OBX-14 and OBR-22."""
    context, segment = frame.context, result.segment
    clock = frame.issued
    if obx.date_time_of_the_observation:
        observed = context.moment(obx.date_time_of_the_observation, segment.place(14))
        if observed:
            observation["effectiveDateTime"] = observed.text
            clock = max(clock, context.fact(observed, segment.place(14)))
    if "effectiveDateTime" not in observation:
        sample = frame.group.sample_of(result)
        observation.update(frame.collected.get(sample) or frame.effective)
    if obx.date_time_of_the_analysis:
        analysed = context.moment(obx.date_time_of_the_analysis, segment.place(19))
        if analysed:
            extension = {"url": EXT_ANALYSIS_TIME, "valueDateTime": analysed.text}
            observation["extension"] = [extension]
            clock = max(clock, context.fact(analysed, segment.place(19)))
    return clock or frame.fallback


def _result(obx: OBX, observation: Resource, result: Result, frame: Frame, v2_status: str) -> bool:
    """Set value, flags and range; return whether there is a value."""
    context, segment = frame.context, result.segment
    if v2_status in WITHOUT_RESULT:
        _without_result(obx, observation, v2_status)
        return False
    units = units_of(obx.units)
    found = to_found(obx, units, result, context)
    observation.update(found.elements)
    if found.component:
        code = observation["code"]
        observation["component"] = [{"code": code, **part} for part in found.component]
    frame.attachments += found.attachments
    if flags := _flags(obx, segment, found, context):
        observation["interpretation"] = flags
    if obx.references_range and (ranges := reference_ranges(obx.references_range, units)):
        observation["referenceRange"] = ranges
    return bool(found)


def _without_result(obx: OBX, observation: Resource, v2_status: str) -> None:
    reason = WITHOUT_RESULT[v2_status]
    if not reason:
        return
    text = real(obx.observation_value.text)
    known = ABSENT.get(text.replace(" ", "").upper())
    # A number or a word for a result is what was taken back; any other text says why.
    if known or (qualitative(text) is None and not any(map(str.isdigit, text))):
        observation["dataAbsentReason"] = absent(known[0] if known else reason, text)
    else:
        observation["dataAbsentReason"] = absent(reason)


def _flags(obx: OBX, segment: Segment, found: Found, context: Context) -> list[Resource]:
    """Return the flags that the laboratory sent; none is ever computed."""
    texts = [real(cwe.identifier, cwe.text) for cwe in obx.interpretation_codes]
    texts = [text for text in texts if text and text != "null"] or [found.flag]
    flags = []
    for text in texts:
        if text:
            flags.append(flag_concept(text))
            if not flag(text)[0]:
                context.note("unmapped-code", segment.place(8))
    return flags


def _circumstances(obx: OBX, observation: Resource, result: Result, frame: Frame) -> None:
    """Set who, how, on what, and comments."""
    context = frame.context
    if performers := _performers(obx, context.campus):
        observation["performer"] = performers
    if result.notes and (annotations := to_annotations(result.notes, context)):
        observation["note"] = annotations
    if key := frame.specimens.get(frame.group.sample_of(result)):
        observation["specimen"] = {"reference": str(key)}
    if obx.observation_method and (method := concept(obx.observation_method[0], context.campus)):
        observation["method"] = method
    if obx.equipment_instance_identifier:
        device = obx.equipment_instance_identifier[0]
        if number := real(device.entity_identifier):
            observation["device"] = {"type": "Device", "identifier": {"value": number}}


def _performers(obx: OBX, campus: str) -> list[Resource]:
    performers = practitioners(obx.responsible_observer, campus)
    producer = real(
        obx.performing_organization_name.organization_name,
        obx.producers_id.text,
        obx.producers_id.identifier,
    )
    if producer:
        performers.append({"type": "Organization", "display": producer})
    return performers


def _extensions(sub_id: str, v2_status: str) -> list[Resource]:
    extensions: list[Resource] = []
    if sub_id:
        part = {"url": "original-sub-identifier", "valueString": sub_id}
        extensions.append({"url": EXT_SUB_ID, "extension": [part]})
    if v2_status in SAME_STATUS:
        extensions.append({"url": EXT_V2_STATUS, "valueCode": v2_status})
    return extensions
