"""Abnormal flags (OBX-8 and what stands behind a value) to Observation.interpretation."""

from functools import lru_cache

from mappers.base import Resource
from mappers.codes import table
from mappers.names import INTERPRETATION
from mappers.numbers import folded

FLAGS = table("interpretation")


@lru_cache(maxsize=512)
def flag(text: str) -> tuple[str, str]:
    """Return code and display of a flag as written, two empty texts if it is unknown."""
    key = folded(text).replace(" ", "").upper()
    found = FLAGS.get(key) or FLAGS.get(key.rstrip("↑↓*!"))
    return (found[0], found[1]) if found else ("", "")


def concept(text: str) -> Resource:
    """Return a flag as CodeableConcept; an unknown one keeps its text only."""
    code, display = flag(text)
    if not code:
        return {"text": text}
    element: Resource = {"coding": [{"system": INTERPRETATION, "code": code, "display": display}]}
    if text != code:
        element["text"] = text
    return element
