"""One HTTP request under /fhir: what it asks, who asks, and through which door."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Final
from urllib.parse import unquote, unquote_plus

from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope

from gateway.access.actor import Actor
from gateway.api.formats import refuse_accept, refuse_content, refuse_form, refuse_format
from gateway.api.prefer import NOTHING, Prefer, prefer
from gateway.api.service import Service
from gateway.errors import InvalidRequestError, TooLargeError, UnsupportedMediaError

Params = list[tuple[str, str]]

BODY_SECONDS: Final = 30
"""How long a sender may pause within a body."""

DRAIN_SECONDS: Final = 5
"""How long the rest of a body over the limit is read, to be thrown away."""

MAX_PARAMS: Final = 200
PRESENTATION: Final = frozenset({"_format", "_pretty"})


class Call:
    """What a handler gets. `type`, `id` and `version` are "" where the address has none."""

    __slots__ = (
        *("actor", "allow", "door", "headers", "id", "interaction", "method"),
        *("params", "pretty", "receive", "scope", "service", "type", "version"),
        *("frame", "instance", "member", "path", "series", "study"),
        "family",
    )

    actor: Actor  # not there before the caller is known

    def __init__(self, scope: Scope, receive: Receive, service: Service) -> None:
        self.scope = scope
        self.receive = receive
        self.service = service
        self.door = service.door
        self.method: str = scope["method"]
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.interaction = self.family = ""
        self.allow = b"GET, HEAD"
        self.type = self.id = self.version = ""
        self.member = self.study = self.series = self.instance = self.frame = self.path = ""
        self.params: Params = []
        self.pretty = False

    @property
    def base(self) -> str:
        """The address of /fhir: the one that is set, else as the caller reached it."""
        return self.door.base

    @property
    def root(self) -> str:
        """The address of everything that is not FHIR."""
        return self.door.base.removesuffix("/fhir")

    @property
    def prefer(self) -> Prefer:
        """What the caller prefers."""
        header = self.headers.get(b"prefer")
        return prefer(header) if header else NOTHING

    def header(self, name: bytes) -> str:
        """Return a header's text, "" where there is none."""
        return self.headers.get(name, b"").decode("latin-1")

    def read_params(self) -> None:
        """Take the query apart; settle the format that is asked for."""
        query = self.scope["query_string"]
        if query:
            self.take(parse(query))
            return
        accept = self.headers.get(b"accept")
        # A Binary may be asked for as what it holds: its read decides.
        if accept is not None and self.type != "Binary":
            refuse_accept(accept)

    def read_query(self) -> None:
        """Take the query apart where the formats are not FHIR's."""
        self.params = parse(self.scope["query_string"])

    def take(self, params: Params) -> None:
        """Add parameters; those that choose how an answer looks are settled here."""
        formats = [value for name, value in params if name == "_format"]
        for value in formats:
            refuse_format(value)
        accept = self.headers.get(b"accept")
        if accept is not None and not formats:
            refuse_accept(accept)
        self.pretty = ("_pretty", "true") in params
        self.params += [pair for pair in params if pair[0] not in PRESENTATION]

    def refuse_params(self) -> None:
        """Raise where the address takes no parameter and one was given."""
        if self.params and not self.prefer.lenient:
            raise InvalidRequestError(
                "This address takes no parameter but _format and _pretty.",
                expression=f"http.{self.params[0][0][:32]}",
            )

    async def resource(self) -> bytes:
        """Return the body that holds a resource."""
        content_type = self.headers.get(b"content-type")
        if content_type is None:
            raise UnsupportedMediaError(
                "Content-Type is missing: application/fhir+json.", expression="Content-Type"
            )
        refuse_content(content_type)
        body = await self.body()
        if not body:
            raise InvalidRequestError("The body is empty.")
        return body

    async def form(self) -> Params:
        """Return the fields of a body that holds a form."""
        body = await self.body()
        if not body:
            return []
        refuse_form(self.headers.get(b"content-type", b""))
        return parse(body)

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the body while it comes in, whatever its size."""
        self._refuse_encoding()
        more = True
        while more:
            message = await _next(self.receive)
            if data := message.get("body", b""):
                yield data
            more = message.get("more_body", False)

    def _refuse_encoding(self) -> None:
        if self.headers.get(b"content-encoding", b"identity").lower() != b"identity":
            raise UnsupportedMediaError(
                "A compressed body is not supported.", expression="Content-Encoding"
            )

    async def body(self) -> bytes:
        """Return the body, counted while it comes in."""
        self._refuse_encoding()
        length = self.headers.get(b"content-length", b"0")
        limit = self.service.body_limit
        if length.isdigit() and int(length) > limit:
            raise await self._too_large()
        pieces, size, more = [], 0, True
        while more:
            message = await _next(self.receive)
            pieces.append(message.get("body", b""))
            size += len(pieces[-1])
            if size > limit:
                raise await self._too_large()
            more = message.get("more_body", False)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    async def _too_large(self) -> TooLargeError:
        """Return the error; most clients hear of it only when they have sent all they have."""
        if b"expect" not in self.headers:
            with suppress(TimeoutError):
                async with asyncio.timeout(DRAIN_SECONDS):
                    while (await _next(self.receive)).get("more_body"):
                        pass
        return TooLargeError(f"The body is over the limit of {self.service.body_limit} bytes.")


async def _next(receive: Receive) -> Message:
    try:
        async with asyncio.timeout(BODY_SECONDS):
            message = await receive()
    except TimeoutError as error:
        raise InvalidRequestError("The body stopped coming.") from error
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    return message


def parse(query: bytes) -> Params:
    """Return the parameters of a query or form, in order."""
    try:
        pairs = [pair for pair in query.decode("ascii").split("&") if pair]
        if len(pairs) > MAX_PARAMS:
            raise InvalidRequestError(f"There are more than {MAX_PARAMS} parameters.")
        return [(_plain(name), _plain(value)) for name, _, value in map(_parted, pairs)]
    except UnicodeError as error:
        raise InvalidRequestError("The parameters are not percent-encoded UTF-8.") from error


def _parted(pair: str) -> tuple[str, str, str]:
    return pair.partition("=")


def _plain(text: str) -> str:
    """Return what form encoding stands for (https://url.spec.whatwg.org/#urlencoded-parsing)."""
    if "%" in text or "+" in text:
        return unquote_plus(text, errors="strict")
    return text


def text_of(header: bytes) -> str:
    """Return a header that may hold a name: UTF-8, raw or percent-encoded."""
    try:
        return unquote(header.strip().decode("utf-8"), errors="strict")
    except UnicodeError as error:
        raise InvalidRequestError("A header is not UTF-8.") from error
