"""Control characters, raw or as hexadecimal escapes: FHIR has no place for them in a string.

https://hl7.org/fhir/R4/datatypes.html#string. Left in, one of them would lose the whole message.
"""

import re

import msgspec

from adapters.hl7v2 import Message, Segment
from mappers.hl7v2.context import Context

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
HEX_CONTROL = re.compile(r"(?i)(?:[0-9a-f]{2})*?(?:0[0-8bcef]|1[0-9a-f])")
"""Pairs of digits, one of which stands for a control character."""


def without_controls(message: Message, context: Context) -> Message:
    """Return the message without them, each field that had one noted."""
    mark = f"{message.delimiters.escape}X"
    for segment in message.segments:
        text = "".join(segment.fields)
        if mark in text or CONTROL.search(text):
            break
    else:
        return message  # nearly every one
    segments = tuple(
        _clean(segment, message.delimiters.escape, context) for segment in message.segments
    )
    return msgspec.structs.replace(message, segments=segments)


def _clean(segment: Segment, escape: str, context: Context) -> Segment:
    fields = tuple(_field(field, escape) for field in segment.fields)
    if fields == segment.fields:
        return segment
    for number, (old, new) in enumerate(zip(segment.fields, fields, strict=True)):
        if old != new:
            context.note("control-character", segment.place(number))
    return msgspec.structs.replace(segment, fields=fields)


def _field(field: str, escape: str) -> str:
    field = CONTROL.sub("", field)
    if not escape or f"{escape}X" not in field:
        return field
    mark = re.escape(escape)
    return re.sub(rf"{mark}X([0-9A-Fa-f]*){mark}", _hexadecimal, field)


def _hexadecimal(match: re.Match[str]) -> str:
    """Return the escape as it stands, "" if it holds a control character."""
    return "" if HEX_CONTROL.match(match[1]) else match[0]
