"""What everybody sees, and what campus B must not learn of; every word of it is marked."""

from fixtures.dicom.write import ROOT
from gateway.interactions.keys import organization_id

LOINC = "http://loinc.org"
GLUCOSE, HIV = "2345-7", "10351-5"
MARK = "Zyxwhidden"
STUDY = f"{ROOT}.9"
CITIZEN = "urn:oid:2.16.156.10011.1.3"
MESSAGE = (
    f"MSH|^~\\&|LIS|A|HUTONG|X|20260501080000||ORU^R01|{MARK}|P|2.5\r"
    f"PID|||hid-5^^^A^MR||{MARK}^X||19800101|M\r"
)


def concept(code, system=LOINC, text=""):
    found = {"coding": [{"system": system, "code": code}]}
    return found | ({"text": text} if text else {})


def reference(name):
    return {"reference": name}


def observation(id_, code, subject, **more):
    return {
        "resourceType": "Observation",
        "id": id_,
        "status": "final",
        "code": concept(code),
        "subject": reference(subject),
        "effectiveDateTime": "2026-05-01T08:00:00+08:00",
        **more,
    }


def marked(number):
    """What a hidden resource is found by: an identifier and words of its own."""
    return {
        "identifier": [{"system": "urn:hid", "value": f"hid-{number}"}],
        "text": {
            "status": "generated",
            "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{MARK}</div>',
        },
    }


SEEN = (
    ("A", {"resourceType": "Patient", "id": "pa", "birthDate": "1980-01-01", "name": [{"text": "Seen"}],
           "identifier": [{"system": "urn:hutong:A:pid", "value": "A-1"}]}),
    ("B", {"resourceType": "Patient", "id": "pb", "name": [{"text": "Own"}],
           "identifier": [{"system": "urn:hutong:B:pid", "value": "B-1"}]}),
    ("A", {"resourceType": "Encounter", "id": "ea", "status": "finished", "class": {"code": "AMB"},
           "subject": reference("Patient/pa")}),
    ("A", observation("oa", GLUCOSE, "Patient/pa", encounter=reference("Encounter/ea"),
                      valueQuantity={"value": 5, "unit": "mmol/L"})),
    ("B", observation("ob", GLUCOSE, "Patient/pb")),
    ("A", {"resourceType": "Location", "id": "la", "position": {"latitude": 30, "longitude": 120}}),
    ("A", {"resourceType": "Group", "id": "ga", "type": "person", "actual": True,
           "member": [{"entity": reference("Patient/pa")}]}),
    ("B", {"resourceType": "Task", "id": "tb", "status": "requested", "intent": "order",
           "focus": reference("Observation/oa")}),
    # Everybody reads a Person, and with it whom it links.
    ("root", {"resourceType": "Person", "id": "both", "link": [
        {"target": reference("Patient/pa"), "assurance": "level4"},
        {"target": reference("Patient/hid-cp"), "assurance": "level4"}]}),
)  # fmt: skip

