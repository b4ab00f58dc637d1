"""One lab report: a row for each result, and the curve of one item with its table twin."""

from dataclasses import dataclass

from starlette.responses import Response

from gateway.errors import UnavailableError
from gateway.web.display.compare import Past, earlier, past, when
from gateway.web.display.critical import Danger
from gateway.web.display.element import codings, part, text
from gateway.web.display.person import Person, person
from gateway.web.display.recognition import Mutual, of_report
from gateway.web.display.report import ABNORMAL, GROUP, LONG, Head, Row, head, most_urgent, rows
from gateway.web.display.time import instant
from gateway.web.display.trend import Trend, trend
from gateway.web.pages.critical import of_patient
from gateway.web.site import Frame, Visit, frame, show
from gateway.web.sources import Measurement, WholeReport


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of a long table, with the anchor that its list of contents names."""

    anchor: str
    first: int
    last: int
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class ReportPage:
    """A report. `only` is "abnormal" or "", `notice` says what could not be read beside it."""

    frame: Frame
    person: Person
    dangers: tuple[Danger, ...]
    head: Head
    sections: tuple[Section, ...]
    abnormal: tuple[Row, ...]
    results: int
    only: str
    trend: Trend | None
    notice: str
    mutual: Mutual | None
    judged: str


async def report(visit: Visit) -> Response:
    """Return the page of one report."""
    report_id = visit.request.path_params["id"]
    asked = visit.request.query_params
    whole = await visit.results.report(visit.actor, report_id)
    subject = text(whole.subject, "id")
    human = await visit.results.linked(visit.actor, subject)
    measured, notice = await _history(visit, whole, subject)
    history = past(measured, visit.reader.now)
    results = [whole.report, *(one.observation for one in whole.measurements)]
    standings = await visit.acts.recognitions.standings(visit.actor, subject, results)
    all_rows = rows(whole, history, standings, visit.reader)
    observed = results[1:]
    abnormal = tuple(row for row in all_rows if row.state in ABNORMAL)
    only = "abnormal" if asked.get("only") == "abnormal" else ""
    taken = instant(when(whole.report), visit.reader.now)
    page = ReportPage(
        frame=frame(visit, visit.say("检验报告"), f"/fhir/DiagnosticReport/{report_id}"),
        person=person(human.patients, visit.reader, taken),
        dangers=await of_patient(visit, subject),
        head=head(whole, visit.reader),
        sections=_sections(abnormal if only else all_rows),
        abnormal=abnormal,
        results=len(all_rows),
        only=only,
        trend=_trend(visit, whole, history, _chosen(all_rows, asked.get("item", ""))),
        notice=notice,
        mutual=of_report(standings, whole.report, observed, visit.reader),
        judged="judged" if standings.identified else "unknown",
    )
    return show(visit, "pages/report.html", page)


async def _history(
    visit: Visit, whole: WholeReport, subject: str
) -> tuple[tuple[Measurement, ...], str]:
    codes = [
        coding for one in whole.measurements for coding in codings(part(one.observation, "code"))
    ]
    if not codes:
        return (), ""
    try:
        unique = list(dict.fromkeys(codes))
        return await visit.results.history(visit.actor, subject, unique), ""
    except UnavailableError:
        # The report itself is there: a reader must not lose it for want of older ones.
        return (), visit.say("历次结果暂时读不到, 下表不含上次结果。")


def _chosen(among: tuple[Row, ...], item: str) -> str:
    urgent = most_urgent(among)
    known = {row.id for row in among}
    return item if item in known else urgent.id if urgent else ""


def _trend(visit: Visit, whole: WholeReport, history: Past, item: str) -> Trend | None:
    for one in whole.measurements:
        if text(one.observation, "id") == item:
            return trend(one, earlier(one, history), visit.reader)
    return None


def _sections(of: tuple[Row, ...]) -> tuple[Section, ...]:
    step = GROUP if len(of) > LONG else max(len(of), 1)
    starts = range(0, len(of), step)
    return tuple(
        Section(f"from-{at + 1}", at + 1, min(at + step, len(of)), of[at : at + step])
        for at in starts
    )
