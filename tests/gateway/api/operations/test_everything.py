"""Patient and Encounter `$everything` over HTTP."""

import pytest

from gateway.access.audit import read_event
from gateway.operations import everything as operation
from tests.gateway.api.operations.records import (
    encounter,
    join,
    names,
    notes,
    pages,
    record,
    ref,
    report,
)
from tests.gateway.api.samples import PATIENT, link, observation, post, put, read, refusal
from tests.waiting import until

MEMBERS = ["Patient/p1", "DiagnosticReport/d1", "Encounter/e1"]
MEMBERS += ["Observation/o3", "Observation/o2", "Observation/o1"]
LINKED = ["Patient/q1", "Person/w"]
AROUND = ["Binary/b1", "Organization/house", "Organization/ward", "Practitioner/li"]
ALONE = ["Patient/p1", "DiagnosticReport/d1", "Encounter/e1", "Observation/o1", "Person/w"]


@pytest.fixture
async def boris(gateway, anna):
    """A caller of campus B, after both campuses wrote a record."""
    other = await gateway.campus("B")
    await record(gateway, anna, other)
    return other


@pytest.mark.usefixtures("boris")
async def test_it_is_the_compartment_of_all_who_are_one_and_what_stands_around(anna):
    bundle = read(await anna.get("/Patient/p1/$everything"))
    assert names(bundle, "match") == MEMBERS
    assert names(bundle, "include") == LINKED + AROUND
    assert bundle["total"] == len(MEMBERS)
    assert bundle["type"] == "searchset"
    assert "linked Patients" in notes(bundle)
    assert link(bundle, "next") is None
    assert names(read(await anna.post("/Patient/p1/$everything"))) == names(bundle)


@pytest.mark.usefixtures("boris")
async def test_the_link_set_can_be_left_out(anna):
    bundle = read(await anna.get("/Patient/p1/$everything?_linked=false"))
    assert names(bundle, "match") == ALONE
    assert names(bundle, "include") == AROUND
    assert "linked" not in notes(bundle)


@pytest.mark.usefixtures("boris")
@pytest.mark.parametrize("count", [1, 2, 3, 5, 7, 9, 50])
async def test_pages_hold_everything_once(anna, count):
    found = await pages(anna, f"/Patient/p1/$everything?_count={count}")
    seen = [name for one in found for name in names(one)]
    assert len(seen) == len(set(seen))
    assert set(seen) == {*MEMBERS, *LINKED, *AROUND}
    assert all(len(names(one)) <= count for one in found[1:])
    assert "total" not in found[0] or len(found) == 1


@pytest.mark.usefixtures("boris")
async def test_what_is_written_meanwhile_moves_nothing(anna):
    first = read(await anna.get("/Patient/p1/$everything?_count=3"))
    await put(anna, observation("late"))
    await put(anna, observation("o1", status="amended"))
    await anna.delete("/DiagnosticReport/d1")
    rest = await pages(anna, link(first, "next"))
    seen = names(first) + [name for one in rest for name in names(one)]
    assert sorted(seen) == sorted({*MEMBERS, *LINKED, *AROUND} - {"Binary/b1"})


@pytest.mark.usefixtures("boris")
async def test_a_token_is_of_its_caller_and_its_record(anna, gateway):
    first = read(await anna.get("/Patient/p1/$everything?_count=2"))
    token = link(first, "next").partition("_page=")[2]
    for client, name in (
        (await gateway.campus("C"), "Patient/p1"),
        (anna, "Patient/q1"),
        (anna, "Encounter/e1"),
    ):
        answer = await client.get(f"/{name}/$everything?_page={token}")
        refusal(answer, 400, "expired")
    refusal(await anna.get(f"/Patient/p1/$everything?_page={token[:-4]}AAAA"), 400, "expired")


@pytest.mark.usefixtures("boris")
@pytest.mark.parametrize(
    ("types", "expected"),
    [
        ("Observation", MEMBERS[3:]),
        ("Patient,Encounter", ["Patient/p1", "Encounter/e1", "Patient/q1"]),
        ("Practitioner", ["Practitioner/li"]),
        (
            "Encounter&_type=Organization",
            ["Encounter/e1", "Organization/house", "Organization/ward"],
        ),
    ],
)
async def test_types_choose_what_is_told(anna, types, expected):
    bundle = read(await anna.get(f"/Patient/p1/$everything?_type={types}"))
    assert names(bundle) == expected


async def test_types_that_are_none_are_refused(anna):
    await put(anna, PATIENT)
    issue = refusal(await anna.get("/Patient/p1/$everything?_type=Unheard"), 400, "invalid")
    assert issue["expression"] == ["http._type"]


