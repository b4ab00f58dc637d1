"""What the official rate and the rate per result divide by, from stored visits, orders, reports.

The official rate (国家医疗质量安全改进目标 2025): recognised results by the existing results of
the patients who attended in the period, both counted in reports, of the items of the catalogue.

A patient attended a campus in the period if an Encounter of the campus begins in it or an order of
the campus was written in it. A result exists for the campus if it is a standing report of another
campus, of that patient or a certainly linked one, dated before the end of the period, and not
older at its beginning than the longest window of its item. What is hidden is not there.
"""

from collections.abc import Iterator
from typing import Final

from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.searchparams import search_params
from gateway.interactions.door import Door
from gateway.recognition.books import Book
from gateway.recognition.statistics.facts import Period
from gateway.recognition.statistics.figures import Basis
from gateway.store.statements.statistics import WIDTH

TICKS: Final = 10
"""Ticks of 100 ns in a microsecond."""
SECOND: Final = 10_000_000
AHEAD: Final = 86_400_000_000
"""Microseconds by which a sender's clock may be ahead of the moment at which a row is written."""
STANDING: Final = ("final", "amended", "corrected", "appended")
_CODE: Final = ""
"""The system under which a code element is indexed: none."""
_REPORT: Final = TYPE_IDS["DiagnosticReport"]


async def bases(door: Door, book: Book | None, period: Period) -> dict[int, Basis]:
    """Return what each campus's rates divide, by its id."""
    span = period.start * TICKS, period.end * TICKS
    found: dict[str, dict[int, int]] = {
        "recognised": dict(await _recognised(door, period)),
        "existing": {},
        "reported": {},
    }
    status = (_param("DiagnosticReport", "status"), *_standing(door))
    for wanted in _portions(door, book, span[0]):
        existing = (
            *wanted,
            *(_param("Encounter", "subject"), _param("Encounter", "date"), *span),
            *(_param("ServiceRequest", "subject"), _param("ServiceRequest", "authored"), *span),
            *(_REPORT, -span[1]),
            *status,
        )
        reported = (
            *wanted,
            *(_param("DiagnosticReport", "code"), period.start - AHEAD),
            *(_param("DiagnosticReport", "date"), *span),
            *status,
        )
        for name, values in (("existing", existing), ("reported", reported)):
            for campus, count in await door.store.scan(f"statistics_{name}", values):
                found[name][campus] = found[name].get(campus, 0) + count
    campuses = {campus for each in found.values() for campus in each}
    return {
        campus: Basis(**{name: each.get(campus, 0) for name, each in found.items()})
        for campus in campuses
    }


async def _recognised(door: Door, period: Period) -> list[tuple[int, int]]:
    both = period.start, period.end
    about = _param("DiagnosticReport", "result"), TYPE_IDS["Observation"]
    return await door.store.scan("statistics_recognised", (*both, *both, *about, *both))


def _portions(door: Door, book: Book | None, start: int) -> Iterator[tuple[int, ...]]:
    """Yield the catalogue's terms with the oldest tick that still counts, so many at a time.

    The codes of an item stay together, so that a report which bears two of them counts once.
    """
    portion: list[int] = []
    for pairs in _terms(door, book, start):
        if len(portion) + len(pairs) > 2 * WIDTH:
            yield _filled(portion)
            portion = []
        portion += pairs
    yield _filled(portion)


def _terms(door: Door, book: Book | None, start: int) -> Iterator[list[int]]:
    for item in book.catalogue.items if book else ():
        window = max(item.windows.values(), default=0)
        if window <= 0 or item.negative:
            continue
        pairs: list[int] = []
        for code in book.codes_of(item) if book else ():
            for term in _term(door, code.system, code.code):
                pairs += (term, start - window * SECOND)
        yield pairs


def _filled(portion: list[int]) -> tuple[int, ...]:
    return (*portion, *([-1, 0] * (WIDTH - len(portion) // 2)))


def _standing(door: Door) -> tuple[int, ...]:
    found = [term for code in STANDING for term in _term(door, _CODE, code)]
    return (*found, *([-1] * (len(STANDING) - len(found))))


def _term(door: Door, system: str, code: str) -> Iterator[int]:
    for (number,) in door.store.fetch("system_id", (system,)):
        yield from (term for (term,) in door.store.fetch("term_id", (code, number)))


def _param(base: str, name: str) -> int:
    return search_params(base)[name].stores[0]
