"""Text folded for comparing: two spellings that a person takes for the same become one.

https://hl7.org/fhir/R4/search.html#string asks for case, accents and white space; Chinese adds
full-width forms and traditional characters.
"""

import functools
import unicodedata

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


def fold(text: str) -> str:
    """Return the text without case, accents, width, traditional forms and doubled spaces."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_FOLDS)
    return " ".join(text.casefold().split())


@functools.lru_cache(4096)
def folded(text: str) -> str:
    """Return each line of a longer text folded; much of it repeats from resource to resource."""
    return "\n".join(fold(line) for line in text.split("\n"))
