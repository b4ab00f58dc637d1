"""Whether a result is critical: by its flag, or by a row of a table. Pure.

recognition.md §2.10.13: preliminary results count, `<` and `>` are judged at their bound, unknown
age or sex takes the strictest row, and what a table cannot judge is "unjudged", never "not".
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final, Literal

from gateway.workflow.critical.ages import NOBODY, About, applies
from gateway.workflow.critical.limits import Side, Unjudged, crosses, numbers
from gateway.workflow.critical.model import Row, Table, limit
from gateway.workflow.critical.words import Coded, is_among, texts
from mappers.base import Resource
from mappers.flags import flag
from mappers.names import LOINC
from mappers.numbers import folded

Level = Literal["critical", "unjudged", "not"]
LEVELS: Final[tuple[Level, ...]] = "not", "unjudged", "critical"
FLAGS: Final = frozenset({"HH", "LL", "AA", "HU", "LU"})
"""Of v3-ObservationInterpretation (and OBX-8, table 0078): critical and significant ones."""
WITHDRAWN: Final = frozenset({"entered-in-error", "cancelled"})
DANGER: Final = re.compile(r"(?<![非不无])危")
"""Laboratories write 危, 危高, 危急(低) and more than a list could hold."""
HAEMOLYSED: Final = ("溶血", "haemolys", "hemolys", "haemolyz", "hemolyz")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of one measured thing. `rule` is `flag` or the row's id."""

    level: Level
    rule: str = ""
    group: str = ""
    """Analyte group, `potassium`; of an item in no table its own code."""
    table: str = ""
    """Code of the campus whose table it was, `county`, "" for a flag."""
    name: str = ""
    category: str = "lab"
    reason: str = ""
    """Why it could not be judged: `unit`, `no-unit`, `text`, `no-limit`."""
    direction: str = ""
    """`low` or `high` where a number says so."""
    caution: str = ""
    """`haemolysed`: to be looked at again, and never left out."""
    part: int = -1
    """Which component, -1 for the Observation's own value."""


NOT: Final = Judgement("not")


def judge(tables: Sequence[Table], observation: Resource, who: About = NOBODY) -> Judgement:
    """Return the gravest judgement of an Observation or DiagnosticReport and its components."""
    return max(
        judged(tables, observation, who), key=lambda one: LEVELS.index(one.level), default=NOT
    )


def judged(tables: Sequence[Table], resource: Resource, who: About) -> list[Judgement]:
    """Return a judgement for the value and for each component, those that are not critical too."""
    if resource.get("status") in WITHDRAWN:
        return [NOT]
    if resource.get("resourceType") == "DiagnosticReport":
        return [_concluded(tables, resource)]
    caution = _caution(resource)
    parts = [(-1, resource)]
    # A component's flag may stand at the whole alone; a component says what was measured itself.
    parts += enumerate(resource.get("component", ()))
    found = [replace(_one(tables, one, who), part=at, caution=caution) for at, one in parts]
    if found[0].level != "critical" and not _has_value(resource) and len(found) > 1:
        return found[1:]
    return found


def is_flagged(element: Resource) -> bool:
    """Return whether the laboratory itself says that it is critical."""
    for concept in element.get("interpretation", ()):
        for coding in concept.get("coding", ()):
            if str(coding.get("code", "")).upper() in FLAGS:
                return True
        # A code of the sender's own says nothing here; what stands beside it may.
        if "text" in concept and _says_critical(str(concept["text"])):
            return True
    return False


def _says_critical(text: str) -> bool:
    return flag(text)[0] in FLAGS or DANGER.search(text) is not None


def group_of(tables: Sequence[Table], element: Resource) -> tuple[str, str, str]:
    """Return analyte group, name and category of what was measured."""
    code = element.get("code", {})
    for row in _rows(tables, code):
        return row[1].group, row[1].name, row[1].category
    return _own_group(code), _display(code), "lab"


def _one(tables: Sequence[Table], element: Resource, who: About) -> Judgement:
    group, name, category = group_of(tables, element)
    known = Judgement("not", group=group, name=name, category=category)
    if is_flagged(element):
        return replace(known, level="critical", rule="flag", direction=_direction(element))
    rows = list(_rows(tables, element.get("code", {})))
    if not rows or not _has_value(element):
        return known
    found = [_by_row(table, row, element) for table, row in rows if applies(row, who)]
    return max(found, key=lambda one: LEVELS.index(one.level), default=known)


