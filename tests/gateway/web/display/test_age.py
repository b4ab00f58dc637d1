"""Ages in the unit that matters, sex in words."""

from datetime import UTC, date, datetime

import pytest

from gateway.web.display.age import age, born, sex
from gateway.web.speech import CHINESE
from mappers.names import EXT_BIRTH_TIME

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("birth", "expected"),
    [
        ("2026-11-22", "0天"),
        ("2026-10-26", "27天"),
        ("2026-10-25", "0个月28天"),
        ("2026-10-22", "1个月0天"),
        ("2025-11-23", "11个月30天"),
        ("2025-11-22", "1岁"),
        ("2023-07-22", "3岁4个月"),
        ("2020-11-23", "5岁11个月"),
        ("2020-11-22", "6岁"),
        ("1958-03-07", "68岁"),
        ("1958-11-22", "68岁"),
        ("1958-11-23", "67岁"),
        ("2027-01-01", "年龄不详"),
    ],
)
def test_age_of_a_birth_date(birth, expected):
    assert age(CHINESE, date.fromisoformat(birth), NOON.date()) == expected


def test_months_count_over_a_short_month():
    assert age(CHINESE, date(2026, 1, 31), date(2026, 3, 1)) == "1个月1天"


@pytest.mark.parametrize(
    ("patient", "expected"),
    [
        ({"birthDate": "1958"}, ("1958年", "约68岁")),
        ({"birthDate": "1958-12"}, ("1958-12", "约67岁")),
        ({"birthDate": "1958-03-07"}, ("1958-03-07", "68岁")),
        ({}, ("出生日期未提供", "年龄不详")),
    ],
)
def test_a_birth_date_is_as_precise_as_it_is(patient, expected):
    shown = born(CHINESE, patient, NOON)
    assert (shown.date, shown.age) == expected


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        ("2026-11-22T08:30:00+00:00", "3小时"),
        ("2026-11-19T13:00:00+00:00", "71小时"),
        ("2026-11-19T12:00:00+00:00", "3天"),
        ("2026-11-22T13:00:00+00:00", "0天"),
    ],
)
def test_hours_are_counted_in_the_first_three_days_where_the_hour_is_known(instant, expected):
    extension = {"extension": [{"url": EXT_BIRTH_TIME, "valueDateTime": instant}]}
    patient = {"birthDate": instant[:10], "_birthDate": extension}
    assert born(CHINESE, patient, NOON).age == expected


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("male", "男"),
        ("female", "女"),
        ("other", "其他性别"),
        ("unknown", "性别不详"),
        ("", "性别未提供"),
    ],
)
def test_sex_is_a_word(code, word):
    assert sex(CHINESE, {"gender": code}) == word
