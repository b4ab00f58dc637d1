"""Critical values that wait for an answer: what, whose, until when, who was told.

reference: recognition.md §6; the Task is made in gateway/workflow/critical/task.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.interactions.keys import organization_id
from gateway.web.acts import Alarm
from gateway.web.display.campus import Mark
from gateway.web.display.compare import when
from gateway.web.display.element import (
    EMPTY,
    Resource,
    codings,
    extension,
    part,
    parts,
    target,
    text,
    words,
)
from gateway.web.display.flag import Flag, flags
from gateway.web.display.person import Person, person
from gateway.web.display.reader import Reader
from gateway.web.display.time import Moment, instant, moment
from gateway.web.display.value import Value, value
from gateway.web.speech import Speech, msg
from gateway.workflow.critical.reading import has_number
from gateway.workflow.critical.task import DIRECTIONS, OPEN, kind_of
from mappers.names import CRITICAL, CRITICAL_RULE, EXT_ATTEMPT

HOUR = 3600
MINUTE = 60
TOLD = {
    "doctor": msg("开单医生"),
    "ward": msg("病区值班"),
    "head": msg("科主任"),
    "medical-affairs": msg("医务科"),
}
ATTEMPTS = {
    "notify": msg("已通知 {to}"),
    "escalate": msg("已上报 {to}"),
    "call": msg("已电话通知 {to}"),
    "wrong-read-back": msg("回读有误"),
    "disposition": msg("已催处理意见 {to}"),
}
FLAGS = {
    "high": Flag(msg("危急高"), "↑↑", "critical"),
    "low": Flag(msg("危急低"), "↓↓", "critical"),
    "": Flag(msg("危急"), "◆◆", "critical"),
}
ANSWERS = {
    "read-back": msg("回读"),
    "actor": msg("确认人"),
    "time": msg("确认时间"),
    "disposition": msg("处理意见"),
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """Who was told, or tried to be, and when; `by` is the person who did it, "" for us."""

    text: str
    at: Moment | None
    by: str
    count: int


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the values; `time_is` says which time stands there: collected or issued."""

    name: str
    value: Value
    flag: Flag
    at: Moment | None
    time_is: str = "issued"


@dataclass(frozen=True, slots=True)
class Danger:
    """A critical value to draw. `state`: overdue, waiting, answered (disposition missing), closed.

    `newest` stands first in sight, `earlier` are those before it; `seen` names what an answer is
    given to. `is_ours` tells whether the reader's campus may close it.
    """

    id: str
    state: str
    clock: str
    newest: Figure
    earlier: tuple[Figure, ...]
    is_number: bool
    rule: str
    caution: str
    mark: Mark
    treating: Mark
    is_ours: bool
    person: Person | None
    report: str
    deadline: Moment | None
    attempts: tuple[Attempt, ...]
    answers: tuple[tuple[str, str], ...]
    seen: str

    @property
    def path(self) -> str:
        """The address of its page."""
        return f"/critical/{self.id}"

    @property
    def told(self) -> Attempt | None:
        """The last attempt."""
        return self.attempts[-1] if self.attempts else None


def danger(alarm: Alarm, reader: Reader) -> Danger:
    """Return a critical value as a reader sees it."""
    task = alarm.task
    values = tuple(_figures(alarm, reader)) or (_untold(task, reader),)
    due = text(part(part(task, "restriction"), "period"), "end")
    treating = _campus(part(task, "owner"), reader)
    state = _state(task, due, reader.now)
    return Danger(
        id=text(task, "id"),
        state=state,
        clock=clock(reader.say, state, due, reader.now),
        newest=values[-1],
        earlier=values[:-1],
        is_number=has_number(dict(task)),
        rule=_rule(alarm, reader),
        caution=reader.say("标本或有溶血, 请核对") if "溶血" in text(task, "description") else "",
        mark=_performer(alarm, reader),
        treating=treating,
        is_ours=treating.code == reader.own,
        person=person(alarm.human.patients, reader) if alarm.human else None,
        report=f"/reports/{alarm.report}" if alarm.report else "",
        deadline=moment(reader.say, due, reader.now),
        attempts=tuple(_attempts(task, reader)),
        answers=tuple(_answers(task, reader)),
        seen=seen(task),
    )


def seen(task: Resource) -> str:
    """Return what an answer is given to: the newest value with its version, how it stands."""
    newest = [one for one in parts(task, "input") if kind_of(dict(one)) in DIRECTED]
    last = part(newest[-1], "valueReference") if newest else part(task, "reasonReference")
    state = next((code for _, code in codings(part(task, "businessStatus"))), "")
    return f"{text(last, 'reference')} {state}"


DIRECTED = {"value", "correction", "carried", "moved", "withdrawn"}


def clock(say: Speech, state: str, due: str, now: datetime) -> str:
    """Return how long there is, or for how long nobody has answered."""
    if state == "closed":
        return say("已关闭")
    if state == "answered":
        return say("已确认, 待处理意见")
    at = instant(due, now)
    if at is None:
        return say("期限未定")
    length = span(say, abs(now - at))
    return say("超时{time}", time=length) if state == "overdue" else say("还有{time}", time=length)


