"""The reports of one person, of all campuses."""

from dataclasses import dataclass
from urllib.parse import quote

from starlette.responses import Response

from gateway.errors import GatewayError
from gateway.web.display.person import Person, person
from gateway.web.display.timeline import Group, groups
from gateway.web.site import Frame, Visit, failed, frame, show


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """Whose reports, by day; `newest` and `older` are addresses, "" at the ends."""

    frame: Frame
    person: Person
    groups: tuple[Group, ...]
    newest: str
    older: str


async def timeline(visit: Visit) -> Response:
    """Return a page of a person's reports."""
    patient_id = visit.request.path_params["id"]
    human = await visit.results.linked(visit.actor, patient_id)
    whose = person(human.patients, visit.reader)
    twin = f"/fhir/DiagnosticReport?patient={patient_id}&_sort=-date"
    around = frame(visit, visit.say("检验报告"), twin)
    token = visit.request.query_params.get("page", "")
    try:
        found = await visit.results.reports(visit.actor, patient_id, token)
    except GatewayError as error:
        return failed(visit.site, visit.say, error, around, whose)
    records = {record.id: record for record in whose.records}
    page = TimelinePage(
        around,
        whose,
        groups(found.entries, records, visit.reader),
        visit.request.url.path if token else "",
        f"?page={quote(found.older, safe='')}" if found.older else "",
    )
    return show(visit, "pages/timeline.html", page)
