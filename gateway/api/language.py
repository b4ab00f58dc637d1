"""Which of the two languages a caller wants to read: Chinese unless English is preferred.

RFC 9110 §12.5.4.
"""

from functools import lru_cache
from typing import Final, Literal

from gateway.api.call import Call

Language = Literal["zh", "en"]
LANGUAGES: Final[dict[str, Language]] = {"zh": "zh", "en": "en", "*": "zh"}


def language_of(call: Call) -> Language:
    """Return the language of the texts in an answer."""
    header = call.headers.get(b"accept-language")
    return _chosen(header) if header else "zh"


@lru_cache(maxsize=64)
def _chosen(header: bytes) -> Language:
    best: tuple[float, Language] = (0.0, "zh")
    for offer in header.decode("latin-1").lower().split(","):
        name, _, weight = offer.partition(";")
        language = LANGUAGES.get(name.strip().partition("-")[0])
        if language and (quality := _quality(weight)) > best[0]:
            best = quality, language
    return best[1]


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0
