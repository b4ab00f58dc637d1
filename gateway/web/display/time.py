"""Times of results: the whole date always, today and yesterday only before it.

A FHIR dateTime may be as short as its year. https://hl7.org/fhir/R4/datatypes.html#dateTime
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from gateway.web.speech import Speech, msg

WEEKDAYS = (
    msg("周一"),
    msg("周二"),
    msg("周三"),
    msg("周四"),
    msg("周五"),
    msg("周六"),
    msg("周日"),
)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
YEAR, MONTH, DAY = len("2026"), len("2026-11"), len("2026-11-22")


@dataclass(frozen=True, slots=True)
class Moment:
    """A time to draw: the whole text, its day and clock apart, and the machine's form."""

    text: str
    day: str
    clock: str
    iso: str


@dataclass(frozen=True, slots=True)
class Day:
    """The heading of one day."""

    text: str
    relative: str
    weekday: str
    iso: str


def moment(say: Speech, written: str, now: datetime) -> Moment | None:
    """Return a FHIR dateTime in the zone of `now`, as precise as it is."""
    if not written:
        return None
    if len(written) <= DAY:
        day = _partial(say, written)
        return Moment(day, day, "", written)
    at = _read(written).astimezone(now.tzinfo)
    day, clock = calendar_day(say, at.date()), f"{at:%H:%M}"
    return Moment(date_and_clock(say, at), day, clock, at.isoformat())


def instant(written: str, now: datetime) -> datetime | None:
    """Return the first instant of a FHIR dateTime; None where there is none."""
    if not written:
        return None
    whole = written + {YEAR: "-01-01", MONTH: "-01"}.get(len(written), "")
    at = _read(whole)
    return at if at.tzinfo else at.replace(tzinfo=now.tzinfo)


def date_and_clock(say: Speech, at: datetime) -> str:
    """Return a time of day with its whole date."""
    return f"{calendar_day(say, at.date())} {at:%H:%M}"


def calendar_day(say: Speech, day: date) -> str:
    """Return a date as the language writes it, never as the browser's settings would."""
    if say.language == "en":
        return f"{day.day}-{MONTHS[day.month - 1]}-{day.year}"
    return day.isoformat()


def brief(say: Speech, written: str, now: datetime) -> str:
    """Return the day alone, without the year where it is this one."""
    at = instant(written, now)
    if at is None:
        return ""
    day = at.astimezone(now.tzinfo).date()
    if len(written) < DAY or day.year != now.year:
        return _partial(say, written) if len(written) < DAY else calendar_day(say, day)
    return f"{day.day}-{MONTHS[day.month - 1]}" if say.language == "en" else f"{day:%m-%d}"


def heading(say: Speech, written: str, now: datetime) -> Day | None:
    """Return the day that a dated thing stands under; None for one without a whole date."""
    at = instant(written, now)
    if at is None or len(written) < DAY:
        return None
    day = at.astimezone(now.tzinfo).date()
    today = now.date()
    relative = {today: say("今天"), today - timedelta(days=1): say("昨天")}.get(day, "")
    return Day(calendar_day(say, day), relative, say(WEEKDAYS[day.weekday()]), day.isoformat())


def _read(written: str) -> datetime:
    # A leap second is FHIR's to have and not Python's: it is drawn as the second before.
    return datetime.fromisoformat(written.replace(":60", ":59", 1) if ":60" in written else written)


def _partial(say: Speech, written: str) -> str:
    if say.language != "en":
        return written
    numbers = [int(number) for number in written.split("-")]
    named = [str(numbers[0]), *(MONTHS[month - 1] for month in numbers[1:2])]
    return "-".join([*(str(day) for day in numbers[2:]), *reversed(named)])
