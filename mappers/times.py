"""Times as HL7 v2 and its senders write them, to FHIR dates and to the clock of facts.

HL7 v2.9 chapter 2A.3.22 (DTM); https://hl7.org/fhir/R4/datatypes.html#dateTime
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec

COMPACT = re.compile(
    r"(?P<year>\d{4})(?:(?P<month>\d\d)(?:(?P<day>\d\d)(?:(?P<hour>\d\d)(?:(?P<minute>\d\d)"
    r"(?:(?P<second>\d\d)(?:\.?(?P<fraction>\d{1,9}))?)?)?)?)?)?\.?"
    r"(?P<offset>Z|[+-]\d\d:?\d\d)?\Z",
    re.ASCII,
)
WRITTEN = re.compile(
    r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?:[ T]+(?P<hour>\d{1,2})"
    r":(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.(?P<fraction>\d{1,9}))?)?)?"
    r"(?P<offset>Z|[+-]\d\d:?\d\d)?\Z",
    re.ASCII,
)
"""What Chinese systems put into time fields: 2026-11-22 08:30:15."""


CLOCK_TIME = re.compile(r"([01]\d|2[0-3]):?([0-5]\d)(?::?([0-5]\d)(\.\d{1,9})?)?\Z", re.ASCII)


class Moment(msgspec.Struct, frozen=True):
    """A time as FHIR writes it and as the clock compares it."""

    text: str
    """FHIR dateTime, as precise as what was sent."""
    clock: str
    """UTC with microseconds; the beginning of what is not precise."""
    instant: bool
    """Whether it is precise enough for a FHIR instant."""
    assumed: bool
    """Whether its zone was taken from the source."""

    @property
    def date(self) -> str:
        """The day, month or year, as precise as what was sent."""
        return self.text[:10]


@lru_cache(maxsize=4096)  # one report says the same time thirty times
def moment(text: str, zone: str) -> Moment | None:
    """Return the time, None if there is no such time."""
    match = COMPACT.match(text) or WRITTEN.match(text)
    if match is None:
        return None
    found = match.groupdict()
    parts = [int(found[name]) for name in ("year", "month", "day") if found[name]]
    try:
        day = datetime(*[*parts, 1, 1][:3], tzinfo=ZoneInfo(zone))  # type: ignore[arg-type,misc]
        if found["minute"]:
            return _precise(day, found)
        # FHIR knows no hour without minutes: such a time is told by its day.
        start = day.replace(hour=int(found["hour"] or 0))
    except (ValueError, OverflowError):
        return None
    return Moment(_partial(parts), _clock(start), instant=False, assumed=bool(found["hour"]))


def _precise(day: datetime, found: dict[str, str | None]) -> Moment | None:
    offset = _offset(found["offset"])
    fraction = found["fraction"] or ""
    when = day.replace(
        hour=int(found["hour"] or 0),
        minute=int(found["minute"] or 0),
        second=int(found["second"] or 0),
        microsecond=int(fraction[:6].ljust(6, "0")),
        tzinfo=offset or day.tzinfo,
    )
    seconds = when.isoformat(timespec="seconds")
    text = seconds[:19] + (f".{fraction}" if fraction else "") + seconds[19:25]
    return Moment(text, _clock(when), instant=True, assumed=offset is None)


def _partial(parts: list[int]) -> str:
    return "-".join([f"{parts[0]:04d}", *(f"{part:02d}" for part in parts[1:])])


def _offset(text: str | None) -> timezone | None:
    if not text:
        return None
    if text == "Z":
        return UTC
    size = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    if size > timedelta(hours=14):
        raise ValueError
    return timezone(-size if text[0] == "-" else size)


def _clock(when: datetime) -> str:
    return when.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def later(clock: str) -> str:
    """Return the clock a day after another; it ends with the calendar."""
    try:
        return _clock(datetime.fromisoformat(clock) + timedelta(days=1))
    except OverflowError:
        return clock


def clock_time(text: str) -> str | None:
    """Return a FHIR time for a TM value, HHMM[SS[.s]], None if FHIR cannot say it: with a zone."""
    match = CLOCK_TIME.match(text)
    return f"{match[1]}:{match[2]}:{match[3] or '00'}{match[4] or ''}" if match else None
