"""A rhythm to the waveform Observation: one component a lead, the device's own integers.

https://hl7.org/fhir/R4/datatypes.html#SampledData: value = origin + factor * data
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from adapters.ecg import Filters, Lead, Series
from mappers.base import Resource
from mappers.ecg.context import Context
from mappers.names import ECG, EXT_ECG_FILTER, EXT_SAMPLING_RATE, MDC, OBSERVATION_CATEGORY, UCUM

WAVEFORM = "131328"
POTENTIALS = {
    "I": "131329", "II": "131330", "V1": "131331", "V2": "131332", "V3": "131333", "V4": "131334",
    "V5": "131335", "V6": "131336", "III": "131389", "aVR": "131390", "aVL": "131391",
    "aVF": "131392",
}  # fmt: skip
"""MDC_ECG_ELEC_POTL_<lead>, ISO/IEEE 11073-10101."""
FILTERS = {"high_pass": "high-pass", "low_pass": "low-pass", "notch": "notch"}


def to_waveform(
    series: Series, digest: str, about: Resource, context: Context, tags: Iterable[str]
) -> Resource:
    """Return the Observation of one rhythm; `about` is what all resources of the ECG share."""
    resource = context.resource("Observation", tags)
    extensions: list[Resource] = [{"url": EXT_SAMPLING_RATE, "valueQuantity": _hertz(series.rate)}]
    if filters := _filters(context.recording.filters):
        extensions.append({"url": EXT_ECG_FILTER, "extension": filters})
    resource["extension"] = extensions
    resource["identifier"] = [{"system": ECG, "value": digest}]
    resource["status"] = "final"
    resource["category"] = [{"coding": [{"system": OBSERVATION_CATEGORY, "code": "procedure"}]}]
    coding = {"system": MDC, "code": WAVEFORM, "display": "MDC_ECG_ELEC_POTL"}
    resource["code"] = {"coding": [coding]}
    resource |= about
    resource |= effective(series, context)
    resource["component"] = [_component(lead, series) for lead in series.leads]
    return resource


def effective(series: Series, context: Context) -> Resource:
    """Return when a rhythm was recorded, {} if the file does not say."""
    start = context.moment(series.start, "effectiveTime")
    end = context.moment(series.end, "effectiveTime")
    if start is None:
        return {}
    text = start.text
    if series.offset and start.instant:
        text = _later(text, float(series.offset))
    elif end is not None and end.clock > start.clock:
        return {"effectivePeriod": {"start": text, "end": end.text}}
    return {"effectiveDateTime": text}


def _later(text: str, milliseconds: float) -> str:
    try:
        found = datetime.fromisoformat(text) + timedelta(milliseconds=milliseconds)
    except (OverflowError, ValueError):
        return text
    return found.isoformat(timespec="milliseconds")


def _hertz(value: str) -> Resource:
    return {"value": msgspec.Raw(value.encode()), "unit": "Hz", "system": UCUM, "code": "Hz"}


def _filters(filters: Filters) -> list[Resource]:
    return [
        {"url": url, "valueQuantity": _hertz(value)}
        for name, url in FILTERS.items()
        if (value := getattr(filters, name))
    ]


def _component(lead: Lead, series: Series) -> Resource:
    code: Resource = {"text": lead.name}
    if potential := POTENTIALS.get(lead.name):
        display = f"MDC_ECG_ELEC_POTL_{lead.name}"
        code["coding"] = [{"system": MDC, "code": potential, "display": display}]
    origin = {
        "value": msgspec.Raw(lead.origin.encode()),
        "unit": "uV",
        "system": UCUM,
        "code": "uV",
    }
    sampled = {
        "origin": origin,
        "period": msgspec.Raw(series.period.encode()),
        "factor": msgspec.Raw(lead.scale.encode()),
        "dimensions": 1,
        "data": " ".join(["E" if one is None else str(one) for one in lead.samples]),
    }
    return {"code": code, "valueSampledData": sampled}
