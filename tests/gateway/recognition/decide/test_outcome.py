"""From verdicts to outcomes, by the fixed rules (recognition.md §2.10)."""

import pytest
from msgspec.structs import replace

from gateway.recognition.decide.decision import decide
from gateway.recognition.decide.model import Fact, Open
from gateway.recognition.model import RULES, Asked
from tests.gateway.recognition.pure import (
    BOOK,
    CT,
    DAY,
    HOUR,
    MARK,
    NOW,
    PANEL,
    PARTS,
    K,
    anchor,
    fact,
    facts,
)


def said(*found, book=BOOK, **about):
    decision = decide(facts(*found, **about), book)
    return decision.outcome, decision.reason.code


def test_shall_only_if_every_rule_passes():
    decision = decide(facts(fact()), BOOK)

    assert (decision.outcome, decision.reason.code) == ("shall-recognise", "all-rules-passed")
    assert [rule.id for rule in decision.rules] == list(RULES)
    assert {rule.verdict for rule in decision.rules} == {"pass"}
    assert all(rule.evidence for rule in decision.rules)
    assert decision.valid_until == NOW - 2 * HOUR + 72 * HOUR


@pytest.mark.parametrize(
    ("more", "about", "expected"),
    [
        ({"mark": None}, {}, ("may-recognise", "consortium")),
        ({}, {"encounter_class": ""}, ("may-recognise", "encounter-class-unknown")),
        ({}, {"encounter_class": "XYZ"}, ("may-recognise", "encounter-class-unknown")),
        ({}, {"silent": {2: NOW - DAY}}, ("may-recognise", "campus-silent")),
        ({"critical": "critical"}, {}, ("may-recognise", "critical-not-reported")),
        ({"anchor": anchor(4 * DAY)}, {}, ("reference-only", "expired")),
        ({"anchor": None}, {}, ("reference-only", "time-unknown")),
        ({"anchor": anchor(kind="issued")}, {}, ("reference-only", "report-time-only")),
        ({"anchor": anchor(-HOUR)}, {}, ("reference-only", "clock-ahead")),
        ({"unit": "mg/dL"}, {}, ("reference-only", "not-comparable")),
        ({"unit": "?"}, {}, ("reference-only", "comparability-unknown")),
        ({"signs": ("haemolysis",)}, {}, ("reference-only", "specimen-unfit")),
        ({"value": ""}, {}, ("reference-only", "without-value")),
        ({"mark": replace(MARK, recalled=NOW)}, {}, ("reference-only", "quality-failed")),
        ({"status": "preliminary"}, {}, ("not-eligible", "not-final")),
        ({"status": "entered-in-error"}, {}, ("not-eligible", "withdrawn")),
        ({"status": "cancelled"}, {}, ("not-eligible", "withdrawn")),
        ({"status": "unknown"}, {}, ("not-eligible", "status-unknown")),
        ({}, {"suspended": ("b1",)}, ("not-eligible", "identity-suspended")),
        ({"tags": ("unverified-source",)}, {}, ("not-eligible", "unverified-source")),
    ],
)
def test_what_one_doubt_makes_of_a_result(more, about, expected):
    assert said(fact(**more), **about) == expected


@pytest.mark.parametrize(
    ("changes", "why"),
    [({"negative": "不稳定"}, "negative-list"), ({"retest": "输血前"}, "regulatory-retest")],
)
def test_lists_hold_over_every_result(changes, why):
    book = type(BOOK)(replace(BOOK.catalogue, items=(replace(K, **changes),)))

    assert said(fact(), book=book) == ("not-eligible", why)
    assert said(book=book) == ("not-eligible", why)


def test_what_is_in_no_catalogue_and_when_there_is_none():
    assert said(item="") == ("not-eligible", "not-in-catalogue")
    assert said(item="GONE") == ("not-eligible", "not-in-catalogue")
    assert said(fact(), book=None) == ("not-eligible", "no-catalogue")


