"""What a result says of whose it is: a blood group, a sex. Pure.

Blood groups of one human never differ; what only one sex has, the other has not.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import resources
from typing import Any, Final

from gateway.fhir.text import fold
from mappers.names import LOINC

STANDING: Final = frozenset({"preliminary", "partial", "final", "amended", "corrected", "appended"})

ABO: Final = "abo"
RH: Final = "rh"
BLOOD_GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "882-1": (ABO, RH),
    "883-9": (ABO,),
    "10331-7": (RH,),
    "34530-6": (ABO, RH),
}
"""LOINC codes of a patient's own blood; newborns' and units' have others."""
LOCAL_GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "ABO": (ABO,),
    "RH": (RH,),
    "RHD": (RH,),
    "ABORH": (ABO, RH),
    "XX": (ABO, RH),
}
"""Item codes that laboratories give them, 血型 among them."""

_ASIDE = re.compile(r"abo|rh[\s(-]*d?\)?(?![a-z])|group|type|blood|factor|血型|型")
_ABO = re.compile(r"(?<![a-z])(a[1-3]?b|a[1-3]?|b|o)(?![a-z])")
_POSITIVE = re.compile(r"pos|阳|[+＋]")
_NEGATIVE = re.compile(r"neg|阴|[-−－]")
_WEAK = re.compile(r"weak|弱|partial|部分|unknown|不确定|待|[?？]")
"""A weak D is told as either by turns."""

Groups = dict[str, str]


def is_told(resource: Mapping[str, Any]) -> bool:
    """Return whether a result says something that holds."""
    return resource.get("status") in STANDING


def blood_groups(resource: Mapping[str, Any]) -> Groups:
    """Return what an Observation says of ABO and Rh, empty if it is about something else."""
    found: Groups = {}
    for one in (resource, *resource.get("component", ())):
        kinds = _kinds(one.get("code", {}))
        if kinds:
            text = _value(one)
            found |= {kind: said for kind in kinds if (said := _said(kind, text))}
    return found


def asks_blood_group(resource: Mapping[str, Any]) -> bool:
    """Return whether an Observation is about a blood group at all."""
    if _kinds(resource.get("code", {})):
        return True
    return any(_kinds(one.get("code", {})) for one in resource.get("component", ()))


def _kinds(code: Mapping[str, Any]) -> tuple[str, ...]:
    for coding in code.get("coding", ()):
        system, value = coding.get("system", ""), str(coding.get("code", ""))
        if system == LOINC and value in BLOOD_GROUPS:
            return BLOOD_GROUPS[value]
        if (kinds := LOCAL_GROUPS.get(value.upper())) and system.startswith("urn:hutong:"):
            return kinds
    return ()


def _value(one: Mapping[str, Any]) -> str:
    concept = one.get("valueCodeableConcept", {})
    texts = [one.get("valueString"), concept.get("text")]
    texts += [coding.get("display") for coding in concept.get("coding", ())]
    return fold(next(filter(None, texts), ""))


def _said(kind: str, text: str) -> str:
    rest = _ASIDE.sub(" ", text)
    if kind == ABO:
        found = {re.sub(r"\d", "", one) for one in _ABO.findall(rest)}
        return found.pop() if len(found) == 1 else ""
    if _WEAK.search(rest):
        return ""
    said = {sign for sign, pattern in (("+", _POSITIVE), ("-", _NEGATIVE)) if pattern.search(rest)}
    return said.pop() if len(said) == 1 else ""


def _rows() -> Iterator[dict[str, str]]:
    text = (resources.files(__package__) / "codes" / "sex_specific.csv").read_text("utf-8")
    yield from csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))


_ROWS: Final = tuple(_rows())
_LOINC: Final = {row["code"]: row["sex"] for row in _ROWS if row["kind"] == "loinc"}
_WORDS: Final = {row["code"]: row["sex"] for row in _ROWS if row["kind"] == "word"}


def sex_of(resource: Mapping[str, Any]) -> str:
    """Return which sex alone has what a result is about, "" where both have it."""
    code = resource.get("code", {})
    codings = code.get("coding", ())
    for coding in codings:
        if coding.get("system") == LOINC and coding.get("code") in _LOINC:
            return _LOINC[coding["code"]]
    return _sex_named(" ".join(filter(None, (code.get("text"), *map(_display, codings)))))


def _display(coding: Mapping[str, Any]) -> str | None:
    return coding.get("display")


@lru_cache(8192)
def _sex_named(text: str) -> str:
    # An item for either, such as 前列腺（子宫附件）, says nothing.
    sexes = {sex for word, sex in _WORDS.items() if word in text}
    return sexes.pop() if len(sexes) == 1 else ""
