from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappers.times import clock_time, moment

ZONE = "Asia/Shanghai"


@pytest.mark.parametrize(
    ("text", "fhir", "clock"),
    [
        ("2026", "2026", "2025-12-31T16:00:00.000000Z"),
        ("202611", "2026-11", "2026-10-31T16:00:00.000000Z"),
        ("20261122", "2026-11-22", "2026-11-21T16:00:00.000000Z"),
        ("2026112208", "2026-11-22", "2026-11-22T00:00:00.000000Z"),
        ("202611220830", "2026-11-22T08:30:00+08:00", "2026-11-22T00:30:00.000000Z"),
        ("20261122083015", "2026-11-22T08:30:15+08:00", "2026-11-22T00:30:15.000000Z"),
        ("20261122083015.1234", "2026-11-22T08:30:15.1234+08:00", "2026-11-22T00:30:15.123400Z"),
        ("20261122083015123", "2026-11-22T08:30:15.123+08:00", "2026-11-22T00:30:15.123000Z"),
        (
            "20230211140114.00+0800",
            "2023-02-11T14:01:14.00+08:00",
            "2023-02-11T06:01:14.000000Z",
        ),
        ("202408160605-1000", "2024-08-16T06:05:00-10:00", "2024-08-16T16:05:00.000000Z"),
        ("20261122003015Z", "2026-11-22T00:30:15+00:00", "2026-11-22T00:30:15.000000Z"),
        ("2026-11-22 08:30:15", "2026-11-22T08:30:15+08:00", "2026-11-22T00:30:15.000000Z"),
        ("2026/1/2", "2026-01-02", "2026-01-01T16:00:00.000000Z"),
        ("1990-03-07 8:05", "1990-03-07T08:05:00+08:00", "1990-03-07T00:05:00.000000Z"),
    ],
)
def test_moment(text, fhir, clock):
    found = moment(text, ZONE)
    assert (found.text, found.clock) == (fhir, clock)
    assert found.instant == ("T" in fhir)


def test_summer_time_of_1990_is_counted():
    assert moment("199007010000", ZONE).text == "1990-07-01T00:00:00+09:00"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "20261301",
        "20260230",
        "202611222460",
        "20261122083060",
        "196203520",
        "00000000",
        "20261122083015+2500",
        "20261122083015+08",
        "2026-11",
        "99999",
        "10131113x",
    ],
)
def test_no_such_time(text):
    assert moment(text, ZONE) is None


def test_zone_is_assumed_only_where_there_is_a_clock_time_without_one():
    assert moment("202611220830", ZONE).assumed
    assert not moment("202611220830+0800", ZONE).assumed
    assert not moment("20261122", ZONE).assumed


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("0730", "07:30:00"),
        ("073015", "07:30:15"),
        ("07:30", "07:30:00"),
        ("2430", None),
        ("", None),
    ],
)
def test_clock_time(text, time):
    assert clock_time(text) == time


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001 zone-less is the case
def test_clocks_compare_as_their_times_do(when):
    later = moment(when.strftime("%Y%m%d%H%M%S.%f") + "+0000", ZONE)
    earlier = moment(when.strftime("%Y%m%d%H%M%S") + "+0000", ZONE)
    assert earlier.clock <= later.clock
    assert len(earlier.clock) == len(later.clock)


@given(st.text(alphabet="0123456789+-.:/ TZ", max_size=24))
def test_any_text_is_a_time_or_none(text):
    found = moment(text, ZONE)
    assert found is None or found.clock.endswith("Z")
