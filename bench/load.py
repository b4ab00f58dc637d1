"""Load on an HTTP server: connections kept alive, the next request when an answer is in.

Raw bytes and a protocol of callbacks, because the load must be cheaper than what it measures.
"""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import uvloop
from typing_extensions import override

LENGTH = b"content-length: "
END = b"\r\n\r\n"


@dataclass(frozen=True)
class Load:
    """What came of it: answers a second, and how long one took, in milliseconds."""

    rate: float
    p50: float
    p99: float
    failed: int
    p95: float = 0.0


class Caller(asyncio.Protocol):
    """One connection that asks without end, in random order."""

    def __init__(self, requests: Sequence[bytes]) -> None:
        self._requests = requests
        self._buffer = b""
        self._sent = 0.0
        self.times: list[float] = []
        self.failed = 0

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        self._ask()

    def _ask(self) -> None:
        # Not `random.choice`, which takes longer than the rest of this.
        request = self._requests[int(random.random() * len(self._requests))]  # noqa: S311
        self._sent = time.perf_counter()
        self._transport.write(request)

    @override
    def data_received(self, data: bytes) -> None:
        if self._buffer:
            data = self._buffer + data
        head = data.find(END)
        start = data.find(LENGTH, 0, head)
        if head < 0 or start < 0:
            self._buffer = data
            return
        length = int(data[start + len(LENGTH) : data.find(b"\r", start)])
        if len(data) < head + len(END) + length:
            self._buffer = data
            return
        self._buffer = b""
        self.times.append(time.perf_counter() - self._sent)
        if data[9:12] != b"200":
            self.failed += 1
        self._ask()

    def stop(self) -> None:
        """Hang up."""
        self._transport.abort()


def load(port: int, requests: Sequence[bytes], *, connections: int, seconds: float) -> Load:
    """Return what a server does under so many connections for so long."""
    return uvloop.run(_load(port, requests, connections, seconds))


async def _load(port: int, requests: Sequence[bytes], connections: int, seconds: float) -> Load:
    loop = asyncio.get_running_loop()
    callers = [
        (await loop.create_connection(lambda: Caller(requests), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]
    start = time.perf_counter()
    await asyncio.sleep(seconds)
    took = time.perf_counter() - start
    for caller in callers:
        caller.stop()
    times = sorted(one for caller in callers for one in caller.times)
    assert times, "nothing was answered"
    return Load(
        rate=len(times) / took,
        p50=times[len(times) // 2] * 1000,
        p99=times[len(times) * 99 // 100] * 1000,
        failed=sum(caller.failed for caller in callers),
        p95=times[len(times) * 95 // 100] * 1000,
    )


def get(path: str, token: str = "") -> bytes:
    """Return a GET as bytes."""
    authorization = f"Authorization: Bearer {token}\r\n" if token else ""
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{authorization}"
        "Accept: application/fhir+json\r\n\r\n"
    ).encode()


def post(path: str, body: bytes, token: str = "") -> bytes:
    """Return a POST of JSON as bytes."""
    authorization = f"Authorization: Bearer {token}\r\n" if token else ""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{authorization}"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
