"""Times: the whole date always, in the reader's zone, as precise as they are."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from gateway.web.display.time import brief, heading, instant, moment
from gateway.web.speech import CHINESE, Speech

NOW = datetime(2026, 11, 22, 6, 45, tzinfo=ZoneInfo("Asia/Shanghai"))
ENGLISH = Speech("en")


@pytest.mark.parametrize(
    ("written", "chinese", "english"),
    [
        ("2026-11-22T06:12:00+08:00", "2026-11-22 06:12", "22-Nov-2026 06:12"),
        ("2026-11-21T22:12:00Z", "2026-11-22 06:12", "22-Nov-2026 06:12"),
        ("2026-11-22T06:12:00.123456+08:00", "2026-11-22 06:12", "22-Nov-2026 06:12"),
        ("2026-11-22", "2026-11-22", "22-Nov-2026"),
        ("2026-11", "2026-11", "Nov-2026"),
        ("2026", "2026", "2026"),
    ],
)
def test_a_time_is_written_whole(written, chinese, english):
    assert moment(CHINESE, written, NOW).text == chinese
    assert moment(ENGLISH, written, NOW).text == english


def test_no_time_is_no_moment():
    assert moment(CHINESE, "", NOW) is None
    assert instant("", NOW) is None
    assert heading(CHINESE, "", NOW) is None
    assert brief(CHINESE, "", NOW) == ""


@pytest.mark.parametrize(
    ("written", "relative", "weekday", "day"),
    [
        ("2026-11-22T06:12:00+08:00", "今天", "周日", "2026-11-22"),
        ("2026-11-21T23:59:59+08:00", "昨天", "周六", "2026-11-21"),
        ("2026-11-21T16:00:00Z", "今天", "周日", "2026-11-22"),
        ("2026-11-20", "", "周五", "2026-11-20"),
    ],
)
def test_today_and_yesterday_stand_before_the_date(written, relative, weekday, day):
    shown = heading(CHINESE, written, NOW)
    assert (shown.relative, shown.weekday, shown.text) == (relative, weekday, day)


@pytest.mark.parametrize("written", ["2026-11", "2026"])
def test_a_month_is_no_day_to_stand_under(written):
    assert heading(CHINESE, written, NOW) is None


@pytest.mark.parametrize(
    ("written", "chinese", "english"),
    [
        ("2026-11-21T06:00:00+08:00", "11-21", "21-Nov"),
        ("2025-11-21T06:00:00+08:00", "2025-11-21", "21-Nov-2025"),
        ("2026-11-21", "11-21", "21-Nov"),
        ("2026-11", "2026-11", "Nov-2026"),
    ],
)
def test_a_brief_day_leaves_out_this_year_alone(written, chinese, english):
    assert brief(CHINESE, written, NOW) == chinese
    assert brief(ENGLISH, written, NOW) == english


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("2016-12-31T23:59:60Z", "2017-01-01 07:59"),
        ("2026-11-22T06:12:00.123456789+08:00", "2026-11-22 06:12"),
        ("2026-11-22T00:00:00+14:00", "2026-11-21 18:00"),
    ],
)
def test_a_time_that_fhir_allows_is_read(written, shown):
    assert moment(CHINESE, written, NOW).text == shown
    assert instant(written, NOW) is not None
