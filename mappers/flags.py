"""Abnormal flags (OBX-8 and what stands behind a value) to Observation.interpretation."""

from functools import lru_cache

from mappers.base import Resource
from mappers.codes import table
from mappers.names import INTERPRETATION
from mappers.numbers import folded

FLAGS = table("interpretation")
ARROWS = {"H": frozenset("↑"), "L": frozenset("↓"), "N": frozenset[str]()}
"""Arrows that go with a flag, by its first letter."""


@lru_cache(maxsize=512)
def flag(text: str) -> tuple[str, str]:
    """Return code and display of a flag as written, two empty texts if it is unknown."""
    key = folded(text).replace(" ", "").upper()
    found = FLAGS.get(key) or _marked(key.rstrip("*!"))
    return (found[0], found[1]) if found else ("", "")


def _marked(key: str) -> tuple[str, ...] | None:
    """Return the flag that arrows behind it repeat; none where they say something else."""
    word = key.rstrip("↑↓")
    arrows = frozenset(key[len(word) :])
    found = FLAGS.get(word)
    return found if found and arrows <= ARROWS.get(found[0][:1], frozenset("↑↓")) else None


def concept(text: str) -> Resource:
    """Return a flag as CodeableConcept; an unknown one keeps its text only."""
    code, display = flag(text)
    if not code:
        return {"text": text}
    element: Resource = {"coding": [{"system": INTERPRETATION, "code": code, "display": display}]}
    if text != code:
        element["text"] = text
    return element
