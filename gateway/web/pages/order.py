"""Before an examination is ordered: which results may stand for it, taken or declined with reason.

Nothing is ordered here: the order stays with the hospital's own system.
"""

import uuid
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.responses import Response

from gateway.errors import NotFoundError
from gateway.recognition.catalogue.model import Item
from gateway.recognition.ledger.model import TOLD
from gateway.recognition.reasons import REASONS
from gateway.recognition.recall.change import KINDS
from gateway.web.acts import Checked, Hint, Reply, StaleError, Wanted
from gateway.web.display.critical import Danger
from gateway.web.display.element import Resource, part, text, words
from gateway.web.display.person import Person, person
from gateway.web.display.recognition import Advice, Ground, advice, advices, grounds
from gateway.web.display.time import Moment, moment
from gateway.web.pages.critical import of_patient
from gateway.web.site import Frame, Visit, fields, form, frame, local_path, see_other, show
from gateway.web.speech import msg

LONGEST = 2_000
CLASSES = {"": msg("未说明"), "AMB": msg("门诊"), "EMER": msg("急诊"), "IMP": msg("住院")}
EXPLAINED = {"spoken": msg("口头说明"), "shown": msg("出示说明"), "printed": msg("打印说明")}
TWIN = "/fhir/ServiceRequest/$recognize"


@dataclass(frozen=True, slots=True)
class Choice:
    """An item to choose; of a stored draft also when it was written."""

    code: str
    name: str
    is_chosen: bool
    at: Moment | None = None


@dataclass(frozen=True, slots=True)
class OrderPage:
    """What may be ordered: items found, items chosen, drafts of the reader's campus."""

    frame: Frame
    person: Person
    dangers: tuple[Danger, ...]
    asked: str
    found: tuple[Choice, ...]
    chosen: tuple[Choice, ...]
    drafts: tuple[Choice, ...]
    classes: tuple[Choice, ...]
    error: str


@dataclass(frozen=True, slots=True)
class HintsPage:
    """What is said of each item; `again` is the address of the form with the same choice."""

    frame: Frame
    person: Person
    dangers: tuple[Danger, ...]
    identified: bool
    advices: tuple[Advice, ...]
    again: str
    here: str
    error: str


@dataclass(frozen=True, slots=True)
class DeclinePage:
    """The reasons not to recognise a result; `wrong` names the field that is not as it must be."""

    frame: Frame
    person: Person
    advice: Advice
    grounds: tuple[Ground, ...]
    explained: tuple[Choice, ...]
    given: Reply
    action: str
    next: str
    wrong: str
    error: str


async def ask(visit: Visit) -> Response:
    """Return the form that chooses what is to be ordered."""
    return await _form(visit, _wanted(visit.request.query_params.multi_items()))


async def check(visit: Visit) -> Response:
    """Judge what was chosen, count it as a reminder, and lead to what is said of it."""
    given = await fields(visit.request)
    wanted = _wanted(given)
    if not (wanted.items or wanted.drafts):
        return await _form(visit, wanted, visit.say("请先选择要开的项目"))
    patient = visit.request.path_params["id"]
    await visit.acts.recognitions.check(visit.actor, patient, wanted, record=True)
    return see_other(f"/patients/{patient}/order/hints?{_query(wanted)}")


async def hints(visit: Visit) -> Response:
    """Return what is said of each chosen item as it stands now."""
    wanted = _wanted(visit.request.query_params.multi_items())
    return await _hints(visit, wanted)


async def answer(visit: Visit) -> Response:
    """Take, look at or take back a result for an order: one press, one line of the ledger."""
    patient, decision = _ids(visit)
    given = await form(visit.request)
    outcome, after = given.get("outcome", ""), local_path(given.get("next", ""))
    said = Reply(outcome, key=given.get("key", ""))
    try:
        hint = await visit.acts.recognitions.hint(visit.actor, decision)
        await visit.acts.recognitions.answer(visit.actor, decision, said)
    except StaleError as error:
        return await _hints(visit, _of_path(after), _stale(visit, error.why))
    except NotFoundError:
        return await _hints(visit, _of_path(after), visit.say("情况已有变化, 请重新检查"))
    if outcome == "viewed" and hint.decision.result:
        reference = hint.decision.result.reference
        return see_other(await visit.acts.recognitions.path_of(visit.actor, reference))
    return see_other(after if after != "/find" else f"/patients/{patient}")


async def ask_why(visit: Visit) -> Response:
    """Return the form that declines a result."""
    after = local_path(visit.request.query_params.get("next", ""))
    return await _decline(visit, Reply("not-recognised", key=str(uuid.uuid4())), after)


