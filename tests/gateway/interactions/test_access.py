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
from gateway.interactions.bundle import bundle
from gateway.interactions.commit import Change, Extras, commit
from gateway.interactions.keys import CAMPUS_SYSTEM, organization_id
from gateway.store.records import CONSORTIUM
from tests.gateway.interactions.consortium import (
    HIV,
    encoded,
    included,
    names,
    observation,
    patient,
    pid,
)


def task(id_="t1", *, owner="B", **more):
    return {
        "resourceType": "Task",
        "id": id_,
        "status": "requested",
        "intent": "order",
        "owner": {"reference": f"Organization/{organization_id(owner)}"},
        **more,
    }


async def check_hidden(house, who, name, *, versions=1):
    """Nothing tells the caller that the resource is there, by whatever way it asks."""
    type_, _, id_ = name.partition("/")
    with pytest.raises(NotFoundError):
        await house.read(who, name)
    with pytest.raises(NotFoundError):
        await house.vread(who, name, versions)
    with pytest.raises(NotFoundError):
        await house.history(who, name)
    for query in ("", f"?_id={id_}", "?_sort=_id", "?_campus=A,B,C"):
        page = await house.search(who, f"{type_}{query}")
        assert id_ not in [one.id for one in page.matches]
    assert (await house.search(who, f"{type_}?_id={id_}&_summary=count")).total == 0
    assert (await house.search(who, f"{type_}?_id={id_}&_total=accurate")).total == 0
    assert await house.delete(who, name) is None
    asked = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [{"request": {"method": "GET", "url": name}}],
    }
    for kind in ("transaction", "batch"):
        _, (result,) = await bundle(house.door, house.actor(who), encoded({**asked, "type": kind}))
        assert (result.status, result.stored) == (404, None)


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


# Sensitive results.

ORDER = {
    "resourceType": "ServiceRequest",
    "id": "order",
    "status": "active",
    "intent": "order",
    "code": {"text": "术前检查"},
    "subject": {"reference": "Patient/p1"},
}
SPECIMEN = {"resourceType": "Specimen", "id": "tube", "subject": {"reference": "Patient/p2"}}
REPORT = {
    "resourceType": "DiagnosticReport",
    "id": "report",
    "status": "final",
    "code": {"text": "术前四项"},
    "subject": {"reference": "Patient/p2"},
    "basedOn": [{"reference": "ServiceRequest/order"}],
    "specimen": [{"reference": "Specimen/tube"}],
    "result": [{"reference": "Observation/hiv"}, {"reference": "Observation/plain"}],
}
PROVENANCE = {
    "resourceType": "Provenance",
    "id": "whence",
    "target": [{"reference": "DiagnosticReport/report"}],
    "recorded": "2026-11-22T08:00:00+08:00",
    "agent": [{"who": {"display": "LIS"}}],
}
RESULTS = [
    observation("hiv", "Patient/p2", HIV, specimen={"reference": "Specimen/tube"}),
    observation("plain", "Patient/p2", specimen={"reference": "Specimen/tube"}),
]
OF_THE_GROUP = (
    "DiagnosticReport/report",
    "Observation/hiv",
    "Observation/plain",
    "Provenance/whence",
    "Specimen/tube",
)


def transaction(*resources):
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {
                "resource": one,
                "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"},
            }
            for one in resources
        ],
    }


@pytest.fixture
async def sensitive(house):
    """B's result of A's order, a value of HIV among it, sent in one message."""
    await house.put("A", patient(identifier=[pid("A", "1")]))
    await house.put("B", patient("p2", identifier=[pid("B", "2")]))
    await house.put("A", ORDER)
    sent = transaction(SPECIMEN, *RESULTS, REPORT, PROVENANCE)
    await bundle(house.door, house.actor("B"), encoded(sent))
    return house


async def test_a_sensitive_group_is_read_by_owner_and_ordering_campus(sensitive):
    for who in "AB":
        for name in OF_THE_GROUP:
            stored = await sensitive.read(who, name)
            codes = [one["code"] for one in stored.resource()["meta"]["security"]]
            assert "R" in codes
        found = await sensitive.search(
            who, "DiagnosticReport?patient=p2&_include=DiagnosticReport:result"
        )
        assert names(found) == ["DiagnosticReport/report"]
        assert included(found) == {"Observation/hiv", "Observation/plain"}


