"""A result as it was written, to Observation.value[x] or dataAbsentReason.

https://hl7.org/fhir/R4/observation-definitions.html#Observation.value_x_
"""

import re
from typing import Any, Final

import msgspec

from mappers.base import Resource
from mappers.codes import table
from mappers.flags import flag
from mappers.names import ABSENT_REASON, DEGREE, EXT_ORIGINAL_TEXT, INTERPRETATION
from mappers.numbers import PLAIN, folded, number
from mappers.ranges import BETWEEN, NUMBER
from mappers.units import ucum, unit

QUALITATIVE = table("qualitative")
ABSENT = table("absent")

NUMERIC: Final = "numeric"
"""The sender says that it is a number (NM, SN)."""
MEASURED: Final = "measured"
"""A text beside a unit or a range: a bare number in it is a number."""
TEXT: Final = "text"
"""A text: a bare number in it may be anything."""

FILLER = re.compile(r"(?:\*+|-{2,}|\.{2,}|_{2,}|\?+|…+)\Z")
COMPARED = re.compile(
    rf"(?P<sign>[<>]=?|=[<>]|[≤≥≦≧]|小于|大于)\s*(?P<number>{NUMBER}|\.\d+)\s*(?P<rest>.*)"
)
COUNTED = re.compile(rf"(?P<number>{NUMBER}|\.\d+)\s*(?P<rest>.*)")
TITRE = re.compile(r"(?P<word>\D*?)\s*\(?(?P<sign>[<>]=?|[≤≥])?\s*1\s*[:/]\s*(?P<titre>\d+)\)?")
COMPARATORS = {
    "<": "<", ">": ">", "<=": "<=", ">=": ">=", "=<": "<=", "=>": ">=",
    "≤": "<=", "≥": ">=", "≦": "<=", "≧": ">=", "小于": "<", "大于": ">",
}  # fmt: skip
BRACKETS = "()[]【】 "


class Value(msgspec.Struct, frozen=True):
    """What a text says; name and content are empty where it says nothing."""

    name: str = ""
    """`valueQuantity`…"""
    content: Any = None
    flag: str = ""
    """What stood behind the value: an arrow, a word in brackets."""
    understood: bool = True
    """False: it should have been a number."""
    changed: bool = False
    """Whether its digits were rewritten or something stood beside them: the text is kept too."""


def read(text: str, units: Resource, kind: str) -> Value:
    """Return the value of a text; units is the unit part of a Quantity."""
    if kind != TEXT and PLAIN.match(text):  # nearly all results
        return Value("valueQuantity", {"value": msgspec.Raw(text), **units})
    plain = folded(text)
    if not plain:
        return Value()
    for reading in READINGS:
        value = reading(plain, units, kind)
        if value is not None:
            if value.changed:
                value.content["extension"] = [{"url": EXT_ORIGINAL_TEXT, "valueString": text}]
            return value
    return Value("valueString", text, understood=kind != NUMERIC)


def absent(code: str, text: str = "") -> Resource:
    """Return a dataAbsentReason."""
    element: Resource = {"coding": [{"system": ABSENT_REASON, "code": code}]}
    if text:
        element["text"] = text
    return element


def quantity(text: str, units: Resource, comparator: str = "") -> Resource:
    """Return a Quantity; text is a number as JSON writes it."""
    element: Resource = {"value": msgspec.Raw(text)}
    if comparator:
        element["comparator"] = comparator
    return {**element, **units}


def ratio(numerator: str, denominator: str, comparator: str = "") -> Resource:
    """Return a Ratio, the titre 1:160 as 1 to 160."""
    return {
        "numerator": quantity(numerator, {}),
        "denominator": quantity(denominator, {}, comparator),
    }


def qualitative(text: str) -> Resource | None:
    """Return a word for a result as CodeableConcept, None if it is no such word."""
    found = QUALITATIVE.get(folded(text).replace(" ", "").upper())
    if found is None:
        return None
    code, display, degree = found
    coding = [{"system": INTERPRETATION, "code": code, "display": display}]
    if degree:
        coding.append({"system": DEGREE, "code": degree})
    return {"coding": coding, "text": text.strip()}


def _nothing(plain: str, _: Resource, kind: str) -> Value | None:
    tight = plain.replace(" ", "").upper()
    if found := ABSENT.get(tight):
        return Value("dataAbsentReason", absent(found[0], plain))
    if FILLER.match(tight) or (kind == NUMERIC and tight == "-"):
        return Value("dataAbsentReason", absent("unknown", plain))
    return None


def _word(plain: str, _: Resource, __: str) -> Value | None:
    concept = qualitative(plain)
    return Value("valueCodeableConcept", concept) if concept else None


def _counted(plain: str, units: Resource, kind: str) -> Value | None:
    match = COUNTED.fullmatch(plain)
    if match is None or (kind == TEXT and not match["rest"]):
        return None
    return _quantity(match["number"], "", match["rest"], units)


def _compared(plain: str, units: Resource, _: str) -> Value | None:
    match = COMPARED.fullmatch(plain)
    if match is None:
        return None
    return _quantity(match["number"], COMPARATORS[match["sign"]], match["rest"], units)


def _quantity(digits: str, comparator: str, rest: str, units: Resource) -> Value | None:
    amount = number(digits)
    tail = _tail(rest, units)
    if amount is None or tail is None:
        return None
    changed = amount != digits or bool(rest)
    content = quantity(amount, tail[1], comparator)
    return Value("valueQuantity", content, tail[0], changed=changed)


def _tail(rest: str, units: Resource) -> tuple[str, Resource] | None:
    """Return flag and unit for what stands behind a number, None if it is neither."""
    if not rest or rest == units.get("unit"):
        return "", units
    word = rest.strip(BRACKETS)
    # A letter may as well be a unit: 1.5 L is two things unless the unit is given.
    if (_is_flag(word) and (units or not word.isascii())) or word == "*":
        return word, units
    return ("", unit(rest)) if not units and ucum(rest) else None


def _is_flag(word: str) -> bool:
    """Return whether a word behind a number is a flag; U, E or D may be anything."""
    return bool(flag(word)[0]) and not (word.isascii() and len(word) == 1 and word not in "HLNA")


def _titre(plain: str, _: Resource, kind: str) -> Value | None:
    match = TITRE.fullmatch(plain)
    if match is None:
        return None
    word = match["word"].strip(BRACKETS)
    if word and not flag(word)[0]:
        return None
    if "/" in plain and kind == TEXT:
        return None
    content = ratio(
        "1", match["titre"].lstrip("0") or "0", COMPARATORS.get(match["sign"] or "", "")
    )
    return Value("valueRatio", content, word, changed=bool(word))


def _range(plain: str, units: Resource, kind: str) -> Value | None:
    match = BETWEEN.fullmatch(plain) if kind != TEXT else None
    if match is None or match["low"].startswith("-"):
        return None
    low, high, tail = number(match["low"]), number(match["high"]), _tail(match["rest"], units)
    if low is None or high is None or tail is None or float(low) > float(high):
        return None
    content = {"low": quantity(low, tail[1]), "high": quantity(high, tail[1])}
    return Value("valueRange", content, tail[0], changed=bool(match["rest"]))


READINGS = (_nothing, _word, _counted, _compared, _titre, _range)
