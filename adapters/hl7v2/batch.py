"""Several messages in one block or file, with or without FHS and BHS (chapter 2.10.3)."""

import re

# CR, LF and the framing bytes never occur inside a multi-byte character of UTF-8 or GB18030.
MESSAGE = re.compile(rb"(?:^|(?<=[\r\n\x0b\x1c\xbf]))MSH(?=[^\w\s])")
ENVELOPE = re.compile(rb"(?:^|(?<=[\r\n\x0b\x1c\xbf]))[FB][HT]S(?=[^\w\s]|[\r\n]|$)")


def split(body: bytes) -> list[bytes]:
    """Return the messages byte for byte, without batch envelopes; a lone message as it came."""
    starts = [match.start() for match in MESSAGE.finditer(body)]
    if len(starts) <= 1 and not ENVELOPE.search(body):
        return [body]
    ends = [*starts[1:], len(body)]
    return [_message(body[start:end]) for start, end in zip(starts, ends, strict=True)] or [body]


def _message(part: bytes) -> bytes:
    envelope = ENVELOPE.search(part)
    return (part[: envelope.start()] if envelope else part).rstrip(b"\x0b\x1c")
