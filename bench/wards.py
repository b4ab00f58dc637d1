"""Patients of two campuses, one human each, with a report: what order-sign looks through.

Of every ten thousand humans that is 200,000 resources of 20,000 Patients.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.running import Gateway
from gateway.recognition.catalogue.model import Item
from gateway.recognition.catalogue.starter import starter

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
TESTS = 15
ORDERED = 5
AT_ONCE = 5
"""Humans in one transaction."""
ITEMS = [one for one in starter().items if one.category == "lab" and one.loinc and one.unit]


def fill(gateway: Gateway, humans: int) -> None:
    """Store everybody with a report of campus B; campus A knows them too."""
    gateway.add_campuses("A", "B")
    taken = (datetime.now(UTC) - timedelta(hours=3)).isoformat(timespec="seconds")
    for start in range(0, humans, AT_ONCE):
        chunk = range(start, min(humans, start + AT_ONCE))
        _store(gateway, "A", [_patient("A", number) for number in chunk])
        _store(gateway, "B", [one for number in chunk for one in _of_b(number, taken)])


def question(number: int) -> bytes:
    """Return what an order entry asks when five tests are signed for somebody: four were done."""
    drafts = [
        {
            "resource": {
                "resourceType": "ServiceRequest",
                "id": f"d{at}",
                "status": "draft",
                "intent": "order",
                "code": {"coding": [{"system": LOINC, "code": item.loinc[0]}]},
                "subject": {"reference": f"Patient/{number}"},
            }
        }
        for at, item in enumerate(_tests(number, ORDERED))
    ]
    patient = {key: one for key, one in _patient("A", number).items() if key != "active"}
    encounter = {
        "resourceType": "Encounter",
        "id": "e1",
        "status": "in-progress",
        "class": {"code": "AMB"},
    }
    asked = {
        "hook": "order-sign",
        "hookInstance": "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
        "context": {
            "userId": "Practitioner/1",
            "patientId": str(number),
            "encounterId": "e1",
            "draftOrders": {"resourceType": "Bundle", "type": "collection", "entry": drafts},
        },
        "prefetch": {"patient": {**patient, "id": str(number)}, "encounter": encounter},
    }
    return json.dumps(asked, ensure_ascii=False).encode()


def _store(gateway: Gateway, campus: str, resources: Sequence[dict[str, Any]]) -> None:
    entries = [
        {"resource": one, "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"}}
        for one in resources
    ]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    gateway.ask("POST", "/fhir", token=gateway.tokens[campus], body=json.dumps(bundle).encode())


def _patient(campus: str, number: int) -> dict[str, Any]:
    citizen = _citizen(number)
    return {
        "resourceType": "Patient",
        "id": f"{campus.lower()}{number}",
        "active": True,
        "identifier": [
            {"system": f"urn:hutong:{campus}:pid", "value": f"{number:06d}"},
            {"system": "urn:oid:2.16.156.10011.1.3", "value": citizen},
        ],
        "name": [{"text": f"王小{number}"}],
        "gender": "male" if int(citizen[16]) % 2 else "female",
        "birthDate": f"{citizen[6:10]}-{citizen[10:12]}-{citizen[12:14]}",
    }


def _citizen(number: int) -> str:
    """Return a valid number of GB 11643."""
    digits = f"3301{number // 1000:02d}1960030{number % 9 + 1}{number % 1000:03d}"
    weighed = sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True))
    return digits + "10X98765432"[weighed % 11]


def _tests(number: int, count: int) -> list[Item]:
    """Return the tests of somebody; of those asked for the last was never done."""
    first = [ITEMS[(number * 7 + at) % len(ITEMS)] for at in range(TESTS)]
    if count >= TESTS:
        return first
    return [*first[: count - 1], ITEMS[(number * 7 + TESTS + 1) % len(ITEMS)]]


def _of_b(number: int, taken: str) -> Iterator[dict[str, Any]]:
    about = {"subject": {"reference": f"Patient/b{number}"}}
    yield _patient("B", number)
    yield {
        "resourceType": "Specimen",
        "id": f"s{number}",
        "type": {"text": "血清"},
        "collection": {"collectedDateTime": taken},
        **about,
    }
    results = []
    for at, item in enumerate(_tests(number, TESTS)):
        results.append({"reference": f"Observation/o{number}-{at}"})
        yield {
            "resourceType": "Observation",
            "id": f"o{number}-{at}",
            "status": "final",
            "code": {
                "coding": [
                    {"system": "urn:hutong:B:item", "code": item.code, "display": item.name},
                    {"system": LOINC, "code": item.loinc[0]},
                ],
                "text": item.name,
            },
            "effectiveDateTime": taken,
            "valueQuantity": {
                "value": 5.1,
                "unit": item.unit,
                "system": UCUM,
                "code": item.unit,
            },
            "referenceRange": [{"low": {"value": 3.9}, "high": {"value": 6.1}}],
            "specimen": {"reference": f"Specimen/s{number}"},
            **about,
        }
    yield {
        "resourceType": "DiagnosticReport",
        "id": f"r{number}",
        "status": "final",
        "code": {"text": "检验组合"},
        "effectiveDateTime": taken,
        "issued": taken,
        "result": results,
        **about,
    }
