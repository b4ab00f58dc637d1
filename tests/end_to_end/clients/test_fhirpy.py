"""The client fhirpy, unmodified, against a gateway on its sockets.

https://github.com/beda-software/fhir-py
"""

import uuid

import pytest
from fhirpy import AsyncFHIRClient, SyncFHIRClient
from fhirpy.base.exceptions import (
    AuthorizationError,
    ForbiddenError,
    MultipleResourcesFound,
    OperationOutcome,
    ResourceNotFound,
)

CARDS = "urn:example:card"
LOINC = "http://loinc.org"


def client_of(serving, campus):
    return SyncFHIRClient(f"{serving.url}/fhir", authorization=f"Bearer {serving.tokens[campus]}")


@pytest.fixture
def client(serving):
    return client_of(serving, "A")


@pytest.fixture
def card():
    """A number that no other test uses."""
    return uuid.uuid4().hex


def patient(client, card, **more):
    number = {"system": CARDS, "value": card}
    return client.resource(
        "Patient", identifier=[number], name=[{"family": "王", "given": ["秀英"]}], **more
    )


def observation(client, subject, day, code="718-7"):
    return client.resource(
        "Observation",
        status="final",
        code={"coding": [{"system": LOINC, "code": code}]},
        subject=subject.to_reference(),
        effectiveDateTime=f"2026-02-{day:02d}T08:00:00+08:00",
    )


def test_a_resource_is_created_read_updated_patched_and_deleted(client, card):
    made = patient(client, card)
    made.save()
    assert made.id
    assert made["meta"]["versionId"] == "1"

    found = client.reference("Patient", made.id).to_resource()
    assert found["name"][0]["family"] == "王"
    found["gender"] = "female"
    found.save()
    assert found["meta"]["versionId"] == "2"

    found["birthDate"] = "1970-01-01"
    found.save(fields=["birthDate"])
    found.patch(active=True, gender=None)
    made.refresh()
    assert (made["birthDate"], made["active"]) == ("1970-01-01", True)
    assert "gender" not in made
    assert made["meta"]["versionId"] == "4"
    made.refresh()

    changed = client.patch("Patient", made.id, gender="female")
    assert changed["gender"] == "female"
    made.delete()
    with pytest.raises(ResourceNotFound):
        client.get("Patient", made.id)


def test_a_client_names_its_id(client):
    made = client.resource("Organization", id=f"x-{uuid.uuid4().hex}", name="县人民医院")
    made.save()
    assert client.get("Organization", made.id)["name"] == "县人民医院"


def test_searches_chains_includes_and_pages(client, card):
    clinic = client.resource("Organization", name=f"卫生院 {card}")
    clinic.save()
    subject = patient(client, card, managingOrganization=clinic.to_reference())
    subject.save()
    for day in range(1, 8):
        observation(client, subject, day).save()

    found = client.resources("Observation").search(
        subject__Patient__identifier=f"{CARDS}|{card}", date__ge="2026-02-03"
    )
    assert len(found.fetch_all()) == 5
    assert found.count() == 5
    paged = found.sort("-date").limit(2)
    days = [one["effectiveDateTime"][8:10] for one in paged]
    assert days == ["07", "06", "05", "04", "03"]
    assert len(paged.fetch()) == 2
    assert paged.first()["effectiveDateTime"].startswith("2026-02-07")

    named = client.resources("Patient").search(organization__Organization__name=f"卫生院 {card}")
    assert named.get().id == subject.id
    having = client.resources("Patient").search(identifier=f"{CARDS}|{card}")
    having = having.has("Observation", "subject", code=f"{LOINC}|718-7")
    assert [one.id for one in having.fetch()] == [subject.id]

    bundle = (
        client.resources("Observation")
        .search(patient=subject.id)
        .include("Observation", "subject")
        .limit(1)
        .fetch_raw()
    )
    kinds = {entry["resource"]["resourceType"] for entry in bundle["entry"]}
    assert kinds == {"Observation", "Patient"}
    back = (
        client.resources("Patient")
        .search(_id=subject.id)
        .revinclude("Observation", "subject")
        .fetch_raw()
    )
    assert len(back["entry"]) == 8
    part = client.resources("Patient").search(_id=subject.id).elements("gender").fetch_raw()
    assert "name" not in part["entry"][0]["resource"]


