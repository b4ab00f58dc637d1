"""Who sees and who writes what (DESIGN §3, "Campus ownership and sharing")."""

import pytest

from gateway.errors import (
    ConflictError,
    ForbiddenError,
    GoneError,
    InvalidRequestError,
    NotFoundError,
    UnauthenticatedError,
)
from gateway.interactions.commit import Change, Extras, commit
from gateway.interactions.keys import CAMPUS_SYSTEM, organization_id
from gateway.store.records import CONSORTIUM
from tests.gateway.interactions.consortium import (
    encoded,
    included,
    names,
    observation,
    patient,
    pid,
)
from tests.gateway.interactions.hidden import check_hidden, task


async def test_clinical_resources_are_shared(house):
    await house.put("A", patient())
    await house.put("B", observation("o"))
    for who in "ABC":
        assert (await house.read(who, "Observation/o")).campus == 2
        assert await house.ids(who, "Observation?patient=p1") == ["o"]
        assert len((await house.history(who, "Observation/o")).matches) == 1


async def test_a_task_is_seen_by_owner_and_addressees(house):
    await house.put("A", task())
    for who in "AB":
        assert (await house.read(who, "Task/t1")).id == "t1"
        assert await house.ids(who, "Task?status=requested") == ["t1"]
        assert (await house.search(who, "Task?_summary=count")).total == 1
    await check_hidden(house, "C", "Task/t1")


@pytest.mark.parametrize(
    "addressed",
    [
        {"requester": {"reference": f"Organization/{organization_id('C')}"}},
        {
            "restriction": {
                "recipient": [
                    {"reference": f"Organization/{organization_id('B')}"},
                    {"reference": f"Organization/{organization_id('C')}"},
                ]
            }
        },
        {"owner": {"reference": f"http://hutong.test/fhir/Organization/{organization_id('C')}"}},
    ],
)
async def test_each_way_of_addressing_a_task_counts(house, addressed):
    await house.put("A", {**task(), **addressed})
    assert (await house.read("C", "Task/t1")).id == "t1"


async def test_a_task_that_is_addressed_elsewhere_is_no_longer_seen(house):
    await house.put("A", task())
    await house.put("A", task(owner="C"))
    assert (await house.read("C", "Task/t1")).version == 2
    await check_hidden(house, "B", "Task/t1", versions=2)


async def test_an_addressee_sees_that_a_task_was_deleted(house):
    await house.put("A", task())
    await house.delete("A", "Task/t1")
    with pytest.raises(GoneError):
        await house.read("B", "Task/t1")
    with pytest.raises(NotFoundError):
        await house.read("C", "Task/t1")


async def test_a_subscription_is_its_owners(house):
    await house.put(
        "A",
        {
            "resourceType": "Subscription",
            "id": "s",
            "status": "requested",
            "reason": "x",
            "criteria": "Observation",
            "channel": {"type": "message"},
        },
    )
    await check_hidden(house, "B", "Subscription/s")


# Campuses that left.


async def test_what_an_inactive_campus_owns_is_shared_no_more(house):
    await house.put("A", patient())
    await house.put("A", observation("o"))
    await house.put("A", task())
    await house.put("B", observation("own"))
    await house.deactivate("A")
    await check_hidden(house, "C", "Observation/o")
    assert await house.ids("B", "Observation?patient=p1") == ["own"]
    # What was addressed to B stays so.
    assert (await house.read("B", "Task/t1")).id == "t1"
    with pytest.raises(UnauthenticatedError):
        house.actor("A")


# Writing.


async def test_only_the_owner_writes(house):
    await house.put("A", patient())
    with pytest.raises(ForbiddenError):
        await house.put("B", patient(gender="male"))
    with pytest.raises(ForbiddenError):
        await house.delete("B", "Patient/p1")
    assert (await house.read("B", "Patient/p1")).version == 1
    await house.delete("A", "Patient/p1")
    with pytest.raises(ForbiddenError):
        await house.put("B", patient())


async def test_an_id_of_what_is_hidden_cannot_be_used_and_says_no_more(house):
    await house.put("A", task(owner="A"))
    with pytest.raises(ConflictError) as caught:
        await house.put("C", task(owner="C"))
    assert str(caught.value) == "This id cannot be used."
    assert await house.delete("C", "Task/t1") is None
    assert (await house.read("A", "Task/t1")).version == 1


