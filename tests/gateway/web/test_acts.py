"""Critical values and recognition of the pages through a real door, as the gateway wires it."""

import hashlib
import os
import re
import shutil
import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import msgspec
import pytest
from starlette.applications import Starlette

from gateway.access.audit import Recorder
from gateway.access.directory import Directory
from gateway.interactions.door import Door
from gateway.interactions.update import update
from gateway.store.migrate import migrate
from gateway.store.objects import LocalObjects
from gateway.store.opening import open_store
from gateway.store.records import Batch
from gateway.web.results import DoorResults
from gateway.web.routes import routes
from gateway.web.sessions import DoorSessions
from gateway.workflow.critical import follow
from tests.gateway.web.acts_of import acts_of
from tests.gateway.web.sample import MMOL, K, observation, patient, report

ZONE = ZoneInfo("Asia/Shanghai")
TOKENS = {"A": "token of A", "B": "token of B"}
SCOPES = "system/*.cruds recognition"


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
    opened = Door(
        store=store,
        directory=Directory(store),
        recorder=Recorder(store),
        zone=ZONE,
        clock=lambda: time.time_ns() // 1000,
        page_key=bytes(32),
        followers=(follow.follower,),
    )
    statements = []
    for number, (code, token) in enumerate(TOKENS.items(), 1):
        hashed = hashlib.sha256(token.encode()).digest()
        values = (code, f"院{code}", f"标{code}", "Asia/Shanghai", "", "[]", "[]", "[]", 0)
        statements.append(("campus_add", values))
        statements.append(("token_add", (number, code, hashed, SCOPES, 0)))
    await store.submit(Batch(os.urandom(16), statements=statements, notices=[("config", "")]))
    yield opened
    await opened.recorder.close()
    await store.close()


@pytest.fixture
def write(door):
    async def put(code, *resources):
        actor = door.directory.actor(TOKENS[code])
        for one in resources:
            bare = {key: value for key, value in one.items() if key != "meta"}
            await update(door, actor, one["resourceType"], one["id"], msgspec.json.encode(bare))

    return put


@pytest.fixture
async def enter(door, tmp_path):
    results = DoorResults(door, LocalObjects(tmp_path))
    acts = acts_of(door, results)
    app = Starlette(routes=routes(results, DoorSessions(door), acts, lambda: datetime.now(ZONE)))
    browsers = []

    async def signed_in(code, person="王秀英", token=""):
        transport = httpx.ASGITransport(app)
        browser = httpx.AsyncClient(transport=transport, base_url="http://pages.test")
        await browser.post("/sign-in", data={"token": token or TOKENS[code], "person": person})
        browsers.append(browser)
        return browser

    yield signed_in
    for browser in browsers:
        await browser.aclose()


