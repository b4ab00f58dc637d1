"""The dashboard: the four rates of recognition with their definitions, and critical values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from starlette.responses import Response, StreamingResponse

from gateway.recognition.statistics.facts import Period
from gateway.recognition.statistics.report import DIMENSIONS, RECEIVING, SOURCE, Query
from gateway.recognition.statistics.tables import headings, rows, to_csv, to_xlsx
from gateway.web.display.rates import (
    HEADINGS,
    NAMES,
    CriticalLine,
    Line,
    Rate,
    critical_lines,
    lines,
    rates,
    total,
)
from gateway.web.display.time import calendar_day
from gateway.web.site import HEADERS, Frame, Visit, frame, show
from gateway.web.speech import msg

MOST_DAYS = 1100
"""Three years and a bit, as the façade allows."""
MICROSECONDS = 1_000_000
BY = {
    "campus": msg("接诊院区"),
    "source": msg("来源院区"),
    "category": msg("类别"),
    "item": msg("项目"),
    "department": msg("科室"),
    "doctor": msg("医生"),
    "reason": msg("不互认原因"),
    "day": msg("日期"),
    "month": msg("月份"),
}
SIDES = {RECEIVING: msg("本院区互认他院"), SOURCE: msg("他院互认本院区")}
KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a filter."""

    value: str
    name: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class StatisticsPage:
    """The rates of a period, both days included; `wrong` says what of the period was not taken."""

    frame: Frame
    first: str
    last: str
    period: str
    by: tuple[Option, ...]
    sides: tuple[Option, ...]
    rates: tuple[Rate, ...]
    chosen: Rate
    heading: str
    headings: tuple[str, ...]
    lines: tuple[Line, ...]
    total: Line
    critical: tuple[CriticalLine, ...]
    query: str
    wrong: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked: days, the dimension, the side, the rate that the bars show."""

    first: date
    last: date
    by: str
    side: str
    rate: str
    wrong: str = ""


async def statistics(visit: Visit) -> Response:
    """Return the dashboard."""
    asked = _asked(visit)
    query = _query(visit, asked)
    found = await visit.acts.rates.recognition(visit.actor, query)
    critical = await visit.acts.rates.critical(visit.actor, query.period)
    shown = rates(found, asked.rate, visit.reader)
    days = f"{calendar_day(visit.say, asked.first)} - {calendar_day(visit.say, asked.last)}"
    page = StatisticsPage(
        frame=frame(visit, visit.say("统计"), f"/recognition/statistics?{_address(asked)}"),
        first=asked.first.isoformat(),
        last=asked.last.isoformat(),
        period=days,
        by=_options(visit, BY, asked.by),
        sides=_options(visit, SIDES, asked.side),
        rates=shown,
        chosen=next(one for one in shown if one.is_chosen),
        heading=visit.say(BY[asked.by]),
        headings=tuple(visit.say(one) for one in HEADINGS.values()),
        lines=lines(found, asked.rate, visit.reader),
        total=total(found, asked.rate, visit.reader),
        critical=critical_lines(critical, visit.reader),
        query=_address(asked),
        wrong=visit.say(asked.wrong) if asked.wrong else "",
    )
    return show(visit, "pages/statistics.html", page, 422 if asked.wrong else 200)


async def table(visit: Visit) -> Response:
    """Return the same figures as a file: `kind` is csv or xlsx."""
    asked = _asked(visit)
    found = await visit.acts.rates.recognition(visit.actor, _query(visit, asked))
    kind = "csv" if visit.request.path_params["kind"] == "csv" else "xlsx"
    heads = headings((asked.by,))
    named = f'attachment; filename="recognition-{asked.first}-{asked.last}.{kind}"'
    headers = HEADERS | {"Content-Disposition": named}
    if kind == "csv":
        pieces: Iterable[bytes] = to_csv(heads, rows(found))
        return StreamingResponse(pieces, headers=headers, media_type=KINDS[kind])
    return Response(to_xlsx("互认统计", heads, rows(found)), 200, headers, KINDS[kind])


def _asked(visit: Visit) -> Asked:
    given = visit.request.query_params
    today = visit.reader.now.date()
    first, last = _day(given, "from"), _day(given, "to")
    wrong = ""
    if date.max in {first, last}:
        wrong = msg("请按 2026-11-22 的格式填写日期")
    elif first and last and not timedelta() <= last - first <= timedelta(days=MOST_DAYS):
        wrong = msg("结束日期不能早于开始日期, 且最多三年")
    if wrong:
        first = last = None
    last = last or today
    by, side, rate = given.get("by", ""), given.get("side", RECEIVING), given.get("rate", "")
    # A campus sees its own figures: whose results it took, or who took its own.
    other = "campus" if side == SOURCE else "source"
    return Asked(
        first or min(last, today).replace(day=1),
        last,
        by if by in BY and by in DIMENSIONS else other,
        side if side in SIDES else RECEIVING,
        rate if rate in NAMES else "perReminder",
        wrong,
    )


def _day(given: Mapping[str, str], name: str) -> date | None:
    """Return a day, None where none is given, `date.max` for what is no day."""
    written = given.get(name, "")
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        return date.max


def _query(visit: Visit, asked: Asked) -> Query:
    zone = visit.reader.now.tzinfo
    ends = asked.first, asked.last + timedelta(days=1)
    start, end = (
        int(datetime.combine(day, time(), zone).timestamp()) * MICROSECONDS for day in ends
    )
    return Query(Period(start, end), (asked.by,), asked.side)


def _options(visit: Visit, names: Mapping[str, str], chosen: str) -> tuple[Option, ...]:
    return tuple(Option(value, visit.say(name), value == chosen) for value, name in names.items())


def _address(asked: Asked) -> str:
    return urlencode(
        {
            "from": asked.first.isoformat(),
            "to": asked.last.isoformat(),
            "by": asked.by,
            "side": asked.side,
        }
    )
