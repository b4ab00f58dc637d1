"""Answers: JSON bytes under a prebuilt list of headers."""

import time
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import msgspec
from starlette.responses import Response

from gateway.store.stored import Stored

Header = tuple[bytes, bytes]

FHIR_JSON: Final = b"application/fhir+json; charset=utf-8"
FHIR_XML: Final = b"application/fhir+xml; charset=utf-8"
# Patient data stays in no cache on the way; a client that keeps a version asks with its ETag.
NO_STORE: Final[Header] = (b"cache-control", b"no-store")

PARTS: Final[Header] = (b"accept-ranges", b"bytes")
"""With what may be asked for in part, byte for byte."""

_OF_BODY: Final = frozenset({b"content-type", b"content-length"})
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)


class Answer(Response):
    """A response whose headers are bytes from the start, which saves building them each time."""

    def __init__(
        self,
        body: bytes = b"",
        status: int = 200,
        headers: Iterable[Header] = (),
        kind: bytes = FHIR_JSON,
    ) -> None:
        self.status_code = status
        self.background = None
        self.body = body
        self.raw_headers = [NO_STORE, *headers]
        if body:
            self.raw_headers.append((b"content-type", kind))
            self.raw_headers.append((b"content-length", b"%d" % len(body)))
        elif status not in {204, 304}:
            self.raw_headers.append((b"content-length", b"0"))

    def pretty(self) -> "Answer":
        """Return the same for human eyes; digits stay as they are.

        What may be had in parts is what somebody stored, and stays so.
        """
        if not self.body or b"json" not in self.kind or PARTS in self.raw_headers:
            return self
        return self.with_body(msgspec.json.format(bytes(self.body)), self.kind)

    @property
    def kind(self) -> bytes:
        """The content type, b"" where there is no body."""
        return next((value for name, value in self.raw_headers if name == b"content-type"), b"")

    def with_body(self, body: bytes, kind: bytes) -> "Answer":
        """Return the same with another body."""
        kept = [pair for pair in self.raw_headers[1:] if pair[0] not in _OF_BODY]
        return Answer(body, self.status_code, kept, kind)


def version_headers(stored: Stored) -> list[Header]:
    """Return ETag and Last-Modified of a version."""
    return [
        (b"etag", b'W/"%d"' % stored.version),
        (b"last-modified", http_date(stored.row // 1_000_000)),
    ]


@lru_cache(maxsize=4096)
def http_date(second: int) -> bytes:
    """Return an HTTP date (RFC 9110 §5.6.7) of a second since 1970."""
    at = time.gmtime(second)
    return (
        f"{_DAYS[at.tm_wday]}, {at.tm_mday:02d} {_MONTHS[at.tm_mon - 1]} {at.tm_year}"
        f" {at.tm_hour:02d}:{at.tm_min:02d}:{at.tm_sec:02d} GMT"
    ).encode()
