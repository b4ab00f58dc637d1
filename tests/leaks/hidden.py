"""What everybody sees, and what campus B must not learn of; every word of it is marked."""

from gateway.interactions.keys import organization_id
from tests.leaks.closed import CLOSED
from tests.leaks.words import ABOUT_PA, GLUCOSE, HIV, MARK, concept, marked, observation, reference

SEEN = (
    (
        "A",
        {
            "resourceType": "Patient",
            "id": "pa",
            "birthDate": "1980-01-01",
            "name": [{"text": "Seen"}],
            "identifier": [{"system": "urn:hutong:A:pid", "value": "A-1"}],
        },
    ),
    (
        "B",
        {
            "resourceType": "Patient",
            "id": "pb",
            "name": [{"text": "Own"}],
            "identifier": [{"system": "urn:hutong:B:pid", "value": "B-1"}],
        },
    ),
    (
        "A",
        {
            "resourceType": "Encounter",
            "id": "ea",
            "status": "finished",
            "class": {"code": "AMB"},
            "subject": reference("Patient/pa"),
        },
    ),
    (
        "A",
        observation(
            "oa",
            GLUCOSE,
            "Patient/pa",
            encounter=reference("Encounter/ea"),
            valueQuantity={"value": 5, "unit": "mmol/L"},
        ),
    ),
    ("B", observation("ob", GLUCOSE, "Patient/pb")),
    ("A", {"resourceType": "Location", "id": "la", "position": {"latitude": 30, "longitude": 120}}),
    (
        "A",
        {
            "resourceType": "Group",
            "id": "ga",
            "type": "person",
            "actual": True,
            "member": [{"entity": reference("Patient/pa")}],
        },
    ),
    (
        "B",
        {
            "resourceType": "Task",
            "id": "tb",
            "status": "requested",
            "intent": "order",
            "focus": reference("Observation/oa"),
        },
    ),
    (
        "B",
        {
            "resourceType": "ValueSet",
            "id": "vb",
            "url": "http://own.test/vs",
            "status": "active",
            "compose": {"include": [{"valueSet": ["http://hid.test/vs"]}]},
        },
    ),
    (
        "B",
        {
            "resourceType": "Subscription",
            "id": "sb",
            "status": "requested",
            "reason": "x",
            "criteria": f"Observation?code={GLUCOSE}",
            "channel": {"type": "rest-hook", "endpoint": "https://b.example.org/x"},
        },
    ),
    (
        "B",
        {
            "resourceType": "Composition",
            "id": "cb",
            "status": "final",
            "type": {"text": "own"},
            "subject": reference("Patient/pa"),
            "date": "2026-05-01",
            "author": [{"display": "own"}],
            "title": "own",
            "section": [{"entry": [reference("Observation/oa")]}],
        },
    ),
    # Everybody reads a Person, and with it whom it links.
    (
        "root",
        {
            "resourceType": "Person",
            "id": "both",
            "link": [
                {"target": reference("Patient/pa"), "assurance": "level4"},
                {"target": reference("Patient/hid-cp"), "assurance": "level4"},
            ],
        },
    ),
)

ADDRESSED = reference(f"Organization/{organization_id('D')}")
HIDDEN = (
    # Sensitive: an order with all that was made of it.
    (
        "A",
        {
            "resourceType": "ServiceRequest",
            "id": "hid-sr",
            "status": "active",
            "intent": "order",
            "code": concept(HIV),
            "subject": ABOUT_PA,
            **marked(1),
        },
    ),
    (
        "A",
        {
            "resourceType": "Specimen",
            "id": "hid-sp",
            "subject": ABOUT_PA,
            "request": [reference("ServiceRequest/hid-sr")],
            **marked(2),
        },
    ),
    (
        "A",
        observation(
            "hid-ob",
            HIV,
            "Patient/pa",
            encounter=reference("Encounter/ea"),
            basedOn=[reference("ServiceRequest/hid-sr")],
            valueQuantity={
                "value": 77.25,
                "unit": "ug",
                "system": "http://unitsofmeasure.org",
                "code": "ug",
            },
            specimen=reference("Specimen/hid-sp"),
            **marked(3),
        ),
    ),
    (
        "A",
        {
            "resourceType": "DiagnosticReport",
            "id": "hid-dr",
            "status": "final",
            "code": concept(HIV),
            "subject": ABOUT_PA,
            "basedOn": [reference("ServiceRequest/hid-sr")],
            "result": [reference("Observation/hid-ob")],
            **marked(4),
        },
    ),
    (
        "A",
        {
            "resourceType": "Provenance",
            "id": "hid-pv",
            "target": [reference("DiagnosticReport/hid-dr")],
            "recorded": "2026-05-01T08:00:00Z",
            "agent": [{"who": reference("Organization/hid-x")}],
        },
    ),
    (
        "A",
        {
            "resourceType": "Condition",
            "id": "hid-cn",
            "subject": ABOUT_PA,
            "meta": {
                "security": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
                        "code": "R",
                    }
                ]
            },
            "code": {"text": MARK},
        },
    ),
    # What only owner and addressee read.
    (
        "A",
        {
            "resourceType": "Task",
            "id": "hid-ta",
            "status": "requested",
            "intent": "order",
            "owner": ADDRESSED,
            "focus": reference("Observation/oa"),
            "for": ABOUT_PA,
            **marked(5),
        },
    ),
    (
        "A",
        {
            "resourceType": "Subscription",
            "id": "hid-su",
            "status": "requested",
            "reason": MARK,
            "criteria": "Observation?code=hid-6",
            "channel": {"type": "rest-hook", "endpoint": "https://a.example.org/x"},
        },
    ),
    (
        "A",
        {
            "resourceType": "AuditEvent",
            "id": "hid-au",
            "type": {"code": "rest"},
            "recorded": "2026-05-01T08:00:00Z",
            "agent": [{"requestor": True, "name": MARK}],
            "source": {"observer": {"display": MARK}},
        },
    ),
    *CLOSED,
)
NAMES = tuple(f"{one['resourceType']}/{one['id']}" for _, one in HIDDEN)
