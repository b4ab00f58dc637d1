"""Transactions and batches."""

import asyncio
import json

import pytest

from gateway.errors import (
    ConflictError,
    ForbiddenError,
    GatewayError,
    InvalidRequestError,
    InvalidResourceError,
    NotFoundError,
    NotSupportedError,
    PreconditionError,
    TooLargeError,
    VersionConflictError,
)
from gateway.interactions import entries
from gateway.interactions.bundle import bundle
from tests.gateway.interactions.consortium import BASE, observation, patient, pid
from tests.gateway.interactions.hidden import task
from tests.gateway.interactions.sending import CHILD, MOTHER, entry, send


async def test_references_between_entries_become_ids(house):
    body = b"""{"resourceType":"Bundle","type":"transaction","entry":[
      {"fullUrl":"%b","request":{"method":"POST","url":"Observation"},"resource":
        {"resourceType":"Observation","status":"final","code":{"text":"x"},
         "subject":{"reference":"%b"},"valueQuantity":{"value":1.00},
         "component":[{"code":{"text":"y"},"valueQuantity":{"value":1.0E3}},
                      {"code":{"text":"z"},
                       "valueQuantity":{"value":123456789012345678901234567890}}]}},
      {"fullUrl":"%b","request":{"method":"POST","url":"Patient"},"resource":
        {"resourceType":"Patient","name":[{"family":"\\u738b"}]}}]}""" % (
        CHILD.encode(),
        MOTHER.encode(),
        MOTHER.encode(),
    )
    _, (child, mother) = await bundle(house.door, house.actor("A"), body)
    assert [child.status, mother.status] == [201, 201]
    stored = await house.read("B", f"Observation/{child.written.stored.id}")
    id_ = mother.written.stored.id
    assert stored.resource()["subject"] == {"reference": f"Patient/{id_}"}
    for digits in (b":1.00}", b":1.0E3}", b":123456789012345678901234567890}"):
        assert digits in stored.json()
    assert await house.ids("B", f"Observation?patient={id_}") == [stored.id]


async def test_a_reference_to_what_exists_already_leads_there(house):
    await house.put("A", patient("mine", identifier=[pid("A", "7")]))
    results = await send(
        house,
        "A",
        entry("POST", "Patient", patient(identifier=[pid("A", "7")]), MOTHER),
        entry("PUT", "Observation/o", observation("o", MOTHER), CHILD),
        entry("PUT", "Observation/o2", observation("o2", hasMember=[{"reference": CHILD}])),
    )
    assert [one.status for one in results] == [200, 201, 201]
    assert not results[0].written.changed
    assert await house.ids("A", "Observation?patient=mine") == ["o"]
    assert await house.ids("A", "Observation?has-member=o") == ["o2"]


async def test_results_come_in_the_order_sent_whatever_was_done_first(house):
    await house.put("A", patient("old"))
    results = await send(
        house,
        "A",
        entry("GET", "Patient?_summary=count"),
        entry("PUT", "Patient/p1", patient()),
        entry("POST", "Patient", patient()),
        entry("DELETE", "Patient/old"),
        entry("GET", "Patient/p1"),
    )
    assert [one.status for one in results] == [200, 201, 201, 204, 200]
    assert results[0].page.total == 2
    assert results[4].stored.id == "p1"
    rows = [one.written.stored.row for one in results[1:3]]
    assert results[3].stored.deleted
    assert results[3].stored.row < rows[1] < rows[0]


