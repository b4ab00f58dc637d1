"""MLLP server: accepts connections, and lets them finish what they have in hand when it stops."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from socket import socket
from ssl import SSLContext

from adapters.base import Sink
from adapters.hl7v2.conversation import Conversation, Limits


def _now() -> datetime:
    return datetime.now(UTC)


class Listener:
    """One listening port. It knows the wire; what becomes of a message is the sink's business."""

    def __init__(
        self,
        sink: Sink,
        *,
        limits: Limits | None = None,
        tls: SSLContext | None = None,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self._sink = sink
        self._limits = limits or Limits()
        self._tls = tls
        self._now = now
        self._conversations: dict[Conversation, asyncio.Task[None]] = {}

    async def run(self, *sockets: socket) -> None:
        """Serve the bound sockets until cancelled; then answer what has come and hang up."""
        servers = [
            await asyncio.start_server(self._converse, sock=each, ssl=self._tls) for each in sockets
        ]
        try:
            await asyncio.get_running_loop().create_future()  # only a cancel ends it
        finally:
            for server in servers:
                server.close()
            await self._stop()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        conversation = Conversation(self._sink, reader, writer, self._limits, self._now)
        task = asyncio.ensure_future(conversation.run())
        self._conversations[conversation] = task
        try:
            await asyncio.wait({task})
        finally:
            del self._conversations[conversation]

    async def _stop(self) -> None:
        tasks = set(self._conversations.values())
        for conversation in self._conversations:
            conversation.stop()
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=self._limits.grace_seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
