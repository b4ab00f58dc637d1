"""Frames between the store role and the others: four bytes of length, then msgpack."""

import asyncio
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from gateway.store.records import Batch, Commit, Stale

SOCKET = "store.sock"
LIMIT = 256 * 1024 * 1024
_length = struct.Struct(">I")


class Request(msgspec.Struct, array_like=True, gc=False):
    """One batch, numbered by its sender; number 0 only asks for the notices of `topics`."""

    number: int
    batch: Batch | None = None
    topics: list[str] = []


class Response(msgspec.Struct, array_like=True, gc=False):
    """The answer to one batch, or (number 0) notices.

    Exactly one of commit, stale and error is set in an answer; `retry` says that the error passes.
    """

    number: int
    commit: Commit | None = None
    stale: Stale | None = None
    error: str = ""
    retry: bool = False
    notices: list[tuple[str, str]] = []


_encode = msgspec.msgpack.Encoder().encode
decode_request = msgspec.msgpack.Decoder(Request).decode
decode_response = msgspec.msgpack.Decoder(Response).decode


def frame(message: Request | Response) -> bytes:
    """Return the bytes that carry a message."""
    body = _encode(message)
    return _length.pack(len(body)) + body


async def read_frame(reader: asyncio.StreamReader) -> bytes:
    """Return the next message's bytes; IncompleteReadError at the end."""
    (length,) = _length.unpack(await reader.readexactly(4))
    if length > LIMIT:
        raise ConnectionError("a frame is over the limit")
    return await reader.readexactly(length)


@contextmanager
def short_path(folder: Path) -> Iterator[str]:
    """Give the socket's path in at most 108 characters, however deep the folder lies (unix(7))."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}/{SOCKET}"
    finally:
        os.close(descriptor)
