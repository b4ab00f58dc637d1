"""Several messages in one block or file, with or without FHS and BHS (chapter 2.10.3)."""

import re
from itertools import pairwise

# CR, LF and the framing bytes never occur inside a multi-byte character of UTF-8 or GB18030.
MESSAGE = re.compile(rb"(?:^|(?<=[\r\n\x0b\x1c\xbf]))MSH(?=[^\w\s])")
ENVELOPE = re.compile(rb"(?:^|(?<=[\r\n\x0b\x1c\xbf]))[FB][HT]S(?=[^\w\s]|[\r\n]|$)")


FRAMING = re.compile(rb"\x1c[\r\n]*\x0b?\Z")
"""What blocks that were written to a file as they came have at their end."""


def split(body: bytes) -> list[bytes]:
    """Return the messages byte for byte, without batch envelopes; a lone message as it came."""
    starts = [match.start() for match in MESSAGE.finditer(body)]
    alone = len(starts) == 1 and not ENVELOPE.search(body) and not FRAMING.search(body)
    if alone or not starts:
        return [body]
    return [_message(body[start:end]) for start, end in pairwise([*starts, len(body)])]


def _message(part: bytes) -> bytes:
    envelope = ENVELOPE.search(part)
    return FRAMING.sub(b"", part[: envelope.start()] if envelope else part)
