"""Whether an ECG is stored already, whichever way and from whichever campus it came.

docs/reference/ecg-mapping.md, 5; DESIGN §3, "Business keys decide, ids follow".
"""

from collections.abc import Callable
from typing import Any, Final

from gateway.fhir.searchparams import search_params
from gateway.ingest.reasons import QuarantineError
from gateway.ingest.standing import subject_of
from gateway.interactions.door import Door
from mappers.base import Recording, Resource
from mappers.ecg import bare_name, same_recording
from mappers.names import ECG
from mappers.times import moment

LIMIT: Final = 100
"""Recordings of one hash: a demonstration strip under several names."""
IDENTIFIER: Final = search_params("DiagnosticReport")["identifier"].stores[0]


def stored_recording(
    door: Door, recording: Recording, is_linked: Callable[[str], bool]
) -> Resource | None:
    """Return the report of the same recording, None if there is none; QuarantineError of several.

    `is_linked` says whether a stored subject is certainly the patient of the file.
    """
    rows = door.store.fetch("carrying", (IDENTIFIER, recording.hash, ECG, LIMIT))
    found = []
    for (id_,) in rows:
        stored = door.store.current("DiagnosticReport", id_)
        if stored is None or stored.deleted:
            continue
        report = {**stored.resource(), "id": id_}
        subject = subject_of(report)
        known = _recording(door, report, subject, recording.hash)
        if same_recording(recording, known, linked=is_linked(subject)):
            found.append(report)
    if len(found) > 1:
        raise QuarantineError("several-recordings", "DiagnosticReport.identifier")
    return found[0] if found else None


def _recording(door: Door, report: Resource, subject: str, digest: str) -> Recording:
    """Return what tells a stored recording from others."""
    period = report.get("effectivePeriod", {})
    start = moment(report.get("effectiveDateTime") or period.get("start", ""), "UTC")
    stored = door.store.current(*subject.split("/")) if subject.count("/") == 1 else None
    patient: Resource = stored.resource() if stored is not None and not stored.deleted else {}
    number = report.get("subject", {}).get("identifier", {}).get("value", "")
    return Recording(
        hash=digest,
        start=start.clock[:19] if start else "",
        number=str(number),
        name=_name(patient.get("name") or ()),
        birth_date=str(patient.get("birthDate", "")),
    )


def _name(names: Any) -> str:
    for name in names:
        given = filter(None, name.get("given", ()))
        text = name.get("text") or "".join([name.get("family", ""), *given])
        if text:
            return bare_name(str(text))
    return ""
