"""Statistics of recognition: GET /recognition/statistics, as JSON, xlsx or CSV.

DESIGN §4, "façade". `form=monthly` gives the regulator's form in the same formats.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from gateway.access.actor import CONSORTIUM_CODE
from gateway.access.audit import event
from gateway.api.answer import Answer
from gateway.api.call import Call
from gateway.api.dicomweb import Streamed
from gateway.api.formats import takes_json
from gateway.errors import InvalidRequestError, NotAcceptableError
from gateway.fhir.codec import encode
from gateway.fhir.dates import interval, iso, plussed
from gateway.recognition.statistics import form as monthly
from gateway.recognition.statistics.facts import Period
from gateway.recognition.statistics.figures import COUNTS, Basis, Figures, yuan
from gateway.recognition.statistics.report import DIMENSIONS, RECEIVING, SIDES, Query, Report
from gateway.recognition.statistics.report import report as counted
from gateway.recognition.statistics.tables import Cell, headings, rows, to_csv, to_xlsx

JSON: Final = b"application/json; charset=utf-8"
CSV: Final = "text/csv"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS: Final = {"json": "json", "csv": "csv", "xlsx": "xlsx", CSV: "csv", XLSX: "xlsx"}
PARAMS: Final = ("from", "to", "by", "side", "form", "_format", "_pretty")
WEIGHT: Final = re.compile(r";\s*q\s*=\s*([01](?:\.\d{0,3})?)", re.IGNORECASE)
TICKS: Final = 10
MOST_DAYS: Final = 1100
"""Three years and a bit."""


async def statistics(call: Call) -> Answer:
    """Return what recognition came to in a period."""
    given = _given(call)
    kind = _kind(call, given)
    period = _period(call, given)
    if given.get("form"):
        answer = await _form(call, period, kind)
    else:
        by = tuple(name for name in given.get("by", "").split(",") if name)
        query = Query(period, by, given.get("side", RECEIVING))
        answer = await _report(call, query, kind)
    told = "&".join(f"{name}={value}" for name, value in given.items())
    await call.door.recorder.add(event(call.actor, "R", ["recognition/statistics"], query=told))
    return answer


async def _report(call: Call, query: Query, kind: str) -> Answer:
    found = await counted(call.door, call.service.catalogues, call.actor, query)
    if kind == "json":
        return Answer(encode(_json(call, found)), kind=JSON)
    return await _table("互认统计", kind, headings(query.by), rows(found))


async def _form(call: Call, period: Period, kind: str) -> Answer:
    lines = await monthly.form(call.door, call.service.catalogues, call.actor, period)
    cells = monthly.cells(call.door, lines)
    if kind == "json":
        told = [monthly.keyed(monthly.HEADINGS, line) for line in cells]
        return Answer(encode({**_span(period), "form": told}), kind=JSON)
    return await _table("互认月报", kind, monthly.HEADINGS, cells)


# What is asked.


def _given(call: Call) -> dict[str, str]:
    given: dict[str, str] = {}
    for name, value in call.params:
        if name not in PARAMS or name in given:
            raise InvalidRequestError(
                f"The parameters are {', '.join(PARAMS[:5])}, each once.", expression=name[:32]
            )
        given[name] = value
    if given.get("side", RECEIVING) not in SIDES:
        raise InvalidRequestError(f"side is one of {', '.join(SIDES)}.", expression="side")
    if given.get("form", "monthly") != "monthly":
        raise InvalidRequestError("form is monthly.", expression="form")
    if not {*given.get("by", "").split(","), ""} - {""} <= DIMENSIONS.keys():
        raise InvalidRequestError(f"by is of {', '.join(DIMENSIONS)}.", expression="by")
    return given


def _kind(call: Call, given: dict[str, str]) -> str:
    """Return json, csv or xlsx; JSON where anything will do."""
    if "_format" in given:
        name = given["_format"].replace(" ", "+")
        if name in FORMATS or "json" in name:
            return FORMATS.get(name, "json")
        raise NotAcceptableError("_format is json, csv or xlsx.", expression="_format")
    accept = call.header(b"accept") or "*/*"
    for offer in sorted(accept.split(","), key=_preference, reverse=True):
        if _preference(offer) and (kind := _offered(offer)):
            return kind
    raise NotAcceptableError(f"This comes as JSON, {XLSX} or {CSV}.", expression="Accept")


def _offered(offer: str) -> str:
    name = offer.partition(";")[0].strip().lower()
    return "json" if takes_json(name.encode()) else FORMATS.get(name, "")


def _preference(offer: str) -> float:
    """Return the weight of an offer (RFC 9110 §12.4.2)."""
    found = WEIGHT.search(offer)
    return float(found[1]) if found else 1.0


def _period(call: Call, given: dict[str, str]) -> Period:
    """Return the period, whose last day counts whole: by default the month so far."""
    now = datetime.fromtimestamp(call.door.clock() / 1_000_000, UTC).astimezone(call.door.zone)
    start, _ = _moment(call, given.get("from") or f"{now:%Y-%m}", "from")
    _, end = _moment(call, given.get("to") or f"{now:%Y-%m-%d}", "to")
    if not 0 < end - start <= timedelta(days=MOST_DAYS) / timedelta(microseconds=1):
        raise InvalidRequestError(
            f"from lies before to, and not more than {MOST_DAYS} days.", expression="from"
        )
    return Period(start, end)


def _moment(call: Call, text: str, place: str) -> tuple[int, int]:
    try:
        low, high = interval(plussed(text), call.door.zone)
    except ValueError as error:
        raise InvalidRequestError("This is no FHIR date.", expression=place) from error
    return low // TICKS, high // TICKS


# What is answered.


def _json(call: Call, found: Report) -> dict[str, Any]:
    return {
        **_span(found.query.period),
        "campus": call.door.directory.code(found.campus, CONSORTIUM_CODE),
        "side": found.query.side,
        "by": list(found.query.by),
        "currency": "CNY",
        **_figures(found.total, found.basis),
        "groups": [
            {
                **_named(found.query.by, one.values, one.words),
                **_figures(one.figures, one.basis),
            }
            for one in found.groups
        ],
    }


def _span(period: Period) -> dict[str, str]:
    return {"from": iso(period.start), "to": iso(period.end)}


def _named(by: Sequence[str], values: Sequence[str], words: Sequence[str]) -> dict[str, str]:
    named: dict[str, str] = {}
    for name, value, word in zip(by, values, words, strict=True):
        named[name] = value
        if DIMENSIONS[name].is_named:
            named[f"{name}Name"] = word
    return named


def _figures(figures: Figures, basis: Basis | None) -> dict[str, Any]:
    told: dict[str, Any] = {name: figures.counts[name] for name in COUNTS}
    told["saved"] = float(yuan(figures.saved))
    told["rates"] = figures.rates(basis)
    told["refusalRate"] = figures.refusal
    if basis is not None:
        told["basis"] = {
            "recognisedReports": basis.recognised,
            "existingReports": basis.existing,
            "ownReports": basis.reported,
        }
    return told


async def _table(
    title: str, kind: str, heads: Sequence[str], lines: Iterator[list[Cell]]
) -> Answer:
    name = f'attachment; filename="recognition-statistics.{kind}"'.encode()
    if kind == "csv":
        answer: Answer = Streamed(_pieces(to_csv(heads, lines)), b"text/csv; charset=utf-8")
    else:
        body = await asyncio.to_thread(to_xlsx, title, heads, lines)
        answer = Answer(body, kind=XLSX.encode())
    answer.raw_headers.append((b"content-disposition", name))
    return answer


async def _pieces(found: Iterator[bytes]) -> AsyncIterator[bytes]:
    for piece in found:
        yield piece
        await asyncio.sleep(0)
