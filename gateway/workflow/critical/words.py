"""Values that are words: codes of a culture, lines of a device, remarks."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from mappers.base import Resource
from mappers.numbers import folded
from mappers.values import qualitative

BEGINNING: Final = "…"


class Coded(NamedTuple):
    """A coding."""

    system: str
    code: str

    @property
    def text(self) -> str:
        """As a table writes it."""
        return f"{self.system}|{self.code}"


def is_among(values: Sequence[str], element: Resource) -> bool | None:
    """Return whether a value is one of a table's words; None where nobody can say.

    A coded value of the interpretation's own code system (POS, NEG) is told; so is a word that
    the laboratories use for one. Any other text may mean anything.
    """
    said = [*_codes(element), *_lines(element)]
    wanted = {_bare(one) for one in values}
    beginnings = tuple(_bare(one[:-1]) for one in values if one.endswith(BEGINNING))
    if any(one in wanted or (beginnings and one.startswith(beginnings)) for one in said):
        return True
    return False if said and all(_is_told(one) for one in said) else None


def texts(observation: Resource) -> Iterator[str]:
    """Yield the remarks of a result."""
    for note in observation.get("note", ()):
        yield str(note.get("text", ""))
    for concept in observation.get("interpretation", ()):
        yield str(concept.get("text", ""))
    if "valueString" in observation:
        yield str(observation["valueString"])


def _codes(element: Resource) -> Iterator[str]:
    concept = element.get("valueCodeableConcept", {})
    for coding in concept.get("coding", ()):
        if code := coding.get("code"):
            yield _bare(str(code))
            yield _bare(f"{coding.get('system', '')}|{code}")
    for one in element.get("interpretation", ()):
        yield from (_bare(str(coding.get("code", ""))) for coding in one.get("coding", ()))


def _lines(element: Resource) -> Iterable[str]:
    text = element.get("valueString") or element.get("valueCodeableConcept", {}).get("text", "")
    lines = [_bare(line) for line in str(text).splitlines()]
    for line in [one for one in lines if one]:
        yield line
        if word := _coded(line):
            yield word


def _is_told(word: str) -> bool:
    """Return whether a word says something definite: negative, normal, a system's code beside."""
    return "|" in word or word in {"neg", "nd", "n", "pos", "det"} or bool(_coded(word))


@lru_cache(maxsize=1024)
def _coded(word: str) -> str:
    concept = qualitative(word)
    return str(concept["coding"][0]["code"]).casefold() if concept else ""


@lru_cache(maxsize=4096)
def _bare(text: str) -> str:
    return " ".join(folded(text).casefold().split())
