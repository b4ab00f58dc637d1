"""Results withdrawn, critical values opened, Patients merged: as whoever subscribes hears of it."""

import asyncio
import json
import sqlite3
from contextlib import closing

import pytest

from gateway.errors import UnprocessableError
from gateway.fhir import xml
from gateway.fhir.codec import same
from gateway.interactions.bundle import bundle
from gateway.interactions.keys import organization_id
from gateway.store.connection import DATABASE
from mappers.names import TASK
from tests.databases import ON_SQLITE
from tests.gateway.events.house import subscription, topical
from tests.gateway.interactions.consortium import BASE, observation, patient
from tests.waiting import until


def names(receiver):
    return [one.focus[0].removeprefix(f"{BASE}/") for one in receiver.events]


async def test_amended_and_withdrawn_results_are_topics_of_their_own(house, receiver, other):
    house.serve()
    await house.subscribe("A", topical("s", receiver.url, "result-amended"))
    await house.subscribe("A", topical("t", other.url, "result-withdrawn", content="full-resource"))
    for id_ in ("x", "y"):
        await house.put("B", observation(id_))
    await house.put("B", observation("x", status="corrected"))
    await house.put("B", observation("x", status="entered-in-error"))
    await house.delete("B", "Observation/y")
    await until(lambda: receiver.events and len(other.events) == 2)
    assert names(receiver) == ["Observation/x"]
    assert names(other) == ["Observation/x", "Observation/y"]
    withdrawn, deleted = (one.json["entry"][1] for one in other.events)
    assert withdrawn["resource"]["status"] == "entered-in-error"
    assert "resource" not in deleted
    assert deleted["request"] == {"method": "DELETE", "url": "Observation/y"}


async def test_a_withdrawn_result_is_found_by_what_it_was(house, receiver):
    house.serve()
    filters = ["Observation?patient=Patient/p1"]
    wanted = topical("s", receiver.url, "result-withdrawn", filters=filters)
    await house.subscribe("A", wanted)
    for id_, subject in (("mine", "Patient/p1"), ("another", "Patient/p9")):
        await house.put("B", observation(id_, subject=subject))
        await house.delete("B", f"Observation/{id_}")
    await house.put("B", observation("last"))
    await house.put("B", observation("last", status="cancelled"))
    await until(lambda: len(receiver.events) == 2)
    assert names(receiver) == ["Observation/mine", "Observation/last"]


async def test_a_merge_changes_links(house, receiver):
    house.serve()
    await house.subscribe("B", topical("s", receiver.url, "link-changed"))
    await house.put("A", patient("p1"))
    await house.put("A", patient("p2"))
    link = {"other": {"reference": "Patient/p2"}, "type": "replaced-by"}
    await house.put("A", patient("p1", active=False, link=[link]))
    await house.link("p2", "p3")
    await until(lambda: len(receiver.events) == 2)
    assert names(receiver) == ["Patient/p1", "Person/person"]


async def test_empty_content_says_only_that_something_happened(house, receiver):
    house.serve()
    await house.subscribe("A", topical("s", receiver.url, content="empty"))
    await house.put("B", observation("o"))
    await until(lambda: receiver.events)
    (told,) = receiver.events
    assert "topic" not in told.status
    assert told.status["events"][0].keys() == {"event-number", "timestamp"}
    assert b"Observation" not in told.body


async def test_several_events_come_in_one_notification_where_that_is_asked_for(house, receiver):
    house.serve()
    await house.subscribe("A", topical("s", receiver.url, max_count=3))
    receiver.answer = 503
    for number in range(7):
        await house.put("B", observation(f"o{number}"))
    await until(lambda: house.store.fetch("subscription", ("s",))[0][6] == 7)
    receiver.answer = 200
    await until(lambda: receiver.taken and receiver.taken[-1].numbers[-1] == 7)
    numbers = [one.numbers for one in receiver.taken]
    assert [number for one in numbers for number in one] == [1, 2, 3, 4, 5, 6, 7]
    assert max(map(len, numbers)) == 3


