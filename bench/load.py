"""Load on an HTTP server: connections kept alive, the next request when an answer is in.

Raw bytes and a protocol of callbacks, because the load must be cheaper than what it measures.
"""

import asyncio
import os
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvloop
from typing_extensions import override

LENGTH = b"content-length:"
CHUNKED = b"transfer-encoding: chunked"
LAST = b"0\r\n\r\n"
END = b"\r\n\r\n"
FINE = frozenset({b"200", b"201"})


@dataclass(frozen=True)
class Load:
    """What came of it: answers a second, and how long one took, in milliseconds."""

    rate: float
    p50: float
    p99: float
    failed: int
    p95: float = 0.0
    cpu_us: float = 0.0
    """What an answer took of the processors, in the server's processes."""


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
        if not _is_whole(data):
            self._buffer = data
            return
        self._buffer = b""
        self.times.append(time.perf_counter() - self._sent)
        if data[9:12] not in FINE:
            self.failed += 1
        self._ask()

    def stop(self) -> None:
        """Hang up."""
        self._transport.abort()


def _is_whole(data: bytes) -> bool:
    """Return whether an answer is there to its end."""
    head = data.find(END)
    if head < 0:
        return False
    start = data.find(LENGTH, 0, head)
    if start < 0:
        # Not this gateway: names in other letters, or a body in pieces.
        named = data[:head].lower()
        start = named.find(LENGTH)
        if start < 0:
            return CHUNKED in named and data.endswith(LAST)
    length = int(data[start + len(LENGTH) : data.find(b"\r", start)])
    return len(data) >= head + len(END) + length


def load(
    where: int | tuple[str, int],
    requests: Sequence[bytes],
    *,
    connections: int,
    seconds: float,
    server: int = 0,
) -> Load:
    """Return what a server does under so many connections for so long.

    `where` is a port here, or host and port. `server` is its process, whose processor time is
    counted with that of its children.
    """
    address = where if isinstance(where, tuple) else ("127.0.0.1", where)
    return uvloop.run(_load(address, requests, connections, seconds, server))


async def _load(
    address: tuple[str, int],
    requests: Sequence[bytes],
    connections: int,
    seconds: float,
    server: int,
) -> Load:
    loop = asyncio.get_running_loop()
    callers = [
        (await loop.create_connection(lambda: Caller(requests), *address))[1]
        for _ in range(connections)
    ]
    begun = cpu_seconds(server) if server else 0.0
    start = time.perf_counter()
    await asyncio.sleep(seconds)
    took = time.perf_counter() - start
    spent = cpu_seconds(server) - begun if server else 0.0
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
        cpu_us=spent / len(times) * 1e6,
    )


def cpu_seconds(process: int) -> float:
    """Return the processor time that a process and its living children have taken (proc(5))."""
    ticks: dict[int, int] = {}
    parents: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name, in brackets, may hold anything.
            words = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        pid = int(entry.parent.name)
        parents[pid], ticks[pid] = int(words[1]), int(words[11]) + int(words[12])
    return sum(
        spent for pid, spent in ticks.items() if _descends(pid, process, parents)
    ) / os.sysconf("SC_CLK_TCK")


def _descends(pid: int, process: int, parents: dict[int, int]) -> bool:
    while pid in parents and pid != process:
        pid = parents[pid]
    return pid == process


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
