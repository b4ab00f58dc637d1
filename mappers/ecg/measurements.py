"""What the device measured and said, to Observations that no physician has confirmed."""

import re

import msgspec

from adapters.ecg import Measurement
from mappers.base import Resource
from mappers.ecg.context import Context
from mappers.names import LOINC, MDC, OBSERVATION_CATEGORY, UCUM
from mappers.numbers import number

STUDY, TWELVE_LEADS, IMPRESSION = "11524-6", "34534-8", "8601-7"
ALL_LEADS = 12

CODES = {
    "heart-rate": ("8867-4", "147088", "HR"),
    "atrial-rate": ("", "147092", "Atrial rate"),
    "rr": ("8637-1", "147240", "RR"),
    "pp": ("", "", "PP"),
    "p": ("", "", "P"),
    "pr": ("8625-6", "146944", "PR"),
    "qrs": ("8633-0", "147228", "QRS"),
    "qt": ("8634-8", "147232", "QT"),
    "qtc": ("8636-3", "146948", "QTc"),
    "p-axis": ("8626-4", "147200", "P axis"),
    "qrs-axis": ("8632-2", "147204", "QRS axis"),
    "t-axis": ("8638-9", "147208", "T axis"),
    "rv5": ("9995-2", "", "RV5"),
    "sv1": ("10040-4", "", "SV1"),
    "rv5-sv1": ("76636-0", "", "RV5+SV1"),
}
"""Kind -> LOINC, MDC, text."""
UNIT = re.compile(r"[!-~]+\Z")
"""What may be a UCUM code."""
FORMULAS = {"QTCB": "Bazett", "QTCF": "Fridericia", "QTCH": "Hodges"}


def to_measurements(about: Resource, waveforms: list[Resource], context: Context) -> Resource:
    """Return the Observation of all that was measured."""
    found = context.recording
    resource = context.resource("Observation")
    resource["status"] = "preliminary"
    resource["category"] = [{"coding": [{"system": OBSERVATION_CATEGORY, "code": "procedure"}]}]
    codings = [{"system": LOINC, "code": STUDY}]
    if any(len(series.leads) >= ALL_LEADS for series in found.series):
        codings.append({"system": LOINC, "code": TWELVE_LEADS})
    resource["code"] = {"coding": codings}
    resource |= about
    resource["derivedFrom"] = waveforms
    resource["component"] = [_component(one, context) for one in found.measurements]
    return resource


def _component(one: Measurement, context: Context) -> Resource:
    loinc, mdc, text = CODES[one.kind]
    codings = [{"system": LOINC, "code": loinc}] if loinc else []
    codings += [{"system": MDC, "code": mdc}] if mdc else []
    sent: Resource = {"code": one.code}
    if system := context.sent_system(one.system):
        sent["system"] = system
    if sent not in codings:
        codings.append(sent)
    formula = next((name for end, name in FORMULAS.items() if one.code.upper().endswith(end)), "")
    quantity: Resource = {"value": msgspec.Raw(str(number(one.value)).encode())}
    if one.unit:
        quantity["unit"] = one.unit
    if UNIT.match(one.unit):
        quantity |= {"system": UCUM, "code": one.unit}
    code = {"coding": codings, "text": f"{text} ({formula})" if formula else text}
    return {"code": code, "valueQuantity": quantity}


def to_statements(about: Resource, waveforms: list[Resource], context: Context) -> Resource:
    """Return the Observation of what the device said, word for word."""
    resource = context.resource("Observation")
    resource["status"] = "preliminary"
    resource["category"] = [{"coding": [{"system": OBSERVATION_CATEGORY, "code": "procedure"}]}]
    resource["code"] = {"coding": [{"system": LOINC, "code": IMPRESSION}]}
    resource |= about
    resource["valueString"] = "\n".join(one.text for one in context.recording.statements)
    resource["method"] = {"text": "device"}
    resource["derivedFrom"] = waveforms
    return resource
