"""FHIR dates as intervals of 100 ns ticks since 1970-01-01T00:00Z, the end exclusive.

https://hl7.org/fhir/R4/search.html#date and https://hl7.org/fhir/R4/datatypes.html#dateTime
"""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

SECOND: Final = 10_000_000
MINUTE: Final = 60 * SECOND
DAY: Final = 24 * 60 * MINUTE
# Beyond every date that FHIR can write, and within 64 bits.
MIN_TICK: Final = -(1 << 62)
MAX_TICK: Final = 1 << 62

PREFIXES: Final = frozenset({"eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"})

_EPOCH = date(1970, 1, 1).toordinal()
_EPOCH_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SYNTAX = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)"
    r"(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?)?)?",
    re.ASCII,
)
_HOURS, _MINUTES, _LEAP_SECOND, _FARTHEST_OFFSET, _DECEMBER = 23, 59, 60, 14 * 60, 12
_FRACTION = re.compile(r"\.(\d+)", re.ASCII)
_TICK_DIGITS = 7


def interval(text: str, zone: ZoneInfo) -> tuple[int, int]:
    """Return the ticks that a date, dateTime or instant covers; without an offset it is in `zone`.

    The end lies one unit of the written precision later; a fraction of a second is one tick,
    however many digits it has. Raises ValueError, without the value, for anything else.
    """
    found = _SYNTAX.fullmatch(text)
    if found is None:
        raise ValueError("not a FHIR date")
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    if hour is None:
        return _days(year, month, day, zone)
    low = (date(int(year), int(month), int(day)).toordinal() - _EPOCH) * DAY
    low += _clock(hour, minute, second) - (
        _offset(offset) if offset else _offset_at(low + _clock(hour, minute, second), zone)
    )
    if second is None:
        return low, low + MINUTE
    if fraction is None:
        return low, low + SECOND
    low += int(fraction[:_TICK_DIGITS].ljust(_TICK_DIGITS, "0"))
    return low, low + 1


def _days(year: str, month: str | None, day: str | None, zone: ZoneInfo) -> tuple[int, int]:
    """Return the ticks of a whole year, month or day."""
    first = date(int(year), int(month or 1), int(day or 1)).toordinal()
    if day is not None:
        after = first + 1
    elif month is None or int(month) == _DECEMBER:
        # Counted in days, since the year after 9999 has no date.
        after = date(int(year), _DECEMBER, 31).toordinal() + 1
    else:
        after = date(int(year), int(month) + 1, 1).toordinal()
    low, high = (first - _EPOCH) * DAY, (after - _EPOCH) * DAY
    return low - _offset_at(low, zone), high - _offset_at(high, zone)


def _clock(hour: str, minute: str, second: str | None) -> int:
    hours, minutes, seconds = int(hour), int(minute), int(second or 0)
    # A leap second is the first second of the next minute, as POSIX counts it.
    if hours > _HOURS or minutes > _MINUTES or seconds > _LEAP_SECOND:
        raise ValueError("not a time of day")
    return (hours * 60 + minutes) * MINUTE + seconds * SECOND


def _offset(text: str) -> int:
    if text == "Z":
        return 0
    hours, minutes = int(text[1:3]), int(text[4:])
    if minutes > _MINUTES or hours * 60 + minutes > _FARTHEST_OFFSET:
        raise ValueError("not an offset")
    ticks = (hours * 60 + minutes) * MINUTE
    return -ticks if text[0] == "-" else ticks


def _offset_at(local: int, zone: ZoneInfo) -> int:
    """Return the zone's offset at a local time; the earlier reading where clocks went back."""
    days, ticks = divmod(local, DAY)
    # At the ends of the calendar the neighbouring day has the same offset.
    day = date.fromordinal(min(max(days + _EPOCH, 1), date.max.toordinal()))
    wall = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(seconds=ticks // SECOND)
    offset = wall.utcoffset() or timedelta()
    return offset // _MICROSECOND * 10


def iso(us: int) -> str:
    """Return the FHIR instant, in UTC, of a number of microseconds since 1970."""
    moment = _EPOCH_TIME + timedelta(microseconds=us)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond:06d}Z"


def plussed(text: str) -> str:
    """Return a time of a query: a plus sign that the caller did not escape arrives as a space."""
    head, space, offset = text.rpartition(" ")
    return f"{head}+{offset}" if space else text


def parse_search(value: str, zone: ZoneInfo) -> tuple[str, int, int]:
    """Return prefix, low and high of a date search value; raises ValueError for a bad one."""
    prefix, text = (value[:2], value[2:]) if value[:2] in PREFIXES else ("eq", value)
    text = plussed(text)
    low, high = interval(text, zone)
    if fraction := _FRACTION.search(text):
        # What is asked covers all that its last digit leaves open; what is stored is a moment, so
        # that it is found however many digits it is asked with.
        high = low + 10 ** max(_TICK_DIGITS - len(fraction[1]), 0)
    return prefix, low, high


def approximate(low: int, high: int, now: int) -> tuple[int, int]:
    """Return the range widened by a tenth of its distance from now, for the prefix `ap`."""
    margin = max(abs(now - low), abs(now - high)) // 10
    return low - margin, high + margin


def matches(prefix: str, search: tuple[int, int], low: int, high: int) -> bool:
    """Return whether a value covering low to high answers a search with this prefix and range.

    https://hl7.org/fhir/R4/search.html#prefix: equality is containment, greater and less are
    overlap with what lies beyond the search value.
    """
    first, after = search
    contained = first <= low and high <= after
    return {
        "eq": contained,
        "ne": not contained,
        "gt": high > after,
        "lt": low < first,
        "ge": high > after or contained,
        "le": low < first or contained,
        "sa": low >= after,
        "eb": high <= first,
        "ap": low < after and high > first,
    }[prefix]
