"""What recognition came to, counted from the ledger."""

import random

import pytest

from gateway.errors import ForbiddenError, InvalidRequestError
from gateway.recognition.ledger.model import Said
from gateway.recognition.statistics.facts import Period
from gateway.store.records import Batch
from tests.gateway.recognition.decided import DAY
from tests.gateway.recognition.statistics.asking import (
    HOUR,
    counts,
    given,
    told,
)


async def test_each_fact_is_counted_by_its_name(county):
    await given(county, "d1", "d2", "d3", "d4", "d5")
    await county.say("viewed", "d1")
    await county.say("recognised", "d1")
    await county.say("not-recognised", "d2", reason="02")
    await county.say("quoted", "d3")
    await county.say("recognised", "d4")
    await county.say("revoked", "d4", reason="01")
    found = await told(county)
    assert found.total.counts == {
        "reminded": 5,
        "viewed": 1,
        "recognised": 1,
        "notRecognised": 1,
        "exempt": 0,
        "quoted": 1,
        "unanswered": 0,
        "revoked": 1,
    }
    assert found.total.saved == 1500
    assert found.total.rates(found.basis) == {
        "official": None,
        "perReminder": 0.2,
        "perView": 1.0,
        "perResult": 1.0,
    }


async def test_case_17_a_rate_of_nothing_is_nothing(county):
    found = await told(county)
    assert set(found.total.rates(found.basis).values()) == {None}
    assert found.total.refusal is None


async def test_case_15_reasons_98_and_99_are_no_refusals(county):
    await given(county, "d1", "d2", "d3", "d4")
    await county.say("recognised", "d1")
    for id_, reason in (("d2", "99"), ("d3", "98"), ("d4", "03")):
        await county.say("not-recognised", id_, reason=reason, by_hook=True)
    found = (await told(county)).total
    assert (found.counts["notRecognised"], found.counts["exempt"]) == (1, 2)
    assert found.refusal == 0.5


async def test_case_13_a_reminder_that_nobody_answers_is_unanswered_after_a_day(county):
    await given(county, "d1", at=county.clock() - DAY - HOUR)
    await given(county, "d2", at=county.clock() - HOUR)
    assert (await counts(county))["unanswered"] == 1
    await county.say("not-recognised", "d1", reason="02")
    assert (await counts(county))["unanswered"] == 0


async def test_case_13_an_order_that_arrives_makes_a_reminder_unanswered_at_once(county):
    await given(county, "d1")
    ordered = ("d1", "ordered", county.clock(), county.clock(), "", 0, "", "ServiceRequest/s", "o")
    await county.store.submit(Batch(ticket=b"", statements=[("ledger_add", ordered)]))
    assert (await counts(county))["unanswered"] == 1
    await county.say("recognised", "d1")
    assert (await counts(county))["unanswered"] == 0


async def test_case_14_recognised_again_after_a_revocation_counts_once(county):
    await given(county, "d1")
    for outcome in ("recognised", "revoked"):
        await county.say(outcome)
    assert (await told(county)).total.saved == 0
    await county.say("recognised")
    found = (await told(county)).total
    assert (found.counts["recognised"], found.counts["revoked"], found.saved) == (1, 0, 1500)


async def test_case_12_the_decisions_of_one_reminder_count_once(county):
    await given(county, "d1", "d2", reminder="r")
    await county.say("recognised", "d1")
    await county.say("recognised", "d2")
    found = (await told(county)).total
    assert (found.counts["reminded"], found.counts["recognised"], found.saved) == (1, 1, 1500)


async def test_case_18_own_duplicates_and_what_is_not_offered_are_in_no_rate(county):
    await given(county, "d1", source=1)
    await given(county, "d2", outcome="reference-only")
    await given(county, "d3", outcome="not-eligible")
    await county.say("recognised", "d1")
    await county.say("quoted", "d2")
    assert set((await counts(county)).values()) == {0}


async def test_a_price_of_nothing_and_none_at_all_save_nothing(county):
    await given(county, "d1", price=0)
    await given(county, "d2", price=None)
    for id_ in ("d1", "d2"):
        await county.say("recognised", id_)
    found = (await told(county)).total
    assert (found.counts["recognised"], found.saved) == (2, 0)


