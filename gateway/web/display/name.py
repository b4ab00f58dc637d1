"""A person's name: whole, as stored, with the help that rare characters need.

民委发〔2016〕33号: the separator of a name is U+00B7, and names use all of GB 18030.
"""

import re
import unicodedata
from dataclasses import dataclass

from gateway.web.display.element import Resource, parts, text
from gateway.web.speech import Speech

DOT = "\u00b7"
# Look-alikes that systems send for the separator: bullet, hyphenation point, katakana dot.
LOOKALIKES = str.maketrans(dict.fromkeys("\u2022\u2027\u30fb\uff65", DOT))
# The order in which the uses of a HumanName speak for the person.
USES = ("official", "usual", "", "temp", "nickname", "anonymous", "old", "maiden")
# Characters that a system puts where it could not store the right one.
STAND_INS = "\ufffd?\uff1f\u25a1\u3013"
FIRST_RARE = 0x10000
# Among ideographs it is the sound of a character that could not be typed.
LATIN = re.compile(r"[A-Za-z\u00e0-\u01dc]")
IDEOGRAPH = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of characters; a rare one carries its sound and code point."""

    text: str
    gloss: str = ""


@dataclass(frozen=True, slots=True)
class Name:
    """A name to draw: its pieces, the whole text, what was stored if drawn otherwise, a warning."""

    pieces: tuple[Piece, ...]
    text: str
    original: str = ""
    warning: str = ""


def name(say: Speech, patient: Resource) -> Name:
    """Return the name that speaks for the patient."""
    known = sorted(parts(patient, "name"), key=_rank)
    stored = next((said for human in known if (said := written(human))), "")
    if not stored:
        absent = say("姓名未提供")
        return Name((Piece(absent),), absent)
    drawn = stored.translate(LOOKALIKES)
    warning = say("含造字或缺字, 请核对") if doubtful(drawn) else ""
    return Name(_pieces(drawn), drawn, stored if drawn != stored else "", warning)


def written(human: Resource) -> str:
    """Return a HumanName as one text: Chinese unspaced, Latin as FAMILY, Given."""
    if whole := text(human, "text"):
        return whole
    family = text(human, "family")
    given = [one for one in human.get("given") or () if isinstance(one, str) and one]
    if LATIN.search(family):
        return ", ".join(one for one in (family.upper(), " ".join(given)) if one)
    return family + "".join(given)


def doubtful(drawn: str) -> bool:
    """Return whether a character of the name stands for one that could not be stored."""
    if any(one in STAND_INS or unicodedata.category(one) in {"Co", "Cn"} for one in drawn):
        return True
    return bool(IDEOGRAPH.search(drawn) and LATIN.search(drawn))


def _rank(human: Resource) -> int:
    use = text(human, "use")
    return USES.index(use) if use in USES else len(USES)


def _pieces(drawn: str) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    common = ""
    for character in drawn:
        if ord(character) < FIRST_RARE or unicodedata.category(character) == "Co":
            common += character
            continue
        if common:
            pieces.append(Piece(common))
        pieces.append(Piece(character, _gloss(character)))
        common = ""
    return (*pieces, Piece(common)) if common else tuple(pieces)


def _gloss(character: str) -> str:
    # The readings take 40 MB: only a page with a rare character pays for them.
    from pypinyin import Style, pinyin  # noqa: PLC0415

    sounds = pinyin(character, style=Style.NORMAL, errors="ignore")
    sound = sounds[0][0] + " " if sounds else ""
    return f"{sound}U+{ord(character):04X}"
