"""Each rule by itself: what passes, what fails, and what it does not know."""

import pytest
from msgspec.structs import replace

from gateway.recognition.decide import (
    comparable,
    critical,
    data,
    identity,
    negative,
    quality,
    scope,
    status,
    time,
)
from gateway.recognition.decide.model import Mark, Open
from gateway.recognition.model import Asked
from tests.gateway.recognition.pure import (
    CREA,
    CT,
    DAY,
    ECG,
    HOUR,
    MARK,
    NOW,
    SECOND,
    K,
    anchor,
    case,
    fact,
)


@pytest.mark.parametrize(
    ("about", "more", "word"),
    [
        ({}, {"patient": "a1"}, "pass"),
        ({}, {"patient": "b1"}, "pass"),
        ({}, {"patient": "x1"}, "fail"),
        ({"suspended": ("b1",)}, {"patient": "b1"}, "fail"),
        ({"suspended": ("a1",)}, {"patient": "b1"}, "fail"),
        ({"suspended": ("c1",)}, {"patient": "b1"}, "pass"),
        ({"suspended": ("a1", "b1")}, {"patient": "a1"}, "pass"),
        ({"suspended": ("a1", "a2"), "own": ("a1", "a2")}, {"patient": "a1"}, "fail"),
        ({}, {"beside": ("c1",)}, "pass"),
        ({}, {"beside": ("x1",)}, "fail"),
        ({}, {"tags": ("unverified-source",)}, "fail"),
        ({}, {"tags": ("training",)}, "fail"),
    ],
)
def test_a_result_must_be_of_certainly_the_same_patient(about, more, word):
    assert identity.judge(case(**about), fact(**more)).verdict == word


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ("final", "pass"),
        ("amended", "pass"),
        ("corrected", "pass"),
        ("preliminary", "fail"),
        ("registered", "fail"),
        ("partial", "fail"),
        ("cancelled", "fail"),
        ("entered-in-error", "fail"),
        ("unknown", "unknown"),
        ("", "unknown"),
    ],
)
def test_result_and_report_must_be_final(said, word):
    report = ("DiagnosticReport/r1/_history/1", said)

    assert status.judge(case(), fact(status=said)).verdict == word
    assert status.judge(case(), fact(reports=(report,))).verdict == word


def test_a_result_that_nobody_verified_is_of_unknown_status():
    assert status.judge(case(), fact(tags=("unverified",))).verdict == "unknown"


def test_the_status_of_unread_images_is_that_of_the_images():
    unread = fact(status="preliminary", instances=12)

    assert status.judge(case(CT), unread).verdict == "pass"
    assert status.judge(case(CT), fact(status="preliminary", instances=0)).verdict == "fail"
    assert status.judge(case(K), unread).verdict == "fail"
    assert status.judge(case(CT), fact(status="cancelled", instances=12)).verdict == "fail"


@pytest.mark.parametrize(
    ("ago", "word"),
    [
        (72 * HOUR, "pass"),
        (72 * HOUR + 1, "unknown"),  # within the second that is not told more precisely
        (72 * HOUR + SECOND, "fail"),
        (72 * HOUR - SECOND, "pass"),
        (0, "pass"),
        (-5 * 60 * SECOND, "pass"),
        (-5 * 60 * SECOND - 1, "unknown"),
    ],
)
def test_the_window_ends_to_the_second(ago, word):
    assert time.judge(case(), fact(anchor=anchor(ago))).verdict == word


def test_a_day_without_a_time_counts_from_its_first_moment():
    day = anchor(72 * HOUR + 3 * HOUR, length=DAY, zone="Asia/Shanghai")
    verdict = time.judge(case(), fact(anchor=day))

    assert verdict.verdict == "unknown"
    assert "zone-assumed: Asia/Shanghai" in verdict.evidence


def test_a_report_time_is_no_time_of_collection():
    assert time.judge(case(), fact(anchor=anchor(kind="issued"))).verdict == "unknown"
    assert time.judge(case(), fact(anchor=None)).verdict == "unknown"
    by_report = replace(K, anchor="issued")
    assert time.judge(case(by_report), fact(anchor=anchor(kind="issued"))).verdict == "pass"


@pytest.mark.parametrize(
    ("about", "hours"),
    [
        ({"encounter_class": "AMB"}, 72),
        ({"encounter_class": "IMP"}, 24),
        ({"encounter_class": "ACUTE"}, 24),
        ({"encounter_class": "EMER"}, 6),
        ({"encounter_class": ""}, 72),
        ({"encounter_class": "?"}, 72),
        ({"birth_date": ""}, 48),
        ({"birth_date": "2020-01-01"}, 48),
        ({"birth_date": "2020-01-01", "encounter_class": "IMP"}, 24),
    ],
)
def test_the_shortest_window_of_the_patients_states_counts(about, hours):
    assert case(**about).window == hours * 3600


def test_a_child_is_one_until_the_fourteenth_birthday():
    # NOW is 2026-11-18 in Shanghai.
    assert time.may_be_child("2012-11-19", NOW, "Asia/Shanghai")
    assert not time.may_be_child("2012-11-18", NOW, "Asia/Shanghai")
    assert time.may_be_child("2012", NOW, "Asia/Shanghai")
    assert not time.may_be_child("2011", NOW, "Asia/Shanghai")
    assert time.may_be_child("2012-11", NOW, "Asia/Shanghai")


