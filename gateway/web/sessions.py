"""Sessions of the pages: opened with a token, ended by sign-out, time or revocation."""

import os
import secrets
from hashlib import sha256
from typing import Final

from gateway.access.actor import Actor
from gateway.errors import UnauthenticatedError
from gateway.interactions.door import Door
from gateway.store.records import Batch, Statement

LIFETIME: Final = 12 * 3600 * 1_000_000
"""A shift, in microseconds."""


class DoorSessions:
    """Sessions kept in the store, by the hash of what the cookie holds."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def sign_in(self, token: str, person: str) -> str | None:
        """Return the id of a new session; None if the token does not hold."""
        try:
            actor = self._door.directory.actor(token)
        except UnauthenticatedError:
            return None
        made = secrets.token_urlsafe(32)
        now = self._door.clock()
        values = (_hash(made), actor.token, person, now, now + LIFETIME)
        await self._write(("sessions_expired", (now,)), ("session_add", values))
        return made

    async def session(self, session_id: str) -> Actor | None:
        """Return who that session is; None once it has ended."""
        found = self._door.store.fetch("session", (_hash(session_id),))
        if not found:
            return None
        token, person, expires = found[0]
        if expires < self._door.clock():
            return None
        try:
            return self._door.directory.actor_of_token(token, person=person)
        except UnauthenticatedError:
            return None

    async def sign_out(self, session_id: str) -> None:
        """End the session."""
        await self._write(("session_end", (_hash(session_id),)))

    async def _write(self, *statements: Statement) -> None:
        await self._door.store.submit(Batch(os.urandom(16), statements=list(statements)))


def _hash(session_id: str) -> bytes:
    return sha256(session_id.encode(errors="replace")).digest()
