"""Observations to read and search: patients of several campuses, ten values a test and patient."""

import json
from collections.abc import Iterator
from typing import Any

from bench.running import Gateway

CAMPUSES = ("A", "B", "C")
PATIENTS = 300
TESTS = (("718-7", "Hemoglobin", "g/L"), ("2345-7", "Glucose", "mmol/L"))
VALUES = 10


def fill(gateway: Gateway) -> list[str]:
    """Store the sample; return the ids of its patients."""
    gateway.add_campuses(*CAMPUSES)
    patients = [f"p{number}" for number in range(PATIENTS)]
    for number, patient in enumerate(patients):
        entries = [{"resource": one, "request": _put(one)} for one in _resources(patient)]
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
        token = gateway.tokens[CAMPUSES[number % len(CAMPUSES)]]
        gateway.ask("POST", "/fhir", token=token, body=json.dumps(bundle).encode())
    return patients


def observations(patients: list[str]) -> list[str]:
    """Return the ids of all observations."""
    return [
        f"{patient}-{code}-{number}"
        for patient in patients
        for code, *_ in TESTS
        for number in range(VALUES)
    ]


def _put(resource: dict[str, Any]) -> dict[str, str]:
    return {"method": "PUT", "url": f"{resource['resourceType']}/{resource['id']}"}


def _resources(patient: str) -> Iterator[dict[str, Any]]:
    yield {"resourceType": "Patient", "id": patient, "name": [{"text": "测试"}], "gender": "female"}
    for code, name, unit in TESTS:
        for number in range(VALUES):
            yield _observation(patient, f"{patient}-{code}-{number}", (code, name, unit), number)


def _observation(patient: str, id_: str, test: tuple[str, str, str], number: int) -> dict[str, Any]:
    code, name, unit = test
    category = "http://terminology.hl7.org/CodeSystem/observation-category"
    return {
        "resourceType": "Observation",
        "id": id_,
        "status": "final",
        "category": [{"coding": [{"system": category, "code": "laboratory"}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": code, "display": name}]},
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": f"2026-11-{number + 1:02d}T08:15:00+08:00",
        "issued": f"2026-11-{number + 1:02d}T09:40:00+08:00",
        "valueQuantity": {
            "value": 100 + number,
            "unit": unit,
            "system": "http://unitsofmeasure.org",
            "code": unit,
        },
        "referenceRange": [{"low": {"value": 90}, "high": {"value": 105}, "text": "90-105"}],
    }
