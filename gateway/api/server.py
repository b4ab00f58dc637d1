"""Runs the application on a listening socket: uvicorn with uvloop and httptools.

What uvicorn leaves open is closed here: the size of a request's head, and how long one may take.
"""

import asyncio
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp
from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gateway.api.answer import FHIR_JSON
from gateway.api.failure import as_outcome
from gateway.errors import GatewayError, InvalidRequestError, TooLargeError

HEAD_BYTES: Final = 64 * 1024
HEAD_SECONDS: Final = 20.0
KEEP_ALIVE_SECONDS: Final = 75
GRACE_SECONDS: Final = 10
SWEEP_SECONDS: Final = 5.0
LINGER_SECONDS: Final = 1.0


def _last_words(status: bytes, error: GatewayError) -> bytes:
    """Return the whole answer to what never becomes a request, an OperationOutcome like others."""
    body = bytes(as_outcome(error).body)
    head = b"content-type: %b\r\ncontent-length: %d\r\nconnection: close" % (FHIR_JSON, len(body))
    return b"HTTP/1.1 %b\r\ncache-control: no-store\r\n%b\r\n\r\n%b" % (status, head, body)


NO_HTTP: Final = _last_words(
    b"400 Bad Request",
    InvalidRequestError(
        "This is no HTTP/1.1 request. In an address all but ASCII is percent-encoded."
    ),
)
LONG_HEAD: Final = _last_words(
    b"431 Request Header Fields Too Large",
    TooLargeError(f"Address and headers are over the limit of {HEAD_BYTES} bytes."),
)


@dataclass(frozen=True, slots=True)
class TLS:
    """The files of HUTONG_TLS_CERT, HUTONG_TLS_KEY and HUTONG_TLS_CLIENT_CA."""

    certificate: Path
    key: Path
    client_ca: Path | None = None


class Gathering:
    """A transport that sends what is written in one turn of the loop in one piece.

    uvicorn writes head and body apart: two system calls here, two more for the client.
    """

    __slots__ = ("_loop", "_pieces", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._pieces: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        """Do all else as the transport does it."""
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Keep data until the turn ends."""
        if not self._pieces:
            self._loop.call_soon(self._send)
        self._pieces.append(data)

    def close(self) -> None:
        """Send what is kept, then close."""
        self._send()
        self._transport.close()

    def _send(self) -> None:
        if self._pieces:
            self._transport.write(b"".join(self._pieces))
            self._pieces.clear()


class BoundedProtocol(HttpToolsProtocol):
    """Refuses a head that is too long; knows since when one is awaited."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head_bytes = 0
        self._is_too_long = False
        self._is_refused = False
        self.head_since = time.monotonic()
        """When the head that is being sent began; 0 while none is."""

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(Gathering(transport, self.loop))  # type: ignore[arg-type]

    @override
    def data_received(self, data: bytes) -> None:
        if self._is_refused:
            return
        self._head_bytes += len(data)
        super().data_received(data)
        if self.head_since and self._head_bytes > HEAD_BYTES and self.parser is not None:
            self._refuse()

    @override
    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.head_since = time.monotonic()

    @override
    def on_headers_complete(self) -> None:
        if self._head_bytes > HEAD_BYTES and self._measure() > HEAD_BYTES:
            self._is_too_long = True
            raise ValueError  # the parser stops and uvicorn calls send_400_response
        self.head_since = 0.0
        super().on_headers_complete()

    @override
    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._head_bytes = 0

    @override
    def send_400_response(self, msg: str) -> None:
        if self._is_too_long:
            self._refuse()
        else:
            self.transport.write(NO_HTTP)
            self.transport.close()

    def _measure(self) -> int:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)

    def _refuse(self) -> None:
        self.transport.write(LONG_HEAD)
        self._is_refused = True
        # What is still coming would turn a close into a reset, and the answer would be lost.
        self.loop.call_later(LINGER_SECONDS, self.transport.close)


class Server(uvicorn.Server):
    """Stops when told, not by a signal: signals belong to the process, not to one of its parts."""

    @override
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def sweep(self) -> None:
        """Close connections whose head does not come, as long as the server runs."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            before = time.monotonic() - HEAD_SECONDS
            for connection in list(self.server_state.connections):
                if isinstance(connection, BoundedProtocol) and 0 < connection.head_since < before:
                    connection.transport.close()


async def serve(
    app: ASGIApp, listening: socket, stop: asyncio.Event, *, tls: TLS | None = None
) -> None:
    """Serve until told to stop; then finish what is being answered, at most GRACE_SECONDS."""
    server = Server(config(app, tls))
    stopper = asyncio.create_task(_stop(server, stop))
    sweeper = asyncio.create_task(server.sweep())
    try:
        await server.serve([listening])
    finally:
        stopper.cancel()
        sweeper.cancel()


def config(app: ASGIApp, tls: TLS | None = None) -> uvicorn.Config:
    """Return how uvicorn serves an application."""
    return uvicorn.Config(
        app,
        loop="uvloop",
        http=BoundedProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        # What a proxy says of the caller is believed nowhere: HUTONG_PUBLIC_URL is what counts.
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        **_tls(tls),
    )


def _tls(tls: TLS | None) -> dict[str, Any]:
    if tls is None:
        return {}
    found: dict[str, Any] = {"ssl_certfile": tls.certificate, "ssl_keyfile": tls.key}
    if tls.client_ca:
        found |= {"ssl_ca_certs": tls.client_ca, "ssl_cert_reqs": ssl.CERT_REQUIRED}
    return found


async def _stop(server: Server, stop: asyncio.Event) -> None:
    await stop.wait()
    server.should_exit = True