def test_a_newer_result_that_is_not_eligible_caps_the_older_and_is_named():
    newer = fact(2, status="preliminary", anchor=anchor(HOUR))
    decision = decide(facts(fact(), newer), BOOK)

    assert (decision.outcome, decision.reason.code) == ("reference-only", "newer-not-eligible")
    assert decision.result.reference == fact().reference
    (rule,) = [rule for rule in decision.rules if rule.id == "STATUS"]
    assert f"newer: {newer.reference}" in rule.evidence
    assert decision.others[0][0].reference == newer.reference


def test_a_newer_result_that_cannot_be_compared_caps_the_older_too():
    newer = fact(2, unit="mg/dL", anchor=anchor(HOUR))

    assert said(fact(), newer) == ("reference-only", "not-comparable")


def test_one_of_another_specimen_says_nothing_of_the_older():
    newer = fact(2, specimen=("BLD",), anchor=anchor(HOUR))

    assert said(fact(), newer)[0] == "shall-recognise"


def test_an_older_result_that_is_not_eligible_caps_nothing():
    older = fact(2, status="cancelled", anchor=anchor(5 * HOUR))

    assert said(fact(), older)[0] == "shall-recognise"


def test_of_equal_results_the_newest_is_taken():
    newer = fact(2, anchor=anchor(HOUR))

    assert decide(facts(fact(), newer), BOOK).result.reference == newer.reference


def test_an_open_critical_value_comes_before_everything():
    waiting = Open("t1", "potassium", (fact(2).reference,))
    found = fact(), fact(2, anchor=anchor(30 * DAY), status="preliminary")
    decision = decide(facts(*found, open=(waiting,)), BOOK)

    assert (decision.outcome, decision.reason.code) == ("context-critical", "critical-open")
    assert decision.result.reference == fact(2).reference
    assert said(open=(waiting,)) == ("context-critical", "critical-open")
    assert said(fact(), open=(replace(waiting, group="glucose"),))[0] == "shall-recognise"


def test_a_repeating_order_is_never_answered_by_a_result():
    asked = Asked(repeating=True)

    assert said(fact(), asked=asked) == ("reference-only", "repeating-order")


def test_an_order_for_later_is_judged_at_that_time():
    soon, late = (Asked(occurrence=NOW + days * DAY) for days in (2, 4))

    assert said(fact(), asked=soon)[0] == "shall-recognise"
    assert said(fact(), asked=late) == ("reference-only", "expired")
    assert said(fact(), asked=Asked(occurrence=NOW - 9 * DAY))[0] == "shall-recognise"


def test_images_without_a_conclusion_are_to_be_read_again():
    unread = fact(
        reference="ImagingStudy/s1/_history/4",
        item="CT.CHEST",
        status="available",
        instances=40,
        anchor=anchor(DAY, "performed"),
    )
    read = replace(unread, reference="DiagnosticReport/r1/_history/1", status="final")

    assert said(unread, item="CT.CHEST") == ("reread", "no-final-report")
    assert said(read, item="CT.CHEST")[0] == "shall-recognise"
    assert said(replace(read, instances=0), item="CT.CHEST") == (
        "reference-only",
        "images-missing",
    )
    assert said(replace(unread, anchor=anchor(31 * DAY)), item=CT.code)[1] == "expired"


def measured(number, **more):
    usual = {"reference": f"Observation/p{number}/_history/1", "unit": "g/L", "mark": MARK}
    return fact(item=f"P{number}", **{**usual, **more})


def report(number, parts, **more):
    name = f"DiagnosticReport/r{number}/_history/1"
    parts = tuple(replace(one, reports=((name, more.get("status", "final")),)) for one in parts)
    usual = {"item": "PANEL", "status": "final", "anchor": anchor(), "loinc": True}
    return Fact(reference=name, campus=2, code="B", patient="b1", parts=parts, **{**usual, **more})