async def test_start_and_end_are_dates_of_care(anna):
    await put(anna, PATIENT)
    await put(anna, {"resourceType": "Practitioner", "id": "li"})
    for id_, more in (
        ("before", {"effectiveDateTime": "2026-01-31T23:59:00+08:00"}),
        ("first", {"effectiveDateTime": "2026-02-01", "performer": [ref("Practitioner/li")]}),
        ("over", {"effectivePeriod": {"start": "2026-01-01", "end": "2026-02-01T00:00:30+08:00"}}),
        ("last", {"effectiveDateTime": "2026-02-28T23:59:00+08:00"}),
        ("after", {"effectiveDateTime": "2026-03-01T00:00:00+08:00"}),
        ("undated", {}),
    ):
        await put(anna, observation(id_, **more))
    await put(anna, {"resourceType": "Coverage", "id": "c", "status": "active"} | COVERED)
    address = "/Patient/p1/$everything?start=2026-02-01&end=2026-02-28"
    expected = ["Patient/p1", "Coverage/c", "Observation/undated", "Observation/last"]
    expected += ["Observation/over", "Observation/first"]
    assert names(read(await anna.get(address)), "match") == expected
    until = names(read(await anna.get("/Patient/p1/$everything?end=2026-01")))
    assert "Observation/before" in until
    assert not {"Observation/first", "Practitioner/li"} & set(until)
    refusal(await anna.get("/Patient/p1/$everything?start=yesterday"), 400, "invalid")
    refusal(await anna.get("/Patient/p1/$everything?start=2026-13"), 400, "invalid")


COVERED = {"beneficiary": ref("Patient/p1"), "payor": [ref("Patient/p1")]}


async def test_since_tells_what_is_new_and_what_that_needs(anna):
    for one in ("li", "zhang"):
        await put(anna, {"resourceType": "Practitioner", "id": one})
    await put(anna, {"resourceType": "Organization", "id": "lab"})
    await put(anna, PATIENT)
    for id_, who in (("old", "Practitioner/li"), ("older", "Organization/lab")):
        await put(anna, observation(id_, performer=[ref(who)]))
    since = (await anna.get("/Organization/lab")).json()["meta"]["lastUpdated"]
    await put(anna, observation("new", performer=[ref("Practitioner/zhang")]))
    await put(anna, {"resourceType": "Organization", "id": "lab", "active": True})
    moment = (await anna.get("/Observation/new")).json()["meta"]["lastUpdated"]
    address = f"/Patient/p1/$everything?_since={moment.replace('+', '%2B')}"
    bundle = read(await anna.get(address))
    assert names(bundle, "match") == ["Patient/p1", "Observation/new"]
    assert names(bundle, "include") == ["Organization/lab", "Practitioner/zhang"]
    both = [name for one in await pages(anna, f"{address}&_count=1") for name in names(one)]
    assert sorted(both) == sorted(names(bundle))
    assert since < moment
    local = "2026-01-01T08:00:00+08:00"
    assert read(await anna.get(f"/Patient/p1/$everything?_since={local}"))["total"] == 4


@pytest.mark.parametrize("name", ["_since", "start", "end"])
async def test_a_plus_sign_may_come_as_it_stands(anna, name):
    await put(anna, PATIENT)
    for offset in ("+08:00", "%2B08:00", "%2008:00"):
        bundle = read(await anna.get(f"/Patient/p1/$everything?{name}=2020-11-22T08:00:00{offset}"))
        (link,) = bundle["link"]
        assert link["url"].endswith(f"?{name}=2020-11-22T08:00:00%2B08:00")
    for text in ("2020-11-22+08:00", "2020-11-22T08:00:00+8", "2020-11-22+08:00:00"):
        refusal(await anna.get(f"/Patient/p1/$everything?{name}={text}"), 400, "invalid")


async def test_what_the_caller_may_not_see_is_not_there(anna, gateway):
    boris = await gateway.campus("B")
    await put(anna, PATIENT)
    await put(boris, observation("open"))
    hidden = {"security": [RESTRICTED]}
    await put(boris, observation("hidden", meta=hidden))
    await put(boris, {"resourceType": "Practitioner", "id": "hidden", "meta": hidden})
    await put(anna, observation("mine", performer=[ref("Practitioner/hidden")]))
    seen = names(read(await anna.get("/Patient/p1/$everything")))
    assert seen == ["Patient/p1", "Observation/mine", "Observation/open"]
    assert "Observation/hidden" in names(read(await boris.get("/Patient/p1/$everything")))
    some = await gateway.campus("C", "system/Patient.r", "system/Encounter.rs")
    bundle = read(await some.get("/Patient/p1/$everything"))
    assert names(bundle) == ["Patient/p1"]
    assert "leave" in notes(bundle)
    none = await gateway.campus("D", "system/Observation.rs")
    refusal(await none.get("/Patient/p1/$everything"), 403, "forbidden")


RESTRICTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}


async def test_a_binary_stays_with_what_it_belongs_to(anna, gateway):
    await put(anna, PATIENT)
    boris = await gateway.campus("B")
    await put(anna, observation("secret", meta={"security": [RESTRICTED]}))
    binary = {"resourceType": "Binary", "id": "b1", "contentType": "text/plain", "data": "aGk="}
    await put(anna, binary | {"securityContext": ref("Observation/secret")})
    await put(anna, report("d1", "Binary/b1"))
    assert "Binary/b1" in names(read(await anna.get("/Patient/p1/$everything")))
    assert "Binary/b1" not in names(read(await boris.get("/Patient/p1/$everything")))