def test_an_item_without_a_window_is_never_young_enough():
    never = replace(K, windows={"": 0})
    none = replace(K, windows={})

    assert time.judge(case(never), fact()).verdict == "fail"
    assert time.judge(case(none), fact()).verdict == "unknown"


@pytest.mark.parametrize(
    ("mark", "of_scope", "of_quality"),
    [
        (MARK, "pass", "pass"),
        (None, "unknown", "unknown"),
        (Mark(claimed="全国HR"), "unknown", "unknown"),
        (replace(MARK, recalled=NOW - HOUR), "unknown", "fail"),
        # Evidence that ran out between result and order does not matter.
        (replace(MARK, expires=NOW - HOUR), "pass", "pass"),
        (replace(MARK, expires=NOW - 3 * HOUR), "pass", "fail"),
        (replace(MARK, level="iqc"), "pass", "unknown"),
        (replace(MARK, scope="national", level="national-eqa"), "pass", "pass"),
    ],
)
def test_mark_and_evidence(mark, of_scope, of_quality):
    assert scope.judge(case(), fact(mark=mark)).verdict == of_scope
    assert quality.judge(case(), fact(mark=mark)).verdict == of_quality


def test_an_item_without_a_requirement_needs_no_evidence():
    assert quality.judge(case(CREA), fact(mark=None)).verdict == "pass"


def test_a_silent_campus_is_never_covered_for_sure():
    verdict = scope.judge(case(silent={2: NOW - DAY}), fact())

    assert verdict.verdict == "unknown"
    assert verdict.evidence[0].startswith("silent-since: ")


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({}, "pass"),
        ({"unit": "umol/L"}, "pass"),
        ({"unit": "mg/dL"}, "fail"),
        ({"unit": "meq/L"}, "fail"),
        ({"unit": ""}, "unknown"),
        ({"unit": "毫摩尔"}, "unknown"),
        ({"specimen": ("BLD",)}, "fail"),
        ({"specimen": ("PLAS",)}, "pass"),
        ({"specimen": ("BLD", "BLDV", "PLAS", "SER")}, "pass"),
        ({"specimen": (), "loinc": True}, "pass"),
        ({"specimen": (), "loinc": False}, "unknown"),
        ({"numeric": False, "unit": ""}, "unknown"),
        ({"numeric": False, "unit": "", "value": "阴性"}, "pass"),
    ],
)
def test_unit_and_specimen_must_be_comparable(more, word):
    assert comparable.judge(case(), fact(**more)).verdict == word


@pytest.mark.parametrize(
    ("asked", "specimen", "word"),
    [
        ("SER", ("SER",), "pass"),
        ("血浆", ("SER",), "fail"),
        ("静脉血", ("SER",), "pass"),
        ("尿液", (), "unknown"),
    ],
)
def test_the_specimen_that_is_ordered_counts(asked, specimen, word):
    order = Asked(specimen=asked)

    assert comparable.judge(case(asked=order), fact(specimen=specimen)).verdict == word


def test_images_of_another_examination_do_not_do():
    assert comparable.judge(case(CT), fact(images_of="CT.HEAD")).verdict == "fail"


@pytest.mark.parametrize(
    ("item", "more", "word"),
    [
        (K, {}, "pass"),
        (K, {"signs": ("haemolysis",)}, "fail"),
        (K, {"value": "", "absent": "not-performed"}, "fail"),
        (K, {"value": ""}, "fail"),
        (CT, {"instances": 3}, "pass"),
        (CT, {"instances": 0}, "fail"),
        (CT, {"instances": -1}, "unknown"),
        (replace(CT, images=False), {"instances": 0}, "pass"),
        (ECG, {"instances": 1}, "pass"),
    ],
)
def test_data_must_be_there_and_sound(item, more, word):
    assert data.judge(case(item), fact(**more)).verdict == word


def test_negative_list_and_required_retests():
    assert negative.judge(case(), fact()).verdict == "pass"
    assert negative.judge(case(replace(K, negative="输血前")), fact()).verdict == "fail"
    assert negative.judge(case(replace(K, retest="术前")), fact()).verdict == "fail"


@pytest.mark.parametrize(
    ("group", "word"),
    [
        ("potassium", "fail"),
        ("Potassium", "fail"),
        ("http://loinc.org|2823-3", "fail"),
        ("urn:hutong:B:item|K", "fail"),
        ("glucose", "pass"),
    ],
)
def test_an_open_critical_value_of_the_group(group, word):
    waiting = Open("t1", group, ("Observation/k9/_history/1",))

    assert critical.judge(case(open=(waiting,)), fact()).verdict == word


def test_what_is_critical_here_and_was_told_nobody_is_unknown():
    assert critical.judge(case(), fact(critical="critical")).verdict == "unknown"
    assert critical.judge(case(), fact(critical="not")).verdict == "pass"
    assert critical.judge(case(), fact(critical="unjudged")).verdict == "pass"


@pytest.mark.parametrize(
    ("method", "instrument", "word"),
    [
        ("电极法", "", "pass"),
        ("", "AU5800 电极法模块", "pass"),
        ("火焰光度法", "", "fail"),
        ("", "", "unknown"),
    ],
)
def test_a_group_of_methods_must_be_the_catalogues(method, instrument, word):
    grouped = replace(K, comparable="电极法")

    assert (
        comparable.judge(case(grouped), fact(method=method, instrument=instrument)).verdict == word
    )
