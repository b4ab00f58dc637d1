"""What proves a laboratory's quality, and which result it covers.

EQA (室间质评), IQC (室内质控), accreditation (ISO 15189) and image quality: per campus, item and
period, where needed per laboratory and instrument (reference/recognition.md §2.1, III).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

ACCREDITATION: Final = "accreditation"
SCHEMES: Final = (ACCREDITATION, "eqa", "iqc", "image-quality")
"""The best first: a mark rests on one."""
NATIONAL: Final = "national"
REACH: Final = (NATIONAL, "region", "province", "city", "county", "consortium")
"""Scopes, the widest first."""
PLACES: Final = {
    "national": "全国",
    "region": "区域",
    "province": "本省",
    "city": "本市",
    "county": "本县",
    "consortium": "医共体",
}
PASSED: Final = 12
"""Where a row says it."""
HR: Final = "HR"
"""The unified mark (国卫医发〔2022〕6号): scope, then HR."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One round, certificate or grade. Days are ISO dates, `ends` is the last one."""

    id: int
    campus: int
    laboratory: str
    scheme: str
    organisation: str
    scope: str
    place: str
    item: str
    instrument: str
    round: str
    starts: str
    ends: str
    passed: bool
    source: str
    imported: int
    cursor: str = ""
    done: int | None = None

    @property
    def told(self) -> str:
        """Return the mark as it is printed."""
        return f"{self.place or PLACES[self.scope]}{HR}"


def of_row(row: tuple[Any, ...]) -> Evidence:
    """Return what a row says."""
    values = list(row)
    values[PASSED] = bool(values[PASSED])
    return Evidence(*values)


@dataclass(frozen=True, slots=True)
class Made:
    """How a result came about, as far as it says: "" is unknown. `day` is one of the consortium."""

    campus: int
    item: str
    at: int
    day: str
    laboratory: str = ""
    instrument: str = ""
    days: int = 0
    """For how many days a round proves anything, 0 for as long as it says."""


def passed(evidence: Iterable[Evidence], made: Made) -> list[Evidence]:
    """Return what covers a result for certain, the best first."""
    fit = [
        one
        for one in evidence
        if one.passed
        and one.starts <= made.day <= last_day(one, made)
        and one.laboratory in {"", made.laboratory}
        and one.instrument in {"", made.instrument}
    ]
    return sorted(fit, key=_order)


def last_day(one: Evidence, made: Made) -> str:
    """Return the last day on which evidence counts: an accreditation's own, else of its term."""
    if not made.days or one.scheme == ACCREDITATION:
        return one.ends
    term = date.fromisoformat(one.starts) + timedelta(days=made.days - 1)
    return min(one.ends, term.isoformat())


def _order(one: Evidence) -> tuple[int, int, int]:
    return REACH.index(one.scope), SCHEMES.index(one.scheme), one.id


def failed(evidence: Iterable[Evidence], made: Made) -> Evidence | None:
    """Return the failure that may cover a result; what the result does not say is against it."""
    for one in evidence:
        if (
            not one.passed
            and one.starts <= made.day <= one.ends
            and (not one.laboratory or made.laboratory in {"", one.laboratory})
            and (not one.instrument or made.instrument in {"", one.instrument})
        ):
            return one
    return None
