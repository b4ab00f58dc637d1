"""The images of one study: a series at a time, one image large; works without script."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final

from starlette.responses import JSONResponse, Response

from gateway.errors import GatewayError, InvalidRequestError
from gateway.imaging.render import View
from gateway.web.display.critical import Danger
from gateway.web.display.element import text
from gateway.web.display.facts import Said, said
from gateway.web.display.person import Person, person
from gateway.web.display.related import Other, Told, others, reports
from gateway.web.display.slots import Place, place
from gateway.web.display.study import Asked, Shown, shown
from gateway.web.display.time import instant
from gateway.web.pages.critical import of_patient
from gateway.web.site import Frame, Visit, frame, show

NUMBER: Final = re.compile(r"-?\d{1,7}(\.\d{1,6})?", re.ASCII)
WHOLE: Final = re.compile(r"[1-9]\d{0,5}", re.ASCII)
MAX_SIDE: Final = 4096
HEADERS: Final = {"Cache-Control": "private, max-age=300", "X-Content-Type-Options": "nosniff"}
"""For so long scrolling back asks nothing; a picture never changes under its address."""


@dataclass(frozen=True, slots=True)
class StudyPage:
    """A study and whose it is."""

    frame: Frame
    person: Person
    dangers: tuple[Danger, ...]
    study: Shown
    reports: tuple[Told, ...]
    others: tuple[Other, ...]


async def show_study(visit: Visit) -> Response:
    """Return the page of one study."""
    query = visit.request.query_params
    whole = await visit.results.study(visit.actor, visit.request.path_params["uid"])
    human = await visit.results.linked(visit.actor, text(whole.subject, "id"))
    at = instant(text(whole.study, "started"), visit.reader.now)
    width, center = _window(query)
    asked = Asked(query.get("series", ""), _whole(query.get("image", "")), width, center)
    here = place(whole, asked.series, asked.image)
    page = StudyPage(
        frame(visit, visit.say("影像"), f"/fhir/ImagingStudy/{text(whole.study, 'id')}"),
        person(human.patients, visit.reader, at),
        await of_patient(visit, text(whole.subject, "id")),
        shown(whole, here, asked, await _told(visit, here), visit.reader),
        reports(whole.reports, visit.reader),
        others(whole.study, whole.others, visit.reader),
    )
    return show(visit, "pages/study.html", page)


async def _told(visit: Visit, here: Place) -> Said | None:
    """Return what is said of the picture that is seen; None where it cannot be read."""
    if here.picture is None or not here.picture.sop:
        return None
    where = visit.request.path_params["uid"], here.series.uid, here.picture.sop
    try:
        found = await visit.results.facts(visit.actor, where, here.picture.frame)
    except GatewayError:
        return None
    return said(visit.say, found)


async def facts(visit: Visit) -> Response:
    """Return what is to be known of one frame beside its picture, as JSON."""
    given = visit.request.path_params
    where = given["uid"], given["series"], given["sop"]
    try:
        number = _whole(visit.request.query_params.get("frame", ""))
        found = await visit.results.facts(visit.actor, where, number)
    except GatewayError as error:
        return Response(status_code=error.status, headers={"Cache-Control": "no-store"})
    return JSONResponse(asdict(said(visit.say, found)), headers=HEADERS | {"Vary": "Cookie"})


async def picture(visit: Visit) -> Response:
    """Return one frame as a picture: `w` and `c` are its window, `side` limits its size."""
    given, query = visit.request.path_params, visit.request.query_params
    width, center = _window(query)
    side = min(_whole(query.get("side", ""), 0), MAX_SIDE)
    view = View(center=center, width=width, columns=side, rows=side)
    where = given["uid"], given["series"], given["sop"]
    try:
        number = _whole(query.get("frame", ""))
        data = await visit.results.picture(visit.actor, where, number, view)
    except GatewayError as error:
        return Response(status_code=error.status, headers={"Cache-Control": "no-store"})
    return Response(data, headers=HEADERS, media_type=view.kind)


def _window(query: Mapping[str, str]) -> tuple[float | None, float | None]:
    """Return width and centre, None for the stored ones."""
    width, center = query.get("w", ""), query.get("c", "")
    if not width and not center:
        return None, None
    if not (NUMBER.fullmatch(width) and NUMBER.fullmatch(center)) or float(width) < 1:
        raise InvalidRequestError("A window takes two numbers, its width at least 1.")
    return float(width), float(center)


def _whole(written: str, otherwise: int = 1) -> int:
    return int(written) if WHOLE.fullmatch(written) else otherwise
