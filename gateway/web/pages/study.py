"""The images of one study: a series at a time, one image large; works without script."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from gateway.errors import GatewayError, InvalidRequestError
from gateway.imaging.render import View
from gateway.web.display.element import text
from gateway.web.display.person import Person, person
from gateway.web.display.study import Asked, Shown, shown
from gateway.web.display.time import instant
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
    study: Shown


async def show_study(visit: Visit) -> Response:
    """Return the page of one study."""
    query = visit.request.query_params
    whole = await visit.results.study(visit.actor, visit.request.path_params["uid"])
    human = await visit.results.linked(visit.actor, text(whole.subject, "id"))
    at = instant(text(whole.study, "started"), visit.reader.now)
    width, center = _window(query)
    asked = Asked(query.get("series", ""), _whole(query.get("image", "")), width, center)
    page = StudyPage(
        frame(visit, visit.say("影像"), f"/fhir/ImagingStudy/{text(whole.study, 'id')}"),
        person(human.patients, visit.reader, at),
        shown(whole, asked, visit.reader),
    )
    return show(visit, "pages/study.html", page)


async def picture(visit: Visit) -> Response:
    """Return one frame as a picture: `w` and `c` are its window, `side` limits its size."""
    given, query = visit.request.path_params, visit.request.query_params
    width, center = _window(query)
    side = min(_whole(query.get("side", ""), 0), MAX_SIDE)
    view = View(center=center, width=width, columns=side, rows=side)
    place = given["uid"], given["series"], given["sop"]
    try:
        number = _whole(query.get("frame", ""))
        data = await visit.results.picture(visit.actor, place, number, view)
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