@pytest.mark.parametrize(
    ("bad", "error", "place"),
    [
        (entry("PUT", "Patient/x", patient("x", gender="?")), InvalidResourceError, ".gender"),
        (entry("PUT", "Patient/x", patient("y")), InvalidRequestError, ".id"),
        (entry("POST", "Patient", observation("x")), InvalidResourceError, "resourceType"),
        (entry("POST", "Patient"), InvalidRequestError, ".resource"),
        (entry("PUT", "Patient/theirs", patient("theirs")), ForbiddenError, ""),
        (entry("PUT", "Task/hidden", task("hidden")), ConflictError, ""),
        (entry("DELETE", "Patient/theirs"), ForbiddenError, ""),
        (entry("PUT", "Patient/x", patient("x"), ifMatch='W/"2"'), VersionConflictError, ""),
        (
            entry("PUT", "Patient/x", patient("x", identifier=[pid("A", "7")])),
            ConflictError,
            ".identifier",
        ),
        (entry("PUT", "Person/x", {"resourceType": "Person", "id": "x"}), ForbiddenError, ""),
        (entry("PUT", "Patient/own", patient("own")), InvalidRequestError, ""),
        (entry("PUT", "Patient", patient()), NotSupportedError, ".url"),
        (entry("PUT", "Patient?identifer=1", patient()), InvalidRequestError, ".url"),
        (entry("DELETE", "Patient?_count=1"), NotSupportedError, ".url"),
        (entry("POST", "Patient/x", patient()), NotSupportedError, ".url"),
        (entry("POST", "Colour", patient()), InvalidRequestError, ".url"),
        (entry("PATCH", "Patient/x", patient()), NotFoundError, ""),
        (entry("PATCH", "Patient/mine", patient()), InvalidResourceError, "resourceType"),
        (entry("POST", "Patient", patient(), ifNoneExist="a=b"), InvalidRequestError, ".url"),
        (entry("POST", "Patient", patient(), ifNoneExist="?"), InvalidRequestError, "NoneExist"),
        (entry("PUT", "Patient/x", patient("x"), ifNoneExist="a"), InvalidRequestError, "Exist"),
        (entry("PUT", "Patient/mine", patient("mine"), ifNoneMatch="*"), VersionConflictError, "h"),
        (entry("PUT", "Patient?_id=mine", patient("x")), InvalidRequestError, ".id"),
        (
            entry("PUT", "Observation/c", observation("c", "Patient?identifier=9")),
            PreconditionError,
            "",
        ),
        (entry("PUT", "Observation/c", observation("c", "Pat?a=9")), InvalidRequestError, ""),
        (entry("BREW", "Patient", patient()), InvalidRequestError, ".request"),
        ({"resource": patient()}, InvalidRequestError, ".request"),
    ],
)
async def test_of_a_transaction_all_is_stored_or_nothing(house, bad, error, place):
    await house.put("B", patient("theirs"))
    await house.put("B", task("hidden", owner="B"))
    await house.put("A", patient("mine", identifier=[pid("A", "7")]))
    before = house.store.fetch("last_row")
    with pytest.raises(error) as caught:
        await send(
            house,
            "A",
            entry("PUT", "Patient/own", patient("own")),
            entry("PUT", "Observation/o", observation("o")),
            bad,
        )
    (issue,) = caught.value.issues
    assert issue.expression.startswith("Bundle.entry[2]")
    assert issue.expression.endswith(place)
    assert caught.value.expression == issue.expression
    with pytest.raises(NotFoundError):
        await house.read("A", "Patient/own")
    assert house.store.fetch("last_row") == before


@pytest.mark.parametrize(
    "twice",
    [
        (entry("PUT", "Patient/x", patient("x")), entry("DELETE", "Patient/x")),
        (
            entry("POST", "Patient", patient(identifier=[pid("A", "1")])),
            entry("POST", "Patient", patient(identifier=[pid("A", "1")])),
        ),
    ],
)
async def test_a_transaction_writes_no_resource_twice(house, twice):
    with pytest.raises(InvalidRequestError, match="entry 0") as caught:
        await send(house, "A", *twice)
    assert caught.value.expression == "Bundle.entry[1]"


async def test_a_delete_of_nothing_is_no_failure(house):
    await house.put("B", task("hidden", owner="B"))
    results = await send(
        house,
        "A",
        entry("DELETE", "Patient/none"),
        entry("DELETE", "Task/hidden"),
        entry("PUT", "Patient/p1", patient()),
    )
    assert [one.status for one in results] == [204, 204, 201]
    assert (await house.read("B", "Task/hidden")).version == 1


