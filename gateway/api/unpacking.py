"""Bodies that come compressed: gzip, bounded while it is unpacked.

RFC 9110 §8.4.1.3
"""

import zlib
from typing import Final

from gateway.errors import InvalidRequestError, TooLargeError

WINDOW: Final = 31
"""zlib's for gzip."""


class Unpacking:
    """A gzip body while it comes in: never more than a limit comes out."""

    def __init__(self, limit: int) -> None:
        self._left = limit
        self._limit = limit
        self._stream = zlib.decompressobj(WINDOW)

    def add(self, piece: bytes) -> bytes:
        """Return what a piece holds; TooLargeError, InvalidRequestError."""
        try:
            found = self._stream.decompress(piece, self._left + 1)
        except zlib.error as error:
            raise _damaged() from error
        self._left -= len(found)
        if self._left < 0:
            raise TooLargeError(f"The body is over the limit of {self._limit} bytes.")
        if self._stream.unused_data:
            raise _damaged()
        return found

    def end(self) -> None:
        """Pass where the whole body came."""
        if not self._stream.eof:
            raise _damaged()


def _damaged() -> InvalidRequestError:
    return InvalidRequestError("The body is not gzip.", expression="Content-Encoding")
