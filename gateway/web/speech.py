"""The two languages of the pages: Chinese is the source text, English a Babel catalogue.

https://babel.pocoo.org/en/latest/api/messages/pofile.html
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

LOCALE = Path(__file__).with_name("locale")
LANGUAGES = ("zh", "en")


def msg(text: str) -> str:
    """Return the text unchanged: it marks a word of a table for the catalogue."""
    return text


@dataclass(frozen=True, slots=True)
class Speech:
    """One language: call it with a Chinese text and the values for its `{names}`."""

    language: str = "zh"
    catalogue: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, text: str, **values: object) -> str:
        """Return the text in this language."""
        said = self.catalogue.get(text, text)
        return said.format(**values) if values else said

    @property
    def tag(self) -> str:
        """The value of the page's `lang` attribute."""
        return "zh-CN" if self.language == "zh" else self.language


CHINESE = Speech()


@cache
def speech(language: str) -> Speech:
    """Return the named language, Chinese for a name that is not known."""
    if language not in LANGUAGES or language == CHINESE.language:
        return CHINESE
    with (LOCALE / language / "LC_MESSAGES" / "web.po").open("rb") as file:
        messages = read_po(file, locale=language)
    return Speech(language, {str(m.id): str(m.string) for m in messages if m.id and m.string})