async def test_a_notification_holds_no_more_than_some_megabytes(house, receiver):
    house.serve()
    receiver.answer = 200
    await house.subscribe("A", topical("s", receiver.url, content="full-resource", max_count=9))
    receiver.answer = 503
    long = [{"text": "x" * 1_200_000}]
    for number in range(5):
        await house.put("B", observation(f"o{number}", note=long * (5 if number == 0 else 1)))
    await until(lambda: house.store.fetch("subscription", ("s",))[0][6] == 5)
    receiver.answer = 200
    await until(lambda: receiver.taken and receiver.taken[-1].numbers[-1] == 5)
    assert [one.numbers for one in receiver.taken] == [[1], [2, 3, 4], [5]]


@pytest.mark.parametrize(
    "twice",
    ["_id=o,o", "code=2345-7,2345-7", "subject=Patient/p1,Patient/p1", "patient=p1,p1"],
)
async def test_a_value_that_criteria_have_twice_counts_once(house, receiver, twice):
    house.serve()
    await house.subscribe("A", subscription("s", receiver.url, f"Observation?{twice}"))
    await house.put("B", observation("o"))
    await until(lambda: len(receiver.got) == 1)
    await house.delete("A", "Subscription/s")
    await house.subscribe("A", subscription("t", receiver.url, f"Observation?{twice}"))
    await house.put("B", observation("o", status="amended"))
    await until(lambda: len(receiver.got) == 2)


async def test_a_heartbeat_shows_that_the_gateway_lives(house, receiver):
    house.serve()
    await house.subscribe("A", topical("s", receiver.url, heartbeat_period=60))
    assert [one.kind for one in receiver.got] == ["handshake"]
    house.clock.ahead = 61_000_000
    await until(lambda: len(receiver.got) == 2)
    assert receiver.got[1].kind == "heartbeat"
    assert receiver.got[1].status["events-since-subscription-start"] == "0"
    await house.put("B", observation("o"))
    await until(lambda: receiver.numbers == [1])


async def test_a_subscription_ends_when_it_said_it_would(house, receiver):
    house.serve()
    ended = topical("s", receiver.url) | {"end": "2021-01-01T00:00:00Z"}
    await house.subscribe("A", ended, status="off")
    assert receiver.got == []
    assert house.store.fetch("alerts_open", (9,)) == []
    await house.subscribe("A", topical("t", receiver.url) | {"end": "2999-01-01T00:00:00Z"})


async def test_what_happened_while_it_was_off_is_not_told(house, receiver):
    house.serve()
    await house.subscribe("A", topical("s", receiver.url))
    await house.put("B", observation("o1"))
    await until(lambda: receiver.numbers == [1])
    await house.put("A", topical("s", receiver.url) | {"status": "off"})
    await house.put("B", observation("o2"))
    await house.subscribe("A", topical("s", receiver.url))
    await house.put("B", observation("o3"))
    await until(lambda: len(receiver.events) == 2)
    assert names(receiver) == ["Observation/o1", "Observation/o3"]
    assert receiver.numbers == [1, 2]


async def test_a_deleted_subscription_leaves_nothing_behind(house, receiver):
    house.serve()
    await house.subscribe("A", topical("s", receiver.url))
    await house.put("B", observation("o1"))
    await until(lambda: receiver.events)
    await house.delete("A", "Subscription/s")
    await house.put("B", observation("o2"))
    await asyncio.sleep(0.1)
    assert house.store.fetch("subscriptions") == []
    assert house.store.fetch("subscription_events", ("s", 0, 99, 9)) == []
    assert len(receiver.events) == 1


CRITERIA = (
    ("Observation?code=http://loinc.org|2345-7&status=final", True),
    ("Observation?code=2345-7", True),
    ("Observation?status=preliminary", False),
    ("Observation?code:not=2345-7", False),
    ("Observation?subject=Patient/p1", True),
    ("Observation?patient=p1", True),
    ("Observation?subject:missing=true", False),
    ("Observation?value-quantity=gt5", True),
    ("Observation?value-quantity=gt7", False),
    ("Observation?date=ge2026-01-01&code=2345-7", True),
    ("Observation?patient.name=wang", True),
    ("Observation?patient.name=li", False),
    ("Observation?patient.identifier=urn:x|1", True),
    ("Observation?_has:Provenance:target:agent=x", False),
    ("Observation?_campus=B", True),
    ("Observation?_campus=A", False),
    ("Observation?_id=o", True),
    ("Observation?_lastUpdated=ge2020-01-01", True),
    ("Observation", True),
    ("Patient?name=wang", False),
)


