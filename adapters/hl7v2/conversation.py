"""One MLLP connection: blocks in, acknowledgements out, in order.

Nothing that opened a block goes without an acknowledgement, and none leaves before the sink has
taken the message, since the sender may drop its copy then.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import Any

from adapters.base import Receipt, Received, Sink
from adapters.hl7v2.ack import ACCEPTED, ack
from adapters.hl7v2.batch import split
from adapters.hl7v2.framing import Frame, FrameReader, frame

FORMAT = "hl7v2"
READ_SIZE = 64 * 1024
LAST_READ_SECONDS = 0.05
"""When stopping: long enough for what has arrived, too short to wait for more."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one connection may ask for."""

    max_bytes: int = 64 * 1024 * 1024
    """Largest block."""
    idle_seconds: float = 600
    """Silence that ends a connection; also how long a peer may leave its answers unread."""
    linger_seconds: float = 5
    """How long to read on after a refusal: closing at once would take it back from the wire."""
    grace_seconds: float = 10
    """What is left for messages in hand when the listener stops."""


class Conversation:
    """What is said on one connection."""

    def __init__(
        self,
        sink: Sink,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        limits: Limits,
        now: Callable[[], datetime],
    ) -> None:
        self._sink = sink
        self._reader = reader
        self._writer = writer
        self._limits = limits
        self._now = now
        self._peer = str((writer.get_extra_info("peername") or [""])[0])
        self._tls_name = name_of(writer.get_extra_info("peercert") or {})
        self._blocks = FrameReader(max_bytes=limits.max_bytes)
        self._deadline: asyncio.Timeout | None = None
        self._stop_at: float | None = None

    async def run(self) -> None:
        """Talk until either side has had enough."""
        try:
            await self._listen()
            for block in self._blocks.close():
                await self._answer(block)
            await self._linger()
        except TimeoutError:
            log.warning("mllp: %s does not read its acknowledgements", self._peer)
        except OSError as error:
            log.info("mllp: connection with %s lost: %s", self._peer, type(error).__name__)
        finally:
            await self._close()

    def stop(self) -> None:
        """Answer what has arrived, then end."""
        self._stop_at = asyncio.get_running_loop().time() + LAST_READ_SECONDS
        if self._deadline and not self._deadline.expired():
            self._deadline.reschedule(self._stop_at)

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        while not self._blocks.broken and (data := await self._read(loop.time())):
            for block in self._blocks.feed(data):
                await self._answer(block)
            if self._stop_at and loop.time() > self._stop_at:
                break

    async def _read(self, now: float) -> bytes:
        try:
            until = self._stop_at or now + self._limits.idle_seconds
            async with asyncio.timeout_at(until) as self._deadline:
                return await self._reader.read(READ_SIZE)
        except TimeoutError:
            log.info("mllp: %s silent or told to stop, closing", self._peer)
            return b""
        finally:
            self._deadline = None

    async def _answer(self, block: Frame) -> None:
        if block.error:
            log.warning("mllp: block from %s refused: %s", self._peer, block.error)
            body, receipt = block.body, block.error.receipt()
        else:
            body, receipt = await self._deliver(split(block.body))
        self._writer.write(frame(ack(body, receipt, self._now())))
        async with asyncio.timeout(self._limits.idle_seconds):
            await self._writer.drain()

    async def _deliver(self, messages: list[bytes]) -> tuple[bytes, Receipt]:
        """Return the message to acknowledge, and how: the first refused one, else the first."""
        receipts = [await self._take(message) for message in messages]
        if len(messages) == 1:
            return messages[0], receipts[0]
        for number, (message, receipt) in enumerate(zip(messages, receipts, strict=True), 1):
            if receipt.code not in ACCEPTED:
                text = f"第 {number} 条报文：{receipt.text}"
                return message, replace(receipt, code="AE", text=text)
        return messages[0], receipts[0]

    async def _take(self, message: bytes) -> Receipt:
        try:
            return await self._sink(Received(FORMAT, message, self._peer, self._tls_name))
        except Exception as error:  # noqa: BLE001  # the sender needs an answer whatever broke
            # Its text may quote the message, so only the kind of error is told.
            log.error("mllp: sink failed: %s", type(error).__name__)  # noqa: TRY400
            return Receipt("AE", "接收方内部错误，请稍后重发", "207")

    async def _linger(self) -> None:
        if not self._blocks.broken:
            return
        if self._writer.can_write_eof():
            self._writer.write_eof()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._limits.linger_seconds):
                while await self._reader.read(READ_SIZE):
                    pass

    async def _close(self) -> None:
        self._writer.close()
        try:
            async with asyncio.timeout(self._limits.linger_seconds):
                await self._writer.wait_closed()
        except OSError:  # which includes the timeout
            self._writer.transport.abort()


def name_of(certificate: Mapping[str, Any]) -> str:
    """Return whom a client certificate names: its first DNS name, else its common name."""
    for kind, name in certificate.get("subjectAltName", ()):
        if kind == "DNS":
            return str(name)
    for attribute in chain.from_iterable(certificate.get("subject", ())):
        if attribute[0] == "commonName":
            return str(attribute[1])
    return ""
