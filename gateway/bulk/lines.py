"""NDJSON taken apart while it is read: one line at a time, none larger than a limit.

http://ndjson.org. A byte order mark at the start, CRLF and empty lines are let pass.
"""

from collections.abc import Iterator
from typing import Final

import msgspec

from gateway.errors import UnprocessableError

LIMIT: Final = 32 * 1024 * 1024
"""Bytes of a line: what a body of a request may have."""
EMPTY: Final = 10_000
"""Empty lines in a row after which a file is no data: some megabytes of gzip hold billions."""
BOM: Final = b"\xef\xbb\xbf"
BLANK: Final = b" \t\r"


class DamagedError(UnprocessableError):
    """A file that cannot be read on: what came before is stored."""


class Line(msgspec.Struct, frozen=True, gc=False):
    """One line that is not empty. `end` is where the next one begins; `is_over` the limit."""

    number: int
    end: int
    body: bytes
    is_over: bool = False


class Lines:
    """Lines of what is fed, from line `number` on, which begins at byte `offset`."""

    def __init__(self, number: int = 1, offset: int = 0, limit: int = LIMIT) -> None:
        self._number = number
        self._end = offset
        self._limit = limit
        self._pieces: list[bytes] = []
        self._size = 0
        self._is_over = False
        self._empty = 0

    def feed(self, data: bytes) -> Iterator[Line]:
        """Yield the lines that end in the data; DamagedError."""
        start = 0
        while (found := data.find(b"\n", start)) >= 0:
            self._keep(data[start:found])
            yield from self._line(1)
            start = found + 1
        self._keep(data[start:])

    def finish(self) -> Iterator[Line]:
        """Yield the last line, if it has no end of its own."""
        if self._size:
            yield from self._line(0)

    def _keep(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > self._limit:
            self._is_over = True
            self._pieces.clear()
        elif piece:
            self._pieces.append(piece)

    def _line(self, ending: int) -> Iterator[Line]:
        is_first = self._end == 0
        self._end += self._size + ending
        body = b"".join(self._pieces)
        if is_first:
            body = body.removeprefix(BOM)
        line = Line(self._number, self._end, body.strip(BLANK), self._is_over)
        self._number += 1
        self._pieces, self._size, self._is_over = [], 0, False
        if line.body or line.is_over:
            self._empty = 0
            yield line
            return
        self._empty += 1
        if self._empty > EMPTY:
            raise DamagedError(f"The file has more than {EMPTY} empty lines in a row.")