@pytest.mark.parametrize("if_match", ['W/"1"', 'W/"2"'])
async def test_what_is_hidden_does_not_tell_its_version(house, if_match):
    await house.put("A", task(owner="A"))
    with pytest.raises(ConflictError) as caught:
        await house.put("C", task(owner="C"), if_match)
    assert str(caught.value) == "This id cannot be used."


async def test_a_person_is_written_by_an_administrator_alone(house):
    person = {"resourceType": "Person", "id": "n", "active": True}
    with pytest.raises(ForbiddenError):
        await house.put("A", person)
    await house.put(house.admin(), person)
    stored = await house.read("A", "Person/n")
    assert stored.campus == CONSORTIUM
    assert stored.resource()["meta"]["extension"][0]["valueCode"] == "consortium"
    with pytest.raises(ForbiddenError):
        await house.put("A", {**person, "active": False})
    with pytest.raises(ForbiddenError):
        await house.delete("A", "Person/n")


async def test_the_organization_of_a_campus_is_the_consortiums(house):
    id_ = organization_id("A")
    own = {
        "resourceType": "Organization",
        "id": id_,
        "identifier": [{"system": CAMPUS_SYSTEM, "value": "A"}],
        "name": "假",
    }
    for who in "AB":
        with pytest.raises(ForbiddenError):
            await house.put(who, own)
    change = Change("Organization", id_, encoded(own), owner=(CONSORTIUM, "consortium"))
    await commit(house.door, house.admin(), [change], Extras(trusted=True))
    with pytest.raises(ForbiddenError):
        await house.put("A", {**own, "name": "真"})
    await house.put("A", {"resourceType": "Organization", "id": "ward", "name": "内科"})
    assert (await house.read("B", f"Organization/{id_}")).campus == CONSORTIUM


async def test_a_write_of_an_administrator_names_its_campus(house):
    with pytest.raises(ForbiddenError):
        await house.put(house.admin(), patient())
    written = await house.put(house.admin("B"), patient())
    assert written.stored.campus == 2
    with pytest.raises(ForbiddenError):
        await house.put(house.admin("A"), patient(gender="male"))
    with pytest.raises(InvalidRequestError):
        house.admin("X")
    with pytest.raises(ForbiddenError):
        house.actor("A", campus="B")


async def test_the_campus_extension_of_a_client_is_ignored(house):
    lie = {"extension": [{"url": "urn:hutong:ext:campus", "valueCode": "B"}]}
    await house.put("A", patient(meta=lie))
    stored = await house.read("A", "Patient/p1")
    assert stored.campus == 1
    assert [one["valueCode"] for one in stored.resource()["meta"]["extension"]] == ["A"]
    assert await house.ids("A", "Patient?_campus=A") == ["p1"]
    assert await house.ids("A", "Patient?_campus=B") == []


# Scopes.


async def test_scopes_limit_every_way_to_read(house):
    await house.put("A", patient(identifier=[pid("A", "1")]))
    await house.put("A", observation("o"))
    await house.token(1, "labs", "system/Observation.rs")
    await house.token(1, "reads", "system/*.r")
    assert await house.ids("labs", "Observation") == ["o"]
    for wrong in (
        house.read("labs", "Patient/p1"),
        house.vread("labs", "Patient/p1", 1),
        house.history("labs", "Patient/p1"),
        house.search("labs", "Patient"),
        house.search("labs", "Observation?patient.identifier=1"),
        house.search("reads", "Patient"),
    ):
        with pytest.raises(ForbiddenError):
            await wrong
    page = await house.search("labs", "Observation?_include=Observation:patient")
    assert included(page) == set()
    await house.token(1, "patients", "system/Patient.rs")
    page = await house.search("patients", "Patient?_revinclude=Observation:patient")
    assert included(page) == set()


async def test_links_are_told_only_to_whom_may_read_patients(house):
    await house.put("A", patient())
    await house.put("B", patient("p2"))
    await house.put("B", observation("o", "Patient/p2"))
    target = [
        {"target": {"reference": f"Patient/{id_}"}, "assurance": "level4"} for id_ in ("p1", "p2")
    ]
    await house.put(house.admin(), {"resourceType": "Person", "id": "n", "link": target})
    page = await house.search("A", "Observation?patient=p1")
    assert names(page) == ["Observation/o"]
    assert included(page) == {"Patient/p2", "Person/n"}
    await house.token(1, "labs", "system/Observation.rs")
    page = await house.search("labs", "Observation?patient=p1")
    assert names(page) == ["Observation/o"]
    assert included(page) == set()
