"""Several messages in one block or file, with or without FHS and BHS (chapter 2.10.3)."""

import re
from itertools import pairwise
from typing import Final

# CR, LF and the framing bytes never occur inside a multi-byte character of UTF-8 or GB18030.
MESSAGE: Final = re.compile(
    # The letters come first, since those are searched for at full speed.
    rb"MSH(?=[^\w\s])(?:(?<=\AMSH)|(?<=[\r\n\x0b\x1c]MSH)|(?<=\A\xef\xbb\xbfMSH))"
)
ENVELOPE: Final = re.compile(rb"\x0b?(?:\xef\xbb\xbf)?[FB][HT]S(?:[^\w\s]|\s|\Z)|\x1c")
"""A line of a batch envelope, or the end of a block that was written to a file with its framing."""

FRAMING: Final = re.compile(rb"\x1c[\r\n]*\x0b?\Z")
BLANK: Final = b"\x0b\x1c\r\n\t \xef\xbb\xbf"


def split(body: bytes) -> list[bytes]:
    """Return the messages byte for byte, without batch envelopes; a lone message as it came.

    What is neither message nor envelope stays with the message it stands at, whose parser will
    say what it makes of it.
    """
    starts = [match.start() for match in MESSAGE.finditer(body)]
    if not starts:
        return [body]
    head, *parts = [body[at:end] for at, end in pairwise([0, *starts, len(body)])]
    messages = [_without_envelope(part) for part in parts]
    lead = _without_envelope(head)
    if len(parts) == 1 and messages == parts and lead == head:
        return [body]
    if lead.strip(BLANK):
        messages[0] = head + messages[0]
    return messages


def _without_envelope(part: bytes) -> bytes:
    """Return a part without the envelope lines and the framing at its end."""
    content = part.rstrip(BLANK)
    last = max(content.rfind(b"\r"), content.rfind(b"\n")) + 1
    if b"\x1c" not in part[len(content) :] and not ENVELOPE.match(part, last):
        return part  # nearly always, so the lines are not even counted
    lines = part.splitlines(keepends=True)
    keep = end = len(lines)
    while end and (ENVELOPE.match(lines[end - 1]) or not lines[end - 1].strip(BLANK)):
        end -= 1
        if ENVELOPE.match(lines[end]):
            keep = end
    return FRAMING.sub(b"", b"".join(lines[:keep]))
