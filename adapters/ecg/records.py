"""One ECG as its file tells it, whatever the format: leads, device, patient, what was measured.

Texts are as written; "" is what the file does not say. Numbers are kept digit for digit.
"""

from collections.abc import Mapping

import msgspec

STANDARD_LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
"""In the order of every printed ECG."""
INDEPENDENT = frozenset({"I", "II", "V1", "V2", "V3", "V4", "V5", "V6"})


class Remark(msgspec.Struct, frozen=True):
    """A word about a place of the file; never its value."""

    code: str
    place: str


class Lead(msgspec.Struct, frozen=True):
    """One channel, sampled evenly: voltage in µV = origin + scale * sample."""

    name: str
    """One of STANDARD_LEADS, else as the file writes it."""
    samples: tuple[int | None, ...]
    """None where the device has no value."""
    scale: str
    """µV per LSB, a decimal."""
    origin: str = "0"
    """µV at 0."""


class Series(msgspec.Struct, frozen=True):
    """Leads recorded at the same time."""

    leads: tuple[Lead, ...]
    rate: str
    """Samples a second, a decimal."""
    period: str
    """Milliseconds between samples, a decimal."""
    start: str = ""
    end: str = ""
    head: str = ""
    """What the time axis itself says, where that is a time."""
    offset: str = ""
    """Milliseconds after `start`."""


class Subject(msgspec.Struct, frozen=True):
    """The patient."""

    number: str = ""
    authority: str = ""
    """Who gave the number: an OID, or a name."""
    name: str = ""
    """`family^given` where `structured`."""
    structured: bool = False
    birth_date: str = ""
    sex: str = ""
    others: tuple[tuple[str, str], ...] = ()
    """Further numbers, (authority, number)."""


class Machine(msgspec.Struct, frozen=True):
    """What recorded it."""

    manufacturer: str = ""
    model: str = ""
    serial: str = ""
    software: str = ""


class Filters(msgspec.Struct, frozen=True):
    """Limits of what was recorded, in Hz."""

    high_pass: str = ""
    low_pass: str = ""
    notch: str = ""


class Measurement(msgspec.Struct, frozen=True):
    """A number that the device found."""

    kind: str
    """One of adapters.ecg.codes.KINDS."""
    value: str
    unit: str
    code: str
    """As the file writes it."""
    system: str
    """"MDC", "SCPECG", "LN", or what else the file calls it."""


class Statement(msgspec.Struct, frozen=True):
    """A sentence of the device."""

    kind: str
    """`statement`, `summary`, `comment` or `rhythm`."""
    text: str


class ECGRecording(msgspec.Struct, frozen=True, kw_only=True):
    """One file."""

    format: str
    """`aecg` or `dicom`."""
    identifier: str
    """The file's own id."""
    zone: str = ""
    """`+0800` where the file says once for all its times."""
    subject: Subject = Subject()
    device: Machine = Machine()
    filters: Filters = Filters()
    accession: str = ""
    accession_authority: str = ""
    institution: str = ""
    series: tuple[Series, ...] = ()
    """What was recorded; representative beats stay in the file."""
    measurements: tuple[Measurement, ...] = ()
    statements: tuple[Statement, ...] = ()
    received: Mapping[str, int] = {}
    """How many leads, measurements and statements the file has."""
    skips: tuple[Remark, ...] = ()
    """Those that are left in the file, and why."""
    remarks: tuple[Remark, ...] = ()
    faults: tuple[Remark, ...] = ()
    """Why it cannot be used."""


def has_twelve_leads(recording: ECGRecording) -> bool:
    """Return whether the eight leads that the other four follow from were recorded at one time."""
    return any({lead.name for lead in one.leads} >= INDEPENDENT for one in recording.series)
