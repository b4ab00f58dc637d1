"""A `code` is found by the system that its binding implies, wherever a search is asked."""

import pytest

from gateway.interactions.matching import Present, match
from tests.gateway.interactions.consortium import LOINC, concept, observation, patient
from tests.gateway.interactions.defined import defined, parameter

STATUS = "http://hl7.org/fhir/observation-status"
GENDER = "http://hl7.org/fhir/administrative-gender"
RELATION = "http://hl7.org/fhir/document-relationship-type"
MEDIA = "urn:ietf:bcp:13"
R4 = "http://hl7.org/fhir/ValueSet"


def document(id_, code, target):
    return {
        "resourceType": "DocumentReference",
        "id": id_,
        "status": "current",
        "content": [{"attachment": {"contentType": "text/plain", "data": "eA=="}}],
        "relatesTo": [{"code": code, "target": {"reference": target}}],
    }


@pytest.fixture
async def filled(house):
    """On both databases: each looks the codes up its own way."""
    for gender in ("male", "female"):
        await house.put("A", patient(gender, gender=gender))
    # Of the same spelling, but a code that tells its own system.
    await house.put("A", observation("o1", "Patient/male", "final", status="amended"))
    await house.put("A", observation("o2", "Patient/female", status="final"))
    await house.put("A", document("d1", "replaces", "DocumentReference/old"))
    await house.put("A", document("d2", "appends", "DocumentReference/new"))
    return house


FOUND = {
    f"Observation?status={STATUS}|final": ["o2"],
    f"Observation?status:not={STATUS}|final": ["o1"],
    f"Observation?status={STATUS}|final,{STATUS}|amended": ["o1", "o2"],
    f"Observation?status={STATUS}|": ["o1", "o2"],
    f"Observation?status={STATUS}|draft": [],
    f"Observation?status={GENDER}|final": [],
    f"Observation?code={STATUS}|final": [],
    f"Observation?code={LOINC}|final": ["o1"],
    "Observation?status=|final": ["o2"],
    f"Observation?status:in={R4}/observation-status": ["o1", "o2"],
    f"Observation?status:not-in={R4}/observation-status": [],
    f"Observation?status:in={R4}/administrative-gender": [],
    f"Observation?status:below={STATUS}|amended": ["o1"],
    f"Observation?status:above={STATUS}|corrected": ["o1"],
    f"Observation?subject:Patient.gender={GENDER}|male": ["o1"],
    f"Observation?patient.gender={STATUS}|male": [],
    f"Patient?_has:Observation:patient:status={STATUS}|final": ["female"],
    f"DocumentReference?relationship=DocumentReference/old${RELATION}|replaces": ["d1"],
    f"DocumentReference?relationship=DocumentReference/old${RELATION}|appends": [],
    f"DocumentReference?relationship=DocumentReference/old${STATUS}|replaces": [],
    f"DocumentReference?relationship=DocumentReference/new${RELATION}|": ["d2"],
    f"DocumentReference?contenttype={MEDIA}|text/plain": ["d1", "d2"],
    f"DocumentReference?contenttype={MEDIA}|": ["d1", "d2"],
    f"AuditEvent?outcome={GENDER}|0": [],
}


async def test_a_search_takes_the_system_for_told(filled):
    found = {search: sorted(await filled.ids("A", search)) for search in FOUND}
    assert found == FOUND


async def test_the_audit_takes_it_too(filled):
    page = await filled.search(filled.admin("A"), "AuditEvent?action=C")
    named = "AuditEvent?action=http://hl7.org/fhir/audit-event-action|C"
    again = await filled.search(filled.admin("A"), named)
    assert page.matches
    assert {one.id for one in page.matches} <= {one.id for one in again.matches}
    other = await filled.search(filled.admin("A"), f"AuditEvent?action={GENDER}|C")
    assert other.matches == []


async def test_criteria_find_what_is_stored_and_what_will_be(filled):
    actor = filled.actor("A")
    found = await match(filled.door, actor, "Patient", [("gender", f"{GENDER}|male")])
    assert found.found.id == "male"
    present = Present(filled.door)
    present.add(("Patient", "new"), patient("new", gender="male"))
    assert present.found(found) == {("Patient", "new")}
    other = await match(filled.door, actor, "Patient", [("gender", f"{STATUS}|male")])
    assert other.found is None
    assert present.found(other) == set()


async def test_a_parameter_over_codes_and_codings_finds_both(filled):
    both = parameter("any", "Observation", "token", "Observation.status | Observation.category")
    await defined(filled, both)
    await filled.put("A", observation("o3", status="amended", category=[concept("final", STATUS)]))
    await filled.put("A", observation("o4", status="amended", category=[concept("final", "urn:x")]))
    assert await filled.ids("A", f"Observation?any={STATUS}|final") == ["o3", "o2"]
    assert await filled.ids("A", "Observation?any=urn:x|final") == ["o4"]
