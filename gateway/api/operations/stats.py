"""`Observation/$stats`.

https://hl7.org/fhir/R4/observation-operation-stats.html
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

import msgspec

from gateway.api.answer import Answer
from gateway.api.call import Call
from gateway.api.operations.inputs import Inputs, Param, inputs
from gateway.errors import InvalidRequestError
from gateway.fhir.codec import Resource, encode
from gateway.fhir.dates import MAX_TICK, MIN_TICK, interval, iso
from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.number import number
from gateway.fhir.searchparams import search_params
from gateway.fhir.ucum import SYSTEM, canonical
from gateway.interactions import detached
from gateway.operations.figures import FIGURES, SQUARED, WITHOUT_UNIT, Number, Sample, decimal
from gateway.operations.measured import REASONS, Comparable, Series, comparable
from gateway.operations.observation import Concept
from gateway.operations.stats import SOURCES, Asked, Measured, measured
from mappers.names import STATISTIC_PART

STATISTICS: Final = "http://terminology.hl7.org/CodeSystem/observation-statistics"
ABSENT: Final = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
# R4's own examples ask by the short names.
ALIASES: Final = {"max": "maximum", "min": "minimum"}
COUNTS: Final = ("count", "total-count")
REGRESSION: Final = "regression"
KNOWN: Final = frozenset({*FIGURES, *COUNTS, REGRESSION})
TICKS: Final = 10
HOUR: Final = 3_600 * 10_000_000
PLAIN: Final = 20
LINKED: Final = "Certainly linked Patients are covered too; _linked=false switches this off."
PARAMS: Final = (
    Param("subject", ("uri",), required=True),
    Param("code", ("string",), many=True),
    Param("system", ("uri",)),
    Param("coding", ("Coding",), many=True),
    Param("duration", ("decimal",)),
    Param("period", ("Period",)),
    Param("statistic", ("code",), many=True, required=True),
    Param("include", ("boolean",)),
    Param("limit", ("positiveInt",)),
    Param("_linked", ("boolean",)),
)


@dataclass(frozen=True, slots=True)
class Question:
    """What an answer repeats of the question."""

    subject: str
    statistics: Sequence[str]
    period: Resource = field(default_factory=dict)
    notes: Sequence[str] = ()


async def stats(call: Call) -> Answer:
    """Return an Observation with figures for each code, and what they were computed of."""
    asked = await inputs(call, PARAMS)
    statistics = _statistics(asked)
    period, span = _time(call, asked)
    subject = asked.text("subject").removeprefix(f"{call.base}/")
    sources = min(asked.get("limit", SOURCES), SOURCES) if asked.get("include") else 0
    linked = asked.get("_linked", True)
    question = Asked(_subject(subject), _codes(asked), span, linked, sources)
    answer = await measured(call.door, call.actor, question)
    told = Question(subject, statistics, period, _notes(answer))
    found = await asyncio.to_thread(
        lambda: [{"name": "statistics", "resource": _told(one, told)} for one in answer.series]
    )
    found += _sources(answer)
    return Answer(encode({"resourceType": "Parameters", "parameter": found}))


def _statistics(asked: Inputs) -> list[str]:
    names = [ALIASES.get(one, one) for one in asked.all("statistic")]
    if set(names) - KNOWN:
        raise InvalidRequestError(
            f"The statistics are {', '.join(sorted(KNOWN))}.", expression=asked.place("statistic")
        )
    return list(dict.fromkeys(names))


def _subject(text: str) -> tuple[str, str]:
    type_, _, id_ = text.partition("/")
    targets = search_params("Observation")["subject"].targets
    if type_ not in TYPE_IDS or type_ not in targets or not id_ or "/" in id_:
        raise InvalidRequestError(
            f"subject is a reference such as Patient/1, of {', '.join(targets)}.",
            expression="subject",
        )
    return type_, id_


def _codes(asked: Inputs) -> list[tuple[str | None, str]]:
    system = asked.get("system")
    codes = [_code(system, one) for one in asked.all("code")]
    codes += [(one.get("system"), one.get("code", "")) for one in asked.all("coding")]
    if not codes or not all(code for _, code in codes):
        raise InvalidRequestError(
            "Give code (with system) or coding.", expression=asked.place("coding")
        )
    return codes


def _code(system: str | None, text: str) -> tuple[str | None, str]:
    """Return system and code; some clients write `system|code`, as searches do."""
    own, bar, code = text.rpartition("|")
    return (own, code) if bar and system is None else (system, text)


def _time(call: Call, asked: Inputs) -> tuple[Resource, tuple[int, int] | None]:
    """Return the period as the answer tells it, and its ticks."""
    duration, period = asked.get("duration"), asked.get("period")
    if duration is not None and period is not None:
        raise InvalidRequestError("Give duration or period.", expression=asked.place("duration"))
    if period is not None:
        zone = call.door.zone
        first = interval(period["start"], zone)[0] if "start" in period else MIN_TICK
        last = interval(period["end"], zone)[1] if "end" in period else MAX_TICK
        if first >= last:
            raise InvalidRequestError("period ends before it starts.", expression="period")
        return period, (first, last)
    if duration is None:
        return {}, None
    now = call.door.clock() * TICKS
    hours = number(duration)
    ticks = 0 if hours is None else int(hours * HOUR)
    if not 0 < ticks <= now:
        raise InvalidRequestError(
            "duration is a time in hours.", expression=asked.place("duration")
        )
    return _period(now - ticks, now), (now - ticks, now + 1)


def _period(first: int, last: int) -> Resource:
    return {"start": iso(first // TICKS), "end": iso(last // TICKS)}


def _notes(answer: Measured) -> list[str]:
    notes = [LINKED] if answer.linked else []
    if answer.errors:
        notes.append(f"{answer.errors} entered in error or cancelled are left out.")
    return notes


def _told(series: Series, asked: Question) -> Resource:
    """Return the Observation that tells of a series."""
    found = comparable(series)
    times = [at for _, at in found.values if at is not None]
    period = asked.period or (_period(min(times), max(times)) if times else {})
    notes = [f"{count} left out: {REASONS[why]}." for why, count in found.left_out.items()]
    notes += asked.notes
    resource = {
        "resourceType": "Observation",
        "status": "final",
        "code": _concept(series.code),
        "subject": {"reference": asked.subject},
        "effectivePeriod": period,
        "note": [{"text": one} for one in notes],
        "component": list(_components(found, asked.statistics, min(times, default=0))),
    }
    return {name: value for name, value in resource.items() if value}


def _concept(code: Concept) -> Resource:
    codings = [
        {name: value for name, value in msgspec.structs.asdict(one).items() if value}
        for one in code.coding
    ]
    return {name: value for name, value in {"coding": codings, "text": code.text}.items() if value}


def _components(found: Comparable, statistics: Sequence[str], origin: int) -> Iterator[Resource]:
    sample = Sample(found.values)
    for name in statistics:
        if name == REGRESSION:
            line = sample.regression(origin) or (None, None)
            for part, number in zip(("gradient", "intercept"), line, strict=True):
                code = {"system": STATISTIC_PART, "code": part}
                unit = _by("/d", found) if part == "gradient" else (found.code, found.unit)
                yield _component(name, _quantity(number, *unit), code)
        elif name in COUNTS:
            count = sample.n + (found.left_out.total() if name == "total-count" else 0)
            yield _component(name, {"value": count, "system": SYSTEM, "code": "1"})
        else:
            yield _component(name, _figure(name, found, FIGURES[name](sample)))


def _figure(name: str, found: Comparable, number: Number | None) -> Resource:
    if name in WITHOUT_UNIT:
        return _quantity(number, "1", "")
    if name in SQUARED:
        return _quantity(number, *_by(f".({found.code})", found))
    # What somebody measured keeps the digits that it was written with.
    written = found.written.get(number) if name in {"maximum", "minimum"} else None  # type: ignore[arg-type]
    return _quantity(number, found.code, found.unit, written)


def _by(rest: str, found: Comparable) -> tuple[str, str]:
    """Return code and words of a unit that is multiplied or divided."""
    code = f"({found.code}){rest}"
    return (code if canonical(code) else ""), f"({found.unit}){rest}"


def _quantity(
    number: Number | None, code: str, unit: str, written: Decimal | None = None
) -> Resource:
    if number is None:
        return {}
    value = _digits(decimal(number)) if written is None else str(written)
    told = {"value": msgspec.Raw(value.encode()), "unit": unit}
    if code:
        told |= {"system": SYSTEM, "code": code}
    return {name: one for name, one in told.items() if one}


def _digits(number: Decimal) -> str:
    short = number.normalize()
    return f"{short:f}" if abs(short.adjusted()) <= PLAIN else str(short)


def _component(name: str, value: Resource, *more: Resource) -> Resource:
    """Return a figure; one that is undefined of these values says so."""
    told: Resource = {"code": {"coding": [{"system": STATISTICS, "code": name}, *more]}}
    if value:
        return told | {"valueQuantity": value}
    why = {"system": ABSENT, "code": "not-applicable"}
    return told | {"dataAbsentReason": {"coding": [why]}}


def _sources(answer: Measured) -> list[Resource]:
    return [
        {"name": "source", "resource": msgspec.Raw(detached.subset(one).json())}
        for one in answer.sources
    ]