async def decline(visit: Visit) -> Response:
    """Take a reason not to recognise: back to the items, or the form with what is wrong."""
    _, decision = _ids(visit)
    given = await form(visit.request)
    after = local_path(given.get("next", ""))
    said = Reply(
        "not-recognised",
        given.get("reason", ""),
        given.get("text", "").strip()[:LONGEST],
        given.get("explained", "") if given.get("explained") in TOLD else "",
        given.get("key", ""),
    )
    ground = REASONS.get(said.reason)
    if ground is None:
        return await _decline(visit, said, after, "reason")
    if ground.requires_text and not said.text:
        return await _decline(visit, said, after, "text")
    try:
        await visit.acts.recognitions.answer(visit.actor, decision, said)
    except StaleError as error:
        return await _hints(visit, _of_path(after), _stale(visit, error.why))
    return see_other(after)


async def _form(visit: Visit, wanted: Wanted, error: str = "") -> Response:
    patient = visit.request.path_params["id"]
    asked = visit.request.query_params.get("q", "").strip()
    source = visit.acts.recognitions
    chosen = await source.named(visit.actor, wanted.items)
    codes = {one.code for one in chosen}
    found = await source.items(visit.actor, asked) if asked else ()
    drafts = await source.drafts(visit.actor, patient)
    page = OrderPage(
        frame=frame(visit, visit.say("开单前检查"), TWIN),
        person=await _person(visit),
        dangers=await of_patient(visit, patient),
        asked=asked,
        found=tuple(_choice(visit, one) for one in found if one.code not in codes),
        chosen=tuple(_choice(visit, one, is_chosen=True) for one in chosen),
        drafts=tuple(_draft(visit, one, wanted.drafts) for one in drafts),
        classes=tuple(
            Choice(code, visit.say(name), code == wanted.encounter_class)
            for code, name in CLASSES.items()
        ),
        error=error,
    )
    return show(visit, "pages/order.html", page, 422 if error else 200)


async def _hints(visit: Visit, wanted: Wanted, error: str = "") -> Response:
    patient = visit.request.path_params["id"]
    here = f"/patients/{patient}/order/hints?{_query(wanted)}"
    found = Checked(identified=True, hints=())
    if wanted.items or wanted.drafts:
        found = await visit.acts.recognitions.check(visit.actor, patient, wanted, record=False)
    page = HintsPage(
        frame=replace(frame(visit, visit.say("可互认的结果"), TWIN), path=here),
        person=await _person(visit),
        dangers=await of_patient(visit, patient),
        identified=found.identified,
        advices=advices(found.hints, visit.reader),
        again=f"/patients/{patient}/order?{_query(wanted)}",
        here=here,
        error=error,
    )
    return show(visit, "pages/hints.html", page, 409 if error else 200)


async def _decline(visit: Visit, given: Reply, after: str, wrong: str = "") -> Response:
    patient, decision = _ids(visit)
    hint: Hint = await visit.acts.recognitions.hint(visit.actor, decision)
    here = f"/patients/{patient}/decisions/{decision}"
    errors = {"reason": msg("请选择不互认的原因"), "text": msg("请补充说明")}
    page = DeclinePage(
        frame=replace(frame(visit, visit.say("不互认的原因"), "/recognition/reasons"), path=here),
        person=await _person(visit),
        advice=advice(hint, visit.reader),
        grounds=grounds(hint.category, visit.reader),
        explained=tuple(
            Choice(code, visit.say(name), code == given.explained)
            for code, name in EXPLAINED.items()
        ),
        given=given,
        action=f"{here}/decline",
        next=after,
        wrong=wrong,
        error=visit.say(errors[wrong]) if wrong else "",
    )
    return show(visit, "pages/decline.html", page, 422 if wrong else 200)


async def _person(visit: Visit) -> Person:
    human = await visit.results.linked(visit.actor, visit.request.path_params["id"])
    return person(human.patients, visit.reader)


def _ids(visit: Visit) -> tuple[str, str]:
    given = visit.request.path_params
    return given["id"], given["decision"]


def _stale(visit: Visit, why: str) -> str:
    said = KINDS[why][visit.say.language == "en"] if why in KINDS else why
    return visit.say("您的回答没有记录, 这项结果已有变化: {why}", why=said)


def _wanted(given: list[tuple[str, str]]) -> Wanted:
    def of(name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(value for key, value in given if key == name and value))

    known = next((one for one in of("class") if one in CLASSES), "")
    return Wanted(of("item"), of("draft"), known)


def _of_path(path: str) -> Wanted:
    return _wanted(parse_qsl(urlsplit(path).query))


def _query(wanted: Wanted) -> str:
    pairs = [("item", one) for one in wanted.items] + [("draft", one) for one in wanted.drafts]
    pairs += [("class", wanted.encounter_class)] if wanted.encounter_class else []
    return urlencode(pairs)


def _choice(visit: Visit, item: Item, *, is_chosen: bool = False) -> Choice:
    name = item.name_en if visit.say.language == "en" and item.name_en else item.name
    return Choice(item.code, name, is_chosen)


def _draft(visit: Visit, one: Resource, chosen: tuple[str, ...]) -> Choice:
    at = text(one, "authoredOn") or text(part(one, "meta"), "lastUpdated")
    name = words(part(one, "code")) or visit.say("项目名未提供")
    id_ = text(one, "id")
    return Choice(id_, name, id_ in chosen, moment(visit.say, at, visit.reader.now))
