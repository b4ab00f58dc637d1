"""An ECG beside an earlier one of that person: which there are, and number next to number."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.web.display.campus import Mark
from gateway.web.display.compare import when
from gateway.web.display.ecg import Measured, title
from gateway.web.display.element import Resource, text
from gateway.web.display.reader import Reader
from gateway.web.display.report import statuses
from gateway.web.display.status import Status
from gateway.web.display.time import Moment, instant, moment
from gateway.web.display.value import Value

MOST: Final = 8


@dataclass(frozen=True, slots=True)
class Earlier:
    """Another ECG; `newer` says whether it was taken after the one that is shown."""

    id: str
    title: str
    at: Moment | None
    mark: Mark
    statuses: tuple[Status, ...]
    newer: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A number of the device, and the same of the earlier ECG."""

    name: str
    value: Value
    before: Value | None


def others(report: Resource, found: Iterable[Resource], reader: Reader) -> tuple[Earlier, ...]:
    """Return the other ECGs of the person, newest first; those without a time come last."""
    here = _taken(report, reader)
    rest = [one for one in found if text(one, "id") != text(report, "id")]
    rest.sort(key=lambda one: _taken(one, reader), reverse=True)
    return tuple(
        Earlier(
            text(one, "id"),
            title(reader.say, one),
            moment(reader.say, _written(one), reader.now),
            reader.mark_of(one),
            statuses(reader, one),
            _taken(one, reader) > here > 0,
        )
        for one in rest[:MOST]
    )


def previous(among: Sequence[Earlier], asked: str) -> Earlier | None:
    """Return the one that is asked for, else the newest that has a time and is not newer."""
    if asked:
        return next((one for one in among if one.id == asked), None)
    return next((one for one in among if one.at and not one.newer), None)


def rows(now: Sequence[Measured], before: Sequence[Measured]) -> tuple[Row, ...]:
    """Return the numbers of an ECG, each with that of the same name and unit."""
    known = {(one.name, one.value.unit): one.value for one in before}
    return tuple(Row(one.name, one.value, known.get((one.name, one.value.unit))) for one in now)


def _written(report: Resource) -> str:
    return when({**report, "issued": ""})


def _taken(report: Resource, reader: Reader) -> float:
    at = instant(_written(report), reader.now)
    return at.timestamp() if at else 0.0
