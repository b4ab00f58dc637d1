"""The read-back: what was heard against what was said, as numbers after NFKC (screen.md §7)."""

import re
from typing import Final, NamedTuple

from gateway.workflow.critical.limits import Unjudged, exact
from gateway.workflow.critical.task import kind_of, values
from mappers.base import Resource
from mappers.numbers import folded, number

HEARD: Final = re.compile(
    r"(?P<sign>[<>]=?|[≤≥])?\s*(?P<number>[-+]?(?:\d[\d,]*(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,2})?)"
    r"(?:\s*(?P<unit>.*))?"
)
SIGNS: Final = {"≤": "<=", "≥": ">="}
GONE: Final = frozenset({"withdrawn", "moved"})
SEEN: Final = "true"
"""What is sent for a finding that has no number."""


class Reading(NamedTuple):
    """A value taken apart; `number` is "" for a finding."""

    sign: str
    number: str
    unit: str
    text: str


def standing(task: Resource) -> str:
    """Return the value that must be read back: the newest that stands; "" if none does."""
    told = {str(task["reasonReference"]["reference"]): task["reasonReference"]}
    for entry in task.get("input", ()):
        reference = entry.get("valueReference", {})
        told[str(reference.get("reference", ""))] = reference
    gone: set[str] = set()
    for kind, reference in reversed(values(task)):
        name = reference.partition("/_history/")[0]
        if kind in GONE:
            gone.add(name)
        elif name not in gone:
            return str(told[reference].get("display", ""))
    return ""


def is_same(heard: str, said: str) -> bool:
    """Return whether a read-back is right; where nothing stands any more, any answer is."""
    if not said:
        return bool(heard.strip())
    one, other = taken(heard), taken(said)
    if not other.number:
        return one.text in {other.text, SEEN}
    if not one.number:
        return False
    try:
        equal = exact(one.number) == exact(other.number)
    except Unjudged:
        return False
    return equal and one.sign in {"", other.sign} and one.unit in {"", other.unit}


def taken(text: str) -> Reading:
    """Return a value as it was typed or told, taken apart."""
    plain = " ".join(folded(text).split())
    match = HEARD.fullmatch(plain)
    digits = number(match["number"]) if match else None
    if match is None or digits is None or "~" in plain:
        return Reading("", "", "", plain.casefold())
    sign = match["sign"] or ""
    unit = (match["unit"] or "").replace(" ", "").casefold()
    return Reading(SIGNS.get(sign, sign), digits, unit, plain.casefold())


def has_number(task: Resource) -> bool:
    """Return whether a number is to be typed; else a button says it all."""
    return bool(taken(standing(task)).number)


def kinds(task: Resource) -> list[str]:
    """Return what each further value of a Task is."""
    return [kind_of(one) for one in task.get("input", ())]
