"""The buckets of one machine, in memory that all processes of the gateway share."""

import fcntl
import mmap
import os
import struct
import time
import weakref
from typing import Final

from gateway.bus.allowance import Allowance, taken

SLOTS: Final = 4096
"""Campuses; further ones would share a bucket."""
_full = struct.Struct("=d")


class Buckets:
    """Made before the processes are forked. A lock dies with its process, so none is left behind.

    fcntl(2): a lock is of a range of bytes, so one campus does not wait for another.
    """

    def __init__(self) -> None:
        self._file = os.memfd_create("buckets")
        weakref.finalize(self, os.close, self._file)
        os.ftruncate(self._file, SLOTS * _full.size)
        self._memory = mmap.mmap(self._file, SLOTS * _full.size)

    def take(self, asked: Allowance) -> float:
        """Return how long to wait, in microseconds; 0 where the request is allowed."""
        place = asked.campus % SLOTS * _full.size
        fcntl.lockf(self._file, fcntl.LOCK_EX, _full.size, place)
        try:
            (full,) = _full.unpack_from(self._memory, place)
            wait, full = taken(full, time.monotonic_ns() / 1000, asked)
            _full.pack_into(self._memory, place, full)
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN, _full.size, place)
        return wait
