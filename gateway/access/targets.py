"""Where the gateway itself may connect to: a subscriber's address, a file to import.

Whoever may name an address must not reach through us what only we can reach: loopback, the
county's private networks, a cloud's metadata service. A name is looked up once, every address it
has is judged, and the connection goes to one that was judged (OWASP, "Server Side Request
Forgery Prevention"; what a name means may change between two look-ups).
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Network, ip_address
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

import httpx

from gateway.access.campus import Address, Network
from gateway.errors import UnprocessableError

LONGEST: Final = 2048
LOOKUP_SECONDS: Final = 5.0
CONNECT_SECONDS: Final = 10.0
PORTS: Final = {"https": 443, "http": 80}
NAT64: Final = IPv6Network("64:ff9b::/96")
"""Addresses that a translator sends on to an IPv4 address (RFC 6052)."""

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Gives the addresses of a host name; OSError where it has none."""


class TargetError(UnprocessableError):
    """The gateway does not connect there. The message names the rule, not what was found."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address that may be connected to: the url as given, and where its host was found."""

    url: str
    scheme: str
    host: str
    port: int
    address: Address
    path: str

    @property
    def authority(self) -> str:
        """The host and port, as the Host header says them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    def request(
        self, method: str, *, headers: Mapping[str, str] | None = None, content: bytes = b""
    ) -> httpx.Request:
        """Return a request to the judged address; a certificate must still name the host."""
        address = f"[{self.address}]" if self.address.version == 6 else str(self.address)  # noqa: PLR2004
        return httpx.Request(
            method,
            f"{self.scheme}://{address}:{self.port}{self.path}",
            headers={**(headers or {}), "Host": self.authority},
            content=content or None,
            extensions={"sni_hostname": self.host},
        )


async def resolve(host: str, port: int) -> Sequence[str]:
    """Return the addresses that this machine's resolver gives for a host."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def client(*, seconds: float, verify: ssl.SSLContext | None = None) -> httpx.AsyncClient:
    """Return a client for `Target.request`: no proxy, no redirect, certificates verified."""
    return httpx.AsyncClient(
        verify=verify or ssl.create_default_context(),
        trust_env=False,
        follow_redirects=False,
        timeout=httpx.Timeout(seconds, connect=CONNECT_SECONDS),
    )


@dataclass(frozen=True, slots=True)
class Targets:
    """The rule. `allowed` are networks that may be reached although they are not public."""

    allowed: tuple[Network, ...] = ()
    resolver: Resolve = field(default=resolve)

    async def judged(self, url: str, own: Iterable[Network] = ()) -> Target:
        """Return where a url leads; TargetError. `own` are the networks of the caller's campus."""
        parts, port = _parted(url)
        host = str(parts.hostname)
        near = (*self.allowed, *own)
        found = await self._addresses(host, port)
        if not all(_is_public(one) or _in(near, one) for one in found):
            raise TargetError(
                "The address lies in a network that the gateway does not connect to.",
                expression="url",
            )
        if parts.scheme == "http" and not all(_in(near, one) for one in found):
            raise TargetError(
                "Outside the consortium's networks only https is used.", expression="url"
            )
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return Target(url, parts.scheme, host, port, found[0], path)

    async def _addresses(self, host: str, port: int) -> list[Address]:
        try:
            return [ip_address(host)]
        except ValueError:
            pass
        try:
            async with asyncio.timeout(LOOKUP_SECONDS):
                found = [
                    ip_address(one.partition("%")[0]) for one in await self.resolver(host, port)
                ]
        except (OSError, ValueError, UnicodeError) as error:
            raise _unknown() from error
        if not found:
            raise _unknown()
        return found


def _unknown() -> TargetError:
    return TargetError("The host of the address has no address of its own.", expression="url")


def _parted(url: str) -> tuple[SplitResult, int]:
    """Return the parts and the port of a plain url; TargetError."""
    told = "An address is https://host/path or http://host/path, without user or fragment."
    if (
        len(url) > LONGEST
        or not url.isascii()
        or not url.isprintable()
        or "\\" in url
        or " " in url
    ):
        raise TargetError(told, expression="url")
    try:
        parts = urlsplit(url)
        port = PORTS[parts.scheme] if parts.port is None else parts.port
    except (KeyError, ValueError) as error:
        raise TargetError(told, expression="url") from error
    if not parts.hostname or parts.scheme not in PORTS or "@" in parts.netloc or parts.fragment:
        raise TargetError(told, expression="url")
    if not port:
        raise TargetError(told, expression="url")
    return parts, port


def _in(near: Iterable[Network], address: Address) -> bool:
    """Return whether a network holds an address; one of everything names no private one."""
    plain = _plain(address)
    return any(plain in one and (plain.is_global or not one.is_global) for one in near)


def _is_public(address: Address) -> bool:
    plain = _plain(address)
    return plain.is_global and not plain.is_multicast and not plain.is_reserved


def _plain(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 one stands for, if it does."""
    if isinstance(address, IPv4Address):
        return address
    inner: Any = address.ipv4_mapped or address.sixtofour
    if inner is None and address.teredo is not None:
        inner = address.teredo[1]
    if inner is None and address in NAT64:
        inner = IPv4Address(int(address) & 0xFFFFFFFF)
    found: Address = address if inner is None else inner
    return found
