"""A curve of one item and its table twin: plotted numbers and shown strings travel apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from gateway.web.display.campus import Mark
from gateway.web.display.compare import when
from gateway.web.display.element import part, text, words
from gateway.web.display.flag import Flag, flags
from gateway.web.display.interval import Bounds, bounds, intervals
from gateway.web.display.reader import Reader
from gateway.web.display.report import statuses
from gateway.web.display.status import Status
from gateway.web.display.time import Moment, instant, moment
from gateway.web.display.unit import unit
from gateway.web.display.value import Value, decimal, number, value
from gateway.web.sources import Measurement

# Beyond this many, marks cannot be told apart: the table alone is right.
CAMPUSES = 5
LOG_SPAN = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table twin."""

    at: Moment | None
    value: Value
    flags: tuple[Flag, ...]
    statuses: tuple[Status, ...]
    intervals: tuple[str, ...]
    mark: Mark
    place: str


@dataclass(frozen=True, slots=True)
class Trend:
    """The figure of one item, newest first in the table; `curve` is {} where none can be drawn.

    `glyphs` numbers the marks of the curve by campus mark, in order of appearance.
    """

    id: str
    name: str
    unit: str
    lines: tuple[Line, ...]
    curve: Mapping[str, Any]
    glyphs: Mapping[str, int]


def trend(of: Measurement, before: Sequence[Measurement], reader: Reader) -> Trend:
    """Return the figure of a result and the comparable ones before it."""
    series = (of, *before)
    own = text(of.observation, "id")
    lines = tuple(_line(one, own, reader) for one in series)
    drawn = _points(series, lines, reader.now)
    curve = _curve(drawn) if _is_drawable(drawn) else {}
    return Trend(
        id=own,
        name=words(part(of.observation, "code")) or reader.say("项目名未提供"),
        unit=unit(part(of.observation, "valueQuantity")),
        lines=lines,
        curve=curve,
        glyphs={mark: number for number, mark in enumerate(curve.get("campuses", ()))},
    )


def _line(one: Measurement, own: str, reader: Reader) -> Line:
    observation = one.observation
    return Line(
        at=moment(reader.say, when(observation), reader.now),
        value=value(reader.say, observation),
        flags=flags(reader.say, observation),
        statuses=statuses(reader, observation),
        intervals=intervals(observation),
        mark=reader.mark_of(observation),
        place="this" if text(observation, "id") == own else "before",
    )


def _points(
    series: Sequence[Measurement], lines: Sequence[Line], now: datetime
) -> list[dict[str, Any]]:
    """Return what is drawn, oldest first, one point a time: x is unique for the plot."""
    points: dict[float, dict[str, Any]] = {}
    for one, line in reversed(list(zip(series, lines, strict=True))):
        at = instant(when(one.observation), now)
        if at is None:
            continue
        if known := points.get(at.timestamp()):
            known["times"] += 1
            continue
        points[at.timestamp()] = _point(one, line, at)
    return [points[at] for at in sorted(points)]


def _point(one: Measurement, line: Line, at: datetime) -> dict[str, Any]:
    observation = one.observation
    measured = number(observation)
    bound = (
        part(observation, "valueQuantity")
        if text(part(observation, "valueQuantity"), "comparator")
        else {}
    )
    limits = bounds(observation) or Bounds(None, None)
    return {
        "t": at.timestamp(),
        "y": _float(measured if measured is not None else decimal(bound.get("value"))),
        "kind": "bound" if bound else "gap" if measured is None else "point",
        "text": " ".join(filter(None, (line.value.text, line.value.unit))),
        "flag": " ".join(f"{flag.sign} {flag.word}".strip() for flag in line.flags),
        "state": line.flags[0].state if line.flags else "",
        "at": line.at.text if line.at else "",
        "mark": line.mark.text,
        "low": _float(limits.low),
        "high": _float(limits.high),
        "times": 1,
    }


def _is_drawable(points: Sequence[Mapping[str, Any]]) -> bool:
    numbers = [point for point in points if point["kind"] == "point"]
    return len(numbers) > 1 and len({point["mark"] for point in points}) <= CAMPUSES


def _curve(points: Sequence[dict[str, Any]]) -> dict[str, Any]:
    numbers = [point["y"] for point in points if point["y"] is not None]
    spans = min(numbers) > 0 and max(numbers) / min(numbers) > LOG_SPAN
    return {
        "points": points,
        "campuses": list(dict.fromkeys(point["mark"] for point in points)),
        "scale": "log" if spans else "linear",
    }


def _float(exact: Decimal | None) -> float | None:
    return None if exact is None else float(exact)
