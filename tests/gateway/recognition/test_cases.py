"""The acceptance cases of results and their rules, on a store (recognition.md §2.9, 1 to 9)."""

import json

import pytest

from gateway.recognition.decide.time import iso
from gateway.recognition.model import Asked
from gateway.recognition.quality.files import Known
from gateway.recognition.quality.files import read as read_evidence
from gateway.recognition.quality.follow import Freezing
from gateway.recognition.quality.registry import Evidences
from gateway.store.records import Batch
from gateway.workflow.critical.follow import follower as critical_follower
from tests.gateway.interactions.consortium import concept
from tests.gateway.recognition.quality.evidence import ROUND

HOUR = 3_600_000_000
LEFT, RIGHT = "419161000", "419465000"


def said(decision):
    return decision.outcome, decision.reason.code


# 1: the window's edge, in three zones; collection and report time; a leap day.


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "Asia/Kathmandu"])
@pytest.mark.parametrize(("late", "outcome"), [(0, "may-recognise"), (1, "reference-only")])
async def test_case_1_the_window_ends_in_the_same_second_in_every_zone(ward, zone, late, outcome):
    taken = 1_835_395_200_000_000  # 2028-02-29T00:00:00Z
    text = iso(taken, zone).replace("+00:00", "Z")
    await ward.measure(effectiveDateTime=text)

    decision = await ward.one(at=taken + 72 * HOUR + late * 1_000_000)

    assert decision.outcome == outcome
    assert decision.valid_until == taken + 72 * HOUR


async def test_case_1_a_day_alone_is_one_of_the_campus_and_said_to_be_assumed(ward):
    midnight = 1_795_017_600_000_000  # 2026-11-19T00:00 in Shanghai
    await ward.measure(effectiveDateTime="2026-11-19")

    sure = await ward.one(at=midnight + 72 * HOUR)
    doubtful = await ward.one(at=midnight + 80 * HOUR)

    (time,) = [rule for rule in sure.rules if rule.id == "TIME"]
    assert sure.outcome == "may-recognise"
    assert "zone-assumed: Asia/Shanghai" in time.evidence
    assert said(doubtful) == ("reference-only", "time-unknown")


async def test_case_1_the_collection_counts_and_not_the_report(ward):
    await ward.put(
        "B",
        {
            "resourceType": "Specimen",
            "id": "s1",
            "type": concept("SER", "http://terminology.hl7.org/CodeSystem/v2-0487"),
            "subject": {"reference": "Patient/b1"},
            "collection": {"collectedDateTime": ward.ago(days=5)},
        },
    )
    await ward.measure(specimen={"reference": "Specimen/s1"}, effectiveDateTime=ward.ago(days=4))
    await ward.report("r1", "B", "24326-1", ["k1"], issued=ward.ago(hours=1))

    assert said(await ward.one()) == ("reference-only", "expired")


async def test_case_1_the_time_of_the_report_alone_leaves_it_unknown(ward):
    await ward.measure(effectiveDateTime=None, issued=ward.ago(hours=1))

    assert said(await ward.one()) == ("reference-only", "report-time-only")


async def test_case_1_a_clock_that_is_ahead(ward):
    await ward.measure(effectiveDateTime=ward.ago(minutes=-6))

    assert said(await ward.one()) == ("reference-only", "clock-ahead")


# 3: quality evidence.


async def marked(ward, **evidence):
    """Let a round of external assessment stand before the result is made."""
    row = {"item": "K", "scope": "province", "starts": ward.ago(days=30)[:10]}
    row["ends"] = ward.ago(days=-30)[:10]
    known = Known({"A": 1, "B": 2, "C": 3}, {"K"})
    body = json.dumps({"evidence": [{**ROUND, **row, **evidence}]}).encode()
    statements = read_evidence(body, known, ward.clock())
    notices = [("config", "")]
    await ward.store.submit(Batch(ticket=b"", statements=statements, notices=notices))
    ward.follow(Freezing(ward.catalogue, Evidences(ward.store)).follower)


async def test_case_3_evidence_at_the_time_of_the_result_makes_it_shall(ward):
    await marked(ward)
    await ward.measure()

    decision = await ward.one()

    assert said(decision) == ("shall-recognise", "all-rules-passed")
    assert decision.result.mark == "本省HR"


async def test_case_3_evidence_that_expired_before_the_order_still_counts(ward):
    await marked(ward, ends="2026-01-31", starts="2026-01-01")
    await ward.measure(effectiveDateTime="2026-01-31T12:00:00+08:00")
    day_after = 1_769_918_400_000_000  # 2026-02-01T12:00 in Shanghai

    assert (await ward.one(at=day_after)).outcome == "shall-recognise"


