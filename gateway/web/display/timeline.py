"""The reports of a person, of all campuses, by day and newest first; undated ones last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.web.display import ecg
from gateway.web.display.campus import Mark
from gateway.web.display.compare import when
from gateway.web.display.element import Resource, part, target, text, words
from gateway.web.display.flag import SEVERITY, Flag, flags
from gateway.web.display.person import Record
from gateway.web.display.reader import Reader
from gateway.web.display.report import statuses, title
from gateway.web.display.status import Status
from gateway.web.display.time import Day, Moment, heading, moment
from gateway.web.display.value import Value, value
from gateway.web.sources import ReportEntry


@dataclass(frozen=True, slots=True)
class Critical:
    """A critical value, named on its report's row."""

    name: str
    value: Value
    flag: Flag


@dataclass(frozen=True, slots=True)
class Count:
    """How many results of a report bear flags of one state."""

    flag: Flag
    n: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A report's row. `time_is` says which time stands there: collected or issued.

    `path` is the address of its page, `said` what the device of an ECG said first.
    """

    path: str
    title: str
    at: Moment | None
    time_is: str
    mark: Mark
    record: Record | None
    statuses: tuple[Status, ...]
    criticals: tuple[Critical, ...]
    counts: tuple[Count, ...]
    results: int
    kind: str = "report"
    said: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """The reports of one day; of no day those that are not dated."""

    day: Day | None
    entries: tuple[Entry, ...]


def groups(
    entries: Sequence[ReportEntry],
    records: Mapping[str, Record],
    reader: Reader,
) -> tuple[Group, ...]:
    """Return the reports under their days; `records` are the person's by Patient id."""
    days: dict[str, tuple[Day | None, list[Entry]]] = {}
    for each in entries:
        day = heading(reader.say, when(each.report), reader.now)
        found = days.setdefault(day.iso if day else "", (day, []))
        found[1].append(entry(each, records, reader))
    undated = days.pop("", None)
    shown = [*days.values(), *([undated] if undated else [])]
    return tuple(Group(day, tuple(rows)) for day, rows in shown)


def entry(one: ReportEntry, records: Mapping[str, Record], reader: Reader) -> Entry:
    """Return the row of one report."""
    report = one.report
    taken = when({**report, "issued": ""})
    flagged = [
        (observation, found)
        for observation in one.observations
        if (found := flags(reader.say, observation))
    ]
    is_tracing = ecg.is_ecg(report)
    return Entry(
        path=f"/{'ecg' if is_tracing else 'reports'}/{text(report, 'id')}",
        title=ecg.title(reader.say, report) if is_tracing else title(reader, report),
        at=moment(reader.say, taken or text(report, "issued"), reader.now),
        time_is="collected" if taken else "issued",
        mark=reader.mark_of(report),
        record=records.get(target(part(report, "subject"))),
        statuses=statuses(reader, report),
        criticals=tuple(
            _critical(reader, *each) for each in flagged if each[1][0].state == "critical"
        ),
        counts=_counts(reader, [found[0] for _, found in flagged]),
        results=len(one.observations),
        kind="ecg" if is_tracing else "report",
        said=next(ecg.statements(one.observations), "") if is_tracing else "",
    )


def _critical(reader: Reader, observation: Resource, found: tuple[Flag, ...]) -> Critical:
    name = words(part(observation, "code")) or reader.say("项目名未提供")
    return Critical(name, value(reader.say, observation), found[0])


def _counts(reader: Reader, worst: Sequence[Flag]) -> tuple[Count, ...]:
    kinds = {
        "high": Flag(reader.say("高"), "↑", "high"),
        "low": Flag(reader.say("低"), "↓", "low"),
        "abnormal": Flag(reader.say("异常"), "◆", "abnormal"),
    }
    states = [flag.state for flag in worst]
    return tuple(
        Count(kinds[state], n)
        for state in SEVERITY
        if state in kinds and (n := states.count(state))
    )
