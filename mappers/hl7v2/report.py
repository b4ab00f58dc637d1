"""OBR and its results to DiagnosticReport, Observations and Specimens.

Follows the map "OBR[DiagnosticReport]" of the HL7 v2-to-FHIR guide; where we leave it, a comment
says why.
"""

from collections.abc import Sequence
from typing import NamedTuple

from adapters.hl7v2 import OBR, ORC, SPM
from mappers.base import Draft, Key, Resource
from mappers.hl7v2.context import Context, QuarantineError, place
from mappers.hl7v2.datatypes import claim, identifier, item, item_code, practitioner, real
from mappers.hl7v2.groups import Group
from mappers.hl7v2.notes import to_annotations
from mappers.hl7v2.observation import RANKS, Frame, to_observation
from mappers.hl7v2.order import numbers, read_group
from mappers.hl7v2.specimen import from_obr, specimen_number, to_specimen
from mappers.names import EXT_R5_REPORT_NOTE, EXT_SUB_ID, EXT_V2_STATUS, v2_table

REPORT_STATUS = {
    "O": "registered", "I": "registered", "S": "registered", "N": "registered",
    "P": "preliminary", "M": "preliminary", "A": "partial", "R": "partial",
    "F": "final", "C": "corrected", "X": "cancelled", "W": "entered-in-error",
}  # fmt: skip
"""Table 0123, and W, which laboratories send there as well. The guide has no target for A, M, N."""

SAME_STATUS = frozenset("OISNMAR")

LABORATORY = frozenset(
    "BG BLB CG CH CP GE HM IMM LAB MB MCB MYC OSL SR SP TX VR".split()  # noqa: SIM905 a table
)
SECTIONS = LABORATORY | frozenset(
    "AU CUS CTH CT EC EN ICU NMS NMR NRS OUS OT OTH PHR PT PHY PF RAD RX RUS RC RT VUS XRC".split()  # noqa: SIM905 a table
)
"""Table 0074."""

UNMAPPED = (9, 12, 17, 18, 19, 20, 21, 23, 26, 28, 29, 30, 33, 35, 37, 38, 39, 40, 41, 42, 43, 44)


class Report(NamedTuple):
    """What one DiagnosticReport is made from."""

    group: Group
    key: Key
    patient: Key
    encounter: Key | None


def report_key(group: Group, context: Context, *, shared: bool) -> Key:
    """Return the key: the filler number, else placer number or specimen number with OBR-4.

    Times, statuses and set-ids are never in it, so a correction finds what it corrects.
    """
    obr, orc = read_group(group)
    found = numbers(obr, orc, context)
    code = item_code(obr.universal_service_identifier)
    if found.filler:
        value = f"{found.filler}/{code}" if shared and code else found.filler
    elif found.placer and code:
        value = f"{found.placer}/{code}"
    else:
        tubes = (specimen_number(sample.segment.read(SPM)) for sample in group.samples)
        tube = next(filter(None, tubes), "")
        if not (tube and code):
            raise QuarantineError("missing-report-number", place(group.segment))
        value = f"{tube}/{code}"
    return Key("DiagnosticReport", context.system("report"), value)


def to_report(report: Report, context: Context) -> list[Draft]:
    """Return Specimens, Observations and, last, the DiagnosticReport of one OBR."""
    group, segment = report.group, report.group.segment
    obr, orc = read_group(group)
    frame = _frame(report, obr, orc, context)
    specimens = _specimens(report, obr, frame, context)
    observations = [
        draft for result in group.results if (draft := to_observation(result, frame)) is not None
    ]
    _nest(observations)
    status = _status(obr, group, observations, context)
    resource = _head(report, obr, status, frame)
    if specimens:
        resource["specimen"] = [{"reference": str(draft.key)} for draft in specimens]
    if observations:
        resource["result"] = [{"reference": str(draft.key)} for draft in observations]
    if frame.attachments:
        resource["presentedForm"] = frame.attachments
    _comment(group, resource, context)
    if (code := real(obr.result_status).upper()) in SAME_STATUS:
        resource.setdefault("extension", []).append({"url": EXT_V2_STATUS, "valueCode": code})
    context.unmapped(segment, UNMAPPED)
    clock = max([frame.issued, *(draft.clock for draft in observations)]) or frame.fallback
    return [*specimens, *observations, Draft(report.key, resource, clock, RANKS[status])]


def _head(report: Report, obr: OBR, status: str, frame: Frame) -> Resource:
    """Return the DiagnosticReport without what it refers to."""
    context = frame.context
    resource = context.resource("DiagnosticReport")
    if claimed := claim(obr.universal_service_identifier):
        resource["extension"] = claimed
    resource["identifier"] = [identifier(report.key.system, report.key.value)]
    resource["status"] = status
    if category := _category(obr, frame, context, report.group):
        resource["category"] = [category]
    resource["code"] = item(obr.universal_service_identifier, context.campus) or {"text": "-"}
    resource["subject"] = {"reference": str(report.patient)}
    if report.encounter:
        resource["encounter"] = {"reference": str(report.encounter)}
    resource.update(frame.effective)
    _issue(obr, resource, context, report.group)
    _people(obr, resource, context)
    return resource


