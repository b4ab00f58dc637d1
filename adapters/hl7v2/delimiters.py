"""The delimiters of a message and its escape sequences (HL7 v2.9 chapter 2.5.4 and 2.7)."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

import msgspec

from adapters.errors import HeaderError

UNDECLARED: Final = "\ufdd0"
"""Stands for a delimiter that MSH-2 leaves out: a noncharacter, which no text holds."""

STANDARD: Final = "|^~\\&#"
LETTERS: Final = "FSRETP"
"""Escape letters of the delimiters, in the order of STANDARD."""

MAX_ENCODING_CHARACTERS: Final = 5
MSH_2_END: Final = re.compile(r"[\r\n]")

DOUBLED: Final = re.compile(r"..(.)\1.")
"""MSH-2 out of a string literal, "^~\\\\&": nothing else has five characters, two of them equal."""

SEQUENCE = (
    r"(?P<letter>[FSRETP])|[HN]|X(?P<hex>(?:[0-9A-Fa-f]{2})+)"
    # A formatting command ends a line, leaves lines or places free, or sets an indent.
    r"|\.(?:(?P<line>br|ce)|sp\+?(?P<lines>[0-9]{0,2})|sk\+?(?P<places>[0-9]{0,2})"
    r"|(?:in|ti)[+-]?[0-9]{0,2}|fi|nf)"
    # Character set switches and local sequences are passed over whole, so kept.
    r"|(?P<kept>[CMZ][^{esc}]*)"
)
"""What stands between two escape characters; anything else is text that holds the character."""


class Delimiters(msgspec.Struct, frozen=True, gc=False):
    """What MSH-1 and MSH-2 declare, and the charset that hexadecimal escapes are written in."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"
    truncation: str = UNDECLARED
    charset: str = "utf-8"


def declared(header: str, charset: str = "utf-8") -> Delimiters:
    """Return the delimiters that the text of an MSH, FHS or BHS segment declares."""
    field = header[3:4]
    if not _separates(field):
        raise HeaderError("MSH-1 不是可用的字段分隔符", location="MSH^1^1", error="102")
    rest = MSH_2_END.split(header[4:16].partition(field)[0])[0]
    if not rest:
        raise HeaderError("缺少 MSH-2 编码字符", location="MSH^1^2", error="101")
    if DOUBLED.fullmatch(rest):
        rest = rest[:3] + rest[4:]
    characters = field + rest
    if (
        len(rest) > MAX_ENCODING_CHARACTERS
        or len(set(characters)) < len(characters)
        or not all(map(_separates, rest))
    ):
        # Guessing here would cut values at the wrong places without anybody noticing.
        raise HeaderError("MSH-2 不是可用的编码字符", location="MSH^1^2", error="102")
    own = [*rest, *[UNDECLARED] * (MAX_ENCODING_CHARACTERS - len(rest))]
    return Delimiters(field, own[0], own[1], own[2], own[3], own[4], charset)


def _separates(character: str) -> bool:
    return (
        bool(character)
        and character.isprintable()
        and not (character.isalnum() or character.isspace() or character in '".')
    )


def unescaper(delimiters: Delimiters) -> Callable[[str], str]:
    """Return the function that resolves the escapes of one leaf value."""
    escape = re.escape(delimiters.escape)
    pattern = re.compile(f"{escape}(?:{SEQUENCE.replace('{esc}', escape)}){escape}")
    meaning = {
        letter: standard if own == UNDECLARED else own
        for letter, own, standard in zip(LETTERS, _characters(delimiters), STANDARD, strict=True)
    }

    def resolve(match: re.Match[str]) -> str:
        found = match.groupdict()
        if found["letter"]:
            return meaning[found["letter"]]
        if found["hex"]:
            return _decoded(found["hex"], delimiters.charset) or match[0]
        if found["kept"]:
            return match[0]
        if found["line"] or found["lines"] is not None:
            return "\n" * int(found["lines"] or 1)
        return " " * int(found["places"] or found["places"] == "")

    return lambda text: pattern.sub(resolve, text)


@lru_cache(maxsize=32)
def escaper(delimiters: Delimiters) -> Callable[[str], str]:
    """Return the function that makes a text safe as a leaf value."""
    escape = delimiters.escape
    commands = dict(zip(_characters(delimiters), LETTERS, strict=True))
    commands |= {"\n": ".br", "\r": "X0D", "\x0b": "X0B", "\x1c": "X1C"}
    sequences = {
        ord(character): " " if escape == UNDECLARED else escape + command + escape
        for character, command in commands.items()
    }
    return lambda text: text.translate(sequences)


def _characters(delimiters: Delimiters) -> str:
    """Return them in the order of MSH-1 and MSH-2."""
    own = delimiters
    return (
        own.field + own.component + own.repetition + own.escape + own.subcomponent + own.truncation
    )


def _decoded(digits: str, charset: str) -> str:
    """Return what an X escape spells, "" where it is no text of the charset."""
    try:
        return bytes.fromhex(digits).decode(charset)
    except UnicodeDecodeError:
        return ""
