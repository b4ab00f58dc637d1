"""DICOM objects that hold an ECG (PS3.3 A.34 and C.10.9), read with pydicom.

Catheter laboratories send a 12-lead ECG as a haemodynamic waveform, converters as a general ECG:
what decides is whether there are waveforms, not the SOP class.
"""

import io
import warnings
from typing import Any, Final

import pydicom
from pydicom.dataset import Dataset

from adapters.dicom.faults import ObjectError
from adapters.dicom.scan import scan
from adapters.ecg.dicom_waveform import read_group
from adapters.ecg.reading import Reading, clean
from adapters.ecg.records import ECGRecording, Filters, Machine, Series, Subject
from adapters.errors import EnvelopeError, UnsupportedError

BEATS: Final = ("MEDIAN", "BEAT", "AVERAGE", "TEMPLATE", "REPRESENT")

# Field data breaks the rules of almost every value representation; we note what matters to us.
pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE


def parse(body: bytes) -> ECGRecording:
    """Return what a DICOM ECG object says; EnvelopeError."""
    _check(body)
    try:
        with warnings.catch_warnings():
            # Its warnings quote what they warn of, and we remark on what matters.
            warnings.simplefilter("ignore")
            data = pydicom.dcmread(io.BytesIO(body), force=True)
            if data.get("WaveformSequence"):
                return _recording(data, Reading())
    except EnvelopeError:
        raise
    except Exception as error:
        # A parser of hostile bytes fails in as many ways as there are bytes.
        raise EnvelopeError("DICOM 文件不完整或无法解析", location="DICOM") from error
    if not data:
        raise EnvelopeError("DICOM 文件不完整或无法解析", location="DICOM")
    raise UnsupportedError("DICOM 对象中没有波形", location="(5400,0100)")


def _check(body: bytes) -> None:
    """Raise EnvelopeError of a file that is cut off, or made to exhaust whoever reads it.

    The library inflates whatever there is to inflate; the scan is bounded.
    """
    try:
        scan(lambda at, count: body[at : at + count], len(body), {}, {})
    except ObjectError as error:
        place = error.place or "DICOM"
        raise EnvelopeError("DICOM 文件不完整或无法解析", location=place) from error


def _recording(data: Dataset, reading: Reading) -> ECGRecording:
    _charset(data, reading)
    series: list[Series] = []
    filters = Filters()
    for index, group in enumerate(data.WaveformSequence, 1):
        beat = _is_beat(group)
        found = read_group(group, index, reading, beat=beat)
        if found is not None:
            series.append(_timed(found[0], data))
            filters = filters if series[1:] else found[1]
    if not series and not reading.faults:
        reading.fault("missing-waveform", "WaveformSequence")
    for annotation in data.get("WaveformAnnotationSequence") or ():
        _annotation(annotation, reading)
    return ECGRecording(
        format="dicom",
        identifier=text(data, "SOPInstanceUID"),
        zone=text(data, "TimezoneOffsetFromUTC"),
        subject=_subject(data),
        device=Machine(
            text(data, "Manufacturer"),
            text(data, "ManufacturerModelName"),
            text(data, "DeviceSerialNumber"),
            text(data, "SoftwareVersions"),
        ),
        filters=filters,
        accession=text(data, "AccessionNumber"),
        accession_authority=_issuer(data, "IssuerOfAccessionNumberSequence"),
        institution=text(data, "InstitutionName"),
        series=tuple(series),
        measurements=tuple(reading.measurements),
        statements=tuple(reading.statements),
        received=dict(reading.received),
        skips=tuple(reading.skips),
        remarks=reading.remarks,
        faults=tuple(reading.faults),
    )


def text(data: Dataset, keyword: str) -> str:
    """Return an element as text, its values joined, "" if it is absent."""
    value: Any = data.get(keyword)
    if value is None:
        return ""
    if isinstance(value, (list, tuple, pydicom.multival.MultiValue)):
        return clean(" ".join(str(one) for one in value))
    return clean(str(value))


def _charset(data: Dataset, reading: Reading) -> None:
    """Say in which character set to read where the file names none that exists."""
    named = data.get("SpecificCharacterSet") or ()
    names = [named] if isinstance(named, str) else list(named)
    if names and all(str(name) in pydicom.charset.python_encoding for name in names):
        return
    raw = _raw_texts(data)
    if raw.isascii():
        return
    reading.remark("assumed-charset", "(0008,0005)")
    try:
        raw.decode()
        name = "utf_8"
    except UnicodeDecodeError:
        name = "gb18030"
    implicit, little = data.original_encoding
    # What is decoded from now on is read in it.
    data.set_original_encoding(implicit, little, name)


def _raw_texts(data: Dataset) -> bytes:
    found = b""
    for keyword in ("PatientName", "InstitutionName", "PatientID"):
        element = data.get_item(keyword) if keyword in data else None
        value = getattr(element, "value", b"")
        found += value if isinstance(value, bytes) else str(value).encode("latin-1", "ignore")
    return found


def _subject(data: Dataset) -> Subject:
    name = text(data, "PatientName").partition("=")[0]
    others = [
        (_authority(one), number)
        for one in data.get("OtherPatientIDsSequence") or ()
        if (number := text(one, "PatientID"))
    ]
    return Subject(
        number=text(data, "PatientID"),
        authority=_authority(data),
        name=name.strip("^ "),
        structured=True,
        birth_date=text(data, "PatientBirthDate"),
        sex=text(data, "PatientSex"),
        others=tuple(others),
    )


def _authority(data: Dataset) -> str:
    qualifiers = data.get("IssuerOfPatientIDQualifiersSequence") or ()
    return text(data, "IssuerOfPatientID") or next(
        (found for one in qualifiers if (found := text(one, "UniversalEntityID"))), ""
    )


def _issuer(data: Dataset, keyword: str) -> str:
    for one in data.get(keyword) or ():
        found = text(one, "LocalNamespaceEntityID") or text(one, "UniversalEntityID")
        if found:
            return found
    return ""


def _timed(series: Series, data: Dataset) -> Series:
    start = text(data, "AcquisitionDateTime")
    for kind in ("Content", "Study"):
        date, time = text(data, f"{kind}Date"), text(data, f"{kind}Time").replace(":", "")
        start = start or (date + time if date else "")
    return Series(series.leads, series.rate, series.period, start, offset=series.offset)


def _is_beat(group: Dataset) -> bool:
    """Return whether a multiplex group is a representative beat: its place says nothing."""
    label = text(group, "MultiplexGroupLabel").upper()
    if "RHYTHM" in label:
        return False
    if any(word in label for word in BEATS):
        return True
    return text(group, "WaveformOriginality").upper() == "DERIVED"


def _annotation(one: Dataset, reading: Reading) -> None:
    concept = next(iter(one.get("ConceptNameCodeSequence") or ()), Dataset())
    unit = next(iter(one.get("MeasurementUnitsCodeSequence") or ()), Dataset())
    code, scheme = text(concept, "CodeValue"), text(concept, "CodingSchemeDesignator")
    value: Any = one.get("NumericValue")
    if value is not None:
        number = _written(one)
        reading.measure(code, scheme, number, text(unit, "CodeValue"))
    elif said := text(one, "UnformattedTextValue"):
        reading.state("statement", said)
    elif code:
        reading.remark("wave-boundaries", "WaveformAnnotationSequence")


def _written(one: Dataset) -> str:
    """Return a decimal string digit for digit; of several values the first."""
    value: Any = one["NumericValue"].value
    if isinstance(value, (list, pydicom.multival.MultiValue)):
        value = value[0]
    return str(getattr(value, "original_string", value)).strip()
