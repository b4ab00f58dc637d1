"""What is of a campus whose sharing ended."""

from tests.leaks.words import (
    ABOUT_PA,
    CITIZEN,
    GLUCOSE,
    LOINC,
    MARK,
    concept,
    marked,
    observation,
    reference,
)

CLOSED = (
    (
        "C",
        {
            "resourceType": "Patient",
            "id": "hid-cp",
            "birthDate": "1980-01-01",
            "name": [{"text": MARK}],
            "telecom": [{"system": "phone", "value": "hid-99"}],
            **marked(7),
            "identifier": [
                {"system": CITIZEN, "value": "11010119900307007X"},
                {"system": "urn:hutong:C:pid", "value": "hid-77"},
            ],
        },
    ),
    (
        "C",
        observation(
            "hid-co",
            GLUCOSE,
            "Patient/pa",
            encounter=reference("Encounter/ea"),
            performer=[reference("Patient/hid-cp")],
            component=[{"code": concept("hid-8"), "valueQuantity": {"value": 3}}],
            **marked(8),
        ),
    ),
    ("C", observation("hid-cq", GLUCOSE, "Patient/hid-cp", **marked(9))),
    (
        "C",
        {
            "resourceType": "Encounter",
            "id": "hid-ce",
            "status": "finished",
            "class": {"code": "AMB"},
            "subject": ABOUT_PA,
            **marked(10),
        },
    ),
    (
        "C",
        {
            "resourceType": "Location",
            "id": "hid-cl",
            "name": MARK,
            "partOf": reference("Location/la"),
            "position": {"latitude": 30, "longitude": 120},
            **marked(11),
        },
    ),
    (
        "C",
        {
            "resourceType": "List",
            "id": "hid-li",
            "status": "current",
            "mode": "working",
            "entry": [{"item": reference("Observation/oa")}],
            "subject": ABOUT_PA,
            **marked(12),
        },
    ),
    (
        "C",
        {
            "resourceType": "CodeSystem",
            "id": "hid-cs",
            "url": "http://hid.test/cs",
            "status": "active",
            "content": "complete",
            "concept": [{"code": GLUCOSE, "concept": [{"code": "hid-b"}]}],
        },
    ),
    (
        "C",
        {
            "resourceType": "ValueSet",
            "id": "hid-vs",
            "url": "http://hid.test/vs",
            "status": "active",
            "compose": {"include": [{"system": LOINC, "concept": [{"code": GLUCOSE}]}]},
        },
    ),
    (
        "C",
        {
            "resourceType": "ConceptMap",
            "id": "hid-cm",
            "url": "http://hid.test/cm",
            "status": "active",
            "group": [
                {
                    "source": LOINC,
                    "target": "http://hid.test/cs",
                    "element": [
                        {"code": GLUCOSE, "target": [{"code": "hid-b", "equivalence": "equal"}]}
                    ],
                }
            ],
        },
    ),
    (
        "C",
        {
            "resourceType": "StructureDefinition",
            "id": "hid-sd",
            "url": "http://hid.test/sd",
            "name": "Hid",
            "status": "active",
            "kind": "resource",
            "abstract": False,
            "type": "Patient",
            "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient",
            "derivation": "constraint",
            "differential": {"element": [{"id": "Patient.name", "path": "Patient.name", "min": 5}]},
        },
    ),
    (
        "C",
        {
            "resourceType": "Group",
            "id": "hid-gr",
            "type": "person",
            "actual": True,
            "name": MARK,
            "member": [{"entity": ABOUT_PA}],
        },
    ),
    (
        "C",
        {
            "resourceType": "Composition",
            "id": "hid-cc",
            "status": "final",
            "title": MARK,
            "date": "2026-05-01",
            "type": concept("11488-4"),
            "subject": ABOUT_PA,
            "author": [reference("Patient/hid-cp")],
        },
    ),
    (
        "C",
        {
            "resourceType": "Binary",
            "id": "hid-bi",
            "contentType": "text/plain",
            "data": "WnlhcWhpZGRlbg==",
        },
    ),
    (
        "C",
        {
            "resourceType": "DocumentReference",
            "id": "hid-do",
            "status": "current",
            "subject": ABOUT_PA,
            "description": MARK,
            "content": [{"attachment": {"url": "Binary/hid-bi"}}],
        },
    ),
    (
        "C",
        {
            "resourceType": "QuestionnaireResponse",
            "id": "hid-qr",
            "status": "completed",
            "subject": ABOUT_PA,
        },
    ),
)
