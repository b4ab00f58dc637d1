"""Clients that sign their calls: whose JWT is taken, and for which campus it speaks.

https://cds-hooks.hl7.org/2.0/#trusting-cds-clients: signed asymmetrically with a registered key,
for this address, not expired, and used once.
"""

import json
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from joserfc.errors import JoseError
from joserfc.jws import deserialize_compact, extract_compact

from gateway.access.actor import Actor
from gateway.access.directory import Directory
from gateway.access.keys import Source
from gateway.access.scopes import Scopes
from gateway.errors import UnauthenticatedError
from gateway.store.protocol import Store
from gateway.store.records import Batch, Statement

ALGORITHMS: Final = (
    *("ES256", "ES384", "ES512", "Ed25519"),
    *("PS256", "PS384", "PS512", "RS256", "RS384", "RS512"),
)
"""Neither `none` nor a shared secret (HS256 and the like), as the specification asks."""
STALE_AFTER: Final = 0.5
LEEWAY: Final = 60
"""Seconds by which a client's clock may be off."""
MAX_NONCE: Final = 256
CLEARING: Final = 60.0
"""Seconds between two clearings of nonces that have expired."""
MICROSECONDS: Final = 1_000_000
HUTONG: Final = "hutong"
"""What a registration says where the client's Patient ids are this server's."""
SCOPES: Final = Scopes.parse("recognition")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls a hook. `own_ids` tells that its Patient and Encounter ids are this server's."""

    actor: Actor
    own_ids: bool = False


@dataclass(frozen=True, slots=True)
class Client:
    """One registration."""

    id: int
    campus: int
    issuer: str
    own_ids: bool
    source: Source


class Clients:
    """The registered clients of the gateway; one a process."""

    def __init__(
        self,
        store: Store,
        directory: Directory,
        now: Callable[[], int],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._directory = directory
        self._now = now
        self._clock = clock
        self._due = 0.0
        self._clearing = 0.0
        self._rows: list[Any] = []
        self._by_issuer: dict[str, Client] = {}
        store.subscribe("config", self._changed)

    async def caller(self, token: str, addresses: Iterable[str], *, person: str = "") -> Caller:
        """Return who signed a token for one of these addresses; UnauthenticatedError."""
        header, claims = _opened(token)
        client = self._client(claims.get("iss"))
        await self._verify(client, header, token)
        jti, expires = self._judged(claims, frozenset(addresses))
        await self._use(client.issuer, jti, expires)
        campus = self._directory.campus_by_id(client.campus)
        if campus is None or not campus.active:
            raise UnauthenticatedError("The client's campus is not active.")
        # A client has no token: its number counts below zero, so that no token's is meant.
        who = -client.id, campus.id, campus.code, SCOPES, person, client.issuer
        return Caller(Actor(*who, campus.allowance), client.own_ids)

    # The registrations.

    def _changed(self, _topic: str, _payload: str) -> None:
        self._due = 0.0

    def _client(self, issuer: object) -> Client:
        if self._clock() >= self._due:
            self._refresh()
        client = self._by_issuer.get(issuer) if isinstance(issuer, str) else None
        if client is None:
            raise UnauthenticatedError("The token's issuer is not registered.")
        return client

    def _refresh(self) -> None:
        now = self._clock()
        rows = self._store.fetch("cds_clients")
        self._due = now + STALE_AFTER
        if rows == self._rows:
            return
        self._rows = rows
        self._by_issuer = {
            issuer: Client(number, campus, issuer, ids == HUTONG, Source(jwks, self._clock))
            for number, campus, issuer, jwks, ids, _, revoked in rows
            if revoked is None
        }

    # The token.

    async def _verify(self, client: Client, header: dict[str, Any], token: str) -> None:
        kid, type_ = header.get("kid"), header.get("typ", "JWT")
        if not isinstance(kid, str):
            raise UnauthenticatedError("The token's header has no kid.")
        if not isinstance(type_, str) or type_.upper() != "JWT":
            raise UnauthenticatedError("The token's typ is not JWT.")
        if header.get("alg") not in ALGORITHMS:
            raise UnauthenticatedError(f"The token's alg is none of {', '.join(ALGORITHMS)}.")
        key = await client.source.key(kid)
        if key is None:
            raise UnauthenticatedError("The client has no key with this kid.")
        try:
            deserialize_compact(token.encode(), key, algorithms=list(ALGORITHMS))
        except (JoseError, ValueError, TypeError) as error:
            raise UnauthenticatedError("The token's signature is not the client's.") from error

    def _judged(self, claims: dict[str, Any], addresses: frozenset[str]) -> tuple[str, int]:
        """Return nonce and expiry (s) of claims that hold here and now."""
        now = self._now() // MICROSECONDS
        audience = claims.get("aud")
        named = audience if isinstance(audience, list) else [audience]
        if not any(isinstance(one, str) and one.rstrip("/") in addresses for one in named):
            raise UnauthenticatedError("The token's aud is not the address that was called.")
        expires, issued = _second(claims, "exp"), _second(claims, "iat")
        if expires + LEEWAY <= now:
            raise UnauthenticatedError("The token has expired.")
        if issued > now + LEEWAY or ("nbf" in claims and _second(claims, "nbf") > now + LEEWAY):
            raise UnauthenticatedError("The token is of the future.")
        jti = claims.get("jti")
        if not isinstance(jti, str) or not 0 < len(jti) <= MAX_NONCE or not jti.isprintable():
            raise UnauthenticatedError(f"The token's jti is not 1 to {MAX_NONCE} characters.")
        return jti, expires + LEEWAY

    async def _use(self, issuer: str, jti: str, expires: int) -> None:
        """Take a nonce, durably; UnauthenticatedError if another call did so before."""
        ticket = os.urandom(16)
        call = ticket.hex()
        uses: list[Statement] = [("cds_jti_use", (issuer, jti, expires, call))]
        if self._clock() >= self._clearing:
            self._clearing = self._clock() + CLEARING
            uses.append(("cds_jti_expired", (self._now() // MICROSECONDS,)))
        await self._store.submit(Batch(ticket, statements=uses))
        if self._store.fetch("cds_jti_call", (issuer, jti)) != [(call,)]:
            raise UnauthenticatedError("The token was used before.")


def _opened(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return header and claims as they are written, before anything is believed."""
    try:
        found = extract_compact(token.encode())
        header, claims = found.headers(), json.loads(found.payload or b"")
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise UnauthenticatedError("The token is not a signed JWT.") from error
    if not isinstance(claims, dict):
        raise UnauthenticatedError("The token is not a signed JWT.")
    return dict(header), claims


def _second(claims: dict[str, Any], name: str) -> int:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**53:
        raise UnauthenticatedError(f"The token's {name} is not a number of seconds.")
    return int(value)
