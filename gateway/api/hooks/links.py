"""Where a prior result is looked at: the pages of this gateway, in a browser.

https://cds-hooks.hl7.org/2.0/#link
"""

import re
from typing import Final

from gateway.api.hooks import words
from gateway.api.hooks.words import say
from gateway.api.language import Language
from gateway.fhir.codec import decode
from gateway.interactions.door import Door
from gateway.recognition.model import Decision

REPORT: Final = re.compile(r"DiagnosticReport/([A-Za-z0-9.-]{1,64})/_history/(\d+)")
STUDY_UID: Final = "urn:dicom:uid"


def links(door: Door, root: str, decision: Decision, language: Language) -> list[dict[str, str]]:
    """Return the page of a result at the version that was judged, none where it has no page."""
    result = decision.result.reference if decision.result else ""
    told = " ".join(one for rule in decision.rules for one in rule.evidence)
    report = REPORT.search(f"{result} {told}")
    type_, _, id_ = result.partition("/_history/")[0].partition("/")
    if report:
        path, label = f"/reports/{report[1]}?version={report[2]}", words.REPORT
    elif type_ == "ImagingStudy":
        path, label = _study(door, id_), words.IMAGES
    else:
        path, label = _timeline(door, type_, id_), words.TIMELINE
    if not path:
        return []
    return [{"label": say(label, language), "url": f"{root}{path}", "type": "absolute"}]


def _study(door: Door, id_: str) -> str:
    """Return the page of a study, which is known by its uid."""
    stored = door.store.current("ImagingStudy", id_)
    numbers = decode(stored.json()).get("identifier", ()) if stored and not stored.deleted else ()
    uids = [one.get("value", "") for one in numbers if one.get("system") == STUDY_UID]
    return f"/studies/{uids[0].removeprefix('urn:oid:')}" if uids else ""


def _timeline(door: Door, type_: str, id_: str) -> str:
    """Return the page of all results of a result's patient: a measurement has none of its own."""
    stored = door.store.current(type_, id_)
    if stored is None or stored.deleted:
        return ""
    subject = decode(stored.json()).get("subject", {}).get("reference", "")
    return f"/patients/{subject.removeprefix('Patient/')}" if subject else ""
