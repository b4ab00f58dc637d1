"""One ECG file to Patient, DiagnosticReport, Observations and the order link.

docs/reference/ecg-mapping.md holds the rules.
"""

from datetime import datetime

from adapters.ecg import ECGRecording, fingerprint
from mappers.base import Draft, Key, Mapped, Note, OrderLink, Recording, Resource, Source
from mappers.ecg.context import Context
from mappers.ecg.identity import bare_name
from mappers.ecg.limb_leads import agree
from mappers.ecg.measurements import STUDY, to_measurements, to_statements
from mappers.ecg.patient import patient_key, to_patient, whose
from mappers.ecg.waveform import effective, to_waveform
from mappers.names import CAMPUS, ECG, LOINC, PROVENANCE_AGENT, v2_table
from mappers.times import Moment

EVENT = "ECG"
CONTENT_TYPES = {"aecg": "application/xml", "dicom": "application/dicom"}
DISAGREE = "limb-leads-disagree"
"""Note and tag of leads that contradict each other."""
PRELIMINARY, FINAL = 1, 3
"""Ranks of the statuses that an ECG's resources have."""
LONGEST_DRIFT = 86_400
"""Seconds by which the head of the samples may differ from the examination."""


def to_fhir(recording: ECGRecording, source: Source, original: Key, size: int) -> Mapped:
    """Return what one file says; `original` is the key of the Binary that keeps its bytes."""
    context = Context(recording, source)
    if recording.faults:
        fault = recording.faults[0]
        return Mapped(
            EVENT,
            account=context.account(()),
            notes=context.notes(),
            quarantine=Note(fault.code, fault.place),
        )
    return _Map(context).mapped(original, size)


class _Map:
    """The map of one sound recording."""

    def __init__(self, context: Context) -> None:
        self._context = context
        found = context.recording
        self._start = context.moment(found.series[0].start, "effectiveTime")
        self._clock = self._start.clock if self._start else ""
        self._digest = fingerprint(found.series)
        self._identity = self._recording()
        self._tags = [() if agree(series) else (DISAGREE,) for series in found.series]
        if any(self._tags):
            context.note(DISAGREE, "series")
        if any(len({len(lead.samples) for lead in one.leads}) > 1 for one in found.series):
            context.note("unequal-leads", "series")
        self._compare_clocks()

    def _recording(self) -> Recording:
        subject = self._context.recording.subject
        born = self._context.moment(subject.birth_date, "birthTime")
        return Recording(
            hash=self._digest,
            start=self._clock[:19],
            number=subject.number,
            name=bare_name(subject.name),
            birth_date=born.date if born else "",
        )

    def _compare_clocks(self) -> None:
        head = self._context.recording.series[0].head
        other = self._context.moment(head, "head") if head else None
        if self._start and other and _apart(self._start, other) > LONGEST_DRIFT:
            self._context.note("clock-differs", "head")

    def mapped(self, original: Key, size: int) -> Mapped:
        """Return what the file says."""
        context = self._context
        key = patient_key(context, self._identity)
        patient = to_patient(key, self._clock, context)
        results = self._results(key)
        report = self._report(key, results, original, size)
        drafts = (patient, *results, report)
        return Mapped(
            EVENT,
            drafts=drafts,
            orders=self._orders(report.key),
            account=context.account(drafts),
            notes=context.notes(),
            provenance=self._provenance(),
            recording=self._identity,
        )

    def _key(self, type_: str, part: str = "") -> Key:
        one = self._identity
        return Key(type_, ECG, f"{one.hash}|{one.start}|{whose(one)}{part}")

    def _about(self, patient: Key) -> Resource:
        """Return what all resources of the ECG share."""
        about: Resource = {"subject": {"reference": str(patient)}}
        if device := _device(self._context.recording):
            about["device"] = device
        return about

    def _results(self, patient: Key) -> list[Draft]:
        """Return the Observations: measurements, statements, then the waveforms."""
        context, about = self._context, self._about(patient)
        waveforms = []
        for index, series in enumerate(context.recording.series, 1):
            tags = self._tags[index - 1]
            resource = to_waveform(series, self._digest, about, context, tags)
            key = self._key("Observation", f"#waveform{index}")
            waveforms.append(Draft(key, resource, self._clock, FINAL))
        references = [{"reference": str(draft.key)} for draft in waveforms]
        about |= effective(context.recording.series[0], context)
        told = []
        if context.recording.measurements:
            resource = to_measurements(about, references, context)
            key = self._key("Observation", "#measurements")
            told.append(Draft(key, resource, self._clock, PRELIMINARY))
        if context.recording.statements:
            resource = to_statements(about, references, context)
            key = self._key("Observation", "#statements")
            told.append(Draft(key, resource, self._clock, PRELIMINARY))
        return [*told, *waveforms]

    def _report(self, patient: Key, results: list[Draft], original: Key, size: int) -> Draft:
        recording = self._context.recording
        resource = self._context.resource("DiagnosticReport", max(self._tags))
        resource["identifier"] = [{"system": ECG, "value": self._digest}]
        resource["status"] = "preliminary"
        category = {"system": v2_table("0074"), "code": "EC"}
        resource["category"] = [{"coding": [category]}]
        resource["code"] = {"coding": [{"system": LOINC, "code": STUDY}]}
        resource |= effective(recording.series[0], self._context)
        resource["subject"] = {"reference": str(patient)}
        if recording.subject.number:
            # As written, it tells this recording from another one of the same voltages.
            number = {"system": patient.system, "value": patient.value}
            resource["subject"]["identifier"] = number
        if recording.institution:
            performer = {"type": "Organization", "display": recording.institution}
            resource["performer"] = [performer]
        resource["result"] = [{"reference": str(draft.key)} for draft in results]
        attachment = {"contentType": CONTENT_TYPES[recording.format], "url": str(original)}
        resource["presentedForm"] = [{**attachment, "size": size, "title": "original"}]
        return Draft(self._key("DiagnosticReport"), resource, self._clock, PRELIMINARY)

    def _orders(self, report: Key) -> tuple[OrderLink, ...]:
        recording = self._context.recording
        if not recording.accession:
            return ()
        campus = self._context.source.authorities.get(recording.accession_authority, "")
        campus = "" if campus == self._context.campus else campus
        return (OrderLink(report, campus, recording.accession, kinds=("accession", "placer")),)

    def _provenance(self) -> Resource:
        provenance = self._context.resource("Provenance")
        if self._start:
            provenance["occurredDateTime"] = self._start.text
        sender: Resource = {
            "type": "Organization",
            "identifier": {"system": CAMPUS, "value": self._context.campus},
        }
        if model := self._context.recording.device.model:
            sender["display"] = model
        role = {"coding": [{"system": PROVENANCE_AGENT, "code": "author"}]}
        provenance["agent"] = [{"type": role, "who": sender}]
        return provenance


def _device(recording: ECGRecording) -> Resource:
    device = recording.device
    words = [device.manufacturer, device.model, device.software]
    display = " ".join(filter(None, words))
    found: Resource = {"type": "Device"}
    if device.serial:
        found["identifier"] = {"value": device.serial}
    if display:
        found["display"] = display
    return found if found.keys() > {"type"} else {}


def _apart(one: Moment, other: Moment) -> float:
    """Return how many seconds lie between two times."""
    first, second = (datetime.fromisoformat(moment.clock) for moment in (one, other))
    return abs((first - second).total_seconds())
