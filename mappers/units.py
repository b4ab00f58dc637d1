"""Units: what was written stays, a UCUM code is added where it is sure.

https://ucum.org; the aliases are `codes/units.csv`.
"""

from functools import lru_cache

from mappers.base import Resource
from mappers.codes import table
from mappers.names import UCUM
from mappers.numbers import folded

ALIASES = table("units")
MICRO = str.maketrans({"μ": "u", "µ": "u"})


@lru_cache(maxsize=2048)
def ucum(text: str) -> str:
    """Return the UCUM code of a unit as written, "" if it is not sure."""
    tight = text.replace(" ", "")
    found = ALIASES.get(tight) or ALIASES.get(folded(tight.translate(MICRO)))
    return found[0] if found else ""


def unit(text: str, code: str = "") -> Resource:
    """Return the unit elements of a Quantity; code is the UCUM code that the sender gave."""
    code = code or ucum(text)
    element: Resource = {}
    if text:
        element["unit"] = text
    if code:
        element["system"] = UCUM
        element["code"] = code
    return element
