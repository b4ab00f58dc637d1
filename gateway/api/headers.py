"""Headers that come more than once.

RFC 9110 §5.3: lists may be sent in several lines, anything else only once.
"""

from collections.abc import Iterable
from typing import Final

from gateway.api.answer import Header
from gateway.errors import InvalidRequestError

LISTS: Final = frozenset(
    {
        *(b"accept", b"accept-encoding", b"accept-language", b"content-encoding", b"prefer"),
        *(b"if-match", b"if-none-match"),
    }
)
SINGLE: Final = frozenset(
    {
        *(b"authorization", b"content-type", b"if-modified-since", b"if-none-exist", b"if-range"),
        *(b"origin", b"range", b"x-hutong-actor", b"x-hutong-campus", b"x-security-context"),
    }
)
"""What is read here and has one value: which of two would count, nobody could tell."""


def gathered(pairs: Iterable[Header]) -> dict[bytes, bytes]:
    """Return each header once; InvalidRequestError where one has two values that may not."""
    found: dict[bytes, bytes] = {}
    for name, value in pairs:
        if name in LISTS and name in found:
            found[name] += b", " + value
        elif name in SINGLE and found.get(name, value) != value:
            told = name.decode().title()
            raise InvalidRequestError(f"{told} comes twice.", expression=told)
        else:
            found[name] = value
    return found
