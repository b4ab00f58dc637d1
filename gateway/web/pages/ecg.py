"""One ECG: the paper, beside it what the device measured and said, and what a physician found."""

import re
from dataclasses import dataclass, replace
from typing import Final

from starlette.responses import Response

from gateway.errors import NotFoundError
from gateway.web.display.compare import when
from gateway.web.display.critical import Danger
from gateway.web.display.earlier_ecg import Earlier, Row, others, previous, rows
from gateway.web.display.ecg import ECG, LAYOUTS, LEAD_HEIGHT, ecg, lead
from gateway.web.display.element import text
from gateway.web.display.person import Person, person
from gateway.web.display.time import instant
from gateway.web.pages.critical import of_patient
from gateway.web.site import HEADERS, Frame, Visit, frame, show
from gateway.web.sources import Human, WholeECG

NUMBER: Final = re.compile(r"\d{1,3}", re.ASCII)
KEPT: Final = {"Cache-Control": "private, max-age=300", "Vary": "Cookie"}


@dataclass(frozen=True, slots=True)
class ECGPage:
    """An ECG and whose it is; `asked` is the layout that was asked for, "" for what fits.

    `before` is the ECG that it is compared with, `paper_too` whether that one's paper is shown.
    """

    frame: Frame
    person: Person
    dangers: tuple[Danger, ...]
    ecg: ECG
    asked: str
    rows: tuple[Row, ...]
    others: tuple[Earlier, ...]
    chosen: Earlier | None
    before: ECG | None
    paper_too: bool
    lead_height: float


async def show_ecg(visit: Visit) -> Response:
    """Return the page of one ECG."""
    report_id = visit.request.path_params["id"]
    whole = await visit.results.ecg(visit.actor, report_id)
    human = await visit.results.linked(visit.actor, text(whole.subject, "id"))
    query = visit.request.query_params
    asked = query.get("layout", "")
    layout = asked if asked in LAYOUTS else LAYOUTS[0]
    whose, shown = _drawn(visit, whole, human, layout)
    found = await visit.results.ecgs(visit.actor, text(whole.subject, "id"))
    among = others(whole.report, found, visit.reader)
    chosen = previous(among, query.get("with", ""))
    before = None
    if chosen:
        earlier = await visit.results.ecg(visit.actor, chosen.id)
        if not query.get("with", ""):
            earlier = replace(earlier, waveforms=())
        _, before = _drawn(visit, earlier, human, layout)
    page = ECGPage(
        frame(visit, visit.say("心电图"), f"/fhir/DiagnosticReport/{report_id}"),
        whose,
        await of_patient(visit, text(whole.subject, "id")),
        shown,
        asked if asked in LAYOUTS else "",
        rows(shown.measured, before.measured if before else ()),
        among,
        chosen,
        before,
        bool(chosen and query.get("with", "")),
        LEAD_HEIGHT,
    )
    return show(visit, "pages/ecg.html", page)


async def show_lead(visit: Visit) -> Response:
    """Return one lead on paper of its own."""
    given = visit.request.path_params
    whole = await visit.results.ecg(visit.actor, given["id"])
    human = await visit.results.linked(visit.actor, text(whole.subject, "id"))
    whose = _whose(visit, whole, human)
    numbers = [int(one) for name in ("sheet", "lead") if NUMBER.fullmatch(one := given[name])]
    drawing = lead(whole, whose, visit.reader, tuple(numbers))
    if drawing is None:
        raise NotFoundError("The ECG has no such lead.")
    return Response(drawing, headers=HEADERS | KEPT, media_type="image/svg+xml")


def _whose(visit: Visit, whole: WholeECG, human: Human) -> Person:
    """Return the person as they were when the ECG was taken."""
    at = instant(when(whole.report), visit.reader.now)
    return person(human.patients, visit.reader, at)


def _drawn(visit: Visit, whole: WholeECG, human: Human, layout: str) -> tuple[Person, ECG]:
    whose = _whose(visit, whole, human)
    return whose, ecg(whole, whose, visit.reader, layout)
