"""One ECG: the paper, beside it what the device measured and said, and what a physician found."""

from dataclasses import dataclass

from starlette.responses import Response

from gateway.web.display.compare import when
from gateway.web.display.ecg import ECG, LAYOUTS, ecg
from gateway.web.display.element import text
from gateway.web.display.person import Person, person
from gateway.web.display.time import instant
from gateway.web.site import Frame, Visit, frame, show


@dataclass(frozen=True, slots=True)
class ECGPage:
    """An ECG and whose it is."""

    frame: Frame
    person: Person
    ecg: ECG


async def show_ecg(visit: Visit) -> Response:
    """Return the page of one ECG."""
    report_id = visit.request.path_params["id"]
    whole = await visit.results.ecg(visit.actor, report_id)
    human = await visit.results.linked(visit.actor, text(whole.subject, "id"))
    whose = person(human.patients, visit.reader, instant(when(whole.report), visit.reader.now))
    asked = visit.request.query_params.get("layout", "")
    layout = asked if asked in LAYOUTS else LAYOUTS[0]
    page = ECGPage(
        frame(visit, visit.say("心电图"), f"/fhir/DiagnosticReport/{report_id}"),
        whose,
        ecg(whole, whose, visit.reader, layout),
    )
    return show(visit, "pages/ecg.html", page)
