"""How Chinese names sound, as people type them without an input method: pinyin and its initials.

A character with several readings gives each of them, as surnames are often read their own way.
"""

import itertools
import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

LONGEST: Final = 24
"""Characters of a name, that of a ward of a hospital too; longer ones have no sound here."""
MOST: Final = 16
"""Readings of one name."""

_NAME = re.compile("[\u3400-\u9fff]+")
_TONES = frozenset("\u0300\u0301\u0304\u030c")
_GAPS = re.compile(r"[\s·・•‧()（）\-—]+")


def sounds(text: str) -> tuple[str, ...]:
    """Return the readings of a Chinese name in pinyin without tones, and their initials."""
    text = _GAPS.sub("", text)
    if not 1 <= len(text) <= LONGEST or not _NAME.fullmatch(text):
        return ()
    from pypinyin import Style, pinyin  # noqa: PLC0415 - 20 MB, and only for Chinese

    syllables = [
        list(dict.fromkeys(one.replace("ü", "v") for one in each))
        for each in pinyin(text, style=Style.NORMAL, heteronym=True)
    ]
    readings = list(itertools.islice(_readings(syllables), MOST))
    whole = ["".join(one) for one in readings]
    initials = ["".join(syllable[:1] for syllable in one) for one in readings]
    return tuple(dict.fromkeys([*whole, *initials]))


def load() -> None:
    """Read the dictionary now: at the first name everybody would wait a third of a second for it.

    Processes that are forked afterwards share its 30 MB.
    """
    sounds("汉")


def _readings(syllables: Sequence[Sequence[str]]) -> Iterator[Sequence[str]]:
    """Yield every reading; where there are too many, those one place away from the first."""
    if math.prod(map(len, syllables)) <= MOST:
        yield from itertools.product(*syllables)
        return
    first = [each[0] for each in syllables]
    yield first
    for place, each in enumerate(syllables):
        yield from ([*first[:place], other, *first[place + 1 :]] for other in each[1:])


def typed(text: str) -> str:
    """Return what somebody who types pinyin means, "" where it cannot be pinyin.

    Of lü there is `lv`, as on a keyboard, and `lyu`, as in a passport.
    """
    parts = unicodedata.normalize("NFKD", text).casefold().replace(" ", "").replace("'", "")
    letters = parts.replace("u\u0308", "v").replace("lyu", "lv")
    tight = "".join(one for one in letters if one not in _TONES)
    return tight if tight.isascii() and tight.isalpha() else ""