async def test_case_3_evidence_that_failed_later_recalls_the_mark(ward):
    await marked(ward)
    await ward.measure()
    before = await ward.one()
    recall = ("mark_recall", (ward.clock(), 1, "Observation/k1", "K"))
    await ward.store.submit(Batch(ticket=b"", statements=[recall]))
    after = await ward.one()

    assert said(after) == ("reference-only", "quality-failed")
    assert (before.result.mark, after.result.mark) == ("本省HR", "")
    assert await ward.recognition.replay(ward.actor("A"), before.id) == before


# 4: side, technique, specimen.


async def test_case_4_left_is_not_right(ward):
    await ward.images("x1", "B", "DX", "KNEE", side=RIGHT)

    left = await ward.one(Asked(text="左膝关节DR"))
    right = await ward.one(Asked(text="右膝关节DR"))

    assert (left.item, said(left)) == ("DX.KNEE.L", ("not-eligible", "no-result"))
    assert (right.item, said(right)) == ("DX.KNEE.R", ("reread", "no-final-report"))


async def test_case_4_plain_is_not_contrast(ward):
    await ward.report("r1", "B", {"text": "胸部CT增强"})

    decision = await ward.one(Asked(text="胸部CT平扫"))

    assert (decision.item, said(decision)) == ("CT.CHEST", ("not-eligible", "no-result"))


async def test_case_4_serum_is_not_whole_blood(ward):
    await ward.put(
        "B",
        {
            "resourceType": "Specimen",
            "id": "s1",
            "type": {"text": "全血"},
            "subject": {"reference": "Patient/b1"},
        },
    )
    await ward.measure(specimen={"reference": "Specimen/s1"})

    assert said(await ward.one()) == ("reference-only", "not-comparable")


# 5, 6: units, statuses, comments.


async def test_case_5_another_unit_of_the_same_code(ward):
    await ward.measure(value=16.4, unit="mg/dL")

    decision = await ward.one()

    (rule,) = [rule for rule in decision.rules if rule.id == "COMP"]
    assert said(decision) == ("reference-only", "not-comparable")
    assert rule.evidence == ("unit-differs: mg/dL, mmol/L",)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"status": "preliminary"}, ("not-eligible", "not-final")),
        ({"status": "cancelled"}, ("not-eligible", "withdrawn")),
        ({"status": "entered-in-error"}, ("not-eligible", "withdrawn")),
        ({"note": [{"text": "标本溶血"}]}, ("reference-only", "specimen-unfit")),
        (
            {"valueQuantity": None, "dataAbsentReason": {"text": "标本凝块"}},
            ("reference-only", "specimen-unfit"),
        ),
    ],
)
async def test_case_6_what_is_not_final_or_not_sound(ward, more, expected):
    await ward.measure(**more)

    assert said(await ward.one()) == expected


async def test_case_6_the_status_of_the_report_counts_for_what_is_in_it(ward):
    await ward.measure()
    await ward.report("r1", "B", "24326-1", ["k1"], status="preliminary")

    assert said(await ward.one()) == ("not-eligible", "not-final")


async def test_case_6_a_comment_on_the_report_counts_for_what_is_in_it(ward):
    await ward.measure()
    await ward.report("r1", "B", "24326-1", ["k1"], conclusion="标本溶血，建议复查")

    assert said(await ward.one()) == ("reference-only", "specimen-unfit")


async def test_case_6_a_line_of_the_report_in_words_counts_for_what_is_in_it(ward):
    await ward.measure()
    words = {"valueQuantity": None, "valueString": "标本溶血"}
    await ward.measure("n1", code={"text": "备注"}, **words)
    await ward.report("r1", "B", "24326-1", ["k1", "n1"])

    assert said(await ward.one()) == ("reference-only", "specimen-unfit")


# 8: critical values.


async def test_case_8_an_open_critical_value_is_shown_first_and_never_recognised(ward):
    ward.follow(critical_follower)
    await ward.measure("k1", effectiveDateTime=ward.ago(hours=5))
    await ward.measure("k2", "C", value=6.9, effectiveDateTime=ward.ago(hours=1))

    decision = await ward.one()

    (rule,) = [rule for rule in decision.rules if rule.id == "CRIT"]
    assert said(decision) == ("context-critical", "critical-open")
    assert decision.result.reference == "Observation/k2/_history/1"
    assert (rule.verdict, rule.evidence[0][:11]) == ("fail", "task: Task/")


async def test_case_8_what_is_critical_here_and_was_told_nobody_is_no_shall(ward):
    await ward.measure(value=6.9)

    assert said(await ward.one()) == ("may-recognise", "critical-not-reported")
