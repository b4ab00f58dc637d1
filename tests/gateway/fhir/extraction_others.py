# ruff: noqa: E501 - a value stays on one line
"""Resources of many other types and all that search finds of them, written as in `extraction`."""

from typing import Final

from tests.gateway.fhir.extraction import LABORATORY, Case, coding, concept, to

# fmt: off
OTHERS: Final[list[Case]] = [
    (
        {
            "resourceType": "Procedure", "status": "completed", "code": concept("urn:x|P"),
            "subject": to("Patient/p"), "performedString": "yesterday",
            "performer": [{"actor": to("Practitioner/d")}],
        },
        {
            "status": ["completed"], "code": ["urn:x|P"], "subject": ["Patient/p"],
            "performer": ["Practitioner/d"],
        },
    ),
    (
        {
            "resourceType": "MedicationRequest", "status": "active", "intent": "order",
            "medicationCodeableConcept": concept("urn:x|M"), "subject": to("Patient/p"),
            "authoredOn": "2026-11-22",
            "dosageInstruction": [{"timing": {"event": ["2026-11-22", "2026-11-24"]}}],
        },
        {
            "status": ["active"], "intent": ["order"], "code": ["urn:x|M"],
            "subject": ["Patient/p"], "authoredon": ["2026-11-22"],
            "date": ["2026-11-22", "2026-11-24"],
        },
    ),
    (
        {
            "resourceType": "MedicationStatement", "status": "active",
            "medicationReference": to("Medication/m"), "subject": to("Patient/p"),
        },
        {"status": ["active"], "medication": ["Medication/m"], "subject": ["Patient/p"]},
    ),
    (
        {
            "resourceType": "AllergyIntolerance", "code": concept("urn:x|nut"),
            "patient": to("Patient/p"), "criticality": "high",
            "reaction": [{"substance": concept("urn:x|peanut"), "manifestation": [concept("urn:x|rash")], "severity": "mild", "onset": "2026-11"}],
        },
        {
            "code": ["urn:x|nut", "urn:x|peanut"], "patient": ["Patient/p"],
            "criticality": ["high"], "manifestation": ["urn:x|rash"], "severity": ["mild"],
            "onset": ["2026-11"],
        },
    ),
    (
        {
            "resourceType": "Immunization", "status": "completed",
            "vaccineCode": concept("urn:x|V"), "patient": to("Patient/p"),
            "occurrenceDateTime": "2026-11-22", "lotNumber": "L1",
        },
        {
            "status": ["completed"], "vaccine-code": ["urn:x|V"], "patient": ["Patient/p"],
            "date": ["2026-11-22"], "lot-number": ["L1"],
        },
    ),
    (
        {
            "resourceType": "Practitioner", "name": [{"text": "王芳"}],
            "telecom": [{"system": "phone", "value": "1"}], "gender": "female",
        },
        {"name": ["王芳"], "telecom": ["1"], "phone": ["1"], "gender": ["female"]},
    ),
    (
        {
            "resourceType": "PractitionerRole", "practitioner": to("Practitioner/d"),
            "organization": to("Organization/o"), "specialty": [concept("urn:x|lab")],
            "period": {"start": "2020", "end": "2021"},
        },
        {
            "practitioner": ["Practitioner/d"], "organization": ["Organization/o"],
            "specialty": ["urn:x|lab"], "date": ["2020/2021"],
        },
    ),
    (
        {
            "resourceType": "Organization", "name": "县医院", "alias": ["County"],
            "partOf": to("Organization/o"), "active": False,
        },
        {"phonetic": ["县医院"], "name": ["县医院", "County"], "partof": ["Organization/o"], "active": ["false"]},
    ),
    (
        {
            "resourceType": "Location", "name": "B", "address": {"city": "C"}, "mode": "instance",
            "physicalType": concept("urn:x|ro"),
        },
        {"name": ["B"], "address": ["C"], "address-city": ["C"]},
    ),
    (
        {"resourceType": "InsurancePlan", "name": "basic", "alias": ["b"], "status": "active"},
        {"name": ["basic", "b"], "phonetic": ["basic"], "status": ["active"]},
    ),
    (
        {
            "resourceType": "ImagingStudy",
            "identifier": [{"system": "urn:dicom:uid", "value": "urn:oid:1.2"}],
            "status": "available", "subject": to("Patient/p"),
            "started": "2026-11-22T08:00:00+08:00",
            "series": [{"uid": "1.2.3", "modality": coding("dcm|CT"), "instance": [{"uid": "1.2.3.4", "sopClass": coding("urn:ietf:rfc:3986|urn:oid:1.2.840")}]}, {"uid": "1.2.5", "modality": coding("dcm|SR")}],
        },
        {
            "identifier": ["urn:dicom:uid|urn:oid:1.2"], "status": ["available"],
            "subject": ["Patient/p"], "started": ["2026-11-22T08:00:00+08:00"],
            "series": ["1.2.3", "1.2.5"], "modality": ["dcm|CT", "dcm|SR"],
            "instance": ["1.2.3.4"], "dicom-class": ["urn:ietf:rfc:3986|urn:oid:1.2.840"],
        },
    ),
    (
        {
            "resourceType": "DocumentReference", "status": "current", "type": concept("urn:x|R"),
            "subject": to("Patient/p"), "date": "2026-11-22T08:00:00Z",
            "content": [{"attachment": {"contentType": "application/pdf", "url": "http://x.example/1", "creation": "2026-11"}, "format": coding("urn:f|pdf")}],
            "relatesTo": [{"code": "replaces", "target": to("DocumentReference/0")}],
        },
        {
            "status": ["current"], "type": ["urn:x|R"], "subject": ["Patient/p"],
            "date": ["2026-11-22T08:00:00Z"], "contenttype": ["application/pdf"],
            "format": ["urn:f|pdf"], "relation": ["replaces"],
            "relatesto": ["DocumentReference/0"],
        },
    ),
    (
        {
            "resourceType": "Bundle", "type": "document", "timestamp": "2026-11-22T08:00:00Z",
            "identifier": {"value": "B1"},
            "entry": [{"resource": {"resourceType": "Composition", "id": "c"}}, {"resource": {"resourceType": "Patient", "id": "p"}}],
        },
        {
            "type": ["document"], "timestamp": ["2026-11-22T08:00:00Z"], "identifier": ["B1"],
            "composition": ["Composition/c"],
        },
    ),
    (
        {
            "resourceType": "Task", "status": "requested", "intent": "order",
            "code": concept("urn:hutong:cs:task|critical-ack"), "for": to("Patient/p"),
            "focus": to("Observation/1"), "owner": to("Organization/o"),
            "groupIdentifier": {"value": "G"}, "authoredOn": "2026-11-22",
        },
        {
            "status": ["requested"], "intent": ["order"],
            "code": ["urn:hutong:cs:task|critical-ack"], "subject": ["Patient/p"],
            "focus": ["Observation/1"], "owner": ["Organization/o"], "group-identifier": ["G"],
            "authored-on": ["2026-11-22"],
        },
    ),
    (
        {
            "resourceType": "Appointment", "status": "booked", "start": "2026-11-22T08:00:00Z",
            "participant": [{"actor": to("Patient/p"), "status": "accepted"}, {"actor": to("Location/l"), "status": "tentative"}],
        },
        {
            "status": ["booked"], "date": ["2026-11-22T08:00:00Z"],
            "actor": ["Patient/p", "Location/l"], "part-status": ["accepted", "tentative"],
        },
    ),
    (
        {
            "resourceType": "AuditEvent", "type": coding("urn:x|rest"), "action": "R",
            "recorded": "2026-11-22T08:00:00Z",
            "agent": [{"who": to("Practitioner/d"), "altId": "d7", "name": "张", "requestor": True, "network": {"address": "10.0.0.1"}, "policy": ["urn:p"]}],
            "source": {"observer": to("Device/g"), "site": "B"},
            "entity": [{"what": to("Patient/p"), "type": coding("urn:x|1"), "name": "e"}],
        },
        {
            "type": ["urn:x|rest"], "action": ["R"], "date": ["2026-11-22T08:00:00Z"],
            "agent": ["Practitioner/d"], "altid": ["d7"], "agent-name": ["张"],
            "address": ["10.0.0.1"], "source": ["Device/g"], "site": ["B"],
            "entity": ["Patient/p"], "entity-type": ["urn:x|1"], "entity-name": ["e"],
        },
    ),
    (
        {
            "resourceType": "Provenance", "target": [to("Observation/1"), to("urn:uuid:7a")],
            "recorded": "2026-11-22T08:00:00Z",
            "agent": [{"type": concept("urn:x|author"), "who": to("Organization/o")}],
            "entity": [{"role": "source", "what": to("Binary/b")}],
        },
        {
            "target": ["Observation/1", "urn:uuid:7a"], "recorded": ["2026-11-22T08:00:00Z"],
            "agent-type": ["urn:x|author"], "agent": ["Organization/o"], "entity": ["Binary/b"],
        },
    ),
    (
        {
            "resourceType": "Person", "name": [{"family": "Li", "given": ["Na"]}],
            "link": [{"target": to("Patient/1"), "assurance": "level4"}, {"target": to("RelatedPerson/2")}],
        },
        {"name": ["Li", "Na"], "link": ["Patient/1", "RelatedPerson/2"]},
    ),
    (
        {
            "resourceType": "Group", "type": "person", "actual": True,
            "member": [{"entity": to("Patient/p")}],
            "characteristic": [{"code": concept("urn:x|g"), "valueBoolean": False, "exclude": False}],
        },
        {
            "type": ["person"], "actual": ["true"], "member": ["Patient/p"],
            "characteristic": ["urn:x|g"], "value": ["false"], "exclude": ["false"],
        },
    ),
    (
        {
            "resourceType": "QuestionnaireResponse", "status": "completed",
            "questionnaire": "http://x.example/q|1", "authored": "2026-11-22",
            "source": to("Patient/p"),
        },
        {
            "status": ["completed"],
            "questionnaire": ["http://x.example/q|1", "http://x.example/q"],
            "authored": ["2026-11-22"], "source": ["Patient/p"],
        },
    ),
    (
        {
            "resourceType": "ActivityDefinition", "status": "draft", "title": "T",
            "relatedArtifact": [{"type": "depends-on", "resource": "http://x.example/a"}, {"type": "composed-of", "resource": "http://x.example/b"}],
            "library": ["http://x.example/l"],
        },
        {
            "status": ["draft"], "title": ["T"],
            "depends-on": ["http://x.example/a", "http://x.example/l"],
            "composed-of": ["http://x.example/b"],
        },
    ),
    (
        {
            "resourceType": "ConceptMap", "status": "active", "sourceUri": "http://x.example/s",
            "targetCanonical": "http://x.example/t",
        },
        {
            "status": ["active"], "source-uri": ["http://x.example/s"],
            "target": ["http://x.example/t"],
        },
    ),
    (
        {
            "resourceType": "EpisodeOfCare", "status": "active", "patient": to("Patient/p"),
            "careManager": to("PractitionerRole/r"),
        },
        {"status": ["active"], "patient": ["Patient/p"]},
    ),
    (
        {
            "resourceType": "EpisodeOfCare", "status": "active", "patient": to("Patient/p"),
            "careManager": to("Practitioner/d"),
        },
        {"status": ["active"], "patient": ["Patient/p"], "care-manager": ["Practitioner/d"]},
    ),
    (
        {
            "resourceType": "Goal", "lifecycleStatus": "active", "description": {"text": "x"},
            "subject": to("Patient/p"), "startDate": "2026-01-01",
            "target": [{"dueDate": "2026-12"}],
        },
        {
            "lifecycle-status": ["active"], "subject": ["Patient/p"], "start-date": ["2026-01-01"],
            "target-date": ["2026-12"],
        },
    ),
    (
        {
            "resourceType": "CarePlan", "status": "active", "intent": "plan",
            "subject": to("Patient/p"),
            "activity": [{"detail": {"status": "scheduled", "code": concept("urn:x|walk"), "scheduledPeriod": {"start": "2026-11-22"}}}, {"reference": to("Task/1")}],
        },
        {
            "status": ["active"], "intent": ["plan"], "subject": ["Patient/p"],
            "activity-code": ["urn:x|walk"], "activity-date": ["2026-11-22/"],
            "activity-reference": ["Task/1"],
        },
    ),
    (
        {"resourceType": "Basic", "code": concept("urn:x|b"), "created": "2026-11-22"},
        {"code": ["urn:x|b"], "created": ["2026-11-22"]},
    ),
    (
        {
            "resourceType": "Binary", "contentType": "text/plain",
            "meta": {"tag": [coding("urn:t|a")]},
        },
        {"_tag": ["urn:t|a"]},
    ),
]
CASES: Final = LABORATORY + OTHERS
