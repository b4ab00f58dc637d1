"""Answers to decisions: who may, once, in order, and only while the decision holds."""

import asyncio

import pytest

from gateway.errors import (
    ConflictError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    UnprocessableError,
)
from gateway.recognition.ledger.answer import StaleDecisionError, answer
from gateway.recognition.ledger.model import Said
from gateway.recognition.model import Asked, Decision, PatientAsked, Reason, Request
from gateway.recognition.recording import Kept, pack
from gateway.store.records import Batch
from gateway.workflow.critical import follow as critical
from tests.gateway.recognition.decided import CATALOGUE, DAY
from tests.gateway.recognition.pure import facts

MINUTE = 60_000_000


@pytest.fixture
async def asked(county):
    await county.result()
    await county.decided()
    return county


async def test_an_answer_is_kept_with_who_gave_it_and_audited(asked):
    answered = await asked.say("recognised", person="王医生")
    assert (answered.entry.kind, answered.entry.person) == ("recognised", "王医生")
    assert not answered.repeated
    assert asked.stands().choice == "recognised"
    assert asked.trail()[-1].reason == "recognition recognised d1"


async def test_only_the_campus_that_was_asked_may_answer(asked):
    with pytest.raises(NotFoundError):
        await asked.say("recognised", who="B")
    with pytest.raises(NotFoundError):
        await asked.say("recognised", decision="unheard-of")


async def test_an_answer_needs_the_scope(asked):
    await asked.token(1, "A-reads", "system/*.rs")
    with pytest.raises(ForbiddenError):
        await answer(asked.door, CATALOGUE, asked.actor("A-reads"), "d1", Said("viewed"))


async def test_case_12_a_double_click_counts_once(asked):
    first = await asked.say("recognised", person="王")
    again = await asked.say("recognised", person="王")
    assert again.repeated
    assert again.entry == first.entry
    assert asked.kinds() == ["recognised"]


async def test_case_12_two_clicks_at_the_same_moment_count_once(asked):
    await asyncio.gather(*(asked.say("recognised", person="王") for _ in range(8)))
    assert asked.kinds() == ["recognised"]


async def test_case_12_feedback_that_is_retried_counts_once(asked):
    moment = asked.clock()
    for _ in range(3):
        await asked.say("not-recognised", reason="02", at=moment, by_hook=True)
        await asked.say("recognised", at=moment + 1, by_hook=True)
    assert asked.kinds() == ["not-recognised", "recognised"]


async def test_case_14_recognised_revoked_recognised(asked):
    for outcome in ("recognised", "revoked", "recognised"):
        assert not (await asked.say(outcome, person="王")).repeated
    assert asked.kinds() == ["recognised", "revoked", "recognised"]
    assert asked.stands().choice == "recognised"


async def test_the_newest_answer_counts_by_its_own_moment_and_older_ones_are_kept(asked):
    now = asked.clock()
    await asked.say("recognised", at=now - MINUTE, by_hook=True)
    await asked.say("not-recognised", reason="01", at=now - 2 * MINUTE, by_hook=True)
    assert asked.stands().choice == "recognised"
    assert asked.kinds() == ["recognised", "not-recognised"]


async def test_a_clock_that_is_ahead_does_not_silence_later_answers(asked):
    await asked.say("recognised", at=asked.clock() + DAY, by_hook=True)
    await asked.say("revoked")
    assert asked.stands().choice == "revoked"


async def test_quoting_is_no_recognition(asked):
    await asked.say("quoted")
    assert (asked.stands().quoted, asked.stands().choice) == (True, "")
    await asked.say("revoked", text="引错")
    assert not asked.stands().quoted


async def test_nothing_can_be_revoked_that_was_not_answered(asked):
    with pytest.raises(ConflictError):
        await asked.say("revoked")
    await asked.say("viewed")
    with pytest.raises(ConflictError):
        await asked.say("revoked")


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ({"outcome": "maybe"}, "outcome"),
        ({"outcome": "not-recognised"}, "reason"),
        ({"outcome": "not-recognised", "reason": "unheard-of"}, "reason"),
        ({"outcome": "not-recognised", "reason": "98"}, "reason"),
        ({"outcome": "not-recognised", "reason": "08", "text": " "}, "text"),
        ({"outcome": "viewed", "text": "x" * 4_001}, "text"),
        ({"outcome": "not-recognised", "reason": "01", "explained": "sung"}, "explained"),
    ],
)
async def test_an_answer_that_cannot_be_understood_is_refused_by_place(asked, said, place):
    with pytest.raises(InvalidRequestError) as told:
        await asked.say(**said)
    assert told.value.expression == place
    assert asked.kinds() == []


async def test_feedback_without_a_reason_or_with_the_clients_own_is_taken(asked):
    now = asked.clock()
    await asked.say("not-recognised", at=now - 2, by_hook=True)
    await asked.say("not-recognised", reason="urn:his|busy", at=now - 1, by_hook=True)
    assert asked.kinds() == ["not-recognised", "not-recognised"]


async def test_what_was_explained_to_the_patient_is_kept_with_the_refusal(asked):
    await asked.say("not-recognised", reason="03", person="王", explained="printed")
    assert asked.kinds() == ["not-recognised", "told"]


