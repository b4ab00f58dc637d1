"""Reference ranges as written: the text always, low and high where it is sure.

https://hl7.org/fhir/R4/observation-definitions.html#Observation.referenceRange
"""

import re
from functools import lru_cache

import msgspec

from mappers.base import Resource
from mappers.names import ADMINISTRATIVE_GENDER
from mappers.numbers import folded, number

NUMBER = r"[+-]?\d[\d,]*(?:\.\d+)?(?:(?:[eE]|[×xX*]10\^?)[+-]?\d{1,3})?"
BETWEEN = re.compile(
    rf"(?P<low>{NUMBER})\s*(?:-{{1,3}}|~|to|至|到)\s*(?P<high>{NUMBER})\s*(?P<rest>.*)"
)
BELOW = re.compile(rf"(?:<=?|≤|小于|低于)\s*(?P<high>{NUMBER})\s*(?P<rest>.*)")
ABOVE = re.compile(rf"(?:>=?|≥|大于|高于)\s*(?P<low>{NUMBER})\s*(?P<rest>.*)")
SEXES = {"男": ("male", "Male"), "女": ("female", "Female")}
BY_SEX = re.compile(r"(?P<sex>[男女])性?\s*[::]?\s*(?P<range>[^男女;,;,\n]+)")
NONE = {"-", "--", "---", "/", "无"}


class Bounds(msgspec.Struct, frozen=True):
    """One range: numbers as JSON writes them, "" for an open end."""

    text: str
    low: str = ""
    high: str = ""
    sex: str = ""


@lru_cache(maxsize=4096)
def bounds(text: str, unit: str) -> tuple[Bounds, ...]:
    """Return the ranges of a text; bounds in another unit than the value's are not numbers."""
    plain = folded(text)
    if not plain or plain in NONE:
        return ()
    parts = [(match["sex"], match["range"].strip()) for match in BY_SEX.finditer(plain)]
    if len({sex for sex, _ in parts}) == len(SEXES) == len(parts):
        found = [_one(part, part, unit, sex) for sex, part in parts]
        if all(each.low or each.high for each in found):
            return tuple(found)
    return (_one(text.strip(), plain, unit, ""),)


def _one(text: str, plain: str, unit: str, sex: str) -> Bounds:
    match = BETWEEN.fullmatch(plain) or BELOW.fullmatch(plain) or ABOVE.fullmatch(plain)
    if match is None:
        return Bounds(text, sex=sex)
    found = match.groupdict()
    if _is_doubtful(plain, found):
        return Bounds(text, sex=sex)
    if found["rest"] and found["rest"].replace(" ", "") != folded(unit).replace(" ", ""):
        return Bounds(text, sex=sex)
    return Bounds(
        text, number(found.get("low") or "") or "", number(found.get("high") or "") or "", sex
    )


def _is_doubtful(plain: str, found: dict[str, str | None]) -> bool:
    """Return whether the bounds are the wrong way round, or one minus may be a sign: -3--1."""
    low, high = number(found.get("low") or ""), number(found.get("high") or "")
    if low and high and float(low) > float(high):
        return True
    return plain.startswith("-") and "--" in plain


def reference_ranges(text: str, unit: Resource) -> list[Resource]:
    """Return Observation.referenceRange; unit is the unit part of the value's Quantity."""
    return [_range(each, unit) for each in bounds(text, str(unit.get("unit", "")))]


def _range(one: Bounds, unit: Resource) -> Resource:
    element: Resource = {}
    if one.low:
        element["low"] = {"value": msgspec.Raw(one.low), **unit}
    if one.high:
        element["high"] = {"value": msgspec.Raw(one.high), **unit}
    if one.sex:
        code, display = SEXES[one.sex]
        coding = {"system": ADMINISTRATIVE_GENDER, "code": code, "display": display}
        element["appliesTo"] = [{"coding": [coding], "text": one.sex}]
    element["text"] = one.text
    return element
