"""HL7 aECG (ANSI/HL7 V3 annotated ECG, 2003-12; implementation guide of 2005-03-21).

Tolerant of what device makers write: names without namespace, no `xsi:type`, elements of their
own, empty series. What decides is what an element holds, not what it says to be.
"""

from decimal import Decimal

from adapters.ecg.aecg_annotations import read_annotations
from adapters.ecg.codes import LEADS, NO_SAMPLE, UNITS_UV
from adapters.ecg.numbers import decimal, inverse, plain, product
from adapters.ecg.reading import Reading
from adapters.ecg.records import (
    ECGRecording,
    Filters,
    Lead,
    Machine,
    Remark,
    Series,
    Subject,
)
from adapters.ecg.xml import Element, read
from adapters.errors import UnsupportedError

ROOT = "AnnotatedECG"
LEAD = "MDC_ECG_LEAD_"
BEAT = "REPRESENTATIVE_BEAT"
FILTERS = {"HIGH_PASS": "high_pass", "LOW_PASS": "low_pass", "NOTCH": "notch"}
SECONDS = {"s": Decimal(1), "ms": Decimal("0.001"), "us": Decimal("0.000001"), "": Decimal(1)}
SUBJECT = "componentOf/timepointEvent/componentOf/subjectAssignment/subject/trialSubject"


def parse(body: bytes) -> ECGRecording:
    """Return what an aECG file says; EnvelopeError."""
    root = read(body)
    if root.name != ROOT:
        raise UnsupportedError("不是 HL7 aECG 文件", location="XML")
    reading = Reading()
    series: list[Series] = []
    described: list[Element] = []
    for component in root.all("component"):
        for element in component.all("series"):
            found = _series(element, root, reading)
            series += found
            described += [element] if found else []
            read_annotations(element, reading)
            _leave_derived(element, reading)
    if not series and not reading.faults:
        reading.fault("missing-waveform", "series")
    first = described[0] if described else root
    identifier = root.at("id")
    return ECGRecording(
        format="aecg",
        identifier="|".join(filter(None, (identifier.get("root"), identifier.get("extension")))),
        subject=_subject(root),
        device=_device(first),
        filters=_filters(first),
        series=tuple(series),
        measurements=tuple(reading.measurements),
        statements=tuple(reading.statements),
        received=dict(reading.received),
        skips=tuple(reading.skips),
        remarks=reading.remarks,
        faults=tuple(reading.faults),
    )


def _series(element: Element, root: Element, reading: Reading) -> list[Series]:
    """Return the rhythms of a series, none if it is a representative beat or empty."""
    beat = element.at("code").get("code") == BEAT
    found = []
    for component in element.all("component"):
        for sequences in component.all("sequenceSet"):
            if beat:
                _leave(sequences, reading)
            elif (one := _rhythm(sequences, element, root, reading)) is not None:
                found.append(one)
    return found


def _leave_derived(element: Element, reading: Reading) -> None:
    """Count the leads and measurements of representative beats, which stay in the file."""
    for derivation in element.all("derivation"):
        for derived in derivation.all("derivedSeries"):
            for component in derived.all("component"):
                for sequences in component.all("sequenceSet"):
                    _leave(sequences, reading)
            read_annotations(derived, reading, reason="representative-beat")


def _leave(sequences: Element, reading: Reading) -> None:
    for component in sequences.all("component"):
        if component.at("sequence/value/digits"):
            reading.skip("lead", "representative-beat")


def _rhythm(sequences: Element, element: Element, root: Element, reading: Reading) -> Series | None:
    increment, head = Decimal(0), ""
    leads: dict[str, Lead] = {}
    for component in sequences.all("component"):
        sequence = component.at("sequence")
        value = sequence.at("value")
        if step := value.at("increment"):
            size = decimal(step.get("value")) or Decimal(0)
            increment = product(size, SECONDS.get(step.get("unit"), Decimal(0)))
            head = value.at("head").get("value") if "PQ" not in value.get("type") else ""
        elif value.at("digits"):
            lead = _lead(sequence.at("code").get("code"), value, reading)
            if lead is not None and lead.name in leads:
                reading.skips.append(_last(reading, "repeated"))
            elif lead is not None:
                leads[lead.name] = lead
    if not leads:
        return None
    if increment <= 0:
        reading.fault("missing-sampling-rate", "sequenceSet")
        increment = Decimal(1)
    start, end = _times(element, root)
    return Series(
        leads=tuple(leads.values()),
        rate=inverse(1, increment),
        period=plain(product(increment, 1000)),
        start=start or head,
        end=end if end != start else "",
        head=head,
    )


