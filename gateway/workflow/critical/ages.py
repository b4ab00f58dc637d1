"""For whom a row is: age and sex, the strictest row where they are unknown (§2.10.13)."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final

from gateway.workflow.critical.model import AGE, SEXES, Row

FULL_DATE, YEAR_MONTH, YEAR = 10, 7, 4
MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a patient: sex "" and birth None are unknown; `at` is the result's day."""

    sex: str = ""
    born_after: date | None = None
    """The earliest day on which the patient may be born."""
    born_before: date | None = None
    """The latest one."""
    at: date | None = None


NOBODY: Final = About()


def about(patient: dict[str, Any] | None, at: date | None) -> About:
    """Return what a Patient says; a birth date may be a year or a month."""
    if patient is None:
        return About(at=at)
    sex = patient.get("gender", "")
    first, last = _born(str(patient.get("birthDate", "")))
    return About(sex if sex in SEXES else "", first, last, at)


def _born(text: str) -> tuple[date | None, date | None]:
    try:
        if len(text) == YEAR:
            return date(int(text), 1, 1), date(int(text), 12, 31)
        if len(text) == YEAR_MONTH:
            first = date.fromisoformat(f"{text}-01")
            return first, _later(first, "1m") - timedelta(days=1)
        if len(text) >= FULL_DATE:
            day = date.fromisoformat(text[:FULL_DATE])
            return day, day
    except (ValueError, OverflowError):
        pass
    return None, None


def applies(row: Row, who: About) -> bool:
    """Return whether a row may be for somebody: what is unknown excludes nobody."""
    if row.sex and who.sex and row.sex != who.sex:
        return False
    if who.at is None or who.born_after is None or who.born_before is None:
        return True
    if row.age_from and _later(who.born_after, row.age_from) > who.at:
        return False
    return not (row.age_to and _later(who.born_before, row.age_to) <= who.at)


@lru_cache(maxsize=4096)
def _later(day: date, age: str) -> date:
    """Return the day on which somebody born on a day has an age."""
    match = AGE.fullmatch(age)
    assert match is not None  # noqa: S101 - tables are checked when they come in
    count, unit = int(match[1]), match[2]
    try:
        if unit == "d":
            return day + timedelta(days=count)
        months = day.month - 1 + (count if unit == "m" else count * MONTHS)
        year, month = day.year + months // MONTHS, months % MONTHS + 1
        return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
    except (OverflowError, ValueError):
        return date.max
