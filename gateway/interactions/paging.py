"""Page tokens: sealed, bound to caller and address, good for an hour.

A token carries the whole search, so that no identifier of a POSTed search appears in a link, and
the mark that keeps later pages on the rows of the first (DESIGN §3, "Paging").
"""

import base64
import os
from functools import lru_cache
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.access.actor import Actor
from gateway.errors import PageExpiredError
from gateway.interactions.door import Door
from gateway.store.janitor import PAGE_LIFE

NONCE: Final = 12


class Token(msgspec.Struct, array_like=True):
    """Where a next page begins. `mark` is the newest row of the first page."""

    mark: int
    count: int
    after: tuple[int | float | str | None, ...]
    issued: int
    params: list[tuple[str, str]]


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Token).decode


def seal(door: Door, actor: Actor, place: str, token: Token) -> str:
    """Return the token as text. `place` is the type or instance that it pages through."""
    token.issued = token.issued or door.clock()
    nonce = os.urandom(NONCE)
    sealed = _cipher(door.page_key).encrypt(nonce, _encode(token), _caller(actor, place))
    return base64.urlsafe_b64encode(nonce + sealed).decode().rstrip("=")


def open_token(door: Door, actor: Actor, place: str, text: str) -> Token:
    """Return what a text seals; PageExpiredError if it is not this caller's, or too old."""
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        token = _decode(
            _cipher(door.page_key).decrypt(data[:NONCE], data[NONCE:], _caller(actor, place))
        )
    except (ValueError, InvalidTag, msgspec.DecodeError) as error:
        raise PageExpiredError(
            "The page token is not of this search and caller.", expression="http._page"
        ) from error
    if token.issued + PAGE_LIFE < door.clock():
        raise PageExpiredError("The page is too old; search again.", expression="http._page")
    return token


@lru_cache(4)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


def _caller(actor: Actor, place: str) -> bytes:
    return f"{actor.token}|{actor.campus}|{actor.person}|{place}".encode()