async def test_criteria_find_what_a_search_finds(house, receiver):
    await house.put("B", patient("p1", name=[{"family": "Wang"}], identifier=[{"value": "1"}]))
    house.serve()
    for number, (criteria, _) in enumerate(CRITERIA):
        made = subscription(f"s{number}", f"{receiver.url}/{number}", criteria)
        await house.subscribe("A", made)
    identifier = [{"system": "urn:x", "value": "1"}]
    await house.put("B", patient("p1", name=[{"family": "Wang"}], identifier=identifier))
    value = {"value": 6.1, "unit": "mmol/L"}
    await house.put(
        "B", observation("o", valueQuantity=value, effectiveDateTime="2026-02-03T04:05:06Z")
    )
    await house.put("B", observation("last", code="last", subject=None))
    await until(lambda: house.store.fetch("setting", ("told",)))
    expected = {number for number, (_, found) in enumerate(CRITERIA) if found}

    def told():
        rows = house.store.fetch("subscriptions")
        return {int(row[0][1:]) for row in rows if row[6]} >= expected

    await until(told)
    for number, (criteria, found) in enumerate(CRITERIA):
        ids = (
            await house.ids(
                "A", criteria.replace("?", "?_id=o&") if "?" in criteria else f"{criteria}?_id=o"
            )
            if criteria.startswith("Obs")
            else []
        )
        assert (ids == ["o"]) is found, criteria
        rows = house.store.fetch("subscription_events", (f"s{number}", 0, 99, 99))
        versions = [house.store.fetch("current_by_row", (row,))[0][1] for _, row in rows]
        assert ("o" in versions) is found, criteria


async def test_an_old_version_is_matched_as_it_was(house, receiver):
    """What was followed by another version before anybody looked is an event all the same."""
    task = house.serve()
    wanted = subscription("s", receiver.url, "Observation?value-quantity=gt5")
    await house.subscribe("A", wanted)
    await house.stop(task)
    for value in (6.1, 4.0, 7.5):
        quantity = {"value": value, "unit": "mmol/L"}
        await house.put("B", observation("o", valueQuantity=quantity))
    house.serve()
    await until(lambda: len(receiver.got) == 2)
    rows = house.store.fetch("subscription_events", ("s", 0, 9, 9))
    versions = [house.store.fetch("current_by_row", (row,))[0][2] for _, row in rows]
    assert versions == [1, 3]


async def test_order_holds_under_concurrent_writes(house, receiver):
    house.serve()
    await house.subscribe("A", topical("s", receiver.url))
    await asyncio.gather(*(house.put("B", observation(f"o{number}")) for number in range(40)))
    await until(lambda: len(receiver.events) == 40)
    assert receiver.numbers == list(range(1, 41))
    rows = house.store.fetch("outbox_after", (0, 999))
    observed = [row for row, type_, *_ in rows if type_ == 96]
    committed = [house.store.fetch("current_by_row", (row,))[0][1] for row in observed]
    assert names(receiver) == [f"Observation/{id_}" for id_ in committed]


async def test_a_chain_leads_where_it_leads_when_the_change_comes(house, receiver):
    house.serve()
    criteria = "Observation?subject:Patient.name=wang&_has:Provenance:target:agent=x"
    await house.subscribe("A", subscription("s", receiver.url, criteria))
    organization = "Observation?performer:Organization.name=lab"
    await house.subscribe("A", subscription("t", f"{receiver.url}/t", organization))
    await house.put("B", patient("p1", name=[{"family": "Wang"}]))
    lab = {"resourceType": "Organization", "id": "lab", "name": "Lab"}
    await house.put("B", lab | {"name": "other"})
    performer = [{"reference": "Organization/lab"}]
    await house.put("B", observation("o1", performer=performer))
    await house.looked()
    await house.put("B", lab)
    await house.put("B", observation("o2", performer=performer))
    await until(lambda: receiver.got)
    rows = house.store.fetch("subscription_events", ("t", 0, 9, 9))
    assert [house.store.fetch("current_by_row", (row,))[0][1] for _, row in rows] == ["o2"]
    assert house.store.fetch("subscription_events", ("s", 0, 9, 9)) == []


