"""A lab report: its head, and a row for each result, in the laboratory's order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from gateway.web.acts import Standings
from gateway.web.display.campus import Mark
from gateway.web.display.compare import Past, Previous, earlier, previous, when
from gateway.web.display.element import Resource, part, parts, text, words
from gateway.web.display.flag import Flag, flags
from gateway.web.display.interval import intervals
from gateway.web.display.reader import Reader
from gateway.web.display.recognition import Mutual, mutual, name_of
from gateway.web.display.specimen import specimen_word
from gateway.web.display.status import Status, status, tags
from gateway.web.display.time import Moment, moment
from gateway.web.display.value import Value, number, value
from gateway.web.sources import Measurement, WholeReport
from mappers.names import EXT_R5_REPORT_NOTE

MARKED = {"corrected", "amended", "cancelled", "entered-in-error"}
ABNORMAL = {"critical", "high", "low", "abnormal"}
# The place where results pass from a table to one that needs a list of contents.
LONG = 40
GROUP = 50


@dataclass(frozen=True, slots=True)
class Replaced:
    """What stood here before a correction, and when it was corrected."""

    value: Value
    at: Moment | None


@dataclass(frozen=True, slots=True)
class Row:
    """One result. `state` is that of its worst flag, "" without one."""

    id: str
    name: str
    value: Value
    flags: tuple[Flag, ...]
    statuses: tuple[Status, ...]
    intervals: tuple[str, ...]
    previous: Previous | None
    replaced: Replaced | None
    notes: tuple[str, ...]
    has_curve: bool
    mutual: Mutual | None = None

    @property
    def state(self) -> str:
        """The state of the worst flag."""
        return self.flags[0].state if self.flags else ""


@dataclass(frozen=True, slots=True)
class Head:
    """What is said above the table; each absent part reads as not provided."""

    id: str
    title: str
    mark: Mark
    laboratory: str
    statuses: tuple[Status, ...]
    collected: Moment | None
    received: Moment | None
    issued: Moment | None
    specimen: str
    requester: str
    requester_mark: Mark | None
    operator: str
    reviewer: str
    version: str
    updated: Moment | None
    conclusion: str
    notes: tuple[str, ...]
    attachments: int


def head(whole: WholeReport, reader: Reader) -> Head:
    """Return the head of a report."""
    report = whole.report
    specimens = _specimens(whole.measurements)
    meta = part(report, "meta")
    order = whole.orders[0] if whole.orders else None
    collection = (text(part(one, "collection"), "collectedDateTime") for one in specimens)
    performers = [*parts(report, "performer"), *_performers(whole.measurements)]
    return Head(
        id=text(report, "id"),
        title=title(reader, report),
        mark=reader.mark_of(report),
        laboratory=people(_of_kind(performers, "Organization")),
        statuses=statuses(reader, report),
        collected=moment(reader.say, _first(collection) or _taken(report), reader.now),
        received=moment(
            reader.say, _first(text(one, "receivedTime") for one in specimens), reader.now
        ),
        issued=moment(reader.say, text(report, "issued"), reader.now),
        specimen=_specimen_words(reader, specimens),
        requester=people([part(order, "requester")]) if order else "",
        requester_mark=reader.mark_of(order) if order else None,
        operator=people(_of_kind(performers, "Practitioner", "PractitionerRole", "")),
        reviewer=people(list(parts(report, "resultsInterpreter"))),
        version=text(meta, "versionId"),
        updated=moment(reader.say, text(meta, "lastUpdated"), reader.now),
        conclusion=text(report, "conclusion"),
        notes=_notes(report),
        attachments=len(list(parts(report, "presentedForm"))),
    )


def rows(
    whole: WholeReport, history: Past, standings: Standings, reader: Reader
) -> tuple[Row, ...]:
    """Return a row for each result of a report, with how it stands for recognition."""
    found = []
    for one in whole.measurements:
        known = standings.by_name.get(name_of(one.observation))
        made = row(one, whole, earlier(one, history), reader)
        found.append(replace(made, mutual=mutual(known, reader) if known else None))
    return tuple(found)


def row(
    one: Measurement,
    whole: WholeReport,
    before: Sequence[Measurement],
    reader: Reader,
) -> Row:
    """Return the row of one result."""
    observation = one.observation
    return Row(
        id=text(observation, "id"),
        name=words(part(observation, "code")) or reader.say("项目名未提供"),
        value=value(reader.say, observation),
        flags=flags(reader.say, observation),
        statuses=_differing(reader, observation, whole.report),
        intervals=intervals(observation),
        previous=previous(one, before, reader),
        replaced=_replaced(observation, whole, reader),
        notes=tuple(filter(None, (text(note, "text") for note in parts(observation, "note")))),
        has_curve=_numbers((one, *before)) > 1,
    )


def statuses(reader: Reader, resource: Resource) -> tuple[Status, ...]:
    """Return what status and tags of a report or a value say."""
    said = status(reader.say, text(resource, "status"))
    return (*((said,) if said else ()), *tags(reader.say, resource))


def _differing(reader: Reader, observation: Resource, report: Resource) -> tuple[Status, ...]:
    """Return what a value's status adds to the report's: what befell this value in any case."""
    said = statuses(reader, observation)
    if text(observation, "status") in MARKED:
        return said
    known = statuses(reader, report)
    return tuple(one for one in said if one not in known)


def _notes(report: Resource) -> tuple[str, ...]:
    notes = (one for one in parts(report, "extension") if one.get("url") == EXT_R5_REPORT_NOTE)
    said = (text(part(one, "valueAnnotation"), "text") for one in notes)
    return tuple(one for one in said if one)


def _numbers(of: Sequence[Measurement]) -> int:
    return sum(number(one.observation) is not None for one in of)


def title(reader: Reader, report: Resource) -> str:
    """Return what a report is called."""
    return words(part(report, "code")) or reader.say("检验报告")


def people(references: Sequence[Resource]) -> str:
    """Return the names that references give, each once."""
    return ", ".join(dict.fromkeys(filter(None, (text(one, "display") for one in references))))


def most_urgent(of: Sequence[Row]) -> Row | None:
    """Return the row whose curve is worth seeing first."""
    drawn = [one for one in of if one.has_curve]
    order = ("critical", "high", "low", "abnormal", "plain", "")
    return min(drawn, key=lambda one: order.index(one.state), default=None)


def _replaced(observation: Resource, whole: WholeReport, reader: Reader) -> Replaced | None:
    old = whole.replaced.get(text(observation, "id"))
    if old is None:
        return None
    return Replaced(
        value(reader.say, old),
        moment(reader.say, text(part(observation, "meta"), "lastUpdated"), reader.now),
    )


def _taken(report: Resource) -> str:
    dated = {**report, "issued": ""}
    return when(dated)


def _specimen_words(reader: Reader, specimens: Sequence[Resource]) -> str:
    said = (specimen_word(reader.say, one) for one in specimens)
    return "; ".join(dict.fromkeys(one for one in said if one))


def _specimens(measurements: Sequence[Measurement]) -> list[Resource]:
    known = {text(one.specimen, "id"): one.specimen for one in measurements if one.specimen}
    return list(known.values())


def _performers(measurements: Sequence[Measurement]) -> list[Resource]:
    return [one for each in measurements for one in parts(each.observation, "performer")]


def _of_kind(references: Sequence[Resource], *kinds: str) -> list[Resource]:
    return [one for one in references if _kind(one) in kinds]


def _kind(reference: Resource) -> str:
    written = text(reference, "reference")
    return text(reference, "type") or (written.split("/")[-2] if "/" in written else "")


def _first(of: Iterable[str]) -> str:
    return next((one for one in of if one), "")
