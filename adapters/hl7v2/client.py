"""MLLP client: sends a message and waits for its acknowledgement."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from ssl import SSLContext
from types import TracebackType
from typing import Self

from adapters.errors import EnvelopeError, MismatchError, SilenceError
from adapters.hl7v2.framing import FrameReader, frame
from adapters.hl7v2.parse import parse

READ_SIZE = 64 * 1024
MAX_ANSWER_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What the receiver said."""

    code: str
    """MSA-1: AA, AE, AR, or CA, CE, CR."""
    text: str
    """MSA-3, else ERR-8."""
    body: bytes


class Client:
    """One connection, opened when needed; messages go one at a time."""

    def __init__(
        self, host: str, port: int, *, timeout: float = 30, tls: SSLContext | None = None
    ) -> None:
        self._address = host, port
        self._timeout = timeout
        self._tls = tls
        self._lock = asyncio.Lock()
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def send(self, body: bytes) -> Answer:
        """Return the answer to this very message.

        After any error the connection is closed: an acknowledgement that comes late must not be
        taken for that of the next message. The same bytes may then be sent again.
        """
        async with self._lock:
            try:
                async with asyncio.timeout(self._timeout):
                    return answer_to(body, await self._exchange(body))
            except TimeoutError as error:
                await self.close()
                raise SilenceError(f"no acknowledgement within {self._timeout} s") from error
            except OSError as error:
                await self.close()
                raise SilenceError(f"connection lost: {type(error).__name__}") from error
            except BaseException:
                await self.close()
                raise

    async def close(self) -> None:
        """Hang up; what was not sent by now is not."""
        if self._streams:
            _, writer = self._streams
            self._streams = None
            writer.transport.abort()
            with suppress(OSError):
                await writer.wait_closed()

    async def _exchange(self, body: bytes) -> bytes:
        if self._streams is None:
            self._streams = await asyncio.open_connection(*self._address, ssl=self._tls)
        reader, writer = self._streams
        writer.write(frame(body))
        await writer.drain()
        blocks = FrameReader(max_bytes=MAX_ANSWER_BYTES)
        while data := await reader.read(READ_SIZE):
            for block in blocks.feed(data):
                if block.error:
                    raise MismatchError("an answer that is no message") from block.error
                return block.body
        raise SilenceError("hung up without an acknowledgement")


def answer_to(body: bytes, answer: bytes) -> Answer:
    """Return what an acknowledgement says of a message, or raise MismatchError."""
    try:
        message = parse(answer)
        sent = parse(body).msh.message_control_id
    except EnvelopeError as error:
        raise MismatchError("an answer that is no message") from error
    msa = message.first("MSA")
    if msa is None:
        raise MismatchError("an answer without MSA")
    if msa.value(2) != sent:
        raise MismatchError("an answer to another message: MSA-2")
    err = message.first("ERR")
    return Answer(msa.value(1), msa.value(3) or (err.value(8) if err else ""), answer)
