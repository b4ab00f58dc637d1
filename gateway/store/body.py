"""A resource's bytes at rest: compressed with a dictionary, with a hole in `meta`.

A version's number and moment are known only once the writer has taken it, so the stored bytes lack
`versionId` and `lastUpdated`; they are filled in on reading (DESIGN §3, "Group commit").
"""

import threading
import zlib
from datetime import datetime, timedelta
from functools import cache, lru_cache
from importlib import resources
from typing import Final

import zstandard

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - told without its zone, which is UTC
PLAIN, DEFLATED, ZSTD = 0, 1, 2
FILES: Final = {DEFLATED: "1.txt", ZSTD: "2.zstd"}
SMALL = 64
"""Shorter bodies are not worth a stream header."""
LEVEL: Final = 3
FORMAT: Final = zstandard.FORMAT_ZSTD1_MAGICLESS


@cache
def dictionary(codec: int) -> bytes:
    """Return the preset dictionary of a codec; one that was ever used stays for good."""
    return resources.files("gateway.store").joinpath(f"dictionary/{FILES[codec]}").read_bytes()


class _Zstd(threading.local):
    """A pair of streams a thread: two threads may not share them."""

    def __init__(self) -> None:
        known = zstandard.ZstdCompressionDict(dictionary(ZSTD))
        params = zstandard.ZstdCompressionParameters.from_level(
            LEVEL, format=FORMAT, write_checksum=False, write_dict_id=False
        )
        self.pack = zstandard.ZstdCompressor(dict_data=known, compression_params=params).compress
        self.unpack = zstandard.ZstdDecompressor(dict_data=known, format=FORMAT).decompress


_zstd = _Zstd()


def pack(body: bytes) -> tuple[int, bytes]:
    """Return the codec and the bytes to store."""
    return (PLAIN, body) if len(body) < SMALL else (ZSTD, _zstd.pack(body))


def unpack(codec: int, stored: bytes) -> bytes:
    """Return the body with its hole."""
    if codec == ZSTD:
        return _zstd.unpack(stored)
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