@pytest.mark.parametrize("name", [*OF_THE_GROUP, "ServiceRequest/order"])
async def test_a_sensitive_group_is_hidden_from_a_third_campus(sensitive, name):
    await check_hidden(sensitive, "C", name)


async def test_no_search_of_a_third_campus_finds_a_sensitive_group(sensitive):
    for query in (
        "Observation",
        "Observation?patient=p2",
        f"Observation?code={HIV}",
        "Observation?patient.identifier=urn:hutong:B:pid|2",
        "Observation?status=final&_sort=-date",
        "Observation?_security=R",
        "DiagnosticReport?subject.identifier=2",
        "Provenance?target=DiagnosticReport/report",
        "Specimen?subject=Patient/p2",
    ):
        page = await sensitive.search("C", f"{query}{'&' if '?' in query else '?'}_total=accurate")
        assert (page.matches, page.total, page.next) == ([], 0, "")
        assert (await sensitive.search("C", query)).total == 0
    for query in (
        "Patient?_id=p2&_revinclude=Observation:patient&_revinclude=DiagnosticReport:subject",
        "Patient?_id=p1&_revinclude=ServiceRequest:patient",
    ):
        page = await sensitive.search("C", query)
        assert included(page) == set()


async def test_sensitive_values_are_found_by_their_label(sensitive):
    assert set(await sensitive.ids("A", "Observation?_security=R")) == {"hiv", "plain"}
    system = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
    assert await sensitive.ids("B", f"Observation?_security={system}|R&code={HIV}") == ["hiv"]


async def test_break_glass_reads_what_is_sensitive_and_is_recorded_first(sensitive):
    await sensitive.token(3, "emergency", "system/*.rs break-glass")
    assert (await sensitive.read("emergency", "Observation/hiv")).id == "hiv"
    # It is in the audit already: nobody waited for the recorder.
    last = sensitive.trail()[-1]
    assert (last.action, last.break_glass, last.campus) == ("R", True, 3)
    assert len(await sensitive.ids("emergency", "Observation?patient=p2")) == 2
    assert sensitive.trail()[-1].break_glass
    await sensitive.put("A", task(owner="A"))
    with pytest.raises(NotFoundError):
        await sensitive.read("emergency", "Task/t1")


async def test_an_admin_alone_does_not_read_what_is_sensitive(sensitive):
    for actor in (sensitive.admin(), sensitive.admin("C")):
        with pytest.raises(NotFoundError):
            await sensitive.read(actor, "Observation/hiv")


async def test_a_page_token_gives_no_more_than_its_caller_may_see(house):
    for number in range(6):
        await house.put("A", observation(f"o{number}"))
    first = await house.search("C", "Observation?_count=2")
    rest = ["o0", "o1", "o2", "o3"]
    assert [one.id for one in first.matches] == ["o5", "o4"]
    # What was shared when the search began is not any more.
    await house.put("A", observation("o3", code=HIV))
    await house.delete("A", "Observation/o2")
    second = await house.search("C", f"Observation?_page={first.next}")
    assert [one.id for one in second.matches] == []
    assert second.notes[0].text.startswith("2 of this page")
    third = await house.search("C", f"Observation?_page={second.next}")
    assert [one.id for one in third.matches] == rest[1::-1]


async def test_what_is_sensitive_once_stays_so(house):
    await house.put("A", observation("o", code=HIV))
    await house.put("A", observation("o"))
    await check_hidden(house, "B", "Observation/o")


async def test_a_result_that_comes_later_hides_its_report_and_order(house):
    """Each sent by itself, the sensitive one last."""
    await house.put("A", ORDER)
    await house.put("B", {**REPORT, "result": [{"reference": "Observation/plain"}]})
    await house.put("B", RESULTS[1])
    late = observation("hiv", "Patient/p2", HIV, basedOn=[{"reference": "ServiceRequest/order"}])
    await house.put("B", late)
    await house.put("B", REPORT)
    for name, version in (("ServiceRequest/order", 2), ("DiagnosticReport/report", 2)):
        await check_hidden(house, "C", name, versions=version)
    assert (await house.read("A", "Observation/hiv")).id == "hiv"
    assert (await house.read("A", "DiagnosticReport/report")).id == "report"


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
