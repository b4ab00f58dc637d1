# ruff: noqa: E501 - a value stays on one line
"""Resources about a patient and a laboratory and all that search finds of them.

In a zone eight hours ahead of UTC. A token is `system|code` or `code`, a date is FHIR's text for what it covers or `start/end`.
"""

from typing import Any, Final

CITIZEN = "331827199003070015"


def coding(text: str) -> dict[str, str]:
    system, _, code = text.rpartition("|")
    return {"system": system, "code": code} if system else {"code": code}


def concept(*codes: str) -> dict[str, Any]:
    return {"coding": [coding(code) for code in codes]}


def to(*references: str) -> Any:
    found = [{"reference": each} for each in references]
    return found if len(found) > 1 else found[0]


Case = tuple[dict[str, Any], dict[str, list[str]]]
# fmt: off
LABORATORY: Final[list[Case]] = [
    (
        {
            "resourceType": "Observation",
            "meta": {"profile": ["http://x.example/p"], "source": "urn:x", "security": [coding("urn:s|R")], "tag": [coding("urn:t|a"), coding("b")]},
            "contained": [{"resourceType": "Specimen", "id": "s"}],
            "identifier": [{"system": "urn:hutong:B:report", "value": "R1#WBC"}],
            "basedOn": [to("ServiceRequest/1")], "status": "final",
            "category": [concept("urn:c|laboratory")],
            "code": concept("urn:hutong:B:item|WBC", "http://loinc.org|6690-2"),
            "subject": to("Patient/p"), "encounter": to("Encounter/e/_history/3"),
            "effectiveDateTime": "2026-11-22T08:30:00+08:00",
            "performer": [to("Practitioner/d"), to("http://x.example/fhir/Organization/o")],
            "valueQuantity": {"value": 6.5, "unit": "10*9/L"}, "specimen": to("#s"),
            "component": [{"code": concept("urn:x|A"), "valueCodeableConcept": concept("urn:x|pos")}, {"code": concept("urn:x|B"), "dataAbsentReason": concept("urn:x|unknown")}],
        },
        {
            "_security": ["urn:s|R"], "_tag": ["urn:t|a", "b"],
            "identifier": ["urn:hutong:B:report|R1#WBC"], "based-on": ["ServiceRequest/1"],
            "status": ["final"], "category": ["urn:c|laboratory"],
            "code": ["urn:hutong:B:item|WBC", "http://loinc.org|6690-2"], "subject": ["Patient/p"],
            "encounter": ["Encounter/e"], "date": ["2026-11-22T08:30:00+08:00"],
            "performer": ["Practitioner/d", "http://x.example/fhir/Organization/o"],
            "component-code": ["urn:x|A", "urn:x|B"], "component-value-concept": ["urn:x|pos"],
            "component-data-absent-reason": ["urn:x|unknown"],
        },
    ),
    (
        {
            "resourceType": "Observation", "status": "final", "code": {"text": "in words"},
            "effectivePeriod": {"start": "2026-11-22"},
            "valueCodeableConcept": {"coding": [coding("urn:x|A")], "text": "阳性"},
        },
        {
            "status": ["final"], "date": ["2026-11-22/"], "value-concept": ["urn:x|A"],
            "value-string": ["阳性"],
        },
    ),
    (
        {
            "resourceType": "Patient",
            "identifier": [{"system": "urn:oid:2.16.840.1.113883.2.23.1.19.1", "value": CITIZEN}, {"value": "7"}, {"system": "urn:hutong:A:pid"}],
            "active": True,
            "name": [{"family": "张", "given": ["伟"]}, {"text": "Anna Maria Müller", "family": "Müller", "given": ["Anna", None, "Maria"], "_given": [None, {"extension": [{"url": "urn:x", "valueCode": "y"}]}, None], "prefix": ["Dr."]}],
            "telecom": [{"system": "phone", "value": "010-1234"}, {"system": "email", "value": "a@x.example"}, {"value": "7"}],
            "gender": "male", "birthDate": "1990-03",
            "address": [{"use": "home", "line": ["胡同 1"], "city": "北京", "postalCode": "100000", "country": "CN"}],
            "deceasedDateTime": "2026-01-01", "communication": [{"language": concept("zh")}],
            "generalPractitioner": [to("Organization/o")],
            "managingOrganization": to("Organization/m"),
            "link": [{"other": to("Patient/2"), "type": "seealso"}],
        },
        {
            "identifier": [f"urn:oid:2.16.156.10011.1.3|{CITIZEN}", "7"], "active": ["true"],
            "name": ["张", "伟", "张伟", "Müller", "Anna", "Maria", "Anna Maria Müller", "Dr."],
            "family": ["张", "Müller"], "given": ["伟", "Anna", "Maria"],
            "telecom": ["010-1234", "a@x.example", "7"], "phone": ["010-1234"],
            "email": ["a@x.example"], "gender": ["male"], "birthdate": ["1990-03"],
            "address": ["胡同 1", "北京", "100000", "CN"], "address-city": ["北京"],
            "address-country": ["CN"], "address-postalcode": ["100000"], "address-use": ["home"],
            "death-date": ["2026-01-01"], "deceased": ["true"], "language": ["zh"],
            "general-practitioner": ["Organization/o"], "organization": ["Organization/m"],
            "link": ["Patient/2"],
        },
    ),
    (
        {"resourceType": "Patient"},
        {"deceased": ["false"]},
    ),
    (
        {"resourceType": "Patient", "deceasedBoolean": False},
        {"deceased": ["false"]},
    ),
    (
        {"resourceType": "Patient", "deceasedBoolean": True},
        {"deceased": ["true"]},
    ),
    (
        {
            "resourceType": "DiagnosticReport",
            "identifier": [{"system": "urn:hutong:B:report", "value": "R1"}],
            "basedOn": [to("ServiceRequest/1")], "status": "final",
            "category": [concept("urn:c|LAB")], "code": concept("urn:x|CBC"),
            "subject": to("Patient/p"),
            "effectivePeriod": {"start": "2026-11-22T08:00:00+08:00", "end": "2026-11-22T09:00:00+08:00"},
            "issued": "2026-11-22T10:00:00.5+08:00",
            "result": [to("Observation/1"), to("Observation/2"), to("Observation/1")],
            "conclusionCode": [concept("urn:x|N")], "media": [{"link": to("Media/1")}],
        },
        {
            "identifier": ["urn:hutong:B:report|R1"], "based-on": ["ServiceRequest/1"],
            "status": ["final"], "category": ["urn:c|LAB"], "code": ["urn:x|CBC"],
            "subject": ["Patient/p"],
            "date": ["2026-11-22T08:00:00+08:00/2026-11-22T09:00:00+08:00"],
            "issued": ["2026-11-22T10:00:00.5+08:00"],
            "result": ["Observation/1", "Observation/2"], "conclusion": ["urn:x|N"],
            "media": ["Media/1"],
        },
    ),
    (
        {
            "resourceType": "ServiceRequest",
            "identifier": [{"system": "urn:hutong:A:placer", "value": "ORD77"}],
            "requisition": {"value": "G1"}, "status": "active", "intent": "order",
            "priority": "stat", "code": concept("urn:x|CBC"), "subject": to("Patient/p"),
            "occurrenceTiming": {"event": ["2026-11-23", "2026-11-21"], "repeat": {"boundsPeriod": {"end": "2026-12-01"}}},
            "authoredOn": "2026-11-22", "requester": to("PractitionerRole/r"),
            "instantiatesCanonical": ["http://x.example/plan|2.0"],
            "instantiatesUri": ["http://x.example/doc"],
        },
        {
            "identifier": ["urn:hutong:A:placer|ORD77"], "requisition": ["G1"],
            "status": ["active"], "intent": ["order"], "priority": ["stat"], "code": ["urn:x|CBC"],
            "subject": ["Patient/p"], "occurrence": ["/2026-12-01"], "authored": ["2026-11-22"],
            "requester": ["PractitionerRole/r"],
            "instantiates-canonical": ["http://x.example/plan|2.0", "http://x.example/plan"],
        },
    ),
    (
        {
            "resourceType": "Specimen", "identifier": [{"value": "S1"}],
            "accessionIdentifier": {"system": "urn:a", "value": "A1"},
            "type": concept("urn:x|BLD"), "subject": to("Patient/p"),
            "parent": [to("Specimen/0")],
            "collection": {"collector": to("Practitioner/d"), "collectedDateTime": "2026-11-22T08:00:00+08:00", "bodySite": concept("urn:x|arm")},
            "container": [{"identifier": [{"value": "T1"}], "type": concept("urn:x|tube")}],
        },
        {
            "identifier": ["S1"], "accession": ["urn:a|A1"], "type": ["urn:x|BLD"],
            "subject": ["Patient/p"], "parent": ["Specimen/0"], "collector": ["Practitioner/d"],
            "collected": ["2026-11-22T08:00:00+08:00"], "bodysite": ["urn:x|arm"],
            "container": ["urn:x|tube"], "container-id": ["T1"],
        },
    ),
    (
        {
            "resourceType": "Encounter", "identifier": [{"value": "V1"}], "status": "in-progress",
            "class": coding("urn:c|IMP"), "type": [concept("urn:x|t")],
            "subject": to("Patient/p"), "period": {"end": "2026-11-22"},
            "participant": [{"type": [concept("urn:x|ATND")], "individual": to("Practitioner/d")}],
            "reasonCode": [concept("urn:x|R")], "reasonReference": [to("Condition/c")],
            "diagnosis": [{"condition": to("Condition/k")}],
            "location": [{"location": to("Location/l"), "period": {"start": "2026-11-20"}}],
            "serviceProvider": to("Organization/o"),
            "hospitalization": {"specialArrangement": [concept("urn:x|wheel")]},
        },
        {
            "identifier": ["V1"], "status": ["in-progress"], "class": ["urn:c|IMP"],
            "type": ["urn:x|t"], "subject": ["Patient/p"], "date": ["/2026-11-22"],
            "participant-type": ["urn:x|ATND"], "participant": ["Practitioner/d"],
            "reason-code": ["urn:x|R"], "reason-reference": ["Condition/c"],
            "diagnosis": ["Condition/k"], "location": ["Location/l"],
            "location-period": ["2026-11-20/"], "service-provider": ["Organization/o"],
            "special-arrangement": ["urn:x|wheel"],
        },
    ),
    (
        {
            "resourceType": "Condition", "clinicalStatus": concept("urn:c|active"),
            "verificationStatus": concept("urn:v|confirmed"), "code": concept("icd|E11"),
            "subject": to("Patient/p"), "onsetDateTime": "2020", "abatementString": "last spring",
            "recordedDate": "2026-11-22", "stage": [{"summary": concept("urn:x|II")}],
            "evidence": [{"code": [concept("urn:x|e")], "detail": [to("Observation/1")]}],
        },
        {
            "clinical-status": ["urn:c|active"], "verification-status": ["urn:v|confirmed"],
            "code": ["icd|E11"], "subject": ["Patient/p"], "onset-date": ["2020"],
            "abatement-string": ["last spring"], "recorded-date": ["2026-11-22"],
            "stage": ["urn:x|II"], "evidence": ["urn:x|e"], "evidence-detail": ["Observation/1"],
        },
    ),
]
