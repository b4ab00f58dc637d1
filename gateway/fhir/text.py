"""Text folded for comparing: two spellings that a person takes for the same become one.

https://hl7.org/fhir/R4/search.html#string asks for case, accents and white space; Chinese adds
full-width forms, traditional characters, and names whose parts a space or a dot sets apart.
"""

import functools
import re
import unicodedata
from typing import Final

import opencc


@functools.cache
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


class _Folds(dict[int, str]):
    """Each character's fold, found when the character is first met.

    One character at a time, not phrase by phrase: a prefix must fold as it does in the whole word.
    """

    def __missing__(self, point: int) -> str:
        character = chr(point)
        if unicodedata.category(character) == "Cf":  # zero-width spaces, joiners, marks of order
            folded = ""
        else:
            bare = "".join(
                part
                for part in unicodedata.normalize("NFKD", character)
                # Accents of alphabets only: the voicing mark of a kana makes another letter.
                if not "\u0300" <= part <= "\u036f"
            )
            folded = unicodedata.normalize("NFKC", bare.casefold())
            if not folded.isascii():
                folded = _simplifier().convert(folded)
        self[point] = folded
        return folded


_FOLDS = _Folds()

_HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
# What stands between the parts of a name, 张 三 or 阿依古丽·买买提, and is often left out.
_GAP: Final = re.compile(f"(?<=[{_HAN}])[ ·・•‧]+(?=[{_HAN}]|$)")


def fold(text: str) -> str:
    """Return the text without case, accents, width, traditional forms and doubled spaces."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_FOLDS)
    return " ".join(text.casefold().split())


def joined(text: str) -> str:
    """Return a string folded, also without spaces and dots between two Chinese characters."""
    found = fold(text)
    return found if found.isascii() else _GAP.sub("", found)


@functools.lru_cache(4096)
def folded(text: str) -> str:
    """Return each line of a longer text folded; much of it repeats from resource to resource."""
    return "\n".join(fold(line) for line in text.split("\n"))