def _last(reading: Reading, reason: str) -> Remark:
    return Remark(reason, f"lead[{reading.received['lead']}]")


def _times(element: Element, root: Element) -> tuple[str, str]:
    """Return start and end of the examination as the series says it, else the document."""
    for one in (element, root):
        time = one.at("effectiveTime")
        start = time.at("low").get("value") or time.at("center").get("value") or time.get("value")
        if start:
            return start, time.at("high").get("value")
    return "", ""


def _lead(code: str, value: Element, reading: Reading) -> Lead | None:
    place = reading.count("lead")
    name = code.removeprefix(LEAD)
    known = LEADS.get(name.upper())
    if known is None:
        reading.remark("unknown-lead", place)
    scale, origin = _microvolts(value.at("scale")), _microvolts(value.at("origin"))
    if scale is None or scale == 0:
        reading.fault("missing-scale", place)
        return None
    text = value.at("digits").text
    if not reading.has_room(text.count(" ") + 1, place):
        return None
    samples = _samples(text)
    if samples is None:
        reading.fault("unreadable-samples", place)
        return None
    return Lead(known or name or "?", samples, plain(scale), plain(origin or Decimal(0)))


def _microvolts(element: Element) -> Decimal | None:
    value, factor = decimal(element.get("value")), UNITS_UV.get(element.get("unit"))
    return None if value is None or factor is None else product(value, factor)


def _samples(text: str) -> tuple[int | None, ...] | None:
    """Return the integers, None if they are not integers or none at all."""
    words = text.split()
    if not words:
        return None
    try:
        values = [int(word) for word in words]
    except ValueError:
        return None
    if max(values) >= 1 << 31 or min(values) < -(1 << 31):
        return None
    if NO_SAMPLE in values:
        return tuple(None if one == NO_SAMPLE else one for one in values)
    return tuple(values)


def _subject(root: Element) -> Subject:
    subject = root.at(SUBJECT)
    person = subject.at("subjectDemographicPerson")
    identifier = subject.at("id")
    number, authority = identifier.get("extension"), identifier.get("root")
    if not number:
        # Mindray leaves the id out and writes elements of its own.
        number, authority = person.at("PatientID").text or subject.at("PatientID").text, ""
    return Subject(
        number=number,
        authority=authority,
        name=_name(person.at("name")),
        birth_date=person.at("birthTime").get("value"),
        sex=person.at("administrativeGenderCode").get("code"),
    )


def _name(element: Element) -> str:
    """Return a name: its text, else its parts."""
    parts = [element.text, *(child.text for child in element.children)]
    return " ".join(filter(None, parts))


def _device(series: Element) -> Machine:
    author = series.at("author/seriesAuthor")
    device = author.at("manufacturedSeriesDevice")
    return Machine(
        manufacturer=author.at("manufacturerOrganization/name").text,
        model=device.at("manufacturerModelName").text,
        serial=device.at("SerialNumber").text
        or author.at("id").get("extension")
        or device.at("id").get("extension"),
        software=device.at("softwareName").text,
    )


def _filters(series: Element) -> Filters:
    found: dict[str, str] = {}
    for outer in series.all("controlVariable"):
        variable = outer.at("controlVariable")
        code = variable.at("code").get("code")
        name = next((one for word, one in FILTERS.items() if code.endswith(word)), "")
        for component in variable.all("component"):
            inner = component.at("controlVariable")
            value = inner.at("value")
            if name and inner.at("code").get("code").endswith("FREQ") and value.get("value"):
                number = decimal(value.get("value"))
                if number is not None and value.get("unit") in {"Hz", ""}:
                    found[name] = plain(number)
    return Filters(**found)
