"""A person's age, in the unit that matters for treating them, and sex in words."""

import calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from gateway.web.display.element import Resource, extension, part, text
from gateway.web.speech import Speech, msg
from mappers.names import EXT_BIRTH_TIME

SEXES = {
    "male": msg("男"),
    "female": msg("女"),
    "other": msg("其他性别"),
    "unknown": msg("性别不详"),
}
FIRST_DAYS = timedelta(days=3)
DAYS_UNTIL_MONTHS = 28
MONTHS = 12
YEARS_WITHOUT_MONTHS = 6
YEAR, MONTH = len("1958"), len("1958-03")


@dataclass(frozen=True, slots=True)
class Born:
    """A birth date as written, and the age: in hours only where the time of birth is known."""

    date: str
    age: str


def sex(say: Speech, patient: Resource) -> str:
    """Return the sex as a word."""
    code = text(patient, "gender")
    return say(SEXES[code]) if code in SEXES else say("性别未提供")


def born(say: Speech, patient: Resource, at: datetime) -> Born:
    """Return birth date and age at that time."""
    written = text(patient, "birthDate")
    if not written:
        return Born(say("出生日期未提供"), say("年龄不详"))
    if len(written) == YEAR:
        return Born(say("{year}年", year=written), say("约{n}岁", n=at.year - int(written)))
    if len(written) == MONTH:
        months = (at.year - int(written[:YEAR])) * MONTHS + at.month - int(written[5:])
        return Born(written, say("约{n}岁", n=months // MONTHS))
    instant = text(extension(part(patient, "_birthDate"), EXT_BIRTH_TIME), "valueDateTime")
    if instant and timedelta(0) <= (lived := at - datetime.fromisoformat(instant)) < FIRST_DAYS:
        return Born(written, say("{n}小时", n=lived // timedelta(hours=1)))
    return Born(written, age(say, date.fromisoformat(written), at.date()))


def age(say: Speech, birth: date, on: date) -> str:
    """Return the age on that day of someone born on a day."""
    days = (on - birth).days
    if days < 0:
        return say("年龄不详")
    if days < DAYS_UNTIL_MONTHS:
        return say("{n}天", n=days)
    months, rest = _months(birth, on)
    years, months = divmod(months, MONTHS)
    if not years:
        return say("{n}个月{d}天", n=months, d=rest)
    if years < YEARS_WITHOUT_MONTHS and months:
        return say("{n}岁{m}个月", n=years, m=months)
    return say("{n}岁", n=years)


def _months(birth: date, on: date) -> tuple[int, int]:
    """Return whole months and the days beyond them."""
    months = (on.year - birth.year) * MONTHS + on.month - birth.month
    if on.day >= birth.day:
        return months, on.day - birth.day
    year, month = (on.year, on.month - 1) if on.month > 1 else (on.year - 1, MONTHS)
    length = calendar.monthrange(year, month)[1]
    return months - 1, on.day + max(length - birth.day, 0)
