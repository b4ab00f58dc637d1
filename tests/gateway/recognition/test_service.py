"""Decisions on a store: panels, examinations, what is kept and told."""

import pytest

from gateway.errors import NotFoundError
from gateway.recognition.catalogue.model import Code
from gateway.recognition.gather.index import READERS, Memory
from gateway.recognition.model import USABLE, Asked, PatientAsked
from tests.gateway.interactions.consortium import concept
from tests.gateway.recognition.county import quantity
from tests.gateway.recognition.pure import PARTS

HOUR = 3_600_000_000
LEFT, RIGHT = "419161000", "419465000"


def said(decision):
    return decision.outcome, decision.reason.code


async def test_a_result_of_another_campus_may_be_recognised(ward):
    await ward.measure()

    decision = await ward.one()

    assert said(decision) == ("may-recognise", "consortium")
    assert decision.result.reference == "Observation/k1/_history/1"
    assert {rule.id: rule.verdict for rule in decision.rules if rule.verdict != "pass"} == {
        "SCOPE": "unknown",
        "QC": "unknown",
    }
    assert (decision.item, decision.price, decision.own) == ("K", 800, False)


async def test_without_a_result_the_answer_says_none(ward):
    decision = await ward.one()

    assert said(decision) == ("not-eligible", "no-result")
    assert (decision.result, decision.rules) == (None, ())


# 7: panels.


async def panel(ward, count=20):
    names = []
    for number, part in enumerate(PARTS[:count]):
        name = f"p{number}"
        names.append(await ward.measure(name, code=part.loinc[0], unit="g/L"))
    return await ward.report("r1", "B", "24323-8", names)


async def test_case_7_twenty_of_twenty_two(ward):
    await panel(ward)

    decision = await ward.one("24323-8")

    assert decision.outcome == "may-recognise"
    assert decision.result.reference == "DiagnosticReport/r1/_history/1"
    assert [code.code for code in decision.residual] == ["100020-0", "100021-0"]
    assert len(decision.result.values) == 20


async def test_case_7_an_analyte_is_found_in_the_report_of_a_panel(ward):
    await panel(ward)

    decision = await ward.one(PARTS[3].loinc[0])

    assert decision.outcome == "may-recognise"
    assert decision.result.reference == "Observation/p3/_history/1"


async def test_case_7_a_panel_is_found_in_a_report_of_another_name(ward):
    names = [
        await ward.measure(f"p{n}", code=one.loinc[0], unit="g/L") for n, one in enumerate(PARTS)
    ]
    await ward.report("r1", "B", {"text": "体检套餐"}, names)

    decision = await ward.one("24323-8")

    assert (decision.outcome, decision.residual) == ("may-recognise", ())


# 9: two candidates.


async def test_case_9_a_newer_result_that_is_not_eligible_is_named(ward):
    await ward.measure("k1", effectiveDateTime=ward.ago(hours=5))
    await ward.measure("k2", "C", status="preliminary")

    decision = await ward.one()

    (rule,) = [rule for rule in decision.rules if rule.id == "STATUS"]
    assert said(decision) == ("reference-only", "newer-not-eligible")
    assert decision.result.reference.startswith("Observation/k1/")
    assert "newer: Observation/k2/_history/1" in rule.evidence


# Exams and ECGs.


async def test_a_report_and_its_images_are_one(ward):
    await ward.images("x1", "B", "CT", "CHEST")
    study = {"imagingStudy": [{"reference": "ImagingStudy/x1"}]}
    coded = concept("CT01", "urn:hutong:B:item")
    await ward.report("r1", "B", coded, **study)

    decision = await ward.one(Asked(codes=(Code("urn:hutong:B:item", "CT01"),)))

    assert said(decision) == ("may-recognise", "consortium")
    assert decision.result.reference == "DiagnosticReport/r1/_history/1"
    assert decision.others == ()


async def test_a_report_without_images_is_shown_only(ward):
    await ward.report("r1", "B", concept("CT01", "urn:hutong:B:item"))

    decision = await ward.one(Asked(codes=(Code("urn:hutong:B:item", "CT01"),)))

    assert said(decision) == ("reference-only", "images-missing")


async def test_an_ecg_that_nobody_read_is_to_be_read(ward):
    waveform = {
        "code": concept("131328", "urn:iso:std:iso:11073:10101"),
        "valueQuantity": None,
        "component": [
            {
                "code": concept("131329", "urn:iso:std:iso:11073:10101"),
                "valueSampledData": {
                    "origin": {"value": 0},
                    "period": 2,
                    "dimensions": 1,
                    "data": "1 2 3",
                },
            }
        ],
    }
    await ward.measure("w1", **waveform)
    await ward.report("e1", "B", "11524-6", ["w1"], status="preliminary")
    unread = await ward.one("11524-6")
    await ward.report("e1", "B", "11524-6", ["w1"])
    read = await ward.one("11524-6")

    assert said(unread) == ("reread", "no-final-report")
    assert said(read) == ("may-recognise", "consortium")


# What is kept and told.


async def test_a_check_is_audited_once_with_what_it_showed(ward):
    await ward.measure()
    before = len(ward.trail())

    await ward.check("2823-3", "14682-9")

    (event,) = ward.trail()[before:]
    assert event.action == "E"
    assert event.entities == ("Patient/a1", "Observation/k1/_history/1")