def span(say: Speech, length: timedelta) -> str:
    """Return a length of time: seconds, minutes, hours with minutes, days from two on."""
    seconds = int(length.total_seconds())
    if seconds >= 48 * HOUR:
        return say("{n}天", n=seconds // (24 * HOUR))
    if seconds < MINUTE:
        return say("{n}秒", n=seconds)
    hours, minutes = seconds // HOUR, seconds % HOUR // MINUTE
    return say("{h}小时{m}分", h=hours, m=minutes) if hours else say("{m}分", m=minutes)


def _state(task: Resource, due: str, now: datetime) -> str:
    if text(task, "status") not in OPEN:
        return "closed"
    if text(task, "status") == "accepted":
        return "answered"
    at = instant(due, now)
    return "overdue" if at is not None and at < now else "waiting"


def _figures(alarm: Alarm, reader: Reader) -> Iterator[Figure]:
    told = _told(alarm.task)
    for result in alarm.results:
        name = words(part(result, "code")) or reader.say("项目名未提供")
        shown = value(reader.say, result)
        if text(result, "resourceType") == "DiagnosticReport":
            shown = Value(_concluded(result, reader), "", "text")
        elif shown.kind == "text" and "component" in result:
            # One of its parts is critical: the Task says which, and by how much.
            said = told.get(f"Observation/{text(result, 'id')}", "")
            name = text(part(alarm.task, "reasonCode"), "text") or name
            shown = Value(said or shown.text, "", "text")
        which = "issued" if text(result, "issued") else "collected"
        at = moment(reader.say, text(result, "issued") or when(result), reader.now)
        yield Figure(name, shown, _flag(alarm.task, result, reader), at, which)


def _told(task: Resource) -> dict[str, str]:
    """Return what the Task says of its values, by `Type/id`, the newest of each."""
    references = [part(task, "reasonReference")]
    references += [part(one, "valueReference") for one in parts(task, "input")]
    names = (text(one, "reference").partition("/_history/")[0] for one in references)
    return dict(zip(names, (text(one, "display") for one in references), strict=True))


def _concluded(report: Resource, reader: Reader) -> str:
    coded = "; ".join(words(one) for one in parts(report, "conclusionCode"))
    return coded or text(report, "conclusion") or reader.say("见报告")


def _untold(task: Resource, reader: Reader) -> Figure:
    """Return what the Task itself says, where its result is not to be seen."""
    name = text(part(task, "reasonCode"), "text") or reader.say("项目名未提供")
    said = text(part(task, "focus"), "display") or reader.say("未提供")
    return Figure(name, Value(said, "", "text"), _flag(task, EMPTY, reader), None)


def _flag(task: Resource, result: Resource, reader: Reader) -> Flag:
    """Return the sender's own flag, else which side of a table's limit the Task names."""
    sent = flags(reader.say, result) if result else ()
    if sent and sent[0].state == "critical":
        return sent[0]
    said = text(task, "description")
    side = next((side for side, word in DIRECTIONS.items() if side and word in said), "")
    found = FLAGS[side]
    return Flag(reader.say(found.word), found.sign, found.state)


def _rule(alarm: Alarm, reader: Reader) -> str:
    """Return by what it is critical: the flag that was sent, or a table (the first value's)."""
    sent = flags(reader.say, alarm.results[-1]) if alarm.results else ()
    code = dict(codings(part(alarm.task, "reasonCode"))).get(CRITICAL_RULE, "")
    if sent and sent[0].state == "critical":
        return reader.say("检验科标记")
    if len(alarm.results) > 1:
        return reader.say("按危急值表")
    if code in {"", "flag"}:
        return reader.say("检验科标记")
    table = code.partition("/")[0]
    if table == "county":
        return reader.say("按县级危急值表")
    return reader.say("按{campus}危急值表", campus=reader.mark(table).text)


def _campus(reference: Resource, reader: Reader) -> Mark:
    """Return the chip of the campus whose Organization is named."""
    known = {organization_id(code): code for code in reader.campuses}
    return reader.mark(known.get(target(reference), ""))


def _performer(alarm: Alarm, reader: Reader) -> Mark:
    if alarm.results:
        return reader.mark_of(alarm.results[-1])
    return _campus(part(alarm.task, "requester"), reader)


def _attempts(task: Resource, reader: Reader) -> Iterator[Attempt]:
    for note in parts(task, "note"):
        told = extension(note, EXT_ATTEMPT)
        if not told:
            continue
        said = {text(one, "url"): one for one in parts(told, "extension")}
        kind = text(said.get("kind", EMPTY), "valueCode")
        to = text(said.get("to", EMPTY), "valueString")
        to = reader.say(TOLD[to]) if to in TOLD else to
        pattern = ATTEMPTS.get(kind, "{to}")
        by = text(note, "authorString")
        if kind == "call":
            # The campus that told somebody; whom, it wrote.
            to = text(note, "text").strip("-")
        count = said.get("count", EMPTY).get("valueInteger")
        yield Attempt(
            (reader.say(pattern, to=to) if "{to}" in pattern else reader.say(pattern)).strip(),
            moment(reader.say, text(note, "time"), reader.now),
            "" if by == "Hutong" else by,
            int(str(count)) if isinstance(count, int) else 1,
        )


def _answers(task: Resource, reader: Reader) -> Iterator[tuple[str, str]]:
    for one in parts(task, "output"):
        kind = next((code for system, code in codings(part(one, "type")) if system == CRITICAL), "")
        if kind not in ANSWERS:
            continue
        at = moment(reader.say, text(one, "valueDateTime"), reader.now)
        said = at.text if at else text(one, "valueString")
        yield reader.say(ANSWERS[kind]), said
