"""The sample's ECGs: one person's of today, and of forty days before."""

from datetime import timedelta

from adapters.ecg import parse
from fixtures.ecg.aecg import Recorded, aecg
from fixtures.ecg.heart import record
from gateway.web.sources import WholeECG
from mappers.base import Key, Source
from mappers.ecg import to_fhir


def ecgs(whose, meta, now):
    """Return the ECGs by the id of their report."""
    before = now - timedelta(days=40)
    return {
        "premature": tracing("premature", "extrasystole", whose, meta, now),
        "before": tracing("before", "sinus", whose, meta, before),
    }


def tracing(id_, rhythm, whose, meta, at):
    """Return an ECG as the gateway stores it."""
    taken = Recorded(record(rhythm, 7), at, "H-1", "陈桂花", "F", "19510203")
    body = aecg(taken).encode()
    mapped = to_fhir(parse(body), Source("D", "Asia/Shanghai"), Key("Binary", "x", "y"), 1)
    found = {"DiagnosticReport": [], "Observation": [], "Patient": []}
    for number, draft in enumerate(mapped.drafts):
        stored = {**draft.resource, "id": f"{id_}-{number}", "meta": meta("D")}
        stored.pop("derivedFrom", None)
        stored.pop("presentedForm", None)
        if "subject" in stored:
            stored["subject"] = {"reference": f"Patient/{whose['id']}"}
        found[draft.key.type].append(stored)
    (whole,) = found["DiagnosticReport"]
    told = found["Observation"]
    result = [{"reference": f"Observation/{one['id']}"} for one in told]
    whole |= {"id": id_, "result": result}
    return WholeECG(whole, whose, tuple(told[2:]), tuple(told[:1]), tuple(told[1:2]))
