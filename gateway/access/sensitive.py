"""The sensitive list: what only the owning and the ordering campus read (DESIGN §3).

Labels: https://hl7.org/fhir/R4/security-labels.html
"""

import csv
import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib import resources
from typing import Any, Final

from gateway.fhir.clinical import clinical
from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.text import fold

LOINC: Final = "http://loinc.org"
CONFIDENTIALITY: Final = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
ACT_CODE: Final = "http://terminology.hl7.org/CodeSystem/v3-ActCode"

RESTRICTED_CODES: Final = frozenset({"R", "V"})
SECURITY: Final = {"system": CONFIDENTIALITY, "code": "R", "display": "restricted"}
"""The label of everything sensitive, and of all that was made from the same order group."""

POLICIES: Final = {
    "hiv": ("HIV", "HIV/AIDS information sensitivity"),
    "psychiatric": ("PSY", "psychiatry disorder information sensitivity"),
    "genetic": ("GDIS", "genetic disease information sensitivity"),
    "assault": ("SDV", "sexual assault, abuse, or domestic violence information sensitivity"),
}
"""Classes that v3-ActCode has a policy for."""

CODED: Final = (
    "code",
    "category",
    "type",
    "reasonCode",
    "orderDetail",
    "conclusionCode",
    "valueCodeableConcept",
    "medicationCodeableConcept",
    "vaccineCode",
    "serviceType",
    "specialty",
)
"""The elements that say what a resource is about."""

FLAT: Final = frozenset({"DiagnosticReport", "Observation", "ServiceRequest", "Specimen"})
"""Types whose elements of CODED, and components, say it all; others are looked through."""

Resource = Mapping[str, Any]


def is_sensitive(resource: Resource) -> bool:
    """Return whether it, or one within it, is on the list or was labelled by whoever wrote it."""
    return any(map(_is_listed, _with_inner(resource)))


def _is_listed(resource: Resource) -> bool:
    for concept in _concepts(resource):
        if _of_concept(concept):
            return True
    return _is_labelled(resource)


def labels(resource: Resource) -> list[dict[str, str]]:
    """Return the codings that `meta.security` of a sensitive resource must hold, else none."""
    if not is_sensitive(resource):
        return []
    found = classes(resource)
    return [SECURITY] + [
        {"system": ACT_CODE, "code": code, "display": display}
        for name, (code, display) in POLICIES.items()
        if name in found
    ]


def classes(resource: Resource) -> frozenset[str]:
    """Return the classes of the list that its codes and names belong to, and of those within."""
    found: frozenset[str] = frozenset()
    for one in _with_inner(resource):
        found |= _of_one(one)
    return found


def _with_inner(resource: Resource) -> Iterator[Resource]:
    """Yield a resource and those that it holds: contained, entries of a Bundle, parameters."""
    yield resource
    for one in resource.get("contained", ()):
        yield from _with_inner(one)
    for name in ("entry", "parameter", "part"):
        for holder in resource.get(name, ()):
            if "resource" in holder:
                yield from _with_inner(holder["resource"])
            if "part" in holder:
                yield from _with_inner({"part": holder["part"]})


def _of_one(resource: Resource) -> frozenset[str]:
    found: frozenset[str] = frozenset()
    for concept in _concepts(resource):
        found |= _of_concept(concept)
    return found


def _is_labelled(resource: Resource) -> bool:
    meta = resource.get("meta")
    security = meta.get("security") if isinstance(meta, Mapping) else None
    if not security:
        return False
    return any(
        coding.get("system") == CONFIDENTIALITY and coding.get("code") in RESTRICTED_CODES
        for coding in security
    )


def _concepts(resource: Resource) -> Iterator[Mapping[str, Any]]:
    type_ = resource.get("resourceType", "")
    if type_ not in FLAT and type_ in TYPE_IDS and clinical(type_):
        yield from _nested(resource)
        return
    for name in CODED:
        value = resource.get(name)
        if isinstance(value, dict):
            yield value
        elif isinstance(value, list):
            yield from (one for one in value if isinstance(one, dict))
    for component in resource.get("component", ()):
        if isinstance(component, dict) and "code" in component:
            yield component["code"]


def _nested(value: object) -> Iterator[Mapping[str, Any]]:
    """Yield every concept of a resource that says what it is about at any depth."""
    if isinstance(value, dict):
        if "coding" in value or ("text" in value and len(value) == 1):
            yield value
        elif "code" in value and "system" in value:
            yield {"coding": [value]}
        for name, one in value.items():
            if name != "contained" and isinstance(one, (dict, list)):
                yield from _nested(one)
    elif isinstance(value, list):
        for one in value:
            yield from _nested(one)


def _of_concept(concept: Mapping[str, Any]) -> frozenset[str]:
    found = _of_name(concept.get("text", ""))
    for coding in concept.get("coding", ()):
        if (name := coding.get("display")) and (its := _of_name(name)):
            found |= its
        if coding.get("system") == LOINC:
            listed = _codes().get(coding.get("code", ""))
            if listed:
                found |= {listed}
    return found


@lru_cache(8192)
def _of_name(name: str) -> frozenset[str]:
    """Return the classes that a name belongs to; item names come again and again."""
    if not name:
        return frozenset()
    folded = fold(name)
    return frozenset(class_ for class_, pattern in _words() if pattern.search(folded))


@cache
def _codes() -> dict[str, str]:
    return {row["code"]: row["class"] for row in _rows("sensitive_loinc.csv")}


@cache
def _words() -> tuple[tuple[str, re.Pattern[str]], ...]:
    words: dict[str, list[str]] = {}
    for row in _rows("sensitive_words.csv"):
        words.setdefault(row["class"], []).append(_pattern(fold(row["word"])))
    return tuple((class_, re.compile("|".join(all_))) for class_, all_ in words.items())


def _pattern(word: str) -> str:
    escaped = re.escape(word)
    return rf"(?<![a-z0-9]){escaped}(?![a-z0-9])" if word.isascii() else escaped


def _rows(name: str) -> list[dict[str, str]]:
    text = resources.files("gateway.access").joinpath("codes", name).read_text(encoding="utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