@pytest.mark.parametrize(
    ("method", "url", "wrong"),
    [
        ("GET", "Patient/none", NotFoundError),
        ("HEAD", "Patient/none", NotFoundError),
        ("GET", "Patient/none/_history/1", NotFoundError),
        ("GET", "Task/hidden", NotFoundError),
        ("GET", "Patient?nonsense=1", InvalidRequestError),
        ("GET", "Patient/none/Observation", NotFoundError),
        ("GET", "Patient/old", InvalidRequestError),
    ],
)
async def test_a_read_that_fails_fails_all(house, method, url, wrong):
    await house.put("A", patient("old"))
    await house.put("B", task("hidden", owner="B"))
    before = len(house.trail())
    with pytest.raises(wrong) as caught:
        await send(
            house,
            "A",
            entry("PUT", "Patient/p1", patient()),
            entry("DELETE", "Patient/old"),
            entry(method, url),
        )
    assert caught.value.expression.startswith("Bundle.entry[2]")
    with pytest.raises(NotFoundError):
        await house.read("A", "Patient/p1")
    assert not (await house.read("A", "Patient/old")).deleted
    # What was tried was shown to nobody: the read just now alone is on record.
    await house.door.recorder.close()
    shown = [one for one in house.trail()[before:] if one.outcome == "0"]
    assert [one.entities for one in shown] == [("Patient/old/_history/1",)]


async def test_a_read_shows_what_the_transaction_wrote_and_is_recorded_once(house):
    results = await send(
        house,
        "A",
        entry("GET", "Patient?_id=p1"),
        entry("GET", "Patient/p1"),
        entry("GET", "Patient/p1/_history/1"),
        entry("GET", "Patient/p1/Observation"),
        entry("PUT", "Patient/p1", patient()),
        entry("PUT", "Observation/o", observation("o", "Patient/p1")),
    )
    assert [one.status for one in results] == [200, 200, 200, 200, 201, 201]
    assert [one.id for one in results[0].page.matches] == ["p1"]
    assert [one.id for one in results[3].page.matches] == ["o"]
    await house.door.recorder.close()
    actions = [one.action for one in house.trail()]
    assert sorted(actions) == ["C", "E", "E", "R", "R"]


async def test_a_transaction_sent_again_changes_nothing(house):
    entries = (
        entry("PUT", "Patient/p1", patient(identifier=[pid("A", "1")])),
        entry("POST", "Encounter", visit("v1"), MOTHER),
        entry("PUT", "Observation/o", observation("o", encounter={"reference": MOTHER})),
    )
    first = await send(house, "A", *entries)
    assert [one.status for one in first] == [201, 201, 201]
    again = await send(house, "A", *entries)
    assert [(one.status, one.written.changed) for one in again] == [(200, False)] * 3
    assert len(house.trail()) == 1


def visit(value):
    return {
        "resourceType": "Encounter",
        "status": "finished",
        "class": {"code": "AMB"},
        "identifier": [{"system": "urn:hutong:A:visit", "value": value}],
    }


async def test_a_transaction_is_one_event_of_the_audit(house):
    await send(
        house,
        "A",
        entry("PUT", "Patient/p1", patient()),
        entry("PUT", "Observation/o", observation("o")),
    )
    (event,) = house.trail()
    assert event.action == "C"
    assert [one.partition("/_history")[0] for one in event.entities] == [
        "Patient/p1",
        "Observation/o",
    ]


async def test_many_transactions_at_once_make_one_patient(house):
    def entries(number):
        return (
            entry("POST", "Patient", patient(identifier=[pid("A", "1")]), MOTHER),
            entry("POST", "Observation", observation("x", MOTHER, code=str(number)), CHILD),
        )

    results = await asyncio.gather(*(send(house, "A", *entries(n)) for n in range(30)))
    ids = {one[0].written.stored.id for one in results}
    assert len(ids) == 1
    found = await house.search("A", f"Observation?patient={ids.pop()}&_summary=count")
    assert found.total == 30


async def test_absolute_urls_of_this_server_are_taken(house):
    results = await send(
        house,
        "A",
        entry("PUT", f"{BASE}/Patient/p1", patient(), f"{BASE}/Patient/p1"),
        entry("PUT", "/Observation/o", observation("o", f"{BASE}/Patient/p1")),
    )
    assert [one.status for one in results] == [201, 201]
    assert await house.ids("A", "Observation?patient=p1") == ["o"]


