"""Bytes to segments: split, nothing else; what a field holds is read on demand."""

import re

from adapters.errors import ExcessError, HeaderError
from adapters.hl7v2.charset import decode
from adapters.hl7v2.delimiters import declared
from adapters.hl7v2.message import Message, Segment
from adapters.hl7v2.reader import Reader, reader
from adapters.hl7v2.records import MSH

HEADERS = frozenset({"MSH", "FHS", "BHS"})
"""Their field 1 is the separator itself, so it has no separator before it."""

RUN = re.compile(r"([\r\n]+)")
SEGMENT = re.compile(r"[A-Z][A-Z0-9]{2}[^\w\s]")

# Far beyond any message, and few enough for its objects to fit into memory.
MAX_SEGMENTS = 100_000
MAX_FIELDS = 2_000_000


def parse(body: bytes, charset: str | None = None) -> Message:
    """Return the one message in the bytes; `charset` overrides what they say of themselves."""
    text, codec = decode(body, charset)
    start = len(text) - len(text.lstrip("\ufeff\x0b\r\n\t "))
    if not text.startswith("MSH", start):
        raise HeaderError("报文不是以 MSH 段开始", location="MSH^1")
    delimiters = declared(text[start:], codec)
    lines, ends = _lines(text[start:])
    if len(lines) > MAX_SEGMENTS or text.count(delimiters.field) > MAX_FIELDS:
        raise ExcessError("报文的段或字段过多", location="MSH^1")
    segments = _segments(lines, reader(delimiters))
    msh = segments[0].read(MSH)
    return Message(segments, msh, codec, delimiters, ends, text[:start])


def _lines(text: str) -> tuple[list[str], tuple[str, ...]]:
    """Return the segments and what ended each, "" after an unterminated last one."""
    if "\n" in text or "\r\r" in text:
        lines, ends = _cut(text)
    else:
        lines = text.split("\r")
        ends = ["\r"] * (len(lines) - 1)
    if lines[-1]:
        ends.append("")
    else:
        lines.pop()
    return lines, tuple(ends)


def _cut(text: str) -> tuple[list[str], list[str]]:
    """Return lines of a text whose ends are not all CR alone.

    Where CR ends segments, a lone LF is part of a value unless a segment begins after it.
    """
    parts = RUN.split(text)
    mixed = "\r" in text
    lines, ends, held = [], [], [parts[0]]
    for end, line in zip(parts[1::2], parts[2::2], strict=True):
        if mixed and line and "\r" not in end and not SEGMENT.match(line):
            held += (end, line)
        else:
            lines.append("".join(held))
            ends.append(end)
            held = [line]
    lines.append("".join(held))
    return lines, ends


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
