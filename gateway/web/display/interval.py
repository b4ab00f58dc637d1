"""Reference intervals: those of the measuring laboratory, then, for that age and sex.

https://hl7.org/fhir/R4/observation-definitions.html#Observation.referenceRange
"""

from dataclasses import dataclass
from decimal import Decimal

from gateway.web.display.element import Resource, part, parts, text, words
from gateway.web.display.unit import same_unit, unit
from gateway.web.display.value import decimal, quantity_text


@dataclass(frozen=True, slots=True)
class Bounds:
    """An interval to compute with; a side that is None is open."""

    low: Decimal | None
    high: Decimal | None


def intervals(observation: Resource) -> tuple[str, ...]:
    """Return every interval that was sent, each as one text."""
    ranges = parts(observation, "referenceRange")
    return tuple(said for one in ranges if (said := _interval(one, observation)))


def bounds(observation: Resource) -> Bounds | None:
    """Return the one interval that the value can be compared with; None if none or several."""
    ranges = [one for one in parts(observation, "referenceRange") if _is_normal(one)]
    if len(ranges) != 1:
        return None
    low, high = (part(ranges[0], side) for side in ("low", "high"))
    measured = part(observation, "valueQuantity")
    if any(unit(side) and not same_unit(side, measured) for side in (low, high) if side):
        return None
    found = Bounds(decimal(low.get("value")), decimal(high.get("value")))
    return None if found.low is None and found.high is None else found


def _interval(one: Resource, observation: Resource) -> str:
    who = " ".join(filter(None, (words(group) for group in parts(one, "appliesTo"))))
    years = part(one, "age")
    ages = _between(part(years, "low"), part(years, "high")) if years else ""
    said = text(one, "text") or _limits(one, observation)
    kind = "" if _is_normal(one) else words(part(one, "type"))
    return " ".join(filter(None, (kind, who, ages, said)))


def _limits(one: Resource, observation: Resource) -> str:
    low, high = part(one, "low"), part(one, "high")
    said = _between(low, high)
    other = unit(low) or unit(high)
    measured = part(observation, "valueQuantity")
    if not said or not other or (measured and same_unit(low or high, measured)):
        return said
    return f"{said} {other}"


def _between(low: Resource, high: Resource) -> str:
    below, above = quantity_text(low), quantity_text(high)
    if below and above:
        return f"{below}~{above}"
    return f"≥{below}" if below else f"≤{above}" if above else ""


def _is_normal(one: Resource) -> bool:
    """Return whether the interval is the normal one, which is what no type means."""
    codes = [text(coding, "code") for coding in parts(part(one, "type"), "coding")]
    return not codes or "normal" in codes
