"""The structure of a resource, checked at the door.

https://hl7.org/fhir/R4/validation.html: structure, cardinality, value domains, required bindings
and the types that references point to. Profiles and invariants are not looked at here.
"""

from collections import deque
from collections.abc import Mapping
from typing import Final

from gateway.errors import Issue
from gateway.fhir import targets, walk
from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.nesting import Resource, Siblings, Within, deeper_than, taken_apart
from gateway.fhir.schemas import accepts

# Resources within resources: a Parameters that carries a Bundle of documents needs three levels.
MAX_NESTING: Final = 8
# Objects and arrays in one resource; the deepest official example, answers to answers, has 21.
MAX_DEPTH: Final = 64
HOLDERS: Final = frozenset({"", "Bundle", "Parameters"})
"""Types that hold resources besides what is contained, and what names none."""


def deepest(body: bytes) -> int:
    """Return how deep objects and arrays of a body nest at most: they are no more than that."""
    return body.count(b"{") + body.count(b"[")


def check(resource: Mapping[str, object], depth: int = MAX_DEPTH + 1) -> list[Issue]:
    """Return what is wrong with a resource and those within it; nothing where all is well.

    `depth` is as deep as it nests at most, if that is known.
    """
    place = str(resource["resourceType"]) if _names_a_type(resource) else ""
    if place not in HOLDERS and "contained" not in resource and depth <= MAX_DEPTH:
        return _issues(resource, place, {})
    pending = deque([Within(place, resource)])
    issues: list[Issue] = []
    while pending and len(issues) < walk.MAX_ISSUES:
        found = pending.popleft()
        value = found.value
        if not isinstance(value, dict) or not _names_a_type(value):
            text = "A resource was expected: an object whose resourceType names one of R4."
            issues.append(Issue("error", "structure", text, found.place))
            continue
        if found.level > MAX_NESTING:
            issues.append(Issue("error", "too-long", "Nested too deep.", found.place))
            continue
        if found.siblings is not None and "contained" in value:
            text = "A contained resource contains none itself."
            issues.append(Issue("error", "structure", text, f"{found.place}.contained"))
            continue
        apart = taken_apart(value, found.place, found.level)
        contained = apart.contained if found.siblings is None else found.siblings
        if depth > MAX_DEPTH and deeper_than(MAX_DEPTH, apart.shell):
            issues.append(Issue("error", "too-long", "Nested too deep.", found.place))
        else:
            issues += _issues(apart.shell, found.place, contained)
        pending += apart.within
    return issues


def _names_a_type(resource: Resource) -> bool:
    name = resource.get("resourceType")
    return isinstance(name, str) and name in TYPE_IDS


def _issues(shell: Resource, place: str, contained: Siblings) -> list[Issue]:
    try:
        accepted = accepts(shell["resourceType"])(shell)
    except ValueError:
        accepted = False  # a number still in its own digits
    if not accepted and (issues := walk.issues_in(shell, place)):
        return issues  # references can be followed only where the structure holds
    return targets.issues_in(shell, place, contained)
