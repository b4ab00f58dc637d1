"""Decisions on a real store: the acceptance cases that the engine decides (recognition.md §2.9)."""

import shutil

import pytest

from tests.gateway.recognition.county import Ward


@pytest.fixture
async def ward(schema, tmp_path):
    folder = tmp_path / "ward"
    shutil.copytree(schema, folder)
    opened = Ward(folder)
    await opened.open()
    yield opened
    await opened.close()


async def test_a_result_of_another_campus_may_be_recognised(ward):
    await ward.measure()

    decision = await ward.one()

    assert (decision.outcome, decision.reason.code) == ("may-recognise", "consortium")
    assert decision.result.reference == "Observation/k1/_history/1"
    assert {rule.id: rule.verdict for rule in decision.rules if rule.verdict != "pass"} == {
        "SCOPE": "unknown",
        "QC": "unknown",
    }
    assert (decision.item, decision.price, decision.own) == ("K", 800, False)


async def test_without_a_result_the_answer_says_none(ward):
    decision = await ward.one()

    assert (decision.outcome, decision.reason.code) == ("not-eligible", "no-result")
    assert (decision.result, decision.rules) == (None, ())


async def test_the_same_question_gives_the_same_id_and_one_row(ward):
    await ward.measure()

    first, second = await ward.one(), await ward.one()

    assert first.id == second.id
    stored = ward.recognition.stored(ward.actor("A"), first.id)
    assert stored.decision == first
    assert await ward.recognition.replay(ward.actor("A"), first.id) == first
    assert ward.recognition.stored(ward.actor("B"), first.id) is None
