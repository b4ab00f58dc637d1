"""Decisions on a real store: the acceptance cases that the engine decides (recognition.md §2.9)."""

import shutil

import pytest
from msgspec.structs import replace

from gateway.recognition.catalogue.model import Code
from gateway.recognition.decide.time import iso
from gateway.recognition.model import Asked, PatientAsked
from gateway.workflow.critical.follow import follower as critical_follower
from tests.gateway.interactions.consortium import concept
from tests.gateway.recognition.county import Ward, quantity
from tests.gateway.recognition.pure import CREA, PARTS, K

HOUR = 3_600_000_000
LEFT, RIGHT = "419161000", "419465000"


@pytest.fixture
async def ward(schema, tmp_path):
    folder = tmp_path / "ward"
    shutil.copytree(schema, folder)
    opened = Ward(folder)
    await opened.open()
    yield opened
    await opened.close()


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


# 10: identity.


async def test_case_10_without_a_link_there_is_nothing(ward):
    await ward.measure()
    await ward.join("a1", "b1", "level1")
    await ward.delete(ward.admin(), await link(ward, "a1", "b1"))

    assert said(await ward.one()) == ("not-eligible", "no-result")


async def link(ward, a, b):
    found = await ward.ids(ward.admin(), f"Person?link=Patient/{b}")
    assert a
    return f"Person/{found[0]}"


async def test_case_10_merged_patients_resolve_and_an_unmerge_takes_it_back(ward):
    await ward.person("a2", "A", "2")
    number = PatientAsked(identifiers=(Code("urn:hutong:A:pid", "2"),))
    await ward.measure()
    before = await ward.one(patient=number)
    merged = {"link": [{"other": {"reference": "Patient/a1"}, "type": "replaced-by"}]}
    await ward.person("a2", "A", "2", active=False, **merged)
    during = await ward.one(patient=number)
    await ward.person("a2", "A", "2", active=True)
    after = await ward.one(patient=number)

    assert (before.outcome, during.outcome, after.outcome) == (
        "not-eligible",
        "may-recognise",
        "not-eligible",
    )


# 11: what is hidden is not there.


async def test_case_11_a_hidden_result_gives_exactly_the_answer_of_none(ward):
    none = await ward.one("10351-5")
    await ward.measure("h1", code="10351-5", value=0.05, unit="1")
    hidden = await ward.one("10351-5")
    answer = await ward.recognition.look(
        ward.actor("B"),
        replace(
            ward.asked("10351-5"),
            patient=PatientAsked(identifiers=(Code("urn:hutong:B:pid", "1"),)),
        ),
    )

    assert hidden == none
    assert said(hidden) == ("not-eligible", "no-result")
    assert answer.decisions[0].result.reference.startswith("Observation/h1/")


async def test_case_11_a_hidden_newer_result_caps_nothing(ward):
    await ward.measure("k1", effectiveDateTime=ward.ago(hours=5))
    label = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
    await ward.measure("k2", "C", status="preliminary", meta={"security": [label]})

    assert said(await ward.one()) == ("may-recognise", "consortium")


# 12, 18: one reminder; the own campus.


async def test_case_12_the_same_question_gives_the_same_id_and_one_row(ward):
    await ward.measure()

    first, second = await ward.one(), await ward.one()
    other = await ward.one(encounter="urn:hutong:A:visit|V1")

    assert first.id == second.id
    assert other.id != first.id
    stored = ward.recognition.stored(ward.actor("A"), first.id)
    assert (stored.decision, stored.request.encounter_class) == (first, "AMB")
    assert ward.recognition.stored(ward.actor("B"), first.id) is None


async def test_case_12_looking_gives_the_id_and_keeps_nothing(ward):
    await ward.measure()

    looked = await ward.recognition.look(ward.actor("A"), ward.asked("2823-3"))

    (decision,) = looked.decisions
    assert ward.recognition.stored(ward.actor("A"), decision.id) is None
    assert (await ward.one()).id == decision.id


async def test_a_trial_is_not_kept(ward):
    await ward.measure()

    decision = await ward.one(at=ward.clock())

    assert decision.outcome == "may-recognise"
    assert ward.recognition.stored(ward.actor("A"), decision.id) is None


async def test_case_18_a_duplicate_of_the_own_campus_is_told_apart(ward):
    await ward.measure("k1", "A")

    decision = await ward.one()

    assert (decision.outcome, decision.own) == ("may-recognise", True)


# 16: silence.


async def test_case_16_a_silent_campus_is_named(ward):
    await ward.measure()
    hour_ago = ward.clock() - HOUR
    await ward.listen("B", "LIS", "30m", hour_ago)

    answer = await ward.check("2823-3")

    (silent,) = answer.coverage.silent
    (decision,) = answer.decisions
    assert (silent.code, silent.since) == ("B", hour_ago)
    assert answer.coverage.included == ("A", "B", "C")
    assert said(decision) == ("may-recognise", "campus-silent")


# 19: another version of the catalogue.


async def test_case_19_a_decision_is_replayed_as_it_was(ward):
    await ward.measure()
    first = await ward.one()
    ward.catalogue.publish(replace(K, name="血钾", windows={"": 3600}), CREA)
    await ward.measure(value=6.9, status="amended")

    assert await ward.recognition.replay(ward.actor("A"), first.id) == first
    renamed = await ward.one()
    assert (renamed.item_name, said(renamed)) == ("血钾", ("reference-only", "expired"))
    ward.catalogue.publish(CREA)
    assert said(await ward.one()) == ("not-eligible", "not-in-catalogue")
    assert await ward.recognition.replay(ward.actor("A"), first.id) == first


async def test_no_catalogue_in_force_means_that_nothing_is_recognised(ward):
    await ward.measure()
    ward.catalogue.books.clear()

    assert said(await ward.one()) == ("not-eligible", "no-catalogue")


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