def _by_row(table: Table, row: Row, element: Resource) -> Judgement:
    known = Judgement("not", table.name(row), row.group, table.code, row.name, row.category)
    if row.values:
        listed = is_among(row.values, element)
        if listed is None:
            return replace(known, level="unjudged", reason="text")
        return replace(known, level="critical") if listed else known
    try:
        hit = _crossed(row, element)
    except Unjudged as error:
        return replace(known, level="unjudged", reason=str(error))
    return replace(known, level="critical", direction=hit) if hit else known


def _crossed(row: Row, element: Resource) -> str:
    """Return `low` or `high` if a number is beyond that limit; Unjudged."""
    sides = {"low": _side(row.low, "<"), "high": _side(row.high, ">")}
    if not any(sides.values()):
        raise Unjudged("no-limit")
    for one in numbers(element, row.unit):
        for direction, side in sides.items():
            if side and crosses(one, side):
                return direction
    return ""


@lru_cache(maxsize=4096)
def _side(text: str, direction: str) -> Side | None:
    found = limit(text, direction) if text else None
    return Side(direction, Fraction(found.value), found.inclusive) if found else None


def _rows(tables: Sequence[Table], code: Resource) -> Iterator[tuple[Table, Row]]:
    """Yield the rows for a code: by its codings, by its name only where it has no LOINC code."""
    codings = code.get("coding", ())
    keys = {(str(one.get("system", "")), str(one.get("code", ""))) for one in codings}
    named = frozenset[str]()
    if all(system != LOINC for system, _ in keys):
        named = frozenset(map(key, texts_of(code)))
    for table in tables:
        for row in table.rows:
            codes, names = reach(row)
            if not keys.isdisjoint(codes) or not named.isdisjoint(names):
                yield table, row


@lru_cache(maxsize=8192)
def reach(row: Row) -> tuple[frozenset[tuple[str, str]], frozenset[str]]:
    """Return the (system, code) pairs and the names that a row is for."""
    pairs = ((LOINC, one) if "|" not in one else one.rpartition("|")[::2] for one in row.codes)
    return frozenset(pairs), frozenset(map(key, row.names))


@lru_cache(maxsize=8192)
def key(name: str) -> str:
    """Return a name of an item as it is compared."""
    return "".join(folded(name).casefold().split())


def texts_of(code: Resource) -> Iterable[str]:
    """Yield what a code is called."""
    if text := code.get("text"):
        yield str(text)
    for coding in code.get("coding", ()):
        if display := coding.get("display"):
            yield str(display)


def _display(code: Resource) -> str:
    return next(iter(texts_of(code)), "") or next(
        (str(one["code"]) for one in code.get("coding", ()) if one.get("code")), ""
    )


def _own_group(code: Resource) -> str:
    """Return the group of an item that no table knows: LOINC, else its first coding, else text."""
    codings = [one for one in code.get("coding", ()) if one.get("code")]
    codings.sort(key=lambda one: one.get("system") != LOINC)
    if codings:
        return f"{codings[0].get('system', '')}|{codings[0]['code']}"
    return f"text|{key(str(code.get('text', '')))}"


def _concluded(tables: Sequence[Table], report: Resource) -> Judgement:
    """Judge a report by its coded conclusions; what is only written cannot be judged."""
    codings = [
        Coded(str(coding.get("system", "")), str(coding.get("code", "")))
        for concept in report.get("conclusionCode", ())
        for coding in concept.get("coding", ())
    ]
    for table in tables:
        for row in table.rows:
            if row.category == "imaging" and any(one.text in row.values for one in codings):
                return Judgement(
                    "critical", table.name(row), row.group, table.code, row.name, row.category
                )
    if codings or not report.get("conclusion"):
        return NOT
    return Judgement("unjudged", reason="text", category="imaging")


def _has_value(element: Resource) -> bool:
    return any(name.startswith("value") for name in element)


def _direction(element: Resource) -> str:
    codes: set[Any] = {
        coding.get("code")
        for concept in element.get("interpretation", ())
        for coding in concept.get("coding", ())
    }
    if codes & {"HH", "HU"}:
        return "high"
    return "low" if codes & {"LL", "LU"} else ""


def _caution(observation: Resource) -> str:
    told = " ".join(texts(observation)).casefold()
    return "haemolysed" if any(word in told for word in HAEMOLYSED) else ""
