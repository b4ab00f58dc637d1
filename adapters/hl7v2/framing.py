"""MLLP: message blocks in a stream of bytes (HL7 v2 Transport Specification MLLP, release 1).

A block is 0x0B, the message, 0x1C 0x0D. None of the three bytes is part of a multi-byte
character of UTF-8 or GB18030, so blocks are found in the bytes and decoded afterwards.
"""

from dataclasses import dataclass
from typing import Final

from adapters.errors import FrameSizeError, FramingError

START: Final = b"\x0b"
END: Final = b"\x1c"
CARRIAGE_RETURN: Final = b"\r"

BEGUN_ANEW: Final = b"\x0bMSH"
"""A start block inside a block. Alone, 0x0B is a line break that word processors put into text."""

MAX_JUNK: Final = 64 * 1024
"""Bytes outside of blocks, in a row, after which this is no MLLP."""

HEAD: Final = 4096
"""What is kept of a block that is too large: enough for its header."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What one start block led to: a message, or an error and the part that came."""

    body: bytes
    error: FramingError | None = None


def frame(body: bytes) -> bytes:
    """Return the block that carries a message."""
    return START + body + END + CARRIAGE_RETURN


class FrameReader:
    """Bytes in, blocks out; holds what has not ended yet.

    Tolerated, since senders in the field do it: CR or anything else between blocks, no CR after
    0x1C, several blocks in a packet, a block in many packets.
    """

    def __init__(self, *, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._buffer = bytearray()
        self._inside = False
        self._searched = 0
        self._junk = 0
        self.broken = False
        """Out of step for good: the connection has to end."""

    def feed(self, data: bytes) -> list[Frame]:
        """Return the blocks that these bytes complete, in order."""
        self._buffer += data
        frames: list[Frame] = []
        while not self.broken and (self._inside or self._find_start()):
            end = self._buffer.find(END, self._searched)
            if end < 0 and len(self._buffer) <= self._max_bytes:
                self._searched = len(self._buffer)
                break
            frames += self._block(end)
        return frames

    def close(self) -> list[Frame]:
        """Return the block that the stream leaves open, as an error, or nothing."""
        if not self._inside or self.broken:
            return []
        self.broken = True
        return _cut_off(bytes(self._buffer).split(BEGUN_ANEW))

    def _find_start(self) -> bool:
        found = self._buffer.find(START)
        self._inside = found >= 0
        self._junk = 0 if self._inside else self._junk + len(self._buffer)
        self.broken = self._junk > MAX_JUNK
        del self._buffer[: found + 1 if self._inside else len(self._buffer)]
        self._searched = 0
        return self._inside

    def _block(self, end: int) -> list[Frame]:
        if not 0 <= end <= self._max_bytes:
            self.broken = True
            error = FrameSizeError(f"报文超过 {self._max_bytes} 字节")
            return [Frame(bytes(self._buffer[:HEAD]), error)]
        *cut_off, body = bytes(self._buffer[:end]).split(BEGUN_ANEW)
        del self._buffer[: end + 1]
        self._inside = False
        if not cut_off:
            return [Frame(body)]
        return [*_cut_off([*cut_off]), Frame(BEGUN_ANEW[1:] + body)]


def _cut_off(parts: list[bytes]) -> list[Frame]:
    first, *others = parts
    heads = [first, *(BEGUN_ANEW[1:] + part for part in others)]
    return [Frame(head[:HEAD], FramingError("报文没有结束字符，不完整")) for head in heads]
