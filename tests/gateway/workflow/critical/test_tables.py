"""Tables in force: the county's and, beside it, each campus's; settings by ward and category."""

import zlib

import msgspec
import pytest

from gateway.errors import UnavailableError, UnprocessableError
from gateway.workflow.critical.acknowledge import acknowledge
from gateway.workflow.critical.escalate import Escalation
from gateway.workflow.critical.model import Body, Row, Setting
from gateway.workflow.critical.registry import Tables, starter
from gateway.workflow.critical.task import attempts
from tests.faltering import Faltering
from tests.gateway.workflow.critical.ward import MINUTE, codes

A, B, C = 1, 2, 3
STRICT = Row("potassium", number=1, codes=("2823-3",), low="<3.8", unit="mmol/L")


async def give(ward, campus, rows=(), settings=(), days=("2020-01-01", None)):
    body = zlib.compress(msgspec.json.encode(Body(tuple(rows), tuple(settings))))
    await ward._submit(  # noqa: SLF001 - what the command does
        ("critical_table_add", (campus, *days, "李主任", "test", 0, body))
    )


async def test_a_campus_table_holds_for_its_own_results(ward):
    await give(ward, B, [STRICT])
    await ward.result(3.7)
    assert (await ward.task())["reasonCode"]["coding"][1]["code"] == "B/1/1"


async def test_the_table_of_a_campus_that_is_not_concerned_does_not(ward):
    await give(ward, C, [STRICT])
    await ward.result(3.7)
    assert await ward.tasks() == []


async def test_the_table_of_the_ordering_campus_holds(ward):
    await give(ward, C, [STRICT])
    await ward.patient("C", "c1")
    await ward.order("C", "c1")
    await ward.result(3.7, basedOn=[{"reference": "ServiceRequest/sr1"}])
    assert codes([(await ward.task("C"))["owner"]]) == ["C"]


async def test_the_table_of_the_receiving_campus_holds(ward):
    await give(ward, A, [STRICT])
    await ward.patient("A", "a1")
    await ward.join("a1", "p1")
    await ward.visit("A", "a1")
    await ward.result(3.7)
    assert codes([(await ward.task("A"))["owner"]]) == ["A"]


async def test_the_county_gives_a_table_of_its_own(ward):
    await give(ward, 0, [STRICT])
    await ward.result(6.5)
    assert await ward.tasks() == []
    await ward.result(3.7, id_="o2")
    assert await ward.task()


async def test_a_table_holds_from_its_first_day_to_its_last(ward):
    await give(ward, B, [STRICT], days=("2020-01-01", "2021-01-01"))
    await give(ward, B, [STRICT], days=("2099-01-01", None))
    tables = Tables(ward.store, ward.door.zone)
    assert [one.code for one in tables.all()] == ["county"]
    assert tables.of(B) == [starter()]


@pytest.mark.parametrize("statement", ["critical_tables", "critical_table_body"])
async def test_a_campus_keeps_its_table_though_the_database_was_away(ward, statement):
    store = Faltering(ward.store)
    tables = Tables(store, ward.door.zone)
    assert tables.of(B) == [starter()]
    await give(ward, B, [STRICT])
    store.away.add(statement)
    tables = Tables(store, ward.door.zone)
    for _ in range(3):
        with pytest.raises(UnavailableError):
            tables.of(B)
    store.away.clear()
    assert [one.campus for one in tables.of(B)] == [0, B]


async def test_the_newest_import_holds(ward):
    await give(ward, B, [STRICT])
    await give(ward, B, [msgspec.structs.replace(STRICT, low="<3.2")])
    assert [one.rows[0].low for one in Tables(ward.store, ward.door.zone).of(B)[1:]] == ["<3.2"]


async def test_the_most_particular_setting_holds(ward):
    settings = [
        Setting(acknowledge=9),
        Setting(category="lab", acknowledge=8),
        Setting(ward="EMER", acknowledge=7),
        Setting(category="ecg", ward="EMER", acknowledge=6),
    ]
    await give(ward, 0, [STRICT], settings)
    await give(ward, B, [STRICT], [Setting(category="lab", acknowledge=5)])
    tables = Tables(ward.store, ward.door.zone)
    found = [
        tables.setting(campus, category, ward_).acknowledge
        for campus, category, ward_ in (
            (A, "imaging", "IMP"),
            (A, "lab", "IMP"),
            (A, "lab", "EMER"),
            (A, "ecg", "EMER"),
            (B, "lab", "EMER"),
            (B, "ecg", "IMP"),
        )
    ]
    assert found == [9, 8, 7, 6, 5, 9]


async def test_a_campus_escalates_by_its_own_clock(ward):
    setting = Setting(acknowledge=3, steps=(3, 6), told=("nurse", "doctor", "director"), repeat=1)
    await give(ward, B, [STRICT], [setting])
    await ward.result(2.6)
    row = ward.row(await ward.task())
    assert row[6] - row[5] == 3 * MINUTE
    ward.clock.ahead += 7 * MINUTE
    await Escalation(ward.door).step()
    told = [one.to for one in attempts(await ward.task())]
    assert told == ["nurse", "doctor", "director"]


async def test_where_a_disposition_is_required_the_answer_closes_with_it(ward):
    setting = Setting(disposition="required", disposition_within=30)
    await give(ward, B, [STRICT], [setting])
    await ward.result(2.6)
    id_ = (await ward.task())["id"]
    told = (ward.door, ward.actor("B"), id_)
    task = (await acknowledge(*told, "2.6", "李")).stored.resource()
    assert (task["status"], task["businessStatus"]["coding"][0]["code"]) == (
        "accepted",
        "acknowledged",
    )
    assert not (await acknowledge(*told, "2.6", "李")).changed
    escalation = Escalation(ward.door)
    assert not await escalation.step()
    ward.clock.ahead += 31 * MINUTE
    await escalation.step()
    assert [one.kind for one in attempts(await ward.task())] == ["disposition"]
    task = (await acknowledge(*told, "", "李", "补钾")).stored.resource()
    assert (task["status"], task["businessStatus"]["coding"][0]["code"]) == ("completed", "closed")
    assert ward.store.fetch("alerts_open", (10,)) == []


async def test_a_value_that_comes_before_the_disposition_asks_again(ward):
    await give(ward, B, [STRICT], [Setting(disposition="required")])
    await ward.result(2.6)
    id_ = (await ward.task())["id"]
    told = (ward.door, ward.actor("B"), id_)
    await acknowledge(*told, "2.6", "李")
    await ward.result(2.4, id_="o2")
    assert (await ward.task())["status"] == "requested"
    with pytest.raises(UnprocessableError):
        await acknowledge(*told, "", "李", "补钾")


async def test_how_old_is_old_is_set_by_the_table(ward):
    await give(ward, B, [STRICT], [Setting(old_after=10)])
    await ward.result(2.6, issued="2020-01-01T08:00:00+08:00")
    assert await ward.tasks() == []
    await give(ward, B, [STRICT], [Setting(old_after=10_000_000)])
    await ward.result(2.5, id_="o2", issued="2020-01-01T08:00:00+08:00")
    assert len(await ward.tasks()) == 1
