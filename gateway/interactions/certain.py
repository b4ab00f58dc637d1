"""Which Patients a Person or a merged Patient certainly joins (DESIGN §3, "A source Patient").

Person.link with assurance level4 is certain, a link confirmed by hand included. A campus's own
merge (`Patient.link` replaced-by) joins only Patients of that campus: one hospital merges nobody
else's.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from gateway.fhir.definitions import TYPE_IDS
from gateway.interactions.door import Door
from gateway.interactions.prepare import Prepared

PATIENT = TYPE_IDS["Patient"]


def settle(door: Door, prepared: Iterable[Prepared]) -> None:
    """Fill in `certain` of each Person and Patient."""
    group = list(prepared)
    here = {one.id: one.campus for one in group if one.type == "Patient"}
    for one in group:
        if one.type == "Person":
            one.certain = [(PATIENT, id_) for id_ in _linked(one.resource)]
        elif one.type == "Patient":
            others = [
                id_ for id_ in _replaced_by(one.resource) if _campus(door, here, id_) == one.campus
            ]
            one.certain = [(PATIENT, id_) for id_ in (one.id, *others)] if others else []


def _campus(door: Door, here: Mapping[str, int], id_: str) -> int | None:
    if id_ in here:
        return here[id_]
    stored = door.store.current("Patient", id_)
    return stored.campus if stored else None


def _linked(person: Mapping[str, Any]) -> list[str]:
    return [
        id_
        for link in person.get("link", ())
        if link.get("assurance") == "level4" and (id_ := _patient(link.get("target")))
    ]


def _replaced_by(patient: Mapping[str, Any]) -> list[str]:
    return [
        id_
        for link in patient.get("link", ())
        if link.get("type") == "replaced-by" and (id_ := _patient(link.get("other")))
    ]


def _patient(reference: Mapping[str, Any] | None) -> str:
    type_, _, id_ = str((reference or {}).get("reference", "")).partition("/")
    return id_ if type_ == "Patient" else ""
