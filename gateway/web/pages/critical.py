"""Critical values: the list of those that wait, and the form that answers one by read-back."""

import uuid
from contextlib import suppress
from dataclasses import dataclass, replace

from starlette.responses import JSONResponse, Response

from gateway.errors import ForbiddenError
from gateway.web.acts import Alarm, ReadBack, RefusedError
from gateway.web.display.critical import Danger, danger
from gateway.web.display.person import Person, same_names
from gateway.web.site import HEADERS, Frame, Visit, form, frame, see_other, show
from gateway.web.speech import msg

LONGEST = 2_000
STATUS = {"first": 412, "newer": 412, "wrong": 422, "empty": 422, "disposition": 422, "whom": 422}
MESSAGES = {
    "empty": msg("请输入回读结果"),
    "wrong": msg("回读 {typed} 与结果 {stored} {unit} 不符, 请核对后重新回读"),
    "newer": msg("填写期间来了新的结果 {stored} {unit}, 请回读新的结果"),
    "first": msg("已有人先确认, 您的回读没有记录"),
    "disposition": msg("请填写处理意见"),
    "whom": msg("请填写通知了谁"),
}
TWIN = "/fhir/Task?code=urn:hutong:cs:task|critical-ack"


@dataclass(frozen=True, slots=True)
class CriticalsPage:
    """What is open, the earliest deadline first; who shares a name with another."""

    frame: Frame
    dangers: tuple[Danger, ...]
    namesakes: dict[str, int]


@dataclass(frozen=True, slots=True)
class Draft:
    """What was typed into the form, and `key`, the same for every press of its button."""

    value: str = ""
    comment: str = ""
    whom: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class CriticalPage:
    """One critical value with its form; `wrong` says why the last answer was not taken."""

    frame: Frame
    person: Person | None
    danger: Danger
    draft: Draft
    wrong: str
    message: str
    left: int


async def of_patient(visit: Visit, patient_id: str) -> tuple[Danger, ...]:
    """Return the open critical values of a person's link set, the earliest deadline first."""
    found = await visit.acts.criticals.open(visit.actor, patient_id)
    return tuple(danger(one, visit.reader) for one in found)


async def listing(visit: Visit) -> Response:
    """Return the critical values that wait."""
    found = await visit.acts.criticals.open(visit.actor)
    dangers = tuple(danger(one, visit.reader) for one in found)
    people = {one.person.id: one.person for one in dangers if one.person}
    around = frame(visit, visit.say("危急值"), f"{TWIN}&status=requested,accepted")
    page = CriticalsPage(around, dangers, same_names(list(people.values())))
    return show(visit, "pages/criticals.html", page)


async def waiting(visit: Visit) -> Response:
    """Return which critical values wait, for a page that stands open: ids, nothing of anybody."""
    return JSONResponse({"waiting": list(visit.waiting)}, headers=HEADERS)


async def ask(visit: Visit) -> Response:
    """Return one critical value with the form that answers it."""
    alarm = await visit.acts.criticals.one(visit.actor, visit.request.path_params["task"])
    return _page(visit, alarm, Draft(key=str(uuid.uuid4())))


async def answer(visit: Visit) -> Response:
    """Take a read-back: the page of what was answered, or the form with what is wrong."""
    task = visit.request.path_params["task"]
    given = await form(visit.request)
    draft = Draft(
        given.get("value", "").strip()[:LONGEST],
        given.get("comment", "").strip()[:LONGEST],
        key=given.get("key", ""),
    )
    said = ReadBack(draft.value, draft.comment, given.get("seen", ""), draft.key)
    alarm = await visit.acts.criticals.one(visit.actor, task)
    wrong = _lacking(alarm, said) or await _refused(visit, task, said)
    if not wrong:
        return see_other(f"/critical/{task}")
    return _page(visit, await visit.acts.criticals.one(visit.actor, task), draft, wrong)


def _lacking(alarm: Alarm, said: ReadBack) -> str:
    """Return what must be said and was not: the number, or later what was done about it."""
    if alarm.task.get("status") == "accepted":
        return "" if said.comment else "disposition"
    return "" if said.value else "empty"


async def _refused(visit: Visit, task: str, said: ReadBack) -> str:
    """Answer, and return why that was not taken, "" where it was."""
    try:
        await visit.acts.criticals.acknowledge(visit.actor, task, said)
    except RefusedError as error:
        if error.why == "elsewhere":
            raise ForbiddenError("another campus's critical value") from error
        return error.why
    return ""


async def call(visit: Visit) -> Response:
    """Record that somebody was told by telephone."""
    task = visit.request.path_params["task"]
    given = await form(visit.request)
    whom, key = given.get("whom", "").strip()[:LONGEST], given.get("key", "")
    if not whom:
        alarm = await visit.acts.criticals.one(visit.actor, task)
        return _page(visit, alarm, Draft(key=key), "whom")
    # Where it is this campus's own by now, the page says so: there the read-back answers it.
    with suppress(RefusedError):
        await visit.acts.criticals.called(visit.actor, task, whom, key)
    return see_other(f"/critical/{task}")


def _page(visit: Visit, alarm: Alarm, draft: Draft, wrong: str = "") -> Response:
    shown = danger(alarm, visit.reader)
    page = CriticalPage(
        frame=replace(frame(visit, visit.say("危急值"), f"/fhir/Task/{shown.id}"), path=shown.path),
        person=shown.person,
        danger=shown,
        draft=draft,
        wrong=wrong,
        message=_message(visit, shown, draft, wrong) if wrong else "",
        left=len(visit.waiting),
    )
    return show(visit, "pages/critical.html", page, STATUS.get(wrong, 200))


def _message(visit: Visit, shown: Danger, draft: Draft, wrong: str) -> str:
    stored = shown.newest.value
    said = {"typed": draft.value, "stored": stored.text, "unit": stored.unit}
    return visit.say(MESSAGES[wrong], **said)
