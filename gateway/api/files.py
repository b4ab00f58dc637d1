"""The files of a job: whole, in part, or packed with gzip; read from disk while they are sent.

RFC 9110 §14 (Range), https://hl7.org/fhir/uv/bulkdata/STU2/export.html#bulk-data-output-file-request
"""

import asyncio
import re
import zlib
from collections.abc import AsyncIterator
from typing import Final

from starlette.types import Receive, Scope, Send
from typing_extensions import override

from gateway.access.audit import event
from gateway.api.answer import NO_STORE, Answer, Header
from gateway.api.binary import RANGE
from gateway.api.call import Call
from gateway.api.encoding import LEVEL, takes_gzip
from gateway.api.unpacking import WINDOW
from gateway.errors import BeyondError, NotFoundError
from gateway.jobs.desk import find

NDJSON: Final = b"application/fhir+ndjson"
NAME: Final = re.compile(r"([0-9a-f]{32})\.ndjson", re.ASCII)
OK, PARTIAL = 200, 206


class Sent(Answer):
    """An answer whose body is read while it is sent."""

    def __init__(self, pieces: AsyncIterator[bytes], status: int, headers: list[Header]) -> None:
        super().__init__(status=status)
        self.pieces = pieces
        self.raw_headers = [NO_STORE, (b"content-type", NDJSON), *headers]

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send head and body."""
        del receive
        status = self.status_code
        await send({"type": "http.response.start", "status": status, "headers": self.raw_headers})
        if scope["method"] != "HEAD":
            async for piece in self.pieces:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


async def file(call: Call) -> Answer:
    """Return a file of a job of the caller's."""
    job = find(call.door, call.actor, call.id)
    named = NAME.fullmatch(call.path)
    rows = call.door.store.fetch("job_file", (job.id, named[1])) if named else []
    if not rows or named is None:
        raise NotFoundError("There is no such file.")
    ((_, size, digest),) = rows
    call.service.objects.size(digest)  # before the head is sent: NotFoundError
    await call.door.recorder.keep(event(call.actor, "R", [f"job/{job.name}/{named[1]}"]))
    return _answer(call, digest, size)


def _answer(call: Call, digest: bytes, size: int) -> Answer:
    stream = call.service.objects.stream
    found = RANGE.fullmatch(call.header(b"range").strip())
    if found is not None and call.method != "HEAD" and b"if-range" not in call.headers:
        first, last, suffix = found.groups()
        begin = max(size - int(suffix), 0) if suffix else int(first)
        end = min(int(last) + 1, size) if last else size
        if begin < end:
            span = b"bytes %d-%d/%d" % (begin, end - 1, size)
            headers = [(b"content-range", span), *_plain(end - begin)]
            return Sent(stream(digest, begin, end - begin), PARTIAL, headers)
        raise BeyondError(size)
    accept = call.headers.get(b"accept-encoding")
    if size and accept is not None and takes_gzip(accept):
        packed = [(b"content-encoding", b"gzip"), (b"vary", b"accept-encoding")]
        return Sent(_packed(stream(digest)), OK, packed)
    return Sent(stream(digest), OK, _plain(size))


def _plain(length: int) -> list[Header]:
    return [(b"content-length", b"%d" % length), (b"accept-ranges", b"bytes")]


async def _packed(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the same with gzip, packed beside the event loop."""
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, WINDOW)
    async for piece in pieces:
        if packed := await asyncio.to_thread(packer.compress, piece):
            yield packed
    yield packer.flush()
