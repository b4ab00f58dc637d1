"""A file of a job while it is written: an object, durable before a row names it."""

import secrets
from typing import Final

from gateway.store.objects import Objects
from gateway.store.records import Statement

LIMIT: Final = 64 * 1024**3
NAME_BYTES: Final = 16


class File:
    """One output. `part` is where the manifest lists it, `about` the input it speaks of."""

    def __init__(self, objects: Objects, part: str, type_: str, about: str = "") -> None:
        self._objects = objects
        self._incoming = objects.begin(LIMIT)
        self._told = part, type_, about
        self.count = 0

    @property
    def size(self) -> int:
        """How many bytes were written."""
        return self._incoming.size

    def add(self, lines: bytes, count: int) -> None:
        """Take whole lines; UnavailableError."""
        self._incoming.write(lines)
        self.count += count

    async def keep(self, job: int) -> Statement:
        """Return the statement that gives the file to a job, once its bytes are durable."""
        digest = await self._objects.keep(self._incoming)
        name = secrets.token_hex(NAME_BYTES)
        return "job_file_add", (job, name, *self._told, self.count, self.size, digest)

    def discard(self) -> None:
        """Let go of it."""
        self._incoming.discard()
