"""ORU^R01 to Patient, Encounter, Specimen, Observation, DiagnosticReport and the order link."""

from collections import Counter

from adapters.hl7v2 import Message
from mappers.base import ALONE, TOGETHER, Draft, Key, Mapped, OrderLink
from mappers.hl7v2.context import Context, QuarantineError, place
from mappers.hl7v2.groups import Group, Grouper, Person
from mappers.hl7v2.order import numbers, read_group, to_link
from mappers.hl7v2.patient import to_patient
from mappers.hl7v2.provenance import to_provenance
from mappers.hl7v2.report import Report, report_key, to_report
from mappers.hl7v2.visit import to_encounter

QUALITY_CONTROL = "2"
"""MSH-16 as some analysers use it, where the channel says so."""


def map_oru(message: Message, context: Context, event: str) -> Mapped:
    """Return what a message of results says."""
    if _is_quality_control(message, context):
        for segment in message.segments:
            context.skip(segment, "quality-control")
        context.note("quality-control", "MSH-16")
        return Mapped(event, account=context.account(message.segments, ()), notes=context.notes())
    persons = Grouper(context, "ORU").persons(message.segments)
    shared = _shared_fillers(persons, context)
    drafts: dict[Key, Draft] = {}
    links: list[OrderLink] = []
    reports: dict[Key, Report] = {}
    for person in persons:
        patient = to_patient(person.segment, context, context.clock)
        drafts.setdefault(patient.key, patient)
        encounter = _encounter(person, patient.key, drafts, context)
        for key, group in _keyed(person, shared, context):
            _gather(reports, Report(group, key, patient.key, encounter), context)
    for report in reports.values():
        made = to_report(report, context)
        for draft in made:
            if not _is_same_patients(drafts.setdefault(draft.key, draft), draft):
                raise QuarantineError("other-patient", place(report.group.segment))
        link = to_link(report.group, made[-1], report.patient, report.encounter, context)
        links += [link] if link else []
    verified = [one for one in message.segments if one.name == "OBX" and one.value(11) == "V"]
    found = tuple(drafts.values())
    return Mapped(
        event,
        drafts=found,
        orders=tuple(links),
        account=context.account(message.segments, found),
        notes=context.notes(),
        provenance=to_provenance(message.msh, verified, context),
    )


def _is_quality_control(message: Message, context: Context) -> bool:
    if context.source.options.get("qc") != "msh16":
        return False
    return message.msh.application_acknowledgment_type == QUALITY_CONTROL


def _encounter(
    person: Person, patient: Key, drafts: dict[Key, Draft], context: Context
) -> Key | None:
    encounter = to_encounter(person.visit, patient, context) if person.visit else None
    if person.visit is None or encounter is None:
        return None
    if not _is_same_patients(drafts.setdefault(encounter.key, encounter), encounter):
        context.note("visit-of-another-patient", person.visit.place(19))
        return None
    return encounter.key


def _is_same_patients(one: Draft, other: Draft) -> bool:
    return bool(one.resource["subject"] == other.resource["subject"])


def _shared_fillers(persons: list[Person], context: Context) -> set[str]:
    """Return the filler numbers that name several OBR of the message."""
    counts = Counter(_filler(group, context) for person in persons for group in person.groups)
    shared = {filler for filler, count in counts.items() if filler and count > 1}
    if shared and context.source.options.get("report-key") != "filler+code":
        # One OBR of these alone in a later message would be another report: set the option.
        context.note("shared-number", "OBR-3")
    return shared


def _filler(group: Group, context: Context) -> str:
    return numbers(*read_group(group), context).filler


def _keyed(person: Person, shared: set[str], context: Context) -> list[tuple[Key, Group]]:
    """Return the OBR of one patient with the keys of their reports."""
    options = context.source.options
    always = options.get("report-key") == "filler+code"
    together, alone = (set(options.get(name, "").split("\n")) for name in (TOGETHER, ALONE))
    keyed = []
    for group in person.groups:
        key = report_key(
            group, context, shared=always or _filler(group, context) in shared | together
        )
        if key.value in alone:
            key = report_key(group, context, shared=False)
        keyed.append((key, group))
    return keyed


def _gather(reports: dict[Key, Report], report: Report, context: Context) -> None:
    """Add a report; OBR of one key are one report."""
    first, group = reports.setdefault(report.key, report), report.group
    if first is report:
        return
    if first.patient != report.patient:
        # Which of the two it belongs to, the message does not say.
        raise QuarantineError("other-patient", place(group.segment))
    first.group.results += group.results
    first.group.samples += [one for one in group.samples if one not in first.group.samples]
    first.group.notes += group.notes
    context.skip(group.segment, "same-report")
