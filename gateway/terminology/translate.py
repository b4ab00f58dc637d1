"""`ConceptMap/$translate`: what a code of one system is in another, in either direction.

https://hl7.org/fhir/R4/conceptmap-operation-translate.html
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.fhir.library import Library, Resource
from gateway.terminology.judge import Coding

MATCHING: Final = frozenset(
    {"relatedto", "equivalent", "equal", "wider", "subsumes", "narrower", "specializes", "inexact"}
)
"""Equivalences that are a match, as `unmatched` and `disjoint` are not."""
COST: Final = 5
"""Looks that a coding is worth in each group of a map."""
REVERSED: Final = {
    "wider": "narrower",
    "narrower": "wider",
    "subsumes": "specializes",
    "specializes": "subsumes",
}


@dataclass(frozen=True, slots=True)
class Match:
    """One code that another is mapped to."""

    equivalence: str
    system: str
    code: str
    display: str = ""
    source: str = ""


def translated(
    library: Library,
    maps: Iterable[Resource],
    codings: Sequence[Coding],
    target: str = "",
    *,
    reverse: bool = False,
) -> list[Match]:
    """Return what any of the maps has for any of the codings, each once; CostlyError."""
    found: dict[Match, None] = {}
    for each in maps:
        for group in each.get("group", ()):
            library.spend(COST * len(codings) + len(group.get("element", ())))
            matches = _group(group, codings, each.get("url", ""), reverse=reverse)
            found |= dict.fromkeys(one for one in matches if target in {"", one.system})
    return list(found)


def _group(
    group: Resource, codings: Sequence[Coding], url: str, *, reverse: bool
) -> Iterator[Match]:
    near, far = group.get("source", ""), group.get("target", "")
    if reverse:
        near, far = far, near
    wanted = {one.code for one in codings if one.system in {"", near}}
    if not wanted:
        return
    if reverse:
        yield from _backwards(group, wanted, far, url)
        return
    known = set()
    for element in group.get("element", ()):
        if element.get("code") in wanted:
            known.add(element["code"])
            yield from _targets(element, far, url)
    for code in sorted(wanted - known):
        yield from _unmapped(group.get("unmapped"), code, far, url)


def _targets(element: Resource, system: str, url: str) -> Iterator[Match]:
    for one in _unconditional(element):
        if "code" in one:
            equivalence = one.get("equivalence", "")
            yield Match(equivalence, system, one["code"], one.get("display", ""), url)


def _unconditional(element: Resource) -> list[Resource]:
    """Return the targets that hold whatever else is known: nobody can tell an operation more."""
    return [one for one in element.get("target", ()) if "dependsOn" not in one]


def _unmapped(rule: Resource | None, code: str, system: str, url: str) -> Iterator[Match]:
    """Yield what a map says of codes that it does not name."""
    mode = rule.get("mode") if rule else None
    if mode == "provided":
        yield Match("equal", system, code, "", url)
    elif rule is not None and mode == "fixed" and "code" in rule:
        yield Match("inexact", system, rule["code"], rule.get("display", ""), url)


def _backwards(group: Resource, wanted: set[str], system: str, url: str) -> Iterator[Match]:
    for element in group.get("element", ()):
        for one in _unconditional(element):
            if one.get("code") in wanted and "code" in element:
                equivalence = str(one.get("equivalence", ""))
                said = REVERSED.get(equivalence, equivalence)
                yield Match(said, system, element["code"], element.get("display", ""), url)


def parameters(matches: Sequence[Match]) -> list[dict[str, Any]]:
    """Return matches as the operation's parameters."""
    result = any(one.equivalence in MATCHING for one in matches)
    found: list[dict[str, Any]] = [{"name": "result", "valueBoolean": result}]
    if not matches:
        found.append({"name": "message", "valueString": "No map says anything of the code."})
    return found + [{"name": "match", "part": _parts(one)} for one in matches]


def _parts(one: Match) -> list[dict[str, Any]]:
    concept = {"system": one.system, "code": one.code, "display": one.display}
    parts: list[dict[str, Any]] = [
        {"name": "equivalence", "valueCode": one.equivalence},
        {"name": "concept", "valueCoding": {key: value for key, value in concept.items() if value}},
    ]
    return [*parts, {"name": "source", "valueUri": one.source}] if one.source else parts
