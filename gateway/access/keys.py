"""The public keys of a CDS client: from what was registered, or from the address it names.

RFC 7517; https://cds-hooks.hl7.org/2.0/#trusting-cds-clients. Only keys that verify an asymmetric
signature are taken: a shared secret or another purpose is passed over.
"""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey, import_key

from gateway.errors import InvalidRequestError, UnavailableError

LASTING: Final = 3600.0
"""Seconds that a fetched key set is used."""
PAUSE: Final = 30.0
"""Seconds between two fetches from one address, whatever key ids callers make up."""
FETCH_SECONDS: Final = 3.0
MAX_BYTES: Final = 64 * 1024
PUBLIC: Final = (ECKey, OKPKey, RSAKey)
PRIVATE: Final = frozenset({"d", "k"})

Keys = dict[str, Key]

log = logging.getLogger(__name__)


class KeySetError(InvalidRequestError):
    """What is no key set that a client may be known by."""


def keys_of(text: str | bytes) -> Keys:
    """Return the usable public keys of a JWK Set by their ids; KeySetError if there is none."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise KeySetError("The key set is not JSON.") from error
    members = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(members, list):
        raise KeySetError('A JWK Set is an object with an array "keys".')
    if any(isinstance(one, dict) and PRIVATE & one.keys() for one in members):
        raise KeySetError("The key set holds a private key or a shared secret: give public keys.")
    usable = {
        one["kid"]: key for one in members if _is_named(one) and (key := _key(one)) is not None
    }
    if not usable:
        raise KeySetError("The key set has no public key with a kid that verifies signatures.")
    return usable


def _is_named(member: object) -> bool:
    return isinstance(member, dict) and isinstance(member.get("kid"), str) and bool(member["kid"])


def _key(member: Mapping[str, Any]) -> Key | None:
    # RFC 7517 §5: keys that are not understood, or are for something else, are ignored.
    if member.get("use", "sig") != "sig":
        return None
    try:
        key = import_key(dict(member))
    except (JoseError, ValueError, TypeError):
        return None
    return None if isinstance(key, OctKey) or not isinstance(key, PUBLIC) else key


def address_of(text: str) -> str:
    """Return the address of a key set; KeySetError unless https, or http on this machine."""
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError as error:
        raise KeySetError("The address of the key set is not a url.") from error
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and _is_local(host))):
        raise KeySetError("The address of a key set begins with https://.")
    return text


def _is_local(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def is_address(jwks: str) -> bool:
    """Return whether what was registered is the address of a key set."""
    return not jwks.lstrip().startswith("{")


class Source:
    """Gives the keys of one client, fetched where only their address is known."""

    def __init__(self, jwks: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._jwks = jwks
        self._clock = clock
        self._is_fetched = is_address(jwks)
        self._keys: Keys = {} if self._is_fetched else keys_of(jwks)
        self._until = 0.0
        self._next = 0.0
        self._lock = asyncio.Lock()

    async def key(self, kid: str) -> Key | None:
        """Return the key of an id, None where the client has no such; UnavailableError."""
        if self._is_fetched and self._lacks(kid):
            async with self._lock:
                # Whoever waited for the lock may find that another has fetched it.
                if self._lacks(kid) and self._clock() >= self._next:
                    await self._fetch()
            if not self._keys:
                raise UnavailableError("The client's key set cannot be fetched now.")
        return self._keys.get(kid)

    def _lacks(self, kid: str) -> bool:
        return kid not in self._keys or self._clock() >= self._until

    async def _fetch(self) -> None:
        self._next = self._clock() + PAUSE
        try:
            self._keys = keys_of(await _read(self._jwks))
        except (httpx.HTTPError, KeySetError):
            # Keys that were good an hour ago are better than none: revoking goes by command.
            log.warning("the key set of a CDS client cannot be fetched")
        else:
            self._until = self._clock() + LASTING


async def _read(address: str) -> bytes:
    body = bytearray()
    async with (
        httpx.AsyncClient(timeout=FETCH_SECONDS, follow_redirects=False) as client,
        client.stream("GET", address, headers={"Accept": "application/json"}) as response,
    ):
        response.raise_for_status()
        async for piece in response.aiter_bytes():
            body += piece
            if len(body) > MAX_BYTES:
                raise KeySetError("The key set is too long.")
    return bytes(body)
