"""What is looked at before a message is acknowledged: who sends, in which characters, what kind.

HL7 v2.9 chapter 2.9.2: a message is refused here or it is taken; what its content is worth is
found out later.
"""

import hashlib
import re
from collections.abc import Callable
from typing import Final

import msgspec

from adapters.errors import HeaderError, UnsupportedError
from adapters.hl7v2.charset import LINE_END, header
from adapters.hl7v2.delimiters import declared
from adapters.hl7v2.message import Message
from adapters.hl7v2.parse import parse

SENDER: Final = "MSH^1^4"
KIND: Final = "MSH^1^9"
PLACE: Final = re.compile(r"([A-Z][A-Z0-9]{2})(?:\[(\d+)\])?(?:-(\d+))?")

TIME, CONTROL_ID = 6, 9
"""MSH-7 and MSH-10 as a split of the segment has them: the separator is MSH-1."""


class Sender(msgspec.Struct, frozen=True):
    """Who says to have sent a message: MSH-3 and MSH-4, "" where they are empty."""

    application: str
    facility: str


class Envelope(msgspec.Struct, frozen=True):
    """What a sound envelope tells."""

    event: str
    """"ORU^R01"."""
    control_id: str
    digest: bytes
    """SHA-256 of the bytes without MSH-7 and MSH-10: equal for the same message sent again."""


def sender_of(body: bytes) -> Sender:
    """Return who sends; HeaderError. The character set of a channel is known only then."""
    line, _ = header(body)
    if not line.startswith("MSH"):
        raise HeaderError("报文不是以 MSH 段开始", location="MSH^1")
    delimiters = declared(line)
    fields = [*line.split(delimiters.field), "", "", "", ""]
    application, facility = (
        [*fields[number].split(delimiters.repetition)[0].split(delimiters.component), "", ""]
        for number in (2, 3)
    )
    return Sender((application[0] or application[1]).strip(), (facility[0] or facility[1]).strip())


def open_envelope(body: bytes, charset: str, event_of: Callable[[Message], str]) -> Envelope:
    """Return the envelope; EnvelopeError. `event_of` gives "" for what nobody maps."""
    message = parse(body, charset or None)
    event = event_of(message)
    if not event:
        kind = message.msh.message_type
        raise UnsupportedError(
            "不支持的报文类型", location=KIND, error="201" if kind.trigger_event else "200"
        )
    return Envelope(event, message.msh.message_control_id, digest(body))


def digest(body: bytes) -> bytes:
    """Return the hash by which a message sent again is known."""
    body = body.lstrip(b"\xef\xbb\xbf\x0b\r\n\t ")
    line, codec = header(body)
    fields = line.split(line[3:4] or "|")
    for number in (TIME, CONTROL_ID):
        if number < len(fields):
            fields[number] = ""
    rest = LINE_END.split(body, maxsplit=1)[1:]
    head = "|".join(fields).encode(codec, "surrogateescape")
    return hashlib.sha256(b"\r".join([head, *(one.rstrip(b"\r\n") for one in rest)])).digest()


def location(place: str) -> str:
    """Return a place as ERR-2 writes it: "PID-3" becomes "PID^1^3"."""
    found = PLACE.fullmatch(place)
    if not found:
        return ""
    segment, number, field = found.groups()
    return "^".join(filter(None, (segment, number or "1", field)))
