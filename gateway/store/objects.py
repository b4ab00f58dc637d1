"""Objects: files that are named by the SHA-256 of their bytes.

DESIGN §3, "One command, several processes": a temporary file on the same filesystem, hashed while
it is written, fdatasync, rename, and an fsync of the folder that concurrent writers share.
"""

import asyncio
import fcntl
import os
import secrets
from collections.abc import AsyncIterator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import IO, Final, Protocol

from gateway.errors import NotFoundError, TooLargeError, UnavailableError
from gateway.store.folders import Folders

THREADS: Final = 8
PIECE: Final = 256 * 1024
LIMIT: Final = 4 * 1024**3
DIGEST_BYTES: Final = 32
OBJECTS: Final = "objects"
INCOMING: Final = "incoming"


class Incoming:
    """One object on its way in: hashed and counted while it is written. Not for two threads."""

    def __init__(self, path: Path, limit: int) -> None:
        self._path = path
        self._limit = limit
        self._hash = sha256()
        self.size = 0
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
        # Whoever sweeps leaves alone what a living process has locked.
        fcntl.flock(self._fd, fcntl.LOCK_EX)

    @property
    def digest(self) -> bytes:
        """The SHA-256 of what was written."""
        return self._hash.digest()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Take the next bytes; TooLargeError, UnavailableError."""
        self.size += len(data)
        if self.size > self._limit:
            raise TooLargeError(f"An object may have {self._limit} bytes.")
        self._hash.update(data)
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self._fd, rest) :]
        except OSError as error:
            raise _unwritable(error) from error

    def read(self, start: int, count: int) -> bytes:
        """Return a range of what was written."""
        return os.pread(self._fd, count, start)

    def sync(self) -> None:
        """Wait until the bytes are on disk; UnavailableError."""
        try:
            os.fdatasync(self._fd)
        except OSError as error:
            raise _unwritable(error) from error

    def move(self, target: Path) -> None:
        """Give the file its name; what it replaces has the same bytes."""
        self._path.rename(target)

    def discard(self) -> None:
        """Let go of it: of the file too, if it was given no name."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
            self._path.unlink(missing_ok=True)


class Objects(Protocol):
    """What the gateway asks of an object store. A digest is 32 bytes."""

    def begin(self, limit: int = LIMIT) -> Incoming:
        """Return a new object to write; UnavailableError."""
        ...

    async def keep(self, incoming: Incoming) -> bytes:
        """Return the digest once the object is durable under it; UnavailableError."""
        ...

    def size(self, digest: bytes) -> int:
        """Return how many bytes an object has; NotFoundError."""
        ...

    def open(self, digest: bytes) -> IO[bytes]:
        """Return an object to read at will; NotFoundError."""
        ...

    def read(self, digest: bytes, start: int, count: int) -> bytes:
        """Return a range of an object, at once; NotFoundError."""
        ...

    def stream(self, digest: bytes, start: int = 0, count: int = -1) -> AsyncIterator[bytes]:
        """Yield an object, or a range of it, in pieces; NotFoundError."""
        ...

    def delete(self, digest: bytes) -> None:
        """Remove an object; nothing happens where there is none."""
        ...

    def digests(self) -> Iterable[bytes]:
        """Yield what is stored, in no order."""
        ...

    def older(self, first: int, before: float) -> Iterable[bytes]:
        """Yield what was stored before a time, of the digests with this first byte."""
        ...

    def sweep(self) -> int:
        """Remove what dead processes left unfinished; return how much."""
        ...


class LocalObjects:
    """Implements `Objects` in `objects/` of the data folder, two levels of folders deep."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / OBJECTS
        self._incoming = self._folder / INCOMING
        self._incoming.mkdir(parents=True, exist_ok=True)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="objects")
        self._folders = Folders(self._threads)
        self._durable: set[Path] = set()
        """Folders whose own names are known to be on disk."""

    def begin(self, limit: int = LIMIT) -> Incoming:
        """Return a new object to write; UnavailableError."""
        try:
            return Incoming(self._incoming / secrets.token_hex(16), limit)
        except OSError as error:
            raise _unwritable(error) from error

    async def keep(self, incoming: Incoming) -> bytes:
        """Return the digest once the object is durable under it; UnavailableError."""
        loop = asyncio.get_running_loop()
        try:
            folder = await loop.run_in_executor(self._threads, self._place, incoming)
            if folder in self._durable:
                await self._folders.synced([folder])
            else:
                await self._folders.synced([folder, folder.parent, self._folder])
                self._durable.add(folder)
        except OSError as error:
            raise _unwritable(error) from error
        finally:
            digest = incoming.digest
            incoming.discard()
        return digest

    def _place(self, incoming: Incoming) -> Path:
        """Give an object its name; return its folder."""
        incoming.sync()
        target = self._path(incoming.digest)
        target.parent.mkdir(parents=True, exist_ok=True)
        incoming.move(target)
        return target.parent

    def size(self, digest: bytes) -> int:
        """Return how many bytes an object has; NotFoundError."""
        try:
            return self._path(digest).stat().st_size
        except FileNotFoundError as error:
            raise _missing() from error

    def open(self, digest: bytes) -> IO[bytes]:
        """Return an object to read at will; NotFoundError."""
        try:
            return self._path(digest).open("rb")
        except FileNotFoundError as error:
            raise _missing() from error

    def read(self, digest: bytes, start: int, count: int) -> bytes:
        """Return a range of an object, at once; NotFoundError."""
        with self.open(digest) as file:
            return os.pread(file.fileno(), count, start)

    async def stream(self, digest: bytes, start: int = 0, count: int = -1) -> AsyncIterator[bytes]:
        """Yield an object, or a range of it, in pieces; NotFoundError."""
        loop = asyncio.get_running_loop()
        with self.open(digest) as file:
            end = os.fstat(file.fileno()).st_size
            end = min(end, start + count) if count >= 0 else end
            while start < end:
                wanted = min(PIECE, end - start)
                piece = await loop.run_in_executor(
                    self._threads, os.pread, file.fileno(), wanted, start
                )
                if not piece:
                    return
                start += len(piece)
                yield piece

    def delete(self, digest: bytes) -> None:
        """Remove an object; nothing happens where there is none."""
        self._path(digest).unlink(missing_ok=True)

    def digests(self) -> Iterator[bytes]:
        """Yield what is stored, in no order."""
        for path in self._folder.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
            with suppress(ValueError):
                digest = bytes.fromhex(path.name)
                if len(digest) == DIGEST_BYTES:
                    yield digest

    def older(self, first: int, before: float) -> Iterator[bytes]:
        """Yield what was stored before a time (seconds since 1970), by the first byte."""
        for path in self._folder.glob(f"{first:02x}/[0-9a-f][0-9a-f]/*"):
            with suppress(ValueError, FileNotFoundError):
                if path.stat().st_mtime < before:
                    yield bytes.fromhex(path.name)

    def sweep(self) -> int:
        """Remove what dead processes left unfinished; return how much."""
        return sum(_abandoned(path) for path in list(self._incoming.iterdir()))

    def _path(self, digest: bytes) -> Path:
        name = digest.hex()
        return self._folder / name[:2] / name[2:4] / name


def _abandoned(path: Path) -> bool:
    """Remove a file that nobody writes any more; return whether it was one."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()
    except (BlockingIOError, FileNotFoundError):
        return False
    finally:
        os.close(fd)
    return True


def _unwritable(error: OSError) -> UnavailableError:
    return UnavailableError(f"The object store cannot write: {error.strerror}.")


def _missing() -> NotFoundError:
    return NotFoundError("There is no such object.")
