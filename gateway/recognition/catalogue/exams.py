"""What examination is meant: modality, body site, laterality and technique, from codes and words.

Left is never right, plain never contrast, a lateral view never a frontal one, and what is not
stated is never taken for stated. A word that is not known makes the whole text doubtful.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

from mappers.codes import table
from mappers.names import SNOMED

DOUBT: Final = "?"
"""What stands for several contradicting things; it equals nothing in a catalogue."""
DCM: Final = "http://dicom.nema.org/resources/ontology/DCM"
MODALITIES: Final = {"CR": "DX", "DR": "DX", "RG": "DX"}
"""Film and plates are radiographs too: the examination is one, whatever takes it."""
SIDES: Final = {
    "419161000": "left", "7771000": "left", "l": "left", "left": "left",
    "419465000": "right", "24028007": "right", "r": "right", "right": "right",
    "51440002": "bilateral", "b": "bilateral", "bilateral": "bilateral",
}  # fmt: skip
"""SNOMED CT as `mappers.dicom.series` writes it, and qualifiers as HIS write them."""
SAME_SITE: Final = {"BRAIN": "HEAD", "SKULL": "HEAD", "LUNG": "CHEST"}
NOISE: Final = re.compile(r"[\s\d()\[\]{}<>+,.;:/\\、,。;:·*_&|-]+")


@dataclass(frozen=True, slots=True)
class Exam:
    """An examination; "" is not stated, `?` is in doubt. `rest` tells of words not understood."""

    modality: str = ""
    site: str = ""
    side: str = ""
    technique: str = ""
    rest: bool = False

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Return what must be equal for two examinations to be of one kind."""
        return self.modality, self.site, self.side, self.technique


def read(text: str) -> Exam:
    """Return what the words of a name say."""
    return _read(unicodedata.normalize("NFKC", text).casefold())


@lru_cache(maxsize=4096)  # the names of a county's examinations come again and again
def _read(text: str) -> Exam:
    words, pattern = _words()
    said: tuple[set[str], ...] = (set(), set(), set(), set())
    for found in pattern.findall(text):
        for values, value in zip(said, words[found], strict=True):
            if value:
                values.update(value.split("+"))
    modality, site, side = (_one(values) for values in said[:3])
    technique = DOUBT if DOUBT in said[3] else "+".join(sorted(said[3]))
    return _settled(Exam(modality, site, side, technique, bool(_leftover(pattern, text))))


def _leftover(pattern: re.Pattern[str], text: str) -> str:
    return NOISE.sub("", pattern.sub(" ", text))


def _one(values: set[str]) -> str:
    return "" if not values else values.pop() if len(values) == 1 else DOUBT


@cache
def _words() -> tuple[dict[str, tuple[str, ...]], re.Pattern[str]]:
    text = files(__package__).joinpath("data", "words.csv").read_text(encoding="utf-8")
    rows = list(csv.reader(line for line in text.splitlines() if not line.startswith("#")))[1:]
    words = {row[0]: tuple(row[1:]) for row in rows}
    longest = sorted(words, key=len, reverse=True)
    return words, re.compile("|".join(map(_bounded, longest)))


def _bounded(word: str) -> str:
    """Return the pattern of a word: `pa` is none in `pancreas`, ct is one in 胸部ct平扫."""
    start = r"(?<![a-z])" if word[0].isascii() and word[0].isalpha() else ""
    end = r"(?![a-z])" if word[-1].isascii() and word[-1].isalpha() else ""
    return f"{start}{re.escape(word)}{end}"


@cache
def _by_snomed() -> dict[str, str]:
    return {code: SAME_SITE.get(term, term) for term, (code,) in table("body_parts").items()}


def modality(code: str) -> str:
    """Return the kind of apparatus that a DICOM modality is one of."""
    code = code.strip().upper()
    return MODALITIES.get(code, code)


def site(value: str) -> str:
    """Return the body site of a SNOMED CT code, a term of DICOM or a word, `?` if it is unknown."""
    value = value.strip()
    if not value:
        return ""
    if value in _by_snomed():
        return _by_snomed()[value]
    if value.upper() in _terms():
        return SAME_SITE.get(value.upper(), value.upper())
    found = read(value)
    return found.site if found.site and not found.rest else DOUBT


@cache
def _terms() -> frozenset[str]:
    return frozenset(values[1] for values in _words()[0].values()) - {""} | set(table("body_parts"))


def side(value: str) -> str:
    """Return the laterality of a code or word, `?` if it is unknown."""
    value = value.strip()
    if not value:
        return ""
    return SIDES.get(value.casefold()) or read(value).side or DOUBT


def technique(value: str) -> str:
    """Return the technique of a term or of words, `?` if it is unknown."""
    value = value.strip()
    if not value:
        return ""
    terms = set(value.split("+"))
    if terms <= _techniques():
        return "+".join(sorted(terms))
    found = read(value)
    return found.technique if found.technique and not found.rest else DOUBT


@cache
def _techniques() -> frozenset[str]:
    values = {term for row in _words()[0].values() for term in row[3].split("+")}
    return frozenset(values - {"", DOUBT})


def together(exams: Iterable[Exam]) -> Exam:
    """Return what several sources say of one examination; where they differ it is in doubt."""
    said = list(exams)
    kind, place, turned, how = (
        _one({one.key[part] for one in said} - {""}) for part in range(len(Exam().key))
    )
    return _settled(Exam(kind, place, turned, how, rest=any(one.rest for one in said)))


def of_fields(body_site: str, laterality: str, how: str) -> Exam:
    """Return what the fields of an order say."""
    return Exam("", site(body_site), side(laterality), technique(how))


def of_coding(system: str, code: str) -> Exam:
    """Return what a coding says, if it is a modality or a body site."""
    if system == DCM:
        return Exam(modality=modality(code))
    if system == SNOMED and code in _by_snomed():
        return Exam(site=_by_snomed()[code])
    if system == SNOMED and code in SIDES:
        return Exam(side=SIDES[code])
    return Exam()


def _settled(exam: Exam) -> Exam:
    """Return the examination with the site that such an apparatus can only mean.

    A radiograph of the pelvis is one of its bones; CT and MR tell bones and organs apart.
    """
    if exam.modality == "DX" and exam.site == "PELVIS":
        return Exam(exam.modality, "BONYPELVIS", exam.side, exam.technique, exam.rest)
    return exam