async def test_a_fact_counts_where_its_own_moment_falls(county):
    """Over a short period more may be recognised than was reminded of."""
    await given(county, "d1", at=county.clock() - 10 * DAY)
    await county.say("recognised")
    today = Period(county.clock() - DAY, county.clock() + DAY)
    found = await counts(county, period=today)
    assert (found["reminded"], found["recognised"]) == (0, 1)
    before = Period(county.clock() - 20 * DAY, county.clock() - 5 * DAY)
    found = await counts(county, period=before)
    assert (found["reminded"], found["recognised"], found["unanswered"]) == (1, 0, 0)


async def test_figures_are_sorted_by_every_side_of_them(county):
    await given(county, "d1", doctor="甲", department="内科")
    await given(county, "d2", doctor="乙", department="外科", item="CT", source=3)
    await county.say("recognised", "d1")
    await county.say("not-recognised", "d2", reason="03")
    by_doctor = await told(county, "department", "doctor")
    assert [one.values for one in by_doctor.groups] == [("内科", "甲"), ("外科", "乙")]
    by_item = await told(county, "item", "category")
    assert [(one.values, one.words) for one in by_item.groups] == [
        (("CT", "imaging"), ("胸部CT平扫", "")),
        (("K", "lab"), ("钾", "")),
    ]
    by_source = await told(county, "source")
    assert [one.values for one in by_source.groups] == [("B",), ("C",)]
    by_reason = await told(county, "reason")
    assert [(one.values, one.figures.counts["notRecognised"]) for one in by_reason.groups] == [
        (("03",), 1)
    ]
    by_day = await told(county, "day")
    assert sum(one.figures.counts["reminded"] for one in by_day.groups) == 2
    with pytest.raises(InvalidRequestError):
        await told(county, "blood-type")


async def test_a_campus_sees_what_it_received_or_gave_an_administrator_all(county):
    await given(county, "d1")
    await county.say("recognised")
    assert (await counts(county))["recognised"] == 1
    assert (await counts(county, who="B-recognises"))["recognised"] == 0
    assert (await counts(county, who="B-recognises", side="source"))["recognised"] == 1
    assert (await counts(county, who="C-recognises", side="source"))["recognised"] == 0
    assert (await counts(county, who="admin"))["recognised"] == 1
    with pytest.raises(ForbiddenError):
        await told(county, who="A")


# Properties.


@pytest.mark.parametrize("seed", range(8))
async def test_counts_do_not_depend_on_the_order_in_which_answers_arrive(county, seed):
    chance = random.Random(seed)  # noqa: S311 - the same every time
    await given(county, "d1", "d2", "d3", at=county.clock() - 3 * DAY)
    start = county.clock() - 2 * DAY
    answers = [
        (
            chance.choice(["d1", "d2", "d3"]),
            Said(
                chance.choice(["viewed", "recognised", "not-recognised", "quoted", "revoked"]),
                reason=chance.choice(["", "02", "99"]),
                at=start + moment * HOUR,
                by_hook=True,
            ),
        )
        for moment in chance.choices(range(40), k=12)
    ]
    expected = expect(answers)
    for id_, said in chance.sample(answers, len(answers)):
        for _ in range(chance.choice([1, 1, 2])):
            await county.say(
                said.outcome, id_, reason=said.reason, at=said.at, by_hook=True, person="王"
            )
    found = (await told(county)).total
    got = {name: count for name, count in found.counts.items() if count}
    assert (got, found.saved) == expected


def expect(answers):
    """What the answers come to, thought through for each reminder."""
    counts, saved = {"reminded": 3}, 0
    rank = ["viewed", "recognised", "not-recognised", "quoted", "revoked"]
    for id_ in ("d1", "d2", "d3"):
        mine = [said for whose, said in answers if whose == id_]
        mine.sort(key=lambda said: (said.at, rank.index(said.outcome)))
        kinds = [said.outcome for said in mine]
        choices = [said for said in mine if said.outcome in {*rank[1:3], "revoked"}]
        last = choices[-1] if choices else None
        names = set()
        if last is not None:
            exempt = last.outcome == "not-recognised" and last.reason == "99"
            names.add("exempt" if exempt else last.outcome)
            saved += 1500 * (last.outcome == "recognised")
        quotes = [kind for kind in kinds if kind in {"quoted", "revoked"}]
        if "viewed" in kinds:
            names.add("viewed")
        if quotes and quotes[-1] == "quoted":
            names.add("quoted")
        elif last is None:
            names.add("unanswered")
        for name in names:
            shown = "notRecognised" if name == "not-recognised" else name
            counts[shown] = counts.get(shown, 0) + 1
    return counts, saved