def panel(*reports, **about):
    return decide(facts(*reports, item="PANEL", **about), BOOK)


def test_a_whole_panel():
    decision = panel(report(1, [measured(n) for n in range(22)]))

    assert decision.outcome == "shall-recognise"
    assert (decision.residual, len(decision.result.values)) == ((), 22)


def test_twenty_of_twenty_two_leave_two_to_be_done():
    parts = [measured(n) for n in range(20)]
    parts.append(measured(20, status="preliminary"))
    decision = panel(report(1, parts))

    assert decision.outcome == "shall-recognise"
    assert [code.code for code in decision.residual] == ["100020-0", "100021-0"]
    assert decision.residual_names == ("项目20", "项目21")
    (rule,) = [rule for rule in decision.rules if rule.id == "DATA"]
    assert rule.evidence[0] == "parts: 20/22"


def test_fewer_than_half_of_a_panel_are_shown_only():
    decision = panel(report(1, [measured(n) for n in range(10)]))

    assert (decision.outcome, decision.reason.code) == ("reference-only", "too-few-parts")
    assert decision.residual == ()


def test_the_worst_of_the_analytes_that_are_kept_counts():
    parts = [measured(n) for n in range(21)] + [measured(21, mark=None)]

    assert panel(report(1, parts)).outcome == "may-recognise"


def test_a_panel_that_is_not_final_or_too_old():
    parts = [measured(n) for n in range(22)]
    old = [measured(n, anchor=anchor(20 * DAY)) for n in range(22)]

    assert panel(report(1, parts, status="preliminary")).reason.code == "not-final"
    assert panel(report(1, old)).reason.code == "expired"


def test_a_newer_report_of_the_panel_that_has_nothing_yet_caps_the_older():
    old = report(1, [measured(n) for n in range(22)])
    new = report(2, [], status="registered", anchor=anchor(HOUR))

    assert panel(old, new).reason.code == "newer-not-eligible"
    assert panel(old, replace(new, anchor=anchor(3 * HOUR))).outcome == "shall-recognise"


def test_an_analyte_measured_anew_and_not_final_leaves_the_panel():
    old = report(1, [measured(n) for n in range(22)])
    again = replace(
        measured(3),
        reference="Observation/q3/_history/1",
        status="preliminary",
        anchor=anchor(HOUR),
    )
    decision = panel(old, again)

    assert decision.result.reference == old.reference
    assert decision.residual_names == ("项目3",)


def test_an_open_critical_value_of_one_analyte_stops_the_panel():
    book = type(BOOK)(
        replace(
            BOOK.catalogue,
            items=tuple(
                replace(one, analyte="sodium") if one.code == "P4" else one
                for one in BOOK.catalogue.items
            ),
        )
    )
    whole = report(1, [measured(n) for n in range(22)])

    found = decide(facts(whole, item="PANEL", open=(Open("t1", "sodium"),)), book)
    assert found.outcome == "context-critical"
    assert len(PARTS) == 22


def test_what_turned_critical_here_is_not_made_good_by_an_older_result():
    older = fact(1, anchor=anchor(ago=5 * HOUR))
    newer = fact(2, critical="critical")

    decision = decide(facts(older, newer), BOOK)

    assert decision.result.reference == newer.reference
    assert (decision.outcome, decision.reason.code) == ("may-recognise", "critical-not-reported")


def test_a_panel_on_the_negative_list_is_not_recognised_by_its_analytes():
    panel = replace(PANEL, negative="按规定")
    book = type(BOOK)(replace(BOOK.catalogue, items=(panel, *PARTS)))
    parts = tuple(fact(n, item=one.code, unit="g/L", title=one.name) for n, one in enumerate(PARTS))
    whole = fact(99, item="PANEL", parts=parts)

    decision = decide(facts(whole, item="PANEL"), book)

    assert (decision.outcome, decision.reason.code) == ("not-eligible", "negative-list")
