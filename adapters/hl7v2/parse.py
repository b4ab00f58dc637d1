"""Bytes to segments: split, nothing else; what a field holds is read on demand."""

import re

from adapters.errors import HeaderError
from adapters.hl7v2.charset import decode
from adapters.hl7v2.delimiters import declared
from adapters.hl7v2.message import Message, Segment
from adapters.hl7v2.reader import Reader, reader
from adapters.hl7v2.records import MSH

HEADERS = frozenset({"MSH", "FHS", "BHS"})
"""Their field 1 is the separator itself, so it has no separator before it."""

# With CR as the end of segments a lone LF is text, unless a segment begins after it.
MIXED = re.compile(r"([\r\n]*\r[\r\n]*|\n+(?=[A-Z][A-Z0-9]{2}[^\w\s]))")
LINES = re.compile(r"(\n+)")


def parse(body: bytes, charset: str | None = None) -> Message:
    """Return the one message in the bytes; `charset` overrides what they say of themselves."""
    text, codec = decode(body, charset)
    start = len(text) - len(text.lstrip("\ufeff\x0b\r\n\t "))
    if not text.startswith("MSH", start):
        raise HeaderError("报文不是以 MSH 段开始", location="MSH^1")
    delimiters = declared(text[start:], codec)
    lines, ends = _lines(text[start:])
    segments = _segments(lines, reader(delimiters))
    msh = segments[0].read(MSH)
    return Message(segments, msh, codec, delimiters, ends, text[:start])


def _lines(text: str) -> tuple[list[str], tuple[str, ...]]:
    if "\n" in text or "\r\r" in text:
        parts = (MIXED if "\r" in text else LINES).split(text)
        lines, ends = parts[::2], parts[1::2]
    else:
        lines = text.split("\r")
        ends = ["\r"] * (len(lines) - 1)
    if not lines[-1]:
        lines.pop()
    else:
        ends.append("")
    return lines, tuple(ends)


def _segments(lines: list[str], reader: Reader) -> tuple[Segment, ...]:
    separator = reader.delimiters.field
    counts: dict[str, int] = {}
    segments = []
    for line in lines:
        fields = line.split(separator)
        name = fields[0]
        if name in HEADERS:
            fields.insert(1, separator)
        counts[name] = number = counts.get(name, 0) + 1
        segments.append(Segment(name, number, tuple(fields), reader))
    return tuple(segments)
