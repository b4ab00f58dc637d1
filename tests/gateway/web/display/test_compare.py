"""Only like with like: item, specimen and unit decide what stands beside a result."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from gateway.web.display.compare import comparable, earlier, past, when
from gateway.web.sources import Measurement

NOW = datetime(2026, 11, 22, 6, 45, tzinfo=ZoneInfo("Asia/Shanghai"))
LOCAL = ("urn:hutong:A:item", "GLU")
LOINC = ("http://loinc.org", "14749-6")


def measured(*codes, unit="mmol/L", specimen="", when="2026-11-22T06:00:00+08:00", id_="x"):
    coding = [{"system": system, "code": code} for system, code in codes]
    observation = {
        "id": id_,
        "code": {"coding": coding},
        "effectiveDateTime": when,
        "valueQuantity": {"value": 5, "unit": unit},
    }
    return Measurement(observation, {"type": {"text": specimen}} if specimen else {})


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (measured(LOCAL), measured(LOCAL), True),
        (measured(LOCAL, LOINC), measured(("urn:hutong:B:item", "1"), LOINC), True),
        (measured(LOCAL), measured(("urn:hutong:B:item", "GLU")), False),
        (measured(), measured(), False),
        (measured(LOCAL), measured(LOCAL, unit="mg/dL"), False),
        (measured(LOCAL, specimen="血清"), measured(LOCAL, specimen="血清"), True),
        (measured(LOCAL, specimen="血清"), measured(LOCAL, specimen="尿"), False),
        (measured(LOCAL, specimen="血清"), measured(LOCAL), False),
        (measured(LOINC, specimen="血清"), measured(LOINC), True),
        (measured(LOINC, specimen="血清"), measured(LOINC, specimen="尿"), False),
        (measured(LOINC, specimen="血清"), measured(LOINC, specimen="静脉血"), True),
        (measured(LOINC, specimen="血清"), measured(LOINC, specimen="其他"), True),
        (measured(LOCAL, specimen="血清"), measured(LOCAL, specimen="静脉血"), False),
    ],
)
def test_results_are_comparable_by_item_specimen_and_unit(one, other, expected):
    assert comparable(one, other) is expected
    assert comparable(other, one) is expected


def test_a_word_is_compared_with_a_number_of_the_same_item():
    word = Measurement({"code": {"coding": [{"system": LOCAL[0], "code": LOCAL[1]}]}})
    assert comparable(measured(LOCAL), word)


def test_earlier_results_are_those_before_newest_first():
    of = measured(LOCAL)
    days = ("2026-11-21", "2026-11-23", "2026-11-20", "2026-11-22T06:00:00+08:00", "")
    among = [measured(LOCAL, when=day, id_=day) for day in days]
    found = [one.observation["id"] for one in earlier(of, past([*among, of], NOW))]
    assert found == ["2026-11-21", "2026-11-20"]


def test_an_undated_result_has_all_dated_ones_before_it():
    of = measured(LOCAL, when="", id_="of")
    assert len(earlier(of, past([measured(LOCAL)], NOW))) == 1


@pytest.mark.parametrize(
    ("observation", "expected"),
    [
        ({"effectiveDateTime": "2026-11-22", "issued": "2026-11-23"}, "2026-11-22"),
        ({"effectivePeriod": {"start": "2026-11-21"}}, "2026-11-21"),
        ({"effectiveInstant": "2026-11-20T00:00:00Z"}, "2026-11-20T00:00:00Z"),
        ({"issued": "2026-11-23"}, "2026-11-23"),
        ({}, ""),
    ],
)
def test_the_time_is_that_of_collection_if_known(observation, expected):
    assert when(observation) == expected
