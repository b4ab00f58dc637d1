"""A window on the bytes of an object: what is looked at is read, the rest is passed over."""

from collections.abc import Callable
from typing import Final

from adapters.dicom.faults import TruncatedError

PIECE: Final = 64 * 1024

Read = Callable[[int, int], bytes]
"""Returns so many bytes from an offset on; fewer only at the end."""


class Window:
    """Bytes from `base` on are in `buffer`."""

    __slots__ = ("_read", "base", "buffer", "size")

    def __init__(self, read: Read, size: int) -> None:
        self._read = read
        self.size = size
        self.base = 0
        self.buffer = read(0, min(size, PIECE))

    def at(self, offset: int, count: int) -> bytes:
        """Return so many bytes; TruncatedError where there are not so many."""
        start = offset - self.base
        if start < 0 or start + count > len(self.buffer):
            if offset + count > self.size:
                raise TruncatedError("The object ends within an element.")
            self.base = offset
            self.buffer = self._read(offset, min(max(count, PIECE), self.size - offset))
            start = 0
            if len(self.buffer) < count:
                raise TruncatedError("The object ends within an element.")
        return self.buffer[start : start + count]