async def test_the_summary_counts_what_is_usable(ward):
    await ward.measure()
    await ward.measure("c9", "C", "14682-9", 80, "umol/L")
    await ward.images("x1", "B", "CT", "CHEST")
    summary = await ward.recognition.summary(ward.actor("A"), ward.asked().patient)

    assert dict(summary.usable) == {"lab": 2}
    assert summary.critical == 0
    nobody = PatientAsked(identifiers=(Code("urn:hutong:A:pid", "9"),))
    assert await ward.recognition.summary(ward.actor("A"), nobody) is None


async def test_a_result_by_a_campus_code_alone(ward):
    coded = concept("K", "urn:hutong:B:item")
    await ward.put(
        "B",
        {
            "resourceType": "Observation",
            "id": "k1",
            "status": "final",
            "code": coded,
            "subject": {"reference": "Patient/b1"},
            "effectiveDateTime": ward.ago(hours=1),
            "valueQuantity": quantity(4.1),
        },
    )

    decision = await ward.one(Asked(codes=(Code("urn:hutong:A:item", "LK"),)))

    assert said(decision) == ("reference-only", "comparability-unknown")


async def test_a_newer_report_without_its_value_caps_the_older_result(ward):
    await ward.measure("k1", effectiveDateTime=ward.ago(hours=5))
    await ward.report("r2", "C", "2823-3", status="registered")

    decision = await ward.one()

    assert said(decision) == ("reference-only", "newer-not-eligible")
    assert decision.others[0][0].reference == "DiagnosticReport/r2/_history/1"


async def test_images_of_one_campus_read_at_another_are_one(ward):
    await ward.images("x1", "A", "CT", "CHEST")
    study = {"imagingStudy": [{"reference": "ImagingStudy/x1"}]}
    await ward.report("r1", "B", concept("CT01", "urn:hutong:B:item"), **study)

    decision = await ward.one(Asked(codes=(Code("urn:hutong:B:item", "CT01"),)))

    (rule,) = [rule for rule in decision.rules if rule.id == "ID"]
    assert said(decision) == ("may-recognise", "consortium")
    assert rule.evidence == ("linked: Patient/b1", "patient: Patient/a1")


async def test_a_report_that_says_left_with_images_of_the_right(ward):
    await ward.images("x1", "B", "DX", "KNEE", side=RIGHT)
    study = {"imagingStudy": [{"reference": "ImagingStudy/x1"}]}
    await ward.report("r1", "B", {"text": "左膝关节DR"}, **study)

    assert said(await ward.one(Asked(text="左膝关节DR"))) == ("reference-only", "not-comparable")


async def test_a_result_over_a_suspended_link_is_not_eligible(ward):
    await ward.measure()
    await ward.suspend("a1", "b1")

    assert said(await ward.one()) == ("not-eligible", "identity-suspended")


async def test_an_order_for_two_examinations_leaves_each_its_images(ward):
    order = {"basedOn": [{"reference": "ServiceRequest/o1"}]}
    await ward.images("x1", "B", "DX", "KNEE", side=RIGHT, **order)
    await ward.images("x2", "B", "DX", "KNEE", side=LEFT, **order)
    await ward.report("r1", "B", {"text": "右膝关节DR"}, **order)

    right = await ward.one(Asked(text="右膝关节DR"))
    left = await ward.one(Asked(text="左膝关节DR"))

    assert said(right) == ("may-recognise", "consortium")
    assert right.result.reference == "DiagnosticReport/r1/_history/1"
    assert said(left) == ("reread", "no-final-report")


async def test_references_without_a_target_join_nothing(ward):
    order = {"basedOn": [{"display": "order"}]}
    await ward.images("x1", "B", "CT", "CHEST", **order)
    await ward.report("r1", "B", concept("CT01", "urn:hutong:B:item"), **order)

    decision = await ward.one(Asked(codes=(Code("urn:hutong:B:item", "CT01"),)))

    assert said(decision) == ("reference-only", "images-missing")


@pytest.mark.parametrize("at", [-(10**17), 10**18])
async def test_no_moment_is_too_far(ward, at):
    await ward.measure()
    await ward.measure("k2", "C", effectiveDateTime="9999-12-31T23:59:59+08:00")
    far = Asked(codes=(Code("http://loinc.org", "2823-3"),), occurrence=10**18)

    assert (await ward.one(at=at)).outcome not in USABLE
    assert (await ward.one(far)).outcome not in USABLE


async def test_a_decision_over_a_hidden_result_is_not_there_for_others(ward):
    await ward.measure("h1", code="10351-5", value=0.05, unit="1")
    await ward.token(1, "emergency", "system/*.cruds recognition break-glass")

    decision = await ward.one("10351-5", who="emergency")

    assert decision.result.reference.startswith("Observation/h1/")
    assert ward.recognition.stored(ward.actor("emergency"), decision.id).decision == decision
    assert ward.recognition.stored(ward.actor("A"), decision.id) is None
    with pytest.raises(NotFoundError):
        await ward.recognition.replay(ward.actor("A"), decision.id)


async def test_it_is_one_reminder_whatever_is_judged_of_the_result_later(ward):
    await ward.measure(effectiveDateTime=ward.ago(hours=7))

    found = [await ward.one(encounter_class=one) for one in ("AMB", "EMER")]

    assert [one.outcome for one in found] == ["may-recognise", "reference-only"]
    stored = [ward.recognition.stored(ward.actor("A"), one.id) for one in found]
    assert len({one.id for one in stored}) == 2
    assert len({one.reminder for one in stored}) == 1


def test_no_reader_is_taken_for_one_that_was_forgotten():
    memory = Memory()
    first = memory.number("first")

    numbers = {memory.number(str(one)) for one in range(3 * READERS)}

    assert first not in numbers
    assert len(numbers) == 3 * READERS
