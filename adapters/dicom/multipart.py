"""multipart/related, as STOW-RS sends it and WADO-RS answers it: bytes in, events out.

RFC 2046 §5.1, RFC 2387, PS3.18 §8.6. Boundaries are taken quoted or not; a bare line feed ends a
line too, as some senders write it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from adapters.errors import AdapterError

MAX_HEAD: Final = 16 * 1024
MAX_PARTS: Final = 100_000
MAX_BOUNDARY: Final = 200

_PARAMETER = re.compile(r';\s*([\w-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;\s]*)')
_HEAD_END = re.compile(rb"\r?\n\r?\n")


class MultipartError(AdapterError):
    """A body that is not what its Content-Type says."""


@dataclass(frozen=True, slots=True)
class ContentType:
    """A media type with its parameters, names in lower case."""

    type: str
    parameters: dict[str, str]


def content_type(text: str) -> ContentType:
    """Return a Content-Type or one offer of an Accept header."""
    name, _, _ = text.partition(";")
    found = {
        key.lower(): value[1:-1].replace("\\", "") if value.startswith('"') else value
        for key, value in _PARAMETER.findall(text)
    }
    return ContentType(name.strip().lower(), found)


@dataclass(frozen=True, slots=True)
class PartBegin:
    """A part begins; names of its headers in lower case."""

    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class PartData:
    """Bytes of the part that began last."""

    data: bytes


@dataclass(frozen=True, slots=True)
class PartEnd:
    """The part is complete."""


Event = PartBegin | PartData | PartEnd


class MultipartReader:
    """Takes a body apart while it comes in, holding no more than a boundary's length of it."""

    def __init__(self, boundary: str) -> None:
        if not boundary or len(boundary) > MAX_BOUNDARY or not boundary.isascii():
            raise MultipartError("The Content-Type names no usable boundary.")
        self._mark = b"--" + boundary.encode("ascii")
        # A delimiter is at the beginning of a line; the very first may begin the body.
        self._buffer = b"\n"
        self._state = "preamble"
        self._parts = 0

    @property
    def ended(self) -> bool:
        """Whether the closing boundary has come."""
        return self._state == "ended"

    def feed(self, data: bytes) -> Iterator[Event]:
        """Yield what more bytes tell; MultipartError."""
        self._buffer += data
        while True:
            before = self._state, len(self._buffer)
            if self._state == "head":
                yield from self._head()
            elif self._state in {"preamble", "part"}:
                yield from self._body()
            elif self._state == "mark":
                self._after_mark()
            else:
                self._buffer = b""
            if before == (self._state, len(self._buffer)):
                return

    def close(self) -> None:
        """Say that no more comes; MultipartError where the body is cut off."""
        if not self.ended:
            raise MultipartError("The body ends before its closing boundary.")

    def _body(self) -> Iterator[Event]:
        """Give out what certainly belongs to the part; find the delimiter that ends it."""
        in_part = self._state == "part"
        place = self._buffer.find(b"\n" + self._mark)
        if place < 0:
            kept = len(self._mark) + 4
            if len(self._buffer) > kept:
                if in_part:
                    yield PartData(self._buffer[:-kept])
                self._buffer = self._buffer[-kept:]
            return
        end = place - 1 if self._buffer[place - 1 : place] == b"\r" and place else place
        if in_part:
            if end:
                yield PartData(self._buffer[:end])
            yield PartEnd()
        self._buffer = self._buffer[place + 1 + len(self._mark) :]
        self._state = "mark"

    def _after_mark(self) -> None:
        """See whether a part follows, or the end."""
        if len(self._buffer) < 2:  # noqa: PLR2004 - "--" or a line's end
            return
        if self._buffer.startswith(b"--"):
            self._state, self._buffer = "ended", b""
            return
        line, found, rest = self._buffer.partition(b"\n")
        if not found:
            if len(line) > MAX_HEAD:
                raise MultipartError("A boundary is not at the end of its line.")
            return
        if line.strip():
            raise MultipartError("A boundary is not at the end of its line.")
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise MultipartError("The body has too many parts.")
        # The line's end stays, so that a head without any header ends like the others.
        self._state, self._buffer = "head", b"\n" + rest

    def _head(self) -> Iterator[Event]:
        found = _HEAD_END.search(self._buffer)
        if found is None:
            if len(self._buffer) > MAX_HEAD:
                raise MultipartError("The headers of a part are too long.")
            return
        lines = self._buffer[: found.start()].decode("latin-1").splitlines()
        pairs = (line.partition(":") for line in lines if line.strip())
        yield PartBegin({name.strip().lower(): value.strip() for name, _, value in pairs})
        # A delimiter may follow at once: a part without any bytes.
        self._state, self._buffer = "part", self._buffer[found.end() :]
        if self._buffer.startswith(self._mark):
            self._buffer = b"\n" + self._buffer


def part_head(boundary: str, kind: str, location: str = "") -> bytes:
    """Return what stands before the bytes of one part."""
    where = f"\r\nContent-Location: {location}" if location else ""
    return f"\r\n--{boundary}\r\nContent-Type: {kind}{where}\r\n\r\n".encode()


def closing(boundary: str) -> bytes:
    """Return what stands after the last part."""
    return f"\r\n--{boundary}--\r\n".encode()
