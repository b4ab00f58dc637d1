"""Evidence through HTTP."""

import pytest

from tests.gateway.recognition.quality.evidence import body

PLACE = "http://gateway.test/recognition/quality"


@pytest.fixture
async def county(gateway):
    """The consortium's administrator, who gives evidence, and campus A, which sees it."""
    a = await gateway.campus("A", "recognition")
    await gateway.campus("B", "system/*.rs")
    return gateway.client("root"), a


async def test_an_administrator_gives_evidence_and_a_campus_sees_it(county):
    root, a = county
    made = await root.post(PLACE, content=body({}))
    assert (made.status_code, made.json()) == (200, {"taken": 1})
    (found,) = (await a.get(PLACE)).json()["evidence"]
    assert (found["campus"], found["item"], found["mark"]) == ("B", "LAB.K", "全国HR")
    assert "seenThrough" not in found


async def test_all_faults_are_told_with_their_places(county):
    root, _ = county
    answer = await root.post(PLACE, content=body({"item": "X"}, {"round": "2", "ends": "soon"}))
    assert answer.status_code == 400
    assert [one["place"] for one in answer.json()["error"]["issues"]] == [
        "evidence[1].item",
        "evidence[2].ends",
    ]
    assert (await root.get(PLACE)).json() == {"evidence": []}


async def test_who_may_not_is_refused(gateway, county):
    _, a = county
    assert (await a.post(PLACE, content=body({}))).status_code == 403
    reader = await gateway.campus("C", "system/*.rs")
    assert (await reader.get(PLACE)).status_code == 403
    assert (await gateway.client("root").post(PLACE, content=b"")).status_code == 400
