"""Sends a message to a subscriber: to a judged address, within a time.

Of the answer no more counts than whether the message was taken.
"""

import asyncio
import socket
import ssl
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

import httpx

from gateway.access.campus import Campus
from gateway.access.targets import Resolve, TargetError, Targets
from gateway.events.notification import Message

AGENT: Final = "Hutong"
EVENT: Final = "X-Hutong-Event"
"""The number of an event whose request has no other place for it."""
ANSWER_BYTES: Final = 64 * 1024
"""How much of an answer is read before the connection is dropped: nobody looks at it."""
TAKEN: Final = range(200, 300)
AFTERWARDS: Final = 1.0
"""Seconds in which that much is read."""
LONGEST: Final = 60.0
"""Seconds without a byte; whoever sends says how long the whole may take."""


def trust(authorities: Path | None = None) -> ssl.SSLContext:
    """Return whose certificates are believed: the system's authorities, and the county's own."""
    context = ssl.create_default_context()
    if authorities is not None:
        context.load_verify_locations(authorities)
    return context


def lookups(most: int) -> Resolve:
    """Return what looks names up in threads of its own: a name server that hangs holds up one."""
    threads = ThreadPoolExecutor(most, thread_name_prefix="lookup")

    async def resolve(host: str, port: int) -> Sequence[str]:
        ask = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        found = await asyncio.get_running_loop().run_in_executor(threads, ask)
        return list(dict.fromkeys(str(one[4][0]) for one in found))

    return resolve


class Post:
    """The way out. A connection serves one message: what is behind an address may change."""

    def __init__(self, targets: Targets, verify: ssl.SSLContext | None = None) -> None:
        self._targets = targets
        self._verify = verify or trust()
        self._client: httpx.AsyncClient | None = None

    async def close(self) -> None:
        """Hang up."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _open(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(
                verify=self._verify,
                trust_env=False,
                follow_redirects=False,
                limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
                timeout=LONGEST,
            )
        return self._client

    async def send(
        self, campus: Campus, message: Message, headers: Iterable[tuple[str, str]], seconds: float
    ) -> str:
        """Return "" once the message was taken, else why it was not, in words without data."""
        try:
            async with asyncio.timeout(seconds):
                response = await self._send(campus, message, _joined(headers))
        except TimeoutError:
            return f"No answer within {seconds:g} s."
        except TargetError as error:
            return str(error)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            return _told(error)
        await _put_away(response)
        if response.status_code in TAKEN:
            return ""
        return f"The endpoint answers with status {response.status_code}."

    async def reach(self, campus: Campus, url: str, seconds: float) -> str:
        """Return "" if there is somebody at an address with a certificate that holds."""
        try:
            async with asyncio.timeout(seconds):
                target = await self._targets.judged(url, campus.networks)
                secure = target.scheme == "https"
                _, writer = await asyncio.open_connection(
                    str(target.address),
                    target.port,
                    ssl=self._verify if secure else None,
                    server_hostname=target.host if secure else None,
                )
                writer.close()
        except TimeoutError:
            return f"No answer within {seconds:g} s."
        except TargetError as error:
            return str(error)
        except OSError as error:
            return _told(error)
        return ""

    async def _send(
        self, campus: Campus, message: Message, headers: Mapping[str, str]
    ) -> httpx.Response:
        target = await self._targets.judged(message.url, campus.networks)
        own = {"User-Agent": AGENT}
        if message.media:
            own["Content-Type"] = message.media
        if message.number:
            own[EVENT] = str(message.number)
        request = target.request(message.method, headers={**headers, **own}, content=message.body)
        return await self._open().send(request, stream=True)


async def _put_away(response: httpx.Response) -> None:
    """Hang up, after what a server may still be sending: the status has said all that counts."""
    try:
        with suppress(TimeoutError, httpx.HTTPError, OSError):
            async with asyncio.timeout(AFTERWARDS):
                await _drain(response)
    finally:
        await response.aclose()


async def _drain(response: httpx.Response) -> None:
    read = 0
    async for piece in response.aiter_raw():
        read += len(piece)
        if read > ANSWER_BYTES:
            return


def _joined(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the lines of one name as one (RFC 9110 §5.3)."""
    found: dict[str, str] = {}
    for name, value in headers:
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def _told(error: BaseException) -> str:
    """Return what went wrong: the kind of thing, and nothing that the other side said."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return "The certificate of the endpoint is not believed."
        if isinstance(seen, ssl.SSLError):
            return "The endpoint speaks no TLS that is believed."
        seen = seen.__cause__ or seen.__context__
    if isinstance(error, httpx.RemoteProtocolError):
        return "The endpoint hung up, or answers with no HTTP."
    return "The endpoint cannot be reached."