ADDRESSED = reference(f"Organization/{organization_id('D')}")
ABOUT_PA = reference("Patient/pa")
HIDDEN = (
    # Sensitive: an order with all that was made of it.
    ("A", {"resourceType": "ServiceRequest", "id": "hid-sr", "status": "active", "intent": "order",
           "code": concept(HIV), "subject": ABOUT_PA, **marked(1)}),
    ("A", {"resourceType": "Specimen", "id": "hid-sp", "subject": ABOUT_PA,
           "request": [reference("ServiceRequest/hid-sr")], **marked(2)}),
    ("A", observation("hid-ob", HIV, "Patient/pa", encounter=reference("Encounter/ea"),
                      basedOn=[reference("ServiceRequest/hid-sr")],
                      valueQuantity={"value": 77.25, "unit": "ug", "system": "http://unitsofmeasure.org",
                                     "code": "ug"},
                      specimen=reference("Specimen/hid-sp"), **marked(3))),
    ("A", {"resourceType": "DiagnosticReport", "id": "hid-dr", "status": "final", "code": concept(HIV),
           "subject": ABOUT_PA, "basedOn": [reference("ServiceRequest/hid-sr")],
           "result": [reference("Observation/hid-ob")], **marked(4)}),
    ("A", {"resourceType": "Provenance", "id": "hid-pv", "target": [reference("DiagnosticReport/hid-dr")],
           "recorded": "2026-05-01T08:00:00Z", "agent": [{"who": reference("Organization/hid-x")}]}),
    ("A", {"resourceType": "Condition", "id": "hid-cn", "subject": ABOUT_PA,
           "meta": {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
                                  "code": "R"}]}, "code": {"text": MARK}}),
    # What only owner and addressee read.
    ("A", {"resourceType": "Task", "id": "hid-ta", "status": "requested", "intent": "order",
           "owner": ADDRESSED, "focus": reference("Observation/oa"), "for": ABOUT_PA, **marked(5)}),
    ("A", {"resourceType": "Subscription", "id": "hid-su", "status": "requested", "reason": MARK,
           "criteria": "Observation?code=hid-6",
           "channel": {"type": "rest-hook", "endpoint": "https://a.example.org/x"}}),
    ("A", {"resourceType": "AuditEvent", "id": "hid-au", "type": {"code": "rest"},
           "recorded": "2026-05-01T08:00:00Z", "agent": [{"requestor": True, "name": MARK}],
           "source": {"observer": {"display": MARK}}}),
    # Of a campus whose sharing ended.
    ("C", {"resourceType": "Patient", "id": "hid-cp", "birthDate": "1980-01-01",
           "name": [{"text": MARK}], "telecom": [{"system": "phone", "value": "hid-99"}],
           **marked(7), "identifier": [{"system": CITIZEN, "value": "11010119900307007X"},
                                       {"system": "urn:hutong:C:pid", "value": "hid-77"}]}),
    ("C", observation("hid-co", GLUCOSE, "Patient/pa", encounter=reference("Encounter/ea"),
                      performer=[reference("Patient/hid-cp")],
                      component=[{"code": concept("hid-8"), "valueQuantity": {"value": 3}}],
                      **marked(8))),
    ("C", observation("hid-cq", GLUCOSE, "Patient/hid-cp", **marked(9))),
    ("C", {"resourceType": "Encounter", "id": "hid-ce", "status": "finished", "class": {"code": "AMB"},
           "subject": ABOUT_PA, **marked(10)}),
    ("C", {"resourceType": "Location", "id": "hid-cl", "name": MARK, "partOf": reference("Location/la"),
           "position": {"latitude": 30, "longitude": 120}, **marked(11)}),
    ("C", {"resourceType": "List", "id": "hid-li", "status": "current", "mode": "working",
           "entry": [{"item": reference("Observation/oa")}], "subject": ABOUT_PA, **marked(12)}),
    ("C", {"resourceType": "CodeSystem", "id": "hid-cs", "url": "http://hid.test/cs", "status": "active",
           "content": "complete", "concept": [{"code": GLUCOSE, "concept": [{"code": "hid-b"}]}]}),
    ("C", {"resourceType": "ValueSet", "id": "hid-vs", "url": "http://hid.test/vs", "status": "active",
           "compose": {"include": [{"system": LOINC, "concept": [{"code": GLUCOSE}]}]}}),
    ("C", {"resourceType": "ConceptMap", "id": "hid-cm", "url": "http://hid.test/cm", "status": "active",
           "group": [{"source": LOINC, "target": "http://hid.test/cs", "element": [
               {"code": GLUCOSE, "target": [{"code": "hid-b", "equivalence": "equal"}]}]}]}),
    ("C", {"resourceType": "StructureDefinition", "id": "hid-sd", "url": "http://hid.test/sd",
           "name": "Hid", "status": "active", "kind": "resource", "abstract": False, "type": "Patient",
           "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient",
           "derivation": "constraint", "differential": {"element": [
               {"id": "Patient.name", "path": "Patient.name", "min": 5}]}}),
    ("C", {"resourceType": "Group", "id": "hid-gr", "type": "person", "actual": True, "name": MARK,
           "member": [{"entity": ABOUT_PA}]}),
    ("C", {"resourceType": "Composition", "id": "hid-cc", "status": "final", "title": MARK,
           "date": "2026-05-01", "type": concept("11488-4"), "subject": ABOUT_PA,
           "author": [reference("Patient/hid-cp")]}),
    ("C", {"resourceType": "Binary", "id": "hid-bi", "contentType": "text/plain", "data": "WnlhcWhpZGRlbg=="}),
    ("C", {"resourceType": "DocumentReference", "id": "hid-do", "status": "current", "subject": ABOUT_PA,
           "description": MARK, "content": [{"attachment": {"url": "Binary/hid-bi"}}]}),
    ("C", {"resourceType": "QuestionnaireResponse", "id": "hid-qr", "status": "completed",
           "subject": ABOUT_PA}),
)  # fmt: skip
NAMES = tuple(f"{one['resourceType']}/{one['id']}" for _, one in HIDDEN)