async def test_each_entry_of_a_batch_stands_alone(house):
    await house.put("B", patient("theirs"))
    results = await send(
        house,
        "A",
        entry("PUT", "Patient/p1", patient()),
        entry("PUT", "Patient/x", patient("x", gender="?")),
        entry("PUT", "Patient/theirs", patient("theirs", gender="male")),
        entry("PATCH", "Patient/p1", patient()),
        entry("GET", "Colour/1"),
        entry("POST", "Patient"),
        {"resource": patient()},
        entry("GET", "Patient/p1/_history"),
        entry("GET", "Patient/p1/_history/1"),
        entry("GET", "Patient/p1/_elsewhere"),
        entry("GET", "Patient?_id=p1"),
        entry("GET", "Patient?colour=red"),
        entry("DELETE", "Patient/p1"),
        entry("DELETE", "Patient/none"),
        entry("HEAD", "Patient/p1"),
        entry("POST", "Patient", patient(identifier=[pid("A", "1")])),
        kind="batch",
    )
    statuses = [201, 400, 403, 400, 400, 400, 400, 200, 200, 400, 200, 400, 204, 204, 410, 201]
    assert [one.status for one in results] == statuses
    for number, one in enumerate(results):
        if one.error:
            assert isinstance(one.error, GatewayError)
            assert all(
                issue.expression.startswith(f"Bundle.entry[{number}]") for issue in one.error.issues
            )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"resourceType":"Patient"}',
        b'{"resourceType":"Bundle","type":"searchset"}',
        b'{"resourceType":"Bundle","type":"transaction","entry":{}}',
        b'{"resourceType":"Bundle","type":"transaction","entry":[{"request":[]}]}',
        b'{"resourceType":"Bundle","type":"transaction","entry":[null]}',
    ],
)
async def test_what_is_no_bundle_of_requests_is_refused(house, body):
    with pytest.raises(InvalidRequestError):
        await bundle(house.door, house.actor("A"), body)


async def test_a_query_that_is_not_utf_8_is_named(house):
    with pytest.raises(InvalidRequestError) as caught:
        await send(house, "A", entry("GET", "Patient?name=%ff"))
    assert caught.value.expression == "Bundle.entry[0].request.url"


async def test_a_transaction_has_a_limit_of_values(house, monkeypatch):
    monkeypatch.setattr("gateway.interactions.commit.BATCH_VALUES", 3)
    with pytest.raises(TooLargeError):
        await send(house, "A", *(entry("POST", "Patient", patient(f"p{n}")) for n in range(4)))
    assert await house.ids("A", "Patient") == []


async def test_a_bundle_has_a_limit(house, monkeypatch):
    monkeypatch.setattr(entries, "MAX_ENTRIES", 2)
    with pytest.raises(TooLargeError):
        await send(house, "A", *[entry("GET", "Patient")] * 3)
    assert await send(house, "A") == []
    assert json.loads(b"[]") == []


async def test_scopes_are_asked_for_each_entry(house):
    await house.token(1, "labs", "system/Observation.cruds")
    fine = entry("PUT", "Observation/o", observation("o"))
    for other in (
        entry("PUT", "Patient/p1", patient()),
        entry("POST", "Patient", patient()),
        entry("DELETE", "Patient/p1"),
        entry("GET", "Patient/p1"),
    ):
        with pytest.raises(ForbiddenError) as caught:
            await send(house, "labs", fine, other)
        assert caught.value.expression == "Bundle.entry[1]"
    assert await house.ids("A", "Observation") == []


async def test_links_in_narratives_lead_to_what_their_targets_became(house):
    div = (
        '<div xmlns="http://www.w3.org/1999/xhtml">'
        f'<a href="{MOTHER}" title="{MOTHER}">{MOTHER}</a><img alt="x" src=\'{MOTHER}\'/>'
        f'<a href="{MOTHER}#name">a</a><a href="{CHILD}">b</a></div>'
    )
    text = {"status": "generated", "div": div}
    made, told = await send(
        house,
        "A",
        entry("POST", "Patient", patient(), MOTHER),
        entry("PUT", "Observation/o", observation("o", f"{MOTHER}#x", text=text)),
    )
    new = f"Patient/{made.written.stored.id}"
    stored = told.written.stored.resource()
    assert stored["subject"]["reference"] == f"{new}#x"
    assert stored["text"]["div"] == (
        '<div xmlns="http://www.w3.org/1999/xhtml">'
        f'<a href="{new}" title="{MOTHER}">{MOTHER}</a><img alt="x" src=\'{new}\'/>'
        f'<a href="{new}#name">a</a><a href="{CHILD}">b</a></div>'
    )