@pytest.mark.usefixtures("boris")
async def test_an_encounter_brings_its_patient_and_what_was_done_in_it(anna):
    await put(anna, encounter("e2"))
    bundle = read(await anna.get("/Encounter/e1/$everything"))
    assert names(bundle, "match") == ["Encounter/e1", "Observation/o1"]
    assert names(bundle, "include") == [
        *("Organization/house", "Organization/ward", "Patient/p1", "Practitioner/li"),
    ]
    refusal(await anna.get("/Encounter/e1/$everything?start=2026"), 400, "invalid")


async def test_an_end_before_the_start_is_refused(anna):
    await put(anna, PATIENT)
    address = "/Patient/p1/$everything?start=2026-03-02&end=2026-03"
    assert names(read(await anna.get(f"{address}-02"))) == ["Patient/p1"]
    issue = refusal(await anna.get(f"{address}-01"), 400, "invalid")
    assert issue["expression"] == ["http.end"]


@pytest.mark.usefixtures("boris")
@pytest.mark.parametrize("query", ["_count=1", "_count=2", "_count=3", "_since=2020-01-01"])
async def test_an_encounter_brings_its_patient_on_whatever_page(anna, query):
    address = "/Encounter/e1/$everything"
    whole = names(read(await anna.get(address)))
    assert "Patient/p1" in whole
    found = [name for one in await pages(anna, f"{address}?{query}") for name in names(one)]
    assert sorted(found) == sorted(whole)
    asked = f"{address}?_type=Patient,Observation"
    assert names(read(await anna.get(asked))) == ["Observation/o1", "Patient/p1"]


async def test_an_encounter_does_not_open_anothers_record(anna):
    await put(anna, PATIENT)
    await put(anna, PATIENT | {"id": "p9"})
    await put(anna, observation("o9", "Patient/p9"))
    await put(anna, encounter("e1"))
    await put(anna, observation("o1", encounter=ref("Encounter/e1"), focus=[ref("Patient/p9")]))
    await put(
        anna,
        observation("o2", encounter=ref("Encounter/e1"), derivedFrom=[ref("Observation/o9")]),
    )
    seen = names(read(await anna.get("/Encounter/e1/$everything")))
    assert seen == ["Encounter/e1", "Observation/o2", "Observation/o1", "Patient/p1"]


async def test_who_is_not_there(anna, gateway):
    refusal(await anna.get("/Patient/p1/$everything"), 404, "not-found")
    await put(anna, PATIENT)
    await anna.delete("/Patient/p1")
    refusal(await anna.get("/Patient/p1/$everything"), 410, "deleted")
    refusal(await anna.get("/Patient/$everything"), 404, "not-supported")
    refusal(await gateway.client().get("/Patient/p1/$everything"), 401, "login")


def told(door):
    events = [str(read_event(row[4])) for row in door.store.fetch("audit_after", (0, 1_000))]
    return [one for one in events if "$everything" in one]


@pytest.mark.usefixtures("boris")
async def test_one_event_tells_of_it(anna, door):
    read(await anna.get("/Patient/p1/$everything"))
    await until(lambda: told(door))
    found = told(door)
    assert len(found) == 1
    assert "o2/_history/1" in found[0]


SAMPLES = " ".join(str(7919 * one % 10_007) for one in range(2_000))


async def test_samples_are_left_out_unless_asked_for(anna):
    await put(anna, PATIENT)
    data = {"origin": {"value": 0}, "period": 2, "dimensions": 1, "data": SAMPLES}
    part = {"code": {"text": "I"}, "valueSampledData": data}
    await put(anna, observation("wave", component=[part]))
    bundle = read(await anna.get("/Patient/p1/$everything"))
    assert "data" not in bundle["entry"][1]["resource"]["component"][0]["valueSampledData"]
    whole = read(await anna.get("/Patient/p1/$everything?_detail=full"))
    assert whole["entry"][1]["resource"]["component"][0]["valueSampledData"] == data


@pytest.mark.usefixtures("boris")
async def test_parameters_ask_the_same(anna):
    body = {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "_type", "valueCode": "Observation"},
            {"name": "_count", "valueInteger": 2},
        ],
    }
    bundle = read(await post(anna, body, "/Patient/p1/$everything"))
    assert names(bundle) == MEMBERS[3:5]
    rest = read(await anna.get(link(bundle, "next")))
    assert names(rest) == MEMBERS[5:]


async def test_more_than_a_page_walks_again(anna, gateway, monkeypatch):
    monkeypatch.setattr(operation, "WALKED", 2)
    await put(anna, PATIENT)
    await put(anna, PATIENT | {"id": "p2"})
    await join(gateway, "p1", "p2")
    for number in range(5):
        await put(anna, {"resourceType": "Practitioner", "id": f"x{number}"})
        who = [ref(f"Practitioner/x{number}"), ref("Practitioner/x0")]
        await put(anna, observation(f"o{number}", f"Patient/p{1 + number % 2}", performer=who))
    found = await pages(anna, "/Patient/p1/$everything?_count=3")
    seen = [name for one in found for name in names(one)]
    assert len(seen) == len(set(seen)) == 3 + 5 + 5
