"""A person's reports and studies, of all campuses, by day and newest first; undated ones last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.web.acts import Standings
from gateway.web.display import ecg, study
from gateway.web.display.campus import Mark
from gateway.web.display.compare import when
from gateway.web.display.element import Resource, part, target, text, words
from gateway.web.display.flag import SEVERITY, Flag, flags
from gateway.web.display.person import Record
from gateway.web.display.reader import Reader
from gateway.web.display.recognition import Mutual, of_report
from gateway.web.display.report import statuses, title
from gateway.web.display.status import Status
from gateway.web.display.time import Day, Moment, heading, instant, moment
from gateway.web.display.value import Value, value
from gateway.web.sources import ReportEntry, ReportsPage


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
    """A row. `time_is` says which time stands there: collected or issued.

    `path` is the address of its page, `said` what the device of an ECG said first,
    or the modalities of a study.
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
    mutual: Mutual | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """The reports of one day; of no day those that are not dated."""

    day: Day | None
    entries: tuple[Entry, ...]


def groups(
    found: ReportsPage,
    records: Mapping[str, Record],
    standings: Standings,
    reader: Reader,
) -> tuple[Group, ...]:
    """Return reports and studies under their days; `records` are the person's by Patient id."""
    rows = [(when(one.report), entry(one, records, reader)) for one in found.entries]
    rows += [(text(one, "started"), study_entry(one, records, reader)) for one in found.studies]
    sources = [(one.report, one.observations) for one in found.entries]
    sources += [(one, ()) for one in found.studies]
    rows = [
        (at, replace(row, mutual=of_report(standings, *source, reader)))
        for (at, row), source in zip(rows, sources, strict=True)
    ]
    if found.studies:
        rows.sort(key=lambda row: _latest(row[0], reader), reverse=True)
    days: dict[str, tuple[Day | None, list[Entry]]] = {}
    for at, each in rows:
        day = heading(reader.say, at, reader.now)
        days.setdefault(day.iso if day else "", (day, []))[1].append(each)
    undated = days.pop("", None)
    shown = [*days.values(), *([undated] if undated else [])]
    return tuple(Group(day, tuple(each)) for day, each in shown)


def _latest(written: str, reader: Reader) -> float:
    at = instant(written, reader.now)
    return at.timestamp() if at else 0.0


def study_entry(one: Resource, records: Mapping[str, Record], reader: Reader) -> Entry:
    """Return the row of one study: what was done, and how many images there are."""
    return Entry(
        path=f"/studies/{study.uid_of(one)}",
        title=study.title(reader.say, one),
        at=moment(reader.say, text(one, "started"), reader.now),
        time_is="collected",
        mark=reader.mark_of(one),
        record=records.get(target(part(one, "subject"))),
        statuses=study.statuses(reader.say, one),
        criticals=(),
        counts=(),
        results=study.count(one),
        kind="study",
        said=study.modalities(one),
    )


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