async def test_what_is_for_reference_can_be_quoted_not_recognised(asked):
    await asked.decided("d2", outcome="reference-only")
    with pytest.raises(UnprocessableError):
        await asked.say("recognised", "d2")
    await asked.say("quoted", "d2")
    await asked.decided("d3", outcome="not-eligible", result=None, version=None, source=None)
    with pytest.raises(UnprocessableError):
        await asked.say("viewed", "d3")


async def test_what_was_answered_can_be_revoked_by_any_decision_of_the_reminder(asked):
    """The same question may be judged anew meanwhile: a critical value came up, say."""
    await asked.decided("d2", reminder="r-d1", outcome="context-critical")
    await asked.say("recognised", "d1")
    await asked.say("revoked", "d2")
    assert asked.kinds("d2") == ["revoked"]


# What no longer holds.


async def amended(county):
    await county.result(value=6.1, status="corrected")


async def silently_amended(county):
    await county.result(value=6.1)


async def withdrawn(county):
    await county.result(status="entered-in-error")


async def deleted(county):
    await county.delete("B", "Observation/k1")


async def unlinked(county):
    await county.join("a1", "b1", "level1")


async def moved(county):
    await county.put("B", {"resourceType": "Patient", "id": "b2"})
    await county.result(subject="b2")


async def aged(county):
    county.clock.ahead += 2 * DAY


@pytest.mark.parametrize(
    ("what", "why"),
    [
        (amended, "amended"),
        (silently_amended, "amended"),
        (withdrawn, "entered-in-error"),
        (deleted, "deleted"),
        (unlinked, "unlinked"),
        (moved, "moved"),
        (aged, "expired"),
    ],
)
async def test_an_answer_to_what_no_longer_holds_is_refused(county, what, why):
    await county.result()
    await county.decided(until=county.clock() + DAY)
    await what(county)
    with pytest.raises(StaleDecisionError) as told:
        await county.say("recognised")
    assert (told.value.why, told.value.status) == (why, 409)
    assert county.kinds() == []


@pytest.mark.parametrize("what", [amended, withdrawn, deleted, unlinked, moved])
async def test_feedback_on_what_no_longer_holds_is_kept_and_recalled_at_once(county, what):
    await county.result()
    await county.decided()
    await what(county)
    moment = county.clock()
    for _ in range(2):
        answered = await county.say("recognised", at=moment, by_hook=True)
    assert answered.repeated
    assert county.kinds() == ["recognised", "recalled"]
    (task,) = await county.recalls()
    assert task["focus"]["reference"] == "Observation/k1/_history/1"
    assert task["for"]["reference"] == "Patient/a1"
    assert {"decision": "d1"}.items() <= {
        one["type"]["text"]: one.get("valueString") for one in task["input"]
    }.items()
    assert await county.recalls("B") == []


def kept(otherwise):
    """The body of a decision that would be another one if no critical value were open."""
    asked, why = Asked(ref="o1"), Reason("critical-open", "")
    decision = Decision(
        id="d2", asked=asked, outcome="context-critical", reason=why, otherwise=otherwise
    )
    return pack(Kept(Request(patient=PatientAsked(), orders=()), facts(), decision))


async def test_a_critical_value_of_the_group_that_came_up_since_stands_against_it(county):
    await county.result()
    await county.decided()
    await county.decided("d2", outcome="context-critical", body=kept("may-recognise"))
    await county.decided("d3", item="CT")
    county.follow(critical.follower)
    await county.result("k2", value=2.1)
    with pytest.raises(StaleDecisionError) as told:
        await county.say("recognised")
    assert told.value.why == "critical"
    # Where it was known when it was decided, or is about something else, it is no news.
    await county.say("recognised", "d2")
    await county.say("recognised", "d3")


async def test_a_mark_that_was_recalled_since_stands_against_it(county):
    await county.result()
    await county.decided()
    mark = ("Observation/k1", "K", 1, "national", "全国HR", "", 2, "", "", 0, None)
    recalled = ("mark_freeze", (*mark, county.clock() + 1, 2, "none"))
    await county.store.submit(Batch(ticket=b"", statements=[recalled]))
    with pytest.raises(StaleDecisionError) as told:
        await county.say("recognised")
    assert told.value.why == "mark-recalled"


async def test_a_new_version_that_says_the_same_leaves_the_decision_standing(county):
    await county.result()
    await county.decided()
    await county.result(basedOn=[{"reference": "ServiceRequest/s1"}])
    await county.say("recognised")
    assert county.stands().choice == "recognised"


async def test_a_recognition_of_what_was_amended_can_still_be_revoked(county):
    await county.result()
    await county.decided()
    await county.say("recognised")
    await amended(county)
    await county.say("revoked", text="结果已更正")
    assert county.stands().choice == "revoked"


async def test_a_measurement_of_a_panel_that_changed_counts_for_the_report(county):
    await county.result()
    report = {
        "resourceType": "DiagnosticReport",
        "id": "r1",
        "status": "final",
        "code": {"text": "电解质"},
        "subject": {"reference": "Patient/b1"},
        "result": [{"reference": "Observation/k1"}],
    }
    await county.put("B", report)
    await county.decided(result="DiagnosticReport/r1")
    await amended(county)
    with pytest.raises(StaleDecisionError):
        await county.say("recognised")