async def test_nothing_is_lost_while_a_subscriber_moves(house, receiver, other):
    house.serve()
    await house.subscribe("A", topical("s", receiver.url))
    await house.put("B", observation("o1"))
    await until(lambda: receiver.numbers == [1])
    await receiver.stop()
    await house.put("B", observation("o2"))
    await until(lambda: house.store.fetch("subscription", ("s",))[0][6] == 2)
    await house.put("A", topical("s", other.url))
    await house.put("B", observation("o3"))
    await until(lambda: len(other.events) == 2)
    assert [one.kind for one in other.got] == ["handshake"] + ["event-notification"] * 2
    assert other.numbers == [2, 3]


async def test_xml_is_sent_where_it_is_asked_for(house, receiver):
    house.serve()
    channel = {"payload": "application/fhir+xml"}
    await house.subscribe("A", subscription("s", receiver.url, channel=channel))
    await house.put("B", observation("o", valueQuantity={"value": 1.50}))
    await until(lambda: receiver.got)
    (put,) = receiver.got
    assert put.headers["content-type"] == "application/fhir+xml"
    assert same(xml.decode(put.body), house.store.current("Observation", "o").resource())
    wanted = topical("t", receiver.url)
    wanted["channel"] |= {"payload": "application/fhir+xml"}
    await house.subscribe("A", wanted)
    greeting = xml.decode(receiver.got[-1].body)
    assert (greeting["resourceType"], greeting["type"]) == ("Bundle", "history")


async def test_an_open_critical_value_is_told_to_those_whom_it_concerns(house, receiver, other):
    house.serve()
    await house.subscribe("A", topical("s", receiver.url, "critical-open"))
    await house.subscribe("B", topical("t", other.url, "task-changed"))
    owner = {"reference": f"Organization/{organization_id('A')}"}
    task = {
        "resourceType": "Task",
        "id": "t1",
        "status": "requested",
        "intent": "order",
        "code": {"coding": [{"system": TASK, "code": "critical-ack"}]},
        "owner": owner,
    }
    await house.put("C", task)
    await until(lambda: receiver.events)
    assert names(receiver) == ["Task/t1"]
    await house.put("C", task | {"owner": {"reference": f"Organization/{organization_id('B')}"}})
    await until(lambda: other.events)
    # It was C's for A; the version that is B's is the first that B hears of.
    assert names(other) == ["Task/t1"]
    assert len(receiver.events) == 1


async def test_a_subscription_in_a_transaction_is_looked_at_by_its_place(house):
    wanted = subscription("s", "https://his.example.org/", "Observation?cod=1")
    entry = {"resource": wanted, "request": {"method": "PUT", "url": "Subscription/s"}}
    body = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    with pytest.raises(UnprocessableError) as caught:
        await bundle(house.door, house.actor("A"), json.dumps(body).encode())
    place = "Bundle.entry[0].resource.Subscription.criteria"
    assert caught.value.issues[0].expression == place


@ON_SQLITE
async def test_a_change_that_cannot_be_read_holds_up_no_other_and_is_told_to_somebody(
    house, receiver
):
    task = house.serve()
    await house.subscribe("A", topical("s", receiver.url))
    await house.stop(task)
    await house.put("B", observation("broken"))
    await house.put("B", observation("whole"))
    row = house.store.current("Observation", "broken").row
    with closing(sqlite3.connect(house.folder / DATABASE)) as database:
        ((body,),) = database.execute("SELECT body FROM res WHERE row = ?", (row,))
        with database:
            database.execute("UPDATE res SET body = x'00' WHERE row = ?", (row,))
        house.serve()
        await until(lambda: receiver.events)
        with database:
            database.execute("UPDATE res SET body = ? WHERE row = ?", (body, row))
    assert names(receiver) == ["Observation/whole"]
    ((_, kind, place, *_),) = house.store.fetch("alerts_open", (9,))
    assert (kind, place) == ("subscription", f"outbox {row}")
