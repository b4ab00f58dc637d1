"""`Task/$acknowledge` over HTTP: Parameters in, the Task out; a PUT does not close it."""

from dataclasses import replace

import pytest

from gateway.workflow.critical.follow import follower
from tests.gateway.api.conftest import Gateway

POTASSIUM = {
    "resourceType": "Observation",
    "id": "o1",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "2823-3"}]},
    "subject": {"reference": "Patient/p1"},
    "valueQuantity": {"value": 2.6, "unit": "mmol/L"},
}


def said(**parts):
    values = {
        name: value if isinstance(value, dict) else {"valueString": value}
        for name, value in parts.items()
    }
    return {
        "resourceType": "Parameters",
        "parameter": [{"name": name, **value} for name, value in values.items()],
    }


@pytest.fixture
async def ward(door):
    opened = Gateway(replace(door, followers=(follower,)))
    yield opened
    await opened.close()


@pytest.fixture
async def anna(ward):
    caller = await ward.campus("A")
    await caller.put("/Observation/o1", json=POTASSIUM)
    return caller


async def task_of(caller):
    (entry,) = (await caller.get("/Task?code=critical-ack")).json()["entry"]
    return entry["resource"]


async def answer(caller, body, **headers):
    task = await task_of(caller)
    return await caller.post(f"/Task/{task['id']}/$acknowledge", json=body, headers=headers)


@pytest.mark.parametrize(
    "heard",
    [
        "2.6",
        {"valueDecimal": 2.60},
        {"valueQuantity": {"value": 2.6, "unit": "mmol/L"}},
    ],
)
async def test_a_right_read_back_completes_the_task(anna, heard):
    answered = await answer(anna, said(readBack=heard, actor="李护士", comment="补钾"))
    assert answered.status_code == 200
    assert answered.json()["status"] == "completed"
    assert answered.headers["etag"] == 'W/"2"'
    again = await answer(anna, said(readBack=heard, actor="李护士"))
    assert (again.status_code, again.json()) == (200, answered.json())


async def test_a_wrong_one_is_422_naming_both(anna):
    answered = await answer(anna, said(readBack="6.2", actor="李护士"))
    assert answered.status_code == 422
    text = answered.json()["issue"][0]["details"]["text"]
    assert "6.2" in text
    assert "2.6" in text


async def test_a_put_that_completes_it_is_422(anna):
    task = await task_of(anna)
    put = await anna.put(f"/Task/{task['id']}", json={**task, "status": "completed"})
    assert put.status_code == 422
    assert (await anna.delete(f"/Task/{task['id']}")).status_code == 422


async def test_the_acting_person_may_come_by_header(anna):
    answered = await answer(anna, said(readBack="2.6"), **{"X-Hutong-Actor": "li"})
    assert answered.status_code == 200
    assert (await answer(anna, said(readBack="2.6"))).status_code == 422


async def test_the_idempotency_key_may_come_by_header(anna):
    key = {"Idempotency-Key": "k1"}
    first = await answer(anna, said(readBack="2.6", actor="a"), **key)
    again = await answer(anna, said(readBack="2.6", actor="b"), **key)
    assert (again.status_code, again.json()) == (200, first.json())
    assert (await answer(anna, said(readBack="2.6", actor="b"))).status_code == 409


@pytest.mark.parametrize(
    "body",
    [
        {"resourceType": "Patient"},
        said(readback="2.6", actor="a"),
        said(readBack={"valueDate": "2026-11-22"}, actor="a"),
        {"resourceType": "Parameters", "parameter": [{"value": 1}]},
        {
            "resourceType": "Parameters",
            "parameter": [{"name": "actor", "valueString": "a"}] * 2,
        },
    ],
)
async def test_what_cannot_be_understood_is_400(anna, body):
    assert (await answer(anna, body)).status_code == 400


async def test_there_is_no_such_task(anna):
    missing = await anna.post("/Task/none/$acknowledge", json=said(readBack="2.6", actor="a"))
    assert missing.status_code == 404
    other = await anna.post("/Patient/p1/$acknowledge", json=said(readBack="2.6", actor="a"))
    assert other.status_code == 404
