"""A message in quarantine that carries a critical value is seen to, by the clock."""

import shutil
from dataclasses import replace

import pytest

from gateway.ingest.worker import Worker
from gateway.workflow.critical.escalate import Escalation
from gateway.workflow.critical.follow import follower
from gateway.workflow.critical.listing import held_messages
from tests.gateway.ingest.county import County
from tests.gateway.ingest.messages import header, oru, pid
from tests.gateway.workflow.critical.ward import MINUTE


def message(flag="", value="4.0", code="K^钾^L^2823-3^^LN", status="F", who=""):
    return "\r".join(
        [
            header("ORU^R01"),
            *([who] if who else []),
            "OBR|1||R1|BIO^Panel^L|||20261122080000|||||||||||||||20261122083000||LAB|F",
            f"OBX|1|NM|{code}||{value}|mmol/L|3.5-5.3|{flag}|||{status}",
            "",
        ]
    )


@pytest.fixture
async def county(empty_store, tmp_path):
    folder = tmp_path / "county"
    shutil.copytree(empty_store, folder)
    async with County.opened(folder) as opened:
        opened.ahead = 0
        clock = opened.door.clock
        opened.door = replace(
            opened.door, followers=(follower,), clock=lambda: clock() + opened.ahead
        )
        opened.worker = Worker(opened.door)
        yield opened


def held(county):
    return county.store.fetch("critical_held_all", (10,))


def alerts(county):
    rows = county.store.fetch("alerts_open", (10,))
    return [(row[2], row[7]) for row in rows if row[1] == "critical-held"]


@pytest.mark.parametrize(
    "text",
    [
        message("HH"),
        message("LL"),
        message("AA"),
        message(value="2.6"),
        message(value="<2.0"),
        message("危急"),
        message("HH", code="X^无^L", value="见备注"),
    ],
)
async def test_it_raises_an_alert_at_the_sending_campus(county, text):
    outcome = await county.hear(text)
    assert outcome.reason == "missing-pid"
    assert alerts(county) == [(f"B/message {outcome.id}", 1)]
    assert [row[1] for row in held(county)] == [2]
    (one,) = await held_messages(county.door, county.actor("B"))
    assert (one.message, one.campus, one.step) == (outcome.id, "B", 1)
    assert await held_messages(county.door, county.actor("A")) == []


@pytest.mark.parametrize("text", [message(), message("H"), message("HH", status="X")])
async def test_one_without_a_critical_value_does_not(county, text):
    await county.hear(text)
    assert alerts(county) == []


async def test_what_cannot_be_read_any_more_is_judged_by_its_flags(county):
    text = message("HH", who=pid(name="张^三")).encode("gb18030").replace(b"UNICODE UTF-8", b"")
    await county.say(text)
    await county.set("B", "LIS", '{"charset": "utf-8"}')
    await county.worker.drain()
    assert county.last().reason == "unreadable"
    assert len(alerts(county)) == 1


async def test_it_escalates_until_it_is_processed(county):
    outcome = await county.hear(message("HH"))
    escalation = Escalation(county.door)
    await escalation.step()
    assert alerts(county)[0][1] == 1
    for steps, minutes in ((2, 11), (3, 10), (4, 10), (5, 10)):
        county.ahead += minutes * MINUTE
        await escalation.step()
        assert alerts(county)[0][1] == steps
    await county.submit(("inbox_discard", ("seen", 1, outcome.id)))
    await escalation.step()
    assert (alerts(county), held(county)) == ([], [])


async def test_a_result_over_the_wire_opens_its_task(county):
    await county.hear(oru(("K", "2.6"), extra=()).replace("K^K^L", "K^钾^L^2823-3^^LN"))
    task = await county.one("Task", "B", code="critical-ack")
    assert task["reasonCode"]["coding"][0]["code"] == "potassium"
    await county.hear(oru(("K", "2.6"), extra=()).replace("K^K^L", "K^钾^L^2823-3^^LN"))
    assert await county.one("Task", "B", code="critical-ack") == task
