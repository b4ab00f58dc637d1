"""The reports and studies of one person, of all campuses."""

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import Response

from gateway.errors import GatewayError
from gateway.web.display.campus import Mark
from gateway.web.display.critical import Danger
from gateway.web.display.element import Resource
from gateway.web.display.person import Person, person
from gateway.web.display.timeline import Group, groups
from gateway.web.pages.critical import of_patient
from gateway.web.site import Frame, Visit, failed, frame, show
from gateway.web.sources import ReportsPage


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """Whose reports, by day; `newest` and `older` are addresses, "" at the ends.

    `campus` is the only one whose reports are asked for.
    """

    frame: Frame
    person: Person
    dangers: tuple[Danger, ...]
    campus: Mark | None
    groups: tuple[Group, ...]
    newest: str
    older: str
    judged: str


async def timeline(visit: Visit) -> Response:
    """Return a page of a person's reports."""
    patient_id = visit.request.path_params["id"]
    human = await visit.results.linked(visit.actor, patient_id)
    whose = person(human.patients, visit.reader)
    twin = f"/fhir/DiagnosticReport?patient={patient_id}&_sort=-date"
    around = frame(visit, visit.say("检查检验结果"), twin)
    asked = visit.request.query_params
    token, campus = asked.get("page", ""), asked.get("campus", "")
    try:
        found = await visit.results.reports(visit.actor, patient_id, token, campus)
        dangers = await of_patient(visit, patient_id)
        standings = await visit.acts.recognitions.standings(
            visit.actor, patient_id, _results(found)
        )
    except GatewayError as error:
        return failed(visit.site, visit.say, error, around, whose)
    records = {record.id: record for record in whose.records}
    page = TimelinePage(
        around,
        whose,
        dangers,
        visit.reader.mark(campus) if campus else None,
        groups(found, records, standings, visit.reader),
        _address(campus) if token else "",
        _address(campus, found.older) if found.older else "",
        "judged" if standings.identified else "unknown",
    )
    return show(visit, "pages/timeline.html", page)


def _results(found: ReportsPage) -> list[Resource]:
    """Return all that a page of the timeline shows."""
    reports = [one.report for one in found.entries]
    return [*reports, *(each for one in found.entries for each in one.observations), *found.studies]


def _address(campus: str, page: str = "") -> str:
    asked = {name: value for name, value in (("campus", campus), ("page", page)) if value}
    return f"?{urlencode(asked)}"
