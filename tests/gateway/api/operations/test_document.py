"""Composition `$document` over HTTP."""

import pytest

from tests.gateway.api.conftest import BASE
from tests.gateway.api.operations.records import encounter, ref
from tests.gateway.api.operations.test_inputs import parameters
from tests.gateway.api.samples import JSON, PATIENT, observation, post, put, read, refusal

LABEL = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}


def composition(**more):
    return {
        "resourceType": "Composition",
        "id": "c1",
        "status": "final",
        "type": {"text": "Discharge summary"},
        "subject": ref("Patient/p1"),
        "encounter": ref(f"{BASE}/Encounter/e1"),
        "date": "2026-02-01",
        "author": [ref("Practitioner/li"), {"display": "somebody"}],
        "title": "出院小结",
        "section": [{"title": "Results", "entry": [ref("Observation/o2"), ref("Observation/o1")]}],
        **more,
    }


def names(bundle):
    return [f"{one['resource']['resourceType']}/{one['resource']['id']}" for one in bundle["entry"]]


@pytest.fixture
async def written(anna):
    for resource in (
        {"resourceType": "Organization", "id": "house"},
        {"resourceType": "Practitioner", "id": "li"},
        PATIENT | {"managingOrganization": ref("Organization/house")},
        PATIENT | {"id": "p9"},
        encounter("e1", serviceProvider=ref("Organization/house")),
        observation("o9", "Patient/p9"),
        observation("o2", derivedFrom=[ref("Observation/o9"), ref("Observation/gone")]),
        composition(),
    ):
        assert (await put(anna, resource)).status_code == 201
    text = (
        '{"resourceType":"Observation","id":"o1","status":"final","code":{"text":"x"},'
        '"subject":{"reference":"Patient/p1"},"valueQuantity":{"value":1.00}}'
    )
    await anna.put("/Observation/o1", content=text, headers=JSON)


@pytest.mark.usefixtures("written")
async def test_a_document_begins_with_its_composition_and_has_no_gaps(anna):
    answer = await anna.get("/Composition/c1/$document")
    bundle = read(answer)
    assert (bundle["type"], bundle["identifier"]["system"]) == ("document", "urn:ietf:rfc:3986")
    assert names(bundle) == [
        *("Composition/c1", "Patient/p1", "Encounter/e1", "Practitioner/li"),
        *("Observation/o2", "Observation/o1", "Organization/house"),
    ]
    assert bundle["entry"][0]["fullUrl"] == f"{BASE}/Composition/c1"
    assert '"value":1.00' in answer.text
    again = read(await anna.post("/Composition/$document?id=Composition/c1"))
    assert names(again) == names(bundle)
    assert again["identifier"] != bundle["identifier"]


@pytest.mark.usefixtures("written")
async def test_a_document_can_be_stored(anna, gateway):
    body = parameters({"name": "persist", "valueBoolean": True})
    answer = await post(anna, body, "/Composition/c1/$document")
    bundle = read(answer, 201)
    stored = await anna.get(answer.headers["location"])
    assert stored.json() == bundle
    assert '"value":1.00' in stored.text
    found = read(await anna.get(f"/Bundle?identifier={bundle['identifier']['value']}"))
    assert found["total"] == 1
    issue = refusal(await anna.get("/Composition/c1/$document?persist=true"), 400, "invalid")
    assert issue["expression"] == ["http.persist"]
    reader = await gateway.campus("C", "system/*.rs")
    refusal(await post(reader, body, "/Composition/c1/$document"), 403, "forbidden")


@pytest.mark.usefixtures("written")
async def test_what_is_sensitive_makes_its_document_so(anna, gateway):
    await put(anna, observation("o1", meta={"security": [LABEL]}))
    answer = await anna.post("/Composition/c1/$document?persist=true")
    bundle = read(answer, 201)
    assert "R" in [one["code"] for one in bundle["meta"]["security"]]
    other = await gateway.campus("B")
    refusal(await other.get(f"/Bundle/{bundle['id']}"), 404, "not-found")


@pytest.mark.usefixtures("written")
async def test_gaps_are_named_by_place_whatever_their_reason(anna, gateway):
    await put(anna, observation("o1", meta={"security": [LABEL]}))
    other = await gateway.campus("B")
    hidden = (await other.get("/Composition/c1/$document")).json()["issue"]
    assert [one["expression"] for one in hidden] == [["Composition.section[0].entry[1]"]]
    await anna.delete("/Observation/o1")
    gone = (await anna.get("/Composition/c1/$document")).json()["issue"]
    assert gone == hidden
    await put(anna, composition(subject=ref("http://elsewhere.test/fhir/Patient/1")))
    answer = await anna.get("/Composition/c1/$document")
    assert answer.status_code == 422
    assert answer.json()["issue"][0]["expression"] == ["Composition.subject"]
    some = await gateway.campus("D", "system/Composition.r")
    assert (await some.get("/Composition/c1/$document")).status_code == 422


@pytest.mark.usefixtures("written")
async def test_what_it_cannot_do_is_refused(anna, gateway):
    issue = refusal(await anna.get("/Composition/c1/$document?graph=urn:x"), 400, "not-supported")
    assert issue["expression"] == ["http.graph"]
    refusal(await anna.get("/Composition/c1/$document?id=c1"), 400, "invalid")
    refusal(await anna.get("/Composition/$document"), 400, "invalid")
    far = "/Composition/$document?id=http://elsewhere.test/fhir/Composition/1"
    refusal(await anna.get(far), 400, "not-supported")
    refusal(await anna.get("/Composition/c2/$document"), 404, "not-found")
    none = await gateway.campus("B", "system/Patient.rs")
    refusal(await none.get("/Composition/c1/$document"), 403, "forbidden")
    await anna.delete("/Composition/c1")
    refusal(await anna.get("/Composition/c1/$document"), 410, "deleted")


async def test_contained_resources_are_no_entries(anna):
    await put(anna, PATIENT)
    more = {
        "contained": [{"resourceType": "Practitioner", "id": "x"}],
        "author": [ref("#x")],
        "section": [],
    }
    body = composition(**more)
    del body["encounter"], body["section"]
    await put(anna, body)
    assert names(read(await anna.get("/Composition/c1/$document"))) == [
        *("Composition/c1", "Patient/p1"),
    ]
