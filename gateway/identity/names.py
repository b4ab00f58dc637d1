"""Names as they are compared: NFKC, simplified characters, without spaces and middle dots."""

import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from gateway.fhir.text import fold

DOTS: Final = frozenset("·•・‧∙⋅")
"""U+00B7 as the standard writes it in 阿依古丽·买买提, and what keyboards put in its place."""
HAN: Final = (("\u3400", "\u9fff"), ("\U00020000", "\U0003134f"), ("\uf900", "\ufaff"))
FORMER: Final = frozenset({"old", "maiden", "nickname", "anonymous", "temp"})


@lru_cache(65_536)
def normal(text: str) -> str:
    """Return a name in the form in which equal names are equal."""
    kept = (
        one
        for one in unicodedata.normalize("NFKC", text)
        if not (one.isspace() or one in DOTS or unicodedata.category(one) == "Cf")
    )
    return "".join(fold(one) if _is_han(one) else one for one in kept)


def _is_han(character: str) -> bool:
    return any(first <= character <= last for first, last in HAN)


def name_of(resource: Mapping[str, Any]) -> str:
    """Return the name that a Patient goes by, normalised, "" if there is none."""
    names = [one for one in resource.get("name", ()) if one.get("use") not in FORMER]
    names.sort(key=lambda one: one.get("use") != "official")
    return next(filter(None, map(_text, names)), "")


def _text(name: Mapping[str, Any]) -> str:
    if text := name.get("text"):
        return normal(text)
    # R4 has null in the place of a given name of which there is but an extension.
    family, given = name.get("family", ""), "".join(filter(None, name.get("given", ())))
    whole = normal(family + given)
    if any(map(_is_han, whole)):
        return whole
    return normal(given + family)