def words(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def ago(hours):
    return (datetime.now(ZONE) - timedelta(hours=hours)).isoformat(timespec="seconds")


def potassium(digits, flag="", *, hours=0.5, id_="k"):
    found = observation(id_, "A", K, (digits, MMOL), flag=flag, when=ago(hours))
    found |= {"subject": {"reference": "Patient/zhang"}, "issued": ago(hours - 0.1)}
    found["valueQuantity"] |= {"system": "http://unitsofmeasure.org", "code": MMOL}
    del found["specimen"], found["performer"]
    return found


def electrolytes(result, id_="electrolytes"):
    found = report(id_, "A", "电解质", "zhang", (result,), when=ago(0.5), issued=ago(0.4))
    del found["performer"]
    return found


ZHANG = patient("zhang", "A", "00183345", "张三", citizen="990101195803072318")


async def opened(browser):
    page = (await browser.get("/critical")).text
    return re.findall(r'class="button" href="(/critical/[^"]+)"', page)


async def fields(browser, path):
    page = (await browser.get(path)).text
    return {name: re.search(rf'name="{name}" value="([^"]*)"', page)[1] for name in ("key", "seen")}


async def test_a_critical_value_is_listed_read_back_and_closed(write, enter):
    low = potassium("2.6", "LL")
    await write("A", ZHANG, low, electrolytes(low))
    doctor = await enter("A")
    (path,) = await opened(doctor)
    assert "钾 2.6 ↓↓ mmol/L 危急低" in words((await doctor.get("/patients/zhang")).text)
    hidden = await fields(doctor, path)
    wrong = await doctor.post(path, data={**hidden, "value": "6.2"})
    assert wrong.status_code == 422
    assert "回读 6.2 与结果 2.6 mmol/L 不符" in wrong.text
    page = (await doctor.get(path)).text
    assert "回读有误" in page
    assert 'href="/reports/electrolytes">看报告' in page
    for _ in range(2):
        answer = await doctor.post(path, data={**hidden, "value": "２.６", "comment": "补钾"})
        assert answer.status_code == 303
    said = words((await doctor.get(path)).text)
    assert "确认人 王秀英" in said
    assert "处理意见 补钾" in said
    assert "没有未处理的危急值" in (await doctor.get("/critical")).text


async def test_of_two_who_answer_the_second_learns_of_the_first(write, enter):
    await write("A", ZHANG, potassium("2.6", "LL"))
    first, second = await enter("A", "李建国"), await enter("A")
    (path,) = await opened(first)
    both = await fields(first, path), await fields(second, path)
    await first.post(path, data={**both[0], "value": "2.6"})
    late = await second.post(path, data={**both[1], "value": "2.6"})
    assert late.status_code == 412
    assert "确认人 李建国" in words(late.text)


async def test_a_further_value_is_the_one_to_be_read_back(write, enter):
    await write("A", ZHANG, potassium("2.6", "LL"))
    doctor = await enter("A")
    (path,) = await opened(doctor)
    before = await fields(doctor, path)
    await write("A", potassium("2.4", "LL", hours=0.2, id_="k2"))
    stale = await doctor.post(path, data={**before, "value": "2.6"})
    assert stale.status_code == 412
    assert "填写期间来了新的结果 2.4 mmol/L" in stale.text
    answer = await doctor.post(path, data={**await fields(doctor, path), "value": "2.4"})
    assert answer.status_code == 303


async def test_the_laboratory_of_another_campus_sees_it_and_records_its_call(write, enter, door):
    await write("A", ZHANG)
    low = {**potassium("2.6", "LL"), "basedOn": [{"reference": "ServiceRequest/order"}]}
    order = {
        "resourceType": "ServiceRequest", "id": "order", "status": "active", "intent": "order",
        "subject": {"reference": "Patient/zhang"}, "code": {"text": "钾"},
    }  # fmt: skip
    await write("A", order)
    actor = door.directory.actor(TOKENS["B"])
    low = {key: value for key, value in low.items() if key != "meta"}
    await update(door, actor, "Observation", "k", msgspec.json.encode(low))
    laboratory = await enter("B", "检验李")
    page = (await laboratory.get("/critical")).text
    path = re.search(r'href="(/critical/[0-9a-f-]{36})"', page)[1]
    form = (await laboratory.get(path)).text
    assert "只有该院区的人员可以确认并关闭" in form
    for _ in range(2):
        told = await laboratory.post(f"{path}/call", data={"whom": "王医生", "key": "k"})
        assert told.status_code == 303
    doctor = await enter("A")
    said = words((await doctor.get(path)).text)
    assert said.count("已电话通知 王医生, 检验李") == 1


ORDER = "/patients/zhang/order"


async def test_a_result_of_the_catalogue_is_hinted_taken_and_taken_back(write, enter):
    usual = potassium("4.10")
    await write("A", ZHANG, usual, electrolytes(usual))
    doctor = await enter("A")
    assert "可互认至" in words((await doctor.get("/patients/zhang")).text)
    assert "可互认至" in words((await doctor.get("/reports/electrolytes")).text)
    found = (await doctor.get(f"{ORDER}?q=钾")).text
    assert 'value="LAB.K">' in found
    checked = await doctor.post(ORDER, data={"item": "LAB.K", "class": "AMB"})
    where = checked.headers["location"]
    page = (await doctor.get(where)).text
    assert "钾 4.10 mmol/L" in words(page)
    decision = re.search(r'action="(/patients/zhang/decisions/[^"]+)"', page)[1]
    looked = await doctor.post(decision, data={"outcome": "viewed", "next": where})
    assert looked.headers["location"] == "/reports/electrolytes"
    taken = await doctor.post(decision, data={"outcome": "recognised", "next": where})
    assert taken.status_code == 303
    assert "已互认 王秀英" in words((await doctor.get(where)).text)
    await doctor.post(decision, data={"outcome": "revoked", "next": where})
    assert "已撤回 王秀英" in words((await doctor.get(where)).text)
    given = {"reason": "99", "explained": "spoken", "key": "k", "next": where}
    declined = await doctor.post(f"{decision}/decline", data=given)
    assert declined.status_code == 303
    assert "未互认 王秀英" in words((await doctor.get(where)).text)


async def test_a_result_that_was_amended_meanwhile_cannot_be_taken(write, enter):
    usual = potassium("4.10")
    await write("A", ZHANG, usual, electrolytes(usual))
    doctor = await enter("A")
    where = (await doctor.post(ORDER, data={"item": "LAB.K"})).headers["location"]
    page = (await doctor.get(where)).text
    decision = re.search(r'action="(/patients/zhang/decisions/[^"]+)"', page)[1]
    await write("A", {**potassium("5.10"), "status": "corrected"})
    late = await doctor.post(decision, data={"outcome": "recognised", "next": where})
    assert late.status_code == 409
    assert "结果已更正" in late.text


async def test_a_draft_of_the_campus_is_judged_as_it_stands(write, enter):
    usual = potassium("4.10")
    draft = {
        "resourceType": "ServiceRequest", "id": "draft", "status": "draft", "intent": "order",
        "subject": {"reference": "Patient/zhang"},
        "code": {"coding": [{"system": "http://loinc.org", "code": "2823-3"}], "text": "血钾"},
    }  # fmt: skip
    await write("A", ZHANG, usual, electrolytes(usual), draft)
    doctor = await enter("A")
    assert 'name="draft" value="draft">' in (await doctor.get(ORDER)).text
    where = (await doctor.post(ORDER, data={"draft": "draft"})).headers["location"]
    assert "钾 4.10 mmol/L" in words((await doctor.get(where)).text)


async def test_a_campus_that_does_not_know_the_patient_judges_nothing(write, enter):
    usual = potassium("4.10")
    await write("A", ZHANG, usual, electrolytes(usual))
    doctor = await enter("B")
    page = (await doctor.get("/patients/zhang")).text
    assert "未判断互认" in page
    assert "可互认至" not in page
    shown = (await doctor.get(f"{ORDER}/hints?item=LAB.K")).text
    assert "未检查: 不能确定该患者在本院区是谁" in shown


async def test_the_rates_of_the_campus_are_counted_from_its_ledger(write, enter):
    usual = potassium("4.10")
    await write("A", ZHANG, usual, electrolytes(usual))
    doctor = await enter("A")
    await doctor.post(ORDER, data={"item": "LAB.K"})
    page = words((await doctor.get("/statistics")).text)
    # Its own result counts in no rate; and nothing to divide is no 0 %.
    assert "提醒后互认率 未计算 = 0/0" in page
    table = await doctor.get("/statistics/csv?by=item")
    assert table.status_code == 200
    assert "提醒数 reminded" in table.text


async def test_without_the_scope_results_are_shown_and_nothing_is_judged(write, enter, door):
    usual = potassium("4.10")
    await write("A", ZHANG, usual, electrolytes(usual))
    hashed = hashlib.sha256(b"reader").digest()
    added = ("token_add", (1, "reader", hashed, "system/*.rs", 0))
    await door.store.submit(Batch(os.urandom(16), statements=[added], notices=[("config", "")]))
    doctor = await enter("A", token="reader")  # noqa: S106 - of a test
    page = await doctor.get("/patients/zhang")
    assert page.status_code == 200
    assert "未判断互认" in page.text
    for path in ("/statistics", f"{ORDER}/hints?item=LAB.K"):
        assert (await doctor.get(path)).status_code == 403


async def test_who_may_not_write_tasks_has_recorded_no_call(write, enter, door):
    await write("A", ZHANG, potassium("2.6", "LL"))
    hashed = hashlib.sha256(b"reader").digest()
    added = ("token_add", (1, "reader", hashed, "system/*.rs", 0))
    await door.store.submit(Batch(os.urandom(16), statements=[added], notices=[("config", "")]))
    doctor = await enter("A")
    (path,) = await opened(doctor)
    reader = await enter("A", token="reader")  # noqa: S106 - of a test
    told = await reader.post(f"{path}/call", data={"whom": "王医生", "key": "k"})
    assert told.status_code == 403
    # At the campus that must answer itself no call is needed.
    again = await doctor.post(f"{path}/call", data={"whom": "王医生", "key": "k"})
    assert again.status_code == 303
    assert "王医生" not in (await doctor.get(path)).text
