"""A resource's bytes at rest: compressed with a dictionary, with a hole in `meta`.

A version's number and moment are known only once the writer has taken it, so the stored bytes lack
`versionId` and `lastUpdated`; they are filled in on reading (DESIGN §3, "Group commit").
"""

import zlib
from datetime import datetime, timedelta
from functools import cache, lru_cache
from importlib import resources

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - told without its zone, which is UTC
PLAIN, DEFLATED = 0, 1
SMALL = 64
"""Shorter bodies are not worth a stream header."""


@cache
def dictionary(codec: int) -> bytes:
    """Return the preset dictionary of a codec; one that was ever used stays for good."""
    return resources.files("gateway.store").joinpath(f"dictionary/{codec}.txt").read_bytes()


@cache
def _primed() -> "zlib._Compress":
    """Return a stream that has read the dictionary; copying it costs a third of reading it."""
    return zlib.compressobj(4, zlib.DEFLATED, -15, 7, zlib.Z_DEFAULT_STRATEGY, dictionary(DEFLATED))


def pack(body: bytes) -> tuple[int, bytes]:
    """Return the codec and the bytes to store."""
    if len(body) < SMALL:
        return PLAIN, body
    stream = _primed().copy()
    return DEFLATED, stream.compress(body) + stream.flush()


def unpack(codec: int, stored: bytes) -> bytes:
    """Return the body with its hole."""
    if codec == PLAIN:
        return stored
    return zlib.decompressobj(-15, dictionary(codec)).decompress(stored)


def instant(row: int) -> str:
    """Return the FHIR instant of a row, to the microsecond, so that it names one version."""
    second, microsecond = divmod(row, 1_000_000)
    return f"{_second(second)}.{microsecond:06d}Z"


@lru_cache(maxsize=8192)
def _second(second: int) -> str:
    """Return a second since 1970: what belongs together was often written in the same one."""
    return (EPOCH + timedelta(seconds=second)).isoformat()


def fill(body: bytes, hole: int, version: int, row: int) -> bytes:
    """Return the resource as it is given out."""
    meta = f'"versionId":"{version}","lastUpdated":"{instant(row)}"'
    return b"".join((body[:hole], meta.encode(), body[hole:]))
