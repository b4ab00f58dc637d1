"""Which parameters make a clinical row: about whom, what, when (DESIGN §3, "Indexes")."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from gateway.fhir.searchparams import search_params

# The date by which a clinician orders results of a type, by its search parameter.
DATES: Final[Mapping[str, str]] = {
    "AllergyIntolerance": "date",
    "AuditEvent": "date",
    "CarePlan": "date",
    "ClinicalImpression": "date",
    "Communication": "sent",
    "Composition": "date",
    "Condition": "recorded-date",
    "DiagnosticReport": "date",
    "DocumentReference": "date",
    "Encounter": "date",
    "EpisodeOfCare": "date",
    "FamilyMemberHistory": "date",
    "Flag": "date",
    "Goal": "start-date",
    "ImagingStudy": "started",
    "Immunization": "date",
    "List": "date",
    "Media": "created",
    "MedicationAdministration": "effective-time",
    "MedicationDispense": "whenhandedover",
    "MedicationRequest": "authoredon",
    "MedicationStatement": "effective",
    "Observation": "date",
    "Procedure": "date",
    "Provenance": "recorded",
    "QuestionnaireResponse": "authored",
    "RiskAssessment": "date",
    "ServiceRequest": "authored",
    "Specimen": "collected",
    "Task": "authored-on",
}
NOT_CLINICAL: Final = frozenset({"Person", "Patient", "Group", "RelatedPerson"})


@dataclass(frozen=True, slots=True)
class Clinical:
    """Storage ids of the parameters that make the clinical row of a type."""

    patient: tuple[int, ...]
    code: tuple[int, ...]
    date: tuple[int, ...]


@cache
def clinical(resource_type: str) -> Clinical | None:
    """Return the parameters of a clinical type, None for a type that is about no patient."""
    params = search_params(resource_type)
    about = [
        params[name].stores
        for name in ("patient", "subject")
        if name in params and "Patient" in params[name].targets
    ]
    if not about or resource_type in NOT_CLINICAL:
        return None
    code = params.get("code") or params.get("type")
    date = params.get(DATES.get(resource_type, ""))
    return Clinical(
        patient=tuple(sorted({store for stores in about for store in stores})),
        code=code.stores if code and code.kind == "token" else (),
        date=date.stores if date and date.kind == "date" else (),
    )