def test_conditional_interactions(client, card):
    people = client.resources("Patient").search(identifier=f"{CARDS}|{card}")
    first, created = people.get_or_create(patient(client, card))
    assert created
    again, created = people.get_or_create(patient(client, card))
    assert (again.id, created) == (first.id, False)
    updated, created = people.update(patient(client, card, gender="female"))
    assert (updated.id, updated["gender"], created) == (first.id, "female", False)
    assert people.patch(birthDate="1970-01-01")["birthDate"] == "1970-01-01"
    people.delete()
    with pytest.raises(ResourceNotFound):
        people.get()
    for _ in range(2):
        patient(client, card).create()
    with pytest.raises(MultipleResourcesFound):
        people.delete()


def test_a_transaction(client, card):
    urn = f"urn:uuid:{uuid.uuid4()}"
    subject = patient(client, card)
    result = observation(client, client.resource("Patient", id="x"), 1)
    result["subject"] = client.reference(reference=urn)
    bundle = client.resource("Bundle", type="transaction")
    bundle["entry"] = [
        {
            "fullUrl": urn,
            "resource": subject.serialize(),
            "request": {"method": "POST", "url": "Patient"},
        },
        {
            "resource": {**result.serialize(), "subject": {"reference": urn}},
            "request": {"method": "POST", "url": "Observation"},
        },
    ]
    bundle.save()
    assert [one["response"]["status"][:3] for one in bundle["entry"]] == ["201", "201"]
    found = client.resources("Observation").search(subject__identifier=f"{CARDS}|{card}").get()
    assert found["subject"]["reference"].startswith("Patient/")
    assert found["subject"].to_resource()["identifier"][0]["value"] == card


def test_operations_histories_and_capabilities(client, card):
    subject = patient(client, card)
    subject.save()
    for day in (1, 2):
        observation(client, subject, day).save()
    everything = subject.execute("$everything", method="get")
    assert len(everything["entry"]) == 3
    newest = client.resources("Observation").execute(
        "$lastn", method="get", params={"patient": subject.id, "code": "718-7"}
    )
    assert newest["entry"][0]["resource"]["effectiveDateTime"].startswith("2026-02-02")
    label = {"system": "urn:example:tags", "code": "seen"}
    body = {
        "resourceType": "Parameters",
        "parameter": [{"name": "meta", "valueMeta": {"tag": [label]}}],
    }
    told = subject.execute("$meta-add", data=body)
    assert told["parameter"][0]["valueMeta"]["versionId"] == "2"
    versions = client.execute(f"Patient/{subject.id}/_history", method="get")
    assert len(versions["entry"]) == 2
    assert client.execute("metadata", method="get")["fhirVersion"] == "4.0.1"
    assert client.execute("$versions", method="get")["resourceType"] == "Parameters"


def test_a_resource_is_judged(client, card):
    assert patient(client, card).is_valid()
    assert not patient(client, card, gender="unheard").is_valid()


def test_errors_are_told_as_the_client_knows_them(serving, client):
    with pytest.raises(AuthorizationError):
        SyncFHIRClient(f"{serving.url}/fhir", authorization="Bearer no").get("Patient", "1")
    with pytest.raises(ResourceNotFound):
        client.get("Patient", "gone")
    with pytest.raises(OperationOutcome) as wrong:
        client.resource("Patient", gender="unheard").save()
    assert wrong.value.resource["issue"][0]["expression"] == ["Patient.gender"]
    made = client.resource("Patient", active=True)
    made.save()
    with pytest.raises(ForbiddenError):
        client_of(serving, "B").patch("Patient", made.id, active=False)


async def test_it_works_asynchronously(serving, card):
    client = AsyncFHIRClient(f"{serving.url}/fhir", authorization=f"Bearer {serving.tokens['A']}")
    subject = client.resource("Patient", identifier=[{"system": CARDS, "value": card}])
    await subject.save()
    for number in range(5):
        await client.resource(
            "Basic", code={"text": str(number)}, subject=subject.to_reference()
        ).save()
    found = client.resources("Basic").search(patient=subject.id).limit(2)
    assert len([one async for one in found]) == 5
    assert await found.count() == 5
