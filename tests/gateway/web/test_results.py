"""The pages' data through a real door: what was written by the API is what a page is given."""

import hashlib
import os
import shutil
import time
from zoneinfo import ZoneInfo

import msgspec
import pytest

from gateway.access.actor import administrator
from gateway.access.audit import Recorder
from gateway.access.directory import Directory
from gateway.errors import NotFoundError
from gateway.interactions.delete import delete
from gateway.interactions.door import Door
from gateway.interactions.update import update
from gateway.store.migrate import migrate
from gateway.store.objects import LocalObjects
from gateway.store.opening import open_store
from gateway.store.records import Batch
from gateway.web.results import DoorResults, escape
from gateway.web.sessions import LIFETIME, DoorSessions
from tests.gateway.web.sample import (
    ECGS,
    HEART,
    MMOL,
    ORDER,
    SERUM,
    K,
    at,
    observation,
    patient,
    report,
)

TOKENS = {"A": "token of A", "B": "token of B"}


@pytest.fixture(scope="module")
def empty_store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("schema")
    migrate(folder)
    return folder


@pytest.fixture
async def door(empty_store, tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(empty_store, folder)
    store = open_store(folder)
    recorder = Recorder(store)
    ahead = {"us": 0}
    opened = Door(
        store=store,
        directory=Directory(store),
        recorder=recorder,
        zone=ZoneInfo("Asia/Shanghai"),
        clock=lambda: time.time_ns() // 1000 + ahead["us"],
        page_key=bytes(32),
    )
    statements = []
    for number, (code, token) in enumerate(TOKENS.items(), 1):
        hashed = hashlib.sha256(token.encode()).digest()
        values = (code, f"院{code}", f"标{code}", "Asia/Shanghai", "", "[]", "[]", "[]", 0)
        statements.append(("campus_add", values))
        statements.append(("token_add", (number, code, hashed, "system/*.cruds", 0)))
    await store.submit(Batch(os.urandom(16), statements=statements, notices=[("config", "")]))
    yield opened, ahead
    await recorder.close()
    await store.close()


@pytest.fixture
def write(door):
    async def put(code, *resources):
        actor = door[0].directory.actor(TOKENS[code])
        for one in resources:
            body = msgspec.json.encode(one)
            await update(door[0], actor, one["resourceType"], one["id"], body)

    return put


@pytest.fixture
def results(door, tmp_path):
    return DoorResults(door[0], LocalObjects(tmp_path))


@pytest.fixture
def anna(door):
    return door[0].directory.actor(TOKENS["A"], person="王秀英")


@pytest.fixture
async def two_records(write):
    """One person's Patients of two campuses, linked by a Person, with a result of each."""
    about_a, about_b = ({"subject": {"reference": f"Patient/{one}"}} for one in ("p-a", "p-b"))
    ordered = ORDER | about_a | {"status": "active", "intent": "order"}
    await write("A", patient("p-a", "A", "00183345", "张三"), ordered)
    await write("B", patient("p-b", "B", "B-7788", "张三"), SERUM)
    first = observation("k-1", "A", K, ("3.10", MMOL), when=at(3), **about_a)
    del first["specimen"]
    second = observation("k-2", "B", K, ("2.6", MMOL), flag="LL", **about_b)
    await write("A", first, report("r-1", "A", "电解质", "p-a", [first], when=at(3)))
    specimen = {"specimen": [{"reference": "Specimen/serum"}]}
    order = {"basedOn": [{"reference": "ServiceRequest/order"}]}
    await write("B", second, report("r-2", "B", "急诊电解质", "p-b", [second], **specimen, **order))


@pytest.fixture
async def linked(door, two_records):  # noqa: ARG001 - links what those wrote
    links = [
        {"target": {"reference": f"Patient/{one}"}, "assurance": "level4"} for one in ("p-a", "p-b")
    ]
    person = {"resourceType": "Person", "id": "person", "link": links}
    await update(door[0], administrator(), "Person", "person", msgspec.json.encode(person))


@pytest.mark.usefixtures("linked")
async def test_the_reports_of_a_link_set_come_newest_first(results, anna):
    page = await results.reports(anna, "p-a", "", "")
    assert [one.report["id"] for one in page.entries] == ["r-2", "r-1"]
    assert [len(one.observations) for one in page.entries] == [1, 1]
    assert page.older == ""


@pytest.mark.usefixtures("linked")
@pytest.mark.parametrize(("campus", "ids"), [("A", ["r-1"]), ("B", ["r-2"]), ("Z", [])])
async def test_reports_of_one_campus_alone(results, anna, campus, ids):
    page = await results.reports(anna, "p-a", "", campus)
    assert [one.report["id"] for one in page.entries] == ids


@pytest.mark.usefixtures("two_records")
async def test_without_a_link_each_has_its_own(results, anna):
    page = await results.reports(anna, "p-a", "", "")
    assert [one.report["id"] for one in page.entries] == ["r-1"]


@pytest.mark.usefixtures("linked")
async def test_a_report_comes_with_all_beside_it_and_exact_digits(results, anna):
    whole = await results.report(anna, "r-2")
    assert whole.subject["id"] == "p-b"
    assert [one["id"] for one in whole.orders] == ["order"]
    (measured,) = whole.measurements
    assert measured.specimen["id"] == "serum"
    assert bytes(measured.observation["valueQuantity"]["value"]) == b"2.6"
    assert whole.replaced == {}


@pytest.mark.usefixtures("linked")
async def test_earlier_values_come_from_all_campuses(results, anna):
    found = await results.history(anna, "p-b", [("http://loinc.org", K[1])])
    assert [one.observation["id"] for one in found] == ["k-2", "k-1"]
    assert [one.specimen.get("id") for one in found] == ["serum", None]
    assert bytes(found[1].observation["valueQuantity"]["value"]) == b"3.10"
    assert await results.history(anna, "p-b", [("http://loinc.org", "none")]) == ()


@pytest.mark.usefixtures("linked")
async def test_a_corrected_value_brings_the_one_it_replaced(results, anna, write):
    right = observation("k-1", "A", K, ("4.10", MMOL), when=at(3), status="corrected",
                        subject={"reference": "Patient/p-a"})  # fmt: skip
    del right["specimen"]
    await write("A", right, right | {"note": [{"text": "复核"}]})
    whole = await results.report(anna, "r-1")
    assert bytes(whole.replaced["k-1"]["valueQuantity"]["value"]) == b"3.10"


@pytest.mark.usefixtures("linked")
@pytest.mark.parametrize("asked", ["张三", "00183345", "B-7788"])
async def test_a_person_is_found_once_by_name_or_by_any_number(results, anna, asked):
    found = await results.find_patients(anna, asked)
    (human,) = found.humans
    assert {one["id"] for one in human.patients} == {"p-a", "p-b"}
    assert human.near == ""
    assert not found.more


@pytest.mark.usefixtures("linked")
async def test_a_part_of_a_name_finds_people_of_a_similar_one(results, anna):
    (human,) = (await results.find_patients(anna, "张")).humans
    assert human.near == "姓名相近"


async def test_a_telephone_number_finds_whose_it_is(results, anna, write):
    phone = {"telecom": [{"system": "phone", "value": "13800001402"}]}
    await write("A", patient("p-a", "A", "1", "张三", **phone))
    (human,) = (await results.find_patients(anna, "13800001402")).humans
    assert human.near == ""


async def test_a_number_may_be_given_in_small_letters(results, anna, write):
    await write("A", patient("p-a", "A", "ZY00012X", "张三"))
    assert len((await results.find_patients(anna, "zy00012x")).humans) == 1


@pytest.mark.usefixtures("linked")
async def test_a_deleted_record_is_no_part_of_a_person(door, results, anna):
    opened, _ = door
    await delete(opened, opened.directory.actor(TOKENS["B"]), "Patient", "p-b")
    assert [one["id"] for one in (await results.linked(anna, "p-a")).patients] == ["p-a"]


@pytest.mark.usefixtures("linked")
async def test_a_correction_that_left_the_value_replaced_nothing(results, anna, write):
    about = {"subject": {"reference": "Patient/p-a"}}
    same = observation("k-1", "A", K, ("3.10", MMOL), when=at(3), status="corrected", **about)
    del same["specimen"]
    await write("A", same)
    assert (await results.report(anna, "r-1")).replaced == {}


@pytest.mark.usefixtures("linked")
async def test_nobody_is_an_answer(results, anna):
    assert (await results.find_patients(anna, "钱七")).humans == ()
    assert (await results.find_patients(anna, "a,b|c$\\1")).humans == ()


async def test_more_people_than_a_page_holds_are_told_of(results, anna, write):
    await write("A", *(patient(f"w-{n}", "A", f"{n}", "王芳") for n in range(51)))
    found = await results.find_patients(anna, "王芳")
    assert len(found.humans) == 50
    assert found.more


@pytest.mark.usefixtures("linked")
async def test_the_person_of_a_patient_starts_with_that_patient(results, anna):
    assert [one["id"] for one in (await results.linked(anna, "p-b")).patients] == ["p-b", "p-a"]


@pytest.mark.parametrize("ask", ["linked", "report"])
async def test_what_is_not_there_is_not_found(results, anna, ask):
    with pytest.raises(NotFoundError):
        await getattr(results, ask)(anna, "nope")


async def test_a_long_timeline_has_more_pages(results, anna, write):
    await write("A", patient("p-a", "A", "1", "张三"))
    made = (report(f"r-{n}", "A", "血常规", "p-a", [], when=at(n)) for n in range(60))
    await write("A", *({key: one[key] for key in one if key != "result"} for one in made))
    first = await results.reports(anna, "p-a", "", "")
    second = await results.reports(anna, "p-a", first.older, "")
    ids = [one.report["id"] for one in (*first.entries, *second.entries)]
    assert ids == [f"r-{n}" for n in range(60)]
    assert second.older == ""


async def test_campuses_know_when_they_were_last_heard(door, results, anna):
    opened, _ = door
    assert [one.heard for one in await results.campuses(anna)] == [None, None]
    now, hour = opened.clock(), 3600 * 1_000_000
    statements = [
        ("channel_seen", (1, "LIS", 0, now)),
        ("channel_seen", (2, "LIS", 0, now - hour // 2)),
        ("channel_seen", (2, "POCT", 0, now - 2 * hour)),
        ("channel_set", ('{"silent-after": "1h"}', 2, "LIS")),
    ]
    await opened.store.submit(
        Batch(os.urandom(16), statements=statements, notices=[("config", "")])
    )
    first, second = await results.campuses(anna)
    assert (first.code, first.mark, first.silent_since) == ("A", "标A", None)
    assert first.heard > second.heard
    assert second.silent_since is None


async def test_a_campus_is_silent_since_its_overdue_channel_was_heard(door, results, anna):
    opened, _ = door
    now, hour = opened.clock(), 3600 * 1_000_000
    statements = [
        ("channel_seen", (2, "LIS", 0, now)),
        ("channel_seen", (2, "POCT", 0, now - 2 * hour)),
        ("channel_set", ('{"silent-after": "90m"}', 2, "POCT")),
    ]
    await opened.store.submit(
        Batch(os.urandom(16), statements=statements, notices=[("config", "")])
    )
    _, second = await results.campuses(anna)
    assert (second.heard - second.silent_since).total_seconds() == pytest.approx(7200)


async def test_a_session_lasts_a_shift_and_names_the_person(door):
    opened, ahead = door
    sessions = DoorSessions(opened)
    made = await sessions.sign_in(TOKENS["A"], "王秀英")
    actor = await sessions.session(made)
    assert (actor.code, actor.person) == ("A", "王秀英")
    ahead["us"] = LIFETIME + 1_000_000
    assert await sessions.session(made) is None


async def test_a_session_ends_by_signing_out_or_with_its_token(door):
    opened, _ = door
    sessions = DoorSessions(opened)
    first, second = [await sessions.sign_in(TOKENS["A"], "王") for _ in range(2)]
    await sessions.sign_out(first)
    assert await sessions.session(first) is None
    assert await sessions.session(second) is not None
    revoke = Batch(os.urandom(16), statements=[("token_revoke", (1, 1))], notices=[("config", "")])
    await opened.store.submit(revoke)
    assert await sessions.session(second) is None


async def test_a_false_token_opens_nothing(door):
    sessions = DoorSessions(door[0])
    assert await sessions.sign_in("no token", "王") is None
    assert await sessions.session("no session") is None


@pytest.mark.parametrize(
    ("plain", "escaped"), [("a,b", "a\\,b"), ("a|b", "a\\|b"), ("$", "\\$"), ("\\", "\\\\")]
)
def test_a_value_is_escaped_as_search_demands(plain, escaped):
    assert escape(plain) == escaped


@pytest.mark.usefixtures("linked")
async def test_the_ecgs_of_a_link_set_come_newest_first_and_nothing_else(write, results, anna):
    def tracing(id_, campus, whose, days):
        told = report(id_, campus, "心电图", whose, (), when=at(days))
        told["code"]["coding"] = [{"system": "http://loinc.org", "code": "11524-6"}]
        return {key: one for key, one in told.items() if key != "result"}

    await write("A", tracing("old", "A", "p-a", 90))
    await write("B", tracing("new", "B", "p-b", 2))
    assert [one["id"] for one in await results.ecgs(anna, "p-a")] == ["new", "old"]


async def test_an_ecg_comes_with_its_samples_and_by_kind(door, results):
    opened, _ = door
    whole = ECGS["premature"]
    for one in (HEART, *whole.waveforms, *whole.measurements, *whole.statements, whole.report):
        body = msgspec.json.encode(one)
        await update(
            opened, opened.directory.actor(TOKENS["A"]), one["resourceType"], one["id"], body
        )
    found = await results.ecg(opened.directory.actor(TOKENS["A"]), "premature")
    assert [one["id"] for one in found.waveforms] == [one["id"] for one in whole.waveforms]
    assert [one["id"] for one in found.measurements] == [one["id"] for one in whole.measurements]
    assert [one["id"] for one in found.statements] == [one["id"] for one in whole.statements]
    lead = found.waveforms[0]["component"][0]
    assert (
        lead["valueSampledData"]["data"]
        == whole.waveforms[0]["component"][0]["valueSampledData"]["data"]
    )
    assert found.subject["id"] == "heart"
