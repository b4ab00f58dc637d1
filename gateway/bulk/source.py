"""What an $import reads: files that were sent in, or fetched from addresses that may be reached.

A file is kept as an object before its first line is taken, so that a job that was killed goes on
in the same bytes. One that begins as gzip (RFC 1952) is unpacked while it is read.
"""

import zlib
from collections.abc import Iterator
from typing import IO, Final

import httpx

from gateway.access.targets import Target, client
from gateway.bulk.lines import DamagedError, Line, Lines
from gateway.errors import InvalidRequestError, TooLargeError, UnprocessableError
from gateway.store.objects import Incoming, Objects

MOST: Final = 4 * 1024**3
"""Bytes of a file as it comes."""
UNPACKED: Final = 64 * 1024**3
"""Bytes of a file that came packed: what unpacks to more is no data."""
PIECE: Final = 1024 * 1024
PATIENCE: Final = 60.0
MAGIC: Final = b"\x1f\x8b"
WINDOW: Final = 31
OK: Final = 200


def lines(file: IO[bytes], number: int, offset: int) -> Iterator[Line | None]:
    """Yield the lines of a file from a line on, which begins at a byte of the unpacked file.

    None comes after each piece that was read: a moment to do something else. DamagedError.
    """
    taking = Lines(number, offset)
    for piece in _pieces(file, offset):
        yield from taking.feed(piece)
        yield None
    yield from taking.finish()


def _pieces(file: IO[bytes], offset: int) -> Iterator[bytes]:
    is_packed = file.read(len(MAGIC)) == MAGIC
    file.seek(0 if is_packed else offset)
    if not is_packed:
        while piece := file.read(PIECE):
            yield piece
        return
    skipped = 0
    for piece in _unpacked(file):
        left = max(offset - skipped, 0)
        skipped += len(piece)
        if left < len(piece):
            yield piece[left:] if left else piece


def _unpacked(file: IO[bytes]) -> Iterator[bytes]:
    """Yield what a gzip file holds, all its members, in pieces of a bounded size."""
    stream, size, rest = zlib.decompressobj(WINDOW), 0, b""
    while rest or (rest := file.read(PIECE)):
        if stream.eof:
            stream = zlib.decompressobj(WINDOW)
        try:
            piece = stream.decompress(rest, PIECE)
        except zlib.error as error:
            raise DamagedError("The file is not sound gzip.") from error
        rest = stream.unconsumed_tail or stream.unused_data
        size += len(piece)
        if size > UNPACKED:
            raise DamagedError(f"The file unpacks to more than {UNPACKED} bytes.")
        if piece:
            yield piece
    if not stream.eof:
        raise DamagedError("The file ends within its gzip.")


async def fetched(objects: Objects, target: Target) -> tuple[bytes, int]:
    """Return the digest and size of what an address gives, once it is durable; errors of ours."""
    incoming = objects.begin(MOST)
    try:
        async with client(seconds=PATIENCE) as asking:
            request = target.request("GET", headers={"Accept-Encoding": "identity"})
            response = await asking.send(request, stream=True)
            try:
                await _take(incoming, response)
            finally:
                await response.aclose()
    except httpx.HTTPError as error:
        incoming.discard()
        raise UnprocessableError("The address did not give the file.", expression="url") from error
    except BaseException:
        incoming.discard()
        raise
    size = incoming.size
    return await objects.keep(incoming), size


async def _take(incoming: Incoming, response: httpx.Response) -> None:
    if response.status_code != OK:
        raise UnprocessableError(
            f"The address answered with {response.status_code}.", expression="url"
        )
    length = response.headers.get("content-length", "0")
    if length.isdigit() and int(length) > MOST:
        raise TooLargeError(f"A file may have {MOST} bytes.")
    async for piece in response.aiter_raw():
        incoming.write(piece)
    if not incoming.size:
        raise InvalidRequestError("The address gave an empty file.", expression="url")
