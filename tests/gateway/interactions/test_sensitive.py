"""Sensitive results and all that was made from the same order (DESIGN §3)."""

import asyncio

import pytest

from gateway.errors import NotFoundError
from gateway.interactions.bundle import bundle
from gateway.interactions.commit import Change, commit, plan, settle
from gateway.store.records import StaleError
from tests.gateway.interactions.consortium import (
    HIV,
    encoded,
    included,
    names,
    observation,
    patient,
    pid,
)
from tests.gateway.interactions.hidden import check_hidden, task

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


async def test_what_is_written_while_its_order_is_being_hidden_is_hidden_too(house):
    await house.put("A", patient(identifier=[pid("A", "1")]))
    await house.put("B", patient("p2", identifier=[pid("B", "2")]))
    await house.put("A", ORDER)
    of_order = {"basedOn": [{"reference": "ServiceRequest/order"}]}
    await asyncio.gather(
        house.put("B", observation("hiv", "Patient/p2", HIV, **of_order)),
        house.put("B", observation("plain", "Patient/p2", **of_order)),
    )
    for name in ("Observation/plain", "Observation/hiv", "ServiceRequest/order"):
        await check_hidden(house, "C", name)


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


async def test_an_order_that_is_found_late_opens_the_group_to_its_campus(house):
    """B's result came first, as its own; then its report names A's order."""
    alone = {name: value for name, value in REPORT.items() if name != "basedOn"}
    sent = transaction(SPECIMEN, *RESULTS, alone, PROVENANCE)
    await bundle(house.door, house.actor("B"), encoded(sent))
    for name in OF_THE_GROUP:
        await check_hidden(house, "A", name)
    await house.put("A", ORDER)
    await house.put("B", REPORT)
    for name in OF_THE_GROUP:
        assert (await house.read("A", name)).campus == 2
        with pytest.raises(NotFoundError):
            await house.read("C", name)
    assert (await house.read("A", "ServiceRequest/order")).version == 2
    with pytest.raises(NotFoundError):
        await house.read("C", "ServiceRequest/order")


async def test_an_order_that_comes_after_its_result_is_hidden_and_its_campus_reads_it(house):
    await house.put("B", {**RESULTS[0], "basedOn": REPORT["basedOn"]})
    await house.put("B", SPECIMEN)
    await house.put("A", ORDER)
    for name in ("Observation/hiv", "ServiceRequest/order"):
        assert (await house.read("A", name)).resource()["meta"]["security"]
        await check_hidden(house, "C", name)
    await check_hidden(house, "C", "Specimen/tube")


async def test_of_many_orders_that_come_in_the_same_instant_those_named_are_hidden(house):
    """Every third has a hidden result, every third an open one, and the others none."""
    orders = [f"order{number}" for number in range(12)]
    changes = [Change("ServiceRequest", id_, encoded({**ORDER, "id": id_})) for id_ in orders]
    planned = await plan(house.door, house.actor("A"), changes)
    for number, id_ in enumerate(orders):
        named = [{"reference": f"ServiceRequest/{id_}"}]
        code = (HIV,) if number % 3 == 0 else ()
        if number % 3 < 2:
            await house.put("B", observation(f"r{number}", "Patient/p2", *code, basedOn=named))
    with pytest.raises(StaleError):
        await settle(house.door, planned)
    await commit(house.door, house.actor("A"), changes)
    for number, id_ in enumerate(orders):
        if number % 3 == 0:
            await check_hidden(house, "C", f"ServiceRequest/{id_}")
        assert (await house.read("A", f"ServiceRequest/{id_}")).version == 1


async def test_an_order_that_an_open_result_named_before_it_came_stays_open(house):
    await house.put("B", {**RESULTS[1], "basedOn": REPORT["basedOn"]})
    await house.put("A", ORDER)
    for name in ("Observation/plain", "ServiceRequest/order"):
        assert (await house.read("C", name)).version == 1


async def test_what_is_deleted_with_the_write_that_names_it_is_hidden_when_it_comes_back(house):
    await house.put("B", SPECIMEN)
    sent = transaction(RESULTS[0])
    sent["entry"].append({"request": {"method": "DELETE", "url": "Specimen/tube"}})
    await bundle(house.door, house.actor("B"), encoded(sent))
    await house.put("B", SPECIMEN)
    await check_hidden(house, "C", "Specimen/tube", versions=3)


async def test_what_is_gone_already_is_deleted_again_with_a_write_that_names_it(house):
    await house.put("B", RESULTS[1])
    await house.delete("B", "Observation/plain")
    sent = transaction(observation("of-it", "Patient/p2", hasMember=REPORT["result"][1:]))
    sent["entry"].append({"request": {"method": "DELETE", "url": "Observation/plain"}})
    await bundle(house.door, house.actor("B"), encoded(sent))
    assert (await house.read("C", "Observation/of-it")).version == 1


async def test_no_campus_hides_a_report_of_another_that_comes_later(house):
    """What B says of a report of A's that is not there yet hides B's own alone."""
    theirs = [{"reference": "Observation/theirs"}]
    await house.put("B", observation("hiv", "Patient/p2", HIV, hasMember=theirs))
    await house.put("A", observation("theirs"))
    assert (await house.read("C", "Observation/theirs")).version == 1


@pytest.mark.parametrize(
    "late",
    [PROVENANCE, {**ORDER, "id": "second", "basedOn": [{"reference": "ServiceRequest/order"}]}],
)
async def test_what_joins_a_hidden_group_later_is_hidden(sensitive, late):
    late = {**late, "id": "late"}
    await sensitive.put("B", late)
    name = f"{late['resourceType']}/late"
    await check_hidden(sensitive, "C", name)
    assert (await sensitive.read("A", name)).campus == 2


async def test_no_campus_hides_the_results_of_another_by_naming_them(house):
    await house.put("A", observation("theirs"))
    theirs = [{"reference": "Observation/theirs"}]
    report = {key: value for key, value in REPORT.items() if key != "basedOn"}
    await house.put("A", {**report, "id": "theirs", "result": theirs})
    hiv = observation("hiv", "Patient/p2", HIV, hasMember=theirs, derivedFrom=theirs)
    await house.put("B", hiv)
    await house.put("B", {**REPORT, "result": [*REPORT["result"], *theirs]})
    assert (await house.read("C", "Observation/theirs")).version == 1
    assert (await house.read("C", "DiagnosticReport/theirs")).version == 1
    await check_hidden(house, "C", "DiagnosticReport/report")


async def test_no_campus_learns_what_is_hidden_by_naming_it(sensitive):
    """Its own result stays shared, whether what it names is there or not."""
    for target in ("Observation/hiv", "Observation/nothing"):
        named = [{"reference": target}]
        await sensitive.put("C", observation("probe", hasMember=named))
        resource = (await sensitive.read("A", "Observation/probe")).resource()
        assert "security" not in resource["meta"]


async def test_what_shares_no_more_than_the_tube_is_not_hidden(sensitive):
    """One tube serves several orders."""
    other = observation("sugar", "Patient/p2", specimen={"reference": "Specimen/tube"})
    await sensitive.put("B", other)
    assert (await sensitive.read("C", "Observation/sugar")).id == "sugar"


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