def _frame(report: Report, obr: OBR, orc: ORC, context: Context) -> Frame:
    group = report.group
    issued = context.moment(obr.results_rpt_status_chng_date_time, group.segment.place(22))
    ordered = context.moment(orc.date_time_of_order_event, "ORC-9")
    section = real(obr.diagnostic_serv_sect_id) or context.source.options.get("section", "")
    return Frame(
        context=context,
        report=report.key.value,
        patient=str(report.patient),
        encounter=str(report.encounter) if report.encounter else "",
        group=group,
        code=obr.universal_service_identifier,
        status=REPORT_STATUS.get(real(obr.result_status).upper(), ""),
        effective=_effective(obr, group, context),
        issued=context.fact(issued, group.segment.place(22)),
        fallback=context.fact(ordered, "ORC-9") or context.clock,
        laboratory=section in LABORATORY if section else _shows_a_laboratory(group, obr),
    )


def _shows_a_laboratory(group: Group, obr: OBR) -> bool:
    """Return whether a specimen, a number or a range tells where a report comes from."""
    if group.samples or obr.specimen_source:
        return True
    return any(
        result.segment.raw(2) in {"NM", "SN"} or result.segment.raw(7) for result in group.results
    )


def _effective(obr: OBR, group: Group, context: Context) -> Resource:
    start = context.moment(obr.observation_date_time, group.segment.place(7))
    end = context.moment(obr.observation_end_date_time, group.segment.place(8))
    if start and end and start != end:
        return {"effectivePeriod": {"start": start.text, "end": end.text}}
    return {"effectiveDateTime": start.text} if start else {}


def _specimens(report: Report, obr: OBR, frame: Frame, context: Context) -> list[Draft]:
    drafts: list[Draft] = []
    system = context.system("specimen")
    for index, sample in enumerate(report.group.samples, 1):
        number = specimen_number(sample.segment.read(SPM)) or f"{report.key.value}#S{index}"
        key = Key("Specimen", system, number)
        draft = to_specimen(sample.segment, key, report.patient, sample.notes, context)
        frame.specimens[sample] = key
        collection = draft.resource.get("collection", {})
        if period := collection.get("collectedPeriod"):
            frame.collected[sample] = {"effectivePeriod": dict(period)}
        elif collected := collection.get("collectedDateTime"):
            frame.collected[sample] = {"effectiveDateTime": collected}
        drafts.append(draft)
    if not drafts:
        key = Key("Specimen", system, f"{report.key.value}#S")
        if made := from_obr(report.group.segment, obr, key, report.patient, context):
            frame.specimens[None] = key
            drafts.append(made)
    return drafts


def _nest(observations: Sequence[Draft]) -> None:
    """Let an isolate (OBX-4 `1`) name its susceptibilities (`1.1`, `1.2`) as members."""
    by_sub_id = {sub_id: draft for draft in reversed(observations) if (sub_id := _sub_id(draft))}
    for sub_id, draft in reversed(by_sub_id.items()):
        parent = by_sub_id.get(sub_id.rpartition(".")[0])
        if parent is not None:
            member = {"reference": str(draft.key)}
            parent.resource.setdefault("hasMember", []).append(member)


def _sub_id(draft: Draft) -> str:
    for extension in draft.resource.get("extension", ()):
        if extension["url"] == EXT_SUB_ID:
            return str(extension["extension"][0]["valueString"])
    return ""


def _status(obr: OBR, group: Group, observations: Sequence[Draft], context: Context) -> str:
    code = real(obr.result_status).upper()
    if status := REPORT_STATUS.get(code):
        return status
    if code:
        context.note("unmapped-status", group.segment.place(25))
        return "unknown"
    context.note("status-from-results", group.segment.place(25))
    if not observations:
        return "unknown"
    done = [draft.rank >= RANKS["final"] for draft in observations]
    return "final" if all(done) else "partial" if any(done) else "preliminary"


def _category(obr: OBR, frame: Frame, context: Context, group: Group) -> Resource:
    code = real(obr.diagnostic_serv_sect_id) or context.source.options.get("section", "")
    if not code:
        code = "LAB" if frame.laboratory else ""
    if not code:
        return {}
    if code not in SECTIONS:
        context.note("unmapped-code", group.segment.place(24))
        return {"text": code}
    return {"coding": [{"system": v2_table("0074"), "code": code}]}


def _issue(obr: OBR, resource: Resource, context: Context, group: Group) -> None:
    issued = context.moment(obr.results_rpt_status_chng_date_time, group.segment.place(22))
    if issued is None:
        return
    if issued.instant:
        resource["issued"] = issued.text
    else:  # a FHIR instant is no less than a second
        context.note("time-too-coarse", group.segment.place(22))


def _people(obr: OBR, resource: Resource, context: Context) -> None:
    performers = [
        person
        for ndl in (*obr.technician, *obr.transcriptionist)
        if (person := practitioner(ndl.name, context.campus))
    ]
    if performers:
        resource["performer"] = performers
    if interpreter := practitioner(obr.principal_result_interpreter.name, context.campus):
        resource["resultsInterpreter"] = [interpreter]


def _comment(group: Group, resource: Resource, context: Context) -> None:
    """Set the NTE behind the OBR: a conclusion only where the channel says that they are one."""
    annotations = to_annotations(group.notes, context) if group.notes else []
    if not annotations:
        return
    if context.source.options.get("comment") == "interpretation":
        resource["conclusion"] = annotations[0]["text"]
    else:
        extension = {"url": EXT_R5_REPORT_NOTE, "valueAnnotation": annotations[0]}
        resource.setdefault("extension", []).append(extension)
