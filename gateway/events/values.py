"""Dates, amounts and texts of one version compared as the store compares its index rows.

A subscription that asks for nothing else is tried at every change of its type: a question to the
store costs fifty times as much. https://hl7.org/fhir/R4/search.html#prefix
"""

from collections.abc import Callable, Mapping
from typing import Final

from gateway.fhir.dates import matches
from gateway.fhir.extract import Extracted
from gateway.fhir.measures import Measure
from gateway.fhir.text import joined
from gateway.store.query import Amount, Dates, Quantities, Strings, Unit

LONGEST: Final = 400
"""Characters of a text that its index row has all of."""

_NUMBERS: Final[Mapping[str, Callable[[Measure, Amount], bool]]] = {
    "eq": lambda one, asked: asked.lo <= one.lo < asked.hi and one.hi < asked.hi,
    "ne": lambda one, asked: one.lo < asked.lo or one.hi >= asked.hi,
    "gt": lambda one, asked: one.hi > asked.value,
    "lt": lambda one, asked: one.lo < asked.value,
    "ge": lambda one, asked: one.hi >= asked.value,
    "le": lambda one, asked: one.lo <= asked.value,
    "sa": lambda one, asked: one.lo > asked.value,
    "eb": lambda one, asked: one.hi < asked.value,
    "ap": lambda one, asked: one.lo <= asked.hi and one.hi >= asked.lo,
}
_TEXTS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "exact": lambda value, text: value == text,
    "prefix": lambda value, text: joined(value).startswith(text),
    "contains": lambda value, text: text in joined(value),
}


def dates(clause: Dates, found: Extracted) -> bool:
    """Return whether a date answers a clause."""
    return any(
        param in clause.params and matches(prefix, (lo, hi), low, high)
        for param, low, high in found.dates
        for prefix, lo, hi in clause.bounds
    )


def amounts(clause: Quantities, found: Extracted) -> bool:
    """Return whether a number or quantity answers a clause."""
    return any(
        one.first is None
        and one.param in clause.params
        and _is_in(asked.unit, one)
        and _NUMBERS[asked.prefix](one, asked)
        for one in found.measures
        for asked in clause.amounts
    )


def _is_in(unit: Unit, one: Measure) -> bool:
    how, system, code = unit
    if how == "base":
        return one.unit == code
    if one.unit is not None:
        return False
    if how == "label":
        return one.label == (system, code)
    return how == "any" or code == one.written or (one.label is not None and one.label[1] == code)


def strings(clause: Strings, found: Extracted) -> bool | None:
    """Return whether a text answers a clause, None where only the store can tell: by its sound."""
    texts = [text for param, text in found.strings if param in clause.params]
    if any(len(text) > LONGEST for text in texts):
        return None
    if any(_TEXTS[how](one, text) for how, text in clause.values if how in _TEXTS for one in texts):
        return True
    return None if texts and any(how not in _TEXTS for how, _ in clause.values) else False
