import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.fhir.dates import (
    DAY,
    MAX_TICK,
    MIN_TICK,
    MINUTE,
    SECOND,
    approximate,
    interval,
    iso,
    matches,
    parse_search,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
GREENWICH = ZoneInfo("UTC")
HOUR = 60 * MINUTE


def ticks(*parts):
    return (
        (datetime(*parts, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC))
        // timedelta(microseconds=1)
        * 10
    )


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("2026", ticks(2025, 12, 31, 16), ticks(2026, 12, 31, 16)),
        ("2026-02", ticks(2026, 1, 31, 16), ticks(2026, 2, 28, 16)),
        ("2024-12", ticks(2024, 11, 30, 16), ticks(2024, 12, 31, 16)),
        ("2024-02-29", ticks(2024, 2, 28, 16), ticks(2024, 2, 29, 16)),
        ("2026-11-22T08:30", ticks(2026, 11, 22, 0, 30), ticks(2026, 11, 22, 0, 31)),
        ("2026-11-22T08:30:15", ticks(2026, 11, 22, 0, 30, 15), ticks(2026, 11, 22, 0, 30, 16)),
        ("2026-11-22T08:30:15Z", ticks(2026, 11, 22, 8, 30, 15), ticks(2026, 11, 22, 8, 30, 16)),
        (
            "2026-11-22T08:30:15-05:30",
            ticks(2026, 11, 22, 14, 0, 15),
            ticks(2026, 11, 22, 14, 0, 16),
        ),
        (
            "2026-11-22T08:30:15.25+08:00",
            ticks(2026, 11, 22, 0, 30, 15, 250_000),
            ticks(2026, 11, 22, 0, 30, 15, 250_000) + 1,
        ),
    ],
)
def test_a_date_covers_what_its_precision_says(text, low, high):
    assert interval(text, SHANGHAI) == (low, high)


@pytest.mark.parametrize(
    ("prefix", "asked", "found"),
    [
        ("eq", ".123Z", True),
        ("eq", ".1Z", True),
        ("eq", ".123456Z", True),
        ("eq", ".1234560Z", True),
        ("eq", ".1234567Z", False),
        ("eq", ".124Z", False),
        ("ne", ".123Z", False),
        ("le", ".123Z", True),
        ("ge", ".123Z", True),
        ("lt", ".123Z", False),
        ("gt", ".123Z", False),
        ("sa", ".122Z", True),
        ("eb", ".124Z", True),
    ],
)
def test_a_fraction_is_searched_by_the_digits_it_has(prefix, asked, found):
    stored = interval("2020-01-01T00:00:00.123456Z", SHANGHAI)
    _, *search = parse_search(f"{prefix}2020-01-01T00:00:00{asked}", SHANGHAI)
    assert matches(prefix, tuple(search), *stored) is found


def test_digits_below_a_tick_are_dropped():
    low, high = interval("1973-02-28T01:01:09.123456789Z", GREENWICH)
    assert low % SECOND == 1_234_567
    assert high == low + 1


def test_a_leap_second_is_the_first_second_of_the_next_minute():
    assert (
        interval("2016-12-31T23:59:60Z", GREENWICH)[0]
        == interval("2017-01-01T00:00:00Z", GREENWICH)[0]
    )


def test_a_day_on_which_the_clock_changes_is_an_hour_shorter():
    low, high = interval("2026-03-29", BERLIN)
    assert high - low == 23 * HOUR


def test_the_ends_of_the_calendar_have_intervals():
    assert interval("9999-12-31", SHANGHAI)[1] < MAX_TICK
    assert interval("0001", SHANGHAI)[0] > MIN_TICK


@pytest.mark.parametrize(
    "text",
    [
        "",
        "26-01-01",
        "2026-13",
        "2026-02-30",
        "2026-1-1",
        "0000",
        "2026-11-22T24:00:00Z",
        "2026-11-22T08:60:00Z",
        "2026-11-22T08:00:61Z",
        "2026-11-22T08",
        "2026-11-22T08:00:00+15:00",
        "2026-11-22T08:00:00+08:60",
        "2026-11-22 08:00:00",
        "2026-11-22\n",
        "\uff12\uff10\uff12\uff16",  # digits, but full-width ones
    ],
)
def test_what_is_no_date_is_refused_without_its_value(text):
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - the text is what is checked
        interval(text, SHANGHAI)
    assert text == "" or text not in str(refusal.value)


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)))  # noqa: DTZ001
def test_an_instant_in_a_zone_is_the_same_instant_with_its_offset(moment):
    aware = moment.replace(tzinfo=UTC).astimezone(SHANGHAI)
    offset = aware.utcoffset()
    if offset % timedelta(minutes=1):
        return  # local mean time has seconds, which no offset can write
    assert (
        interval(aware.isoformat(), GREENWICH)[0] == interval(moment.isoformat() + "Z", BERLIN)[0]
    )


@given(st.dates())
def test_months_and_years_enclose_their_days_without_a_gap(day):
    text = f"{day.year:04d}-{day.month:02d}-{day.day:02d}"
    day_low, day_high = interval(text, SHANGHAI)
    month_low, month_high = interval(text[:7], SHANGHAI)
    year_low, year_high = interval(text[:4], SHANGHAI)
    assert year_low <= month_low <= day_low < day_high <= month_high <= year_high
    if text < "9999-12-31":
        after = day + timedelta(days=1)
        assert interval(f"{after.year:04d}-{after:%m-%d}", SHANGHAI)[0] == day_high


@given(st.integers(min_value=-(10**15), max_value=10**16))
def test_an_instant_reads_back(us):
    low, high = interval(iso(us), SHANGHAI)
    assert (low, high) == (us * 10, us * 10 + 1)


def test_a_search_value_may_have_a_prefix():
    assert parse_search("ge2026-11-22", SHANGHAI) == ("ge", *interval("2026-11-22", SHANGHAI))
    assert parse_search("2026-11-22", SHANGHAI)[0] == "eq"


def test_a_plus_sign_that_became_a_space_is_a_plus_sign():
    assert parse_search("2026-11-22T08:00:00 08:00", BERLIN)[1] == ticks(2026, 11, 22)


def test_approximately_is_a_tenth_of_the_distance_from_now():
    assert approximate(-100, -90, 0) == (-110, -80)
    assert matches("ap", approximate(-100, -90, 0), -85, -84)
    assert not matches("ap", approximate(-100, -90, 0), -79, -78)


@pytest.mark.needs("shared data")
def test_the_date_rows_of_the_specification_come_out(shared):
    table = json.loads((shared / "data/fhir-r4/date-prefix-r4-strict.json").read_bytes())
    values = [
        (interval(row, GREENWICH) if isinstance(row, str) else _period(row))
        for row in table["fixture"]
    ]
    assert len(table["rows"]) == 189
    for row in table["rows"]:
        prefix, low, high = parse_search(row["q"], GREENWICH)
        found = [n for n, value in enumerate(values) if matches(prefix, (low, high), *value)]
        assert found == row["expect"], row["q"]


def _period(row):
    return interval(row[0], GREENWICH)[0], interval(row[1], GREENWICH)[1]


def test_days_are_counted_from_the_epoch():
    assert interval("1970-01-02", GREENWICH) == (DAY, 2 * DAY)
