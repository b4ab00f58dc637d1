"""One HTTP request under /fhir: what it asks, who asks, and through which door."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import lru_cache
from typing import Final
from urllib.parse import unquote, unquote_plus

from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope

from gateway.access.actor import Actor
from gateway.api.formats import (
    is_xml,
    media,
    names_xml,
    refuse_form,
    wants_xml,
)
from gateway.api.prefer import NOTHING, Prefer, prefer
from gateway.api.service import Service
from gateway.api.unpacking import Unpacking
from gateway.errors import (
    InvalidRequestError,
    NotAcceptableError,
    TooLargeError,
    UnsupportedMediaError,
)
from gateway.fhir import xml
from gateway.fhir.codec import decode, encode
from gateway.interactions.look import WHOLE, beside, look
from gateway.interactions.patch import JSON_PATCH, MERGE_PATCH, Kind

Params = list[tuple[str, str]]

BODY_SECONDS: Final = 30
"""How long a sender may pause within a body."""

DRAIN_SECONDS: Final = 5
"""How long the rest of a body over the limit is read, to be thrown away."""

RESOURCES: Final = frozenset({"fhir", "ingest"})
"""First segments under which resources are spoken of, which have an XML."""

GZIP: Final = frozenset({b"gzip", b"x-gzip"})
ENCODINGS: Final = GZIP | {b"identity"}

LARGE: Final = 256 * 1024
"""Bytes from which work on a body is done beside the event loop."""

XML_PATCH: Final = "application/xml-patch+xml"
PLAIN_JSON: Final = "application/json"
# Some clients send part of a resource as plain JSON, and mean it as a merge.
PATCHES: Final[dict[str, Kind]] = {
    JSON_PATCH: "json",
    MERGE_PATCH: "merge",
    PLAIN_JSON: "merge",
}
MAX_PARAMS: Final = 200
SHAPED: Final = frozenset(
    {
        *("read", "vread", "search-type", "search-system"),
        *("history-instance", "history-type", "history-system"),
    }
)
"""What may be asked for in part."""
PRESENTATION: Final = frozenset({"_format", "_pretty"})


class Call:
    """What a handler gets. `type`, `id` and `version` are "" where the address has none."""

    __slots__ = (
        *("actor", "allow", "door", "headers", "id", "interaction", "method"),
        *("params", "pretty", "receive", "scope", "service", "type", "version"),
        *("frame", "instance", "member", "path", "series", "study"),
        *("family", "look", "named", "xml"),
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
        self.pretty = self.xml = self.named = False
        self.look = WHOLE

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
            self._take_xml(wants_xml(accept), "Accept")

    def settle_format(self) -> None:
        """Settle the format of an error that came before the query was read."""
        if self.named or self.family != "fhir":
            return
        try:
            self.xml = wants_xml(self.headers.get(b"accept", b"*/*"))
        except NotAcceptableError:
            self.xml = False

    def read_query(self) -> None:
        """Take the query apart where the formats are not FHIR's."""
        self.params = parse(self.scope["query_string"])

    def take(self, params: Params) -> None:
        """Add parameters; those that choose how an answer looks are settled here."""
        presented = [pair for pair in params if pair[0] in PRESENTATION]
        if presented:
            self._present(presented)
            params = [pair for pair in params if pair[0] not in PRESENTATION]
        accept = self.headers.get(b"accept")
        if accept is not None and not self.named:
            self._take_xml(wants_xml(accept), "Accept")
        self.params += params
        if self.interaction in SHAPED:
            named = self.member.strip("*") if self.member else self.type
            self.look = look(named, self.params)
            self.params = beside(self.look, self.params)

    def _present(self, params: Params) -> None:
        for name, value in params:
            if name == "_format":
                self._take_xml(names_xml(value), "_format")
                self.named = True
            elif value in {"true", "false"}:
                self.pretty = value == "true"
            elif not self.prefer.lenient:
                raise InvalidRequestError("_pretty takes true or false.", expression="http._pretty")

    def _take_xml(self, wanted: bool, place: str) -> None:  # noqa: FBT001 - what was asked for
        if wanted and self.family not in RESOURCES:
            raise NotAcceptableError("There is no XML of this; JSON is.", expression=place)
        self.xml = wanted

    def refuse_params(self) -> None:
        """Raise where the address takes no parameter and one was given."""
        if self.params and not self.prefer.lenient:
            name = self.params[0][0]
            taken = "_format and _pretty"
            if self.interaction in SHAPED:
                taken = "_elements, _format, _pretty and _summary (true, text, data or false)"
            raise InvalidRequestError(
                f"This address takes no parameter but {taken}.", expression=f"http.{name[:32]}"
            )

    def criteria(self) -> Params:
        """Return the parameters that name the resource of a conditional interaction."""
        if not self.params:
            raise InvalidRequestError(
                f"{self.method} takes {self.type}/id or {self.type}?criteria."
            )
        return self.params

    async def patch(self) -> tuple[Kind, bytes]:
        """Return which kind of patch the body holds, and the body."""
        kind = media(self.headers.get(b"content-type", b""))
        if kind == XML_PATCH:
            raise UnsupportedMediaError(
                f"XML Patch is not offered; {', '.join(PATCHES)} and FHIRPath Patch are.",
                expression="Content-Type",
            )
        if kind not in PATCHES:
            return "fhirpath", await self.resource()
        body = await self.body()
        if not body:
            raise InvalidRequestError("The body is empty.")
        if kind == PLAIN_JSON and decode(body).get("resourceType") == "Parameters":
            return "fhirpath", body
        return PATCHES[kind], body

    async def resource(self) -> bytes:
        """Return the body that holds a resource."""
        content_type = self.headers.get(b"content-type")
        if content_type is None:
            raise UnsupportedMediaError(
                "Content-Type is missing: application/fhir+json or application/fhir+xml.",
                expression="Content-Type",
            )
        in_xml = is_xml(content_type)
        if in_xml and self.family not in RESOURCES:
            raise UnsupportedMediaError("This is sent as JSON.", expression="Content-Type")
        body = await self.body()
        if not body:
            raise InvalidRequestError("The body is empty.")
        if not in_xml:
            return body
        if len(body) > LARGE:
            return await asyncio.to_thread(_from_xml, body)
        return _from_xml(body)

    async def form(self) -> Params:
        """Return the fields of a body that holds a form."""
        body = await self.body()
        if not body:
            return []
        refuse_form(self.headers.get(b"content-type", b""))
        return parse(body)

    async def pieces(self, *, packed: bool = False) -> AsyncIterator[bytes]:
        """Yield the body while it comes in, whatever its size; `packed`: gzip stays as it is."""
        encoding = self.headers.get(b"content-encoding", b"identity").lower()
        if not packed or encoding not in ENCODINGS:
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
                "A body comes as it is, a resource's also as gzip.", expression="Content-Encoding"
            )

    async def body(self) -> bytes:
        """Return the body, counted while it comes in, unpacked if it is gzip."""
        encoding = self.headers.get(b"content-encoding", b"identity").lower()
        if encoding not in ENCODINGS:
            self._refuse_encoding()
        length = self.headers.get(b"content-length", b"0")
        limit = self.service.body_limit
        if length.isdigit() and int(length) > limit:
            raise await self._too_large()
        unpacking = Unpacking(limit) if encoding in GZIP else None
        pieces, size, more = [], 0, True
        while more:
            message = await _next(self.receive)
            piece = message.get("body", b"")
            pieces.append(unpacking.add(piece) if unpacking and piece else piece)
            size += len(piece)
            if size > limit:
                raise await self._too_large()
            more = message.get("more_body", False)
        if unpacking:
            unpacking.end()
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    async def _too_large(self) -> TooLargeError:
        """Return the error; most clients hear of it only when they have sent all they have."""
        if b"expect" not in self.headers:
            with suppress(TimeoutError):
                async with asyncio.timeout(DRAIN_SECONDS):
                    while (await _next(self.receive)).get("more_body"):
                        pass
        return TooLargeError(f"The body is over the limit of {self.service.body_limit} bytes.")


def _from_xml(body: bytes) -> bytes:
    return encode(xml.decode(body))


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
        return _unquoted(text)
    return text


@lru_cache(4_096)
def _unquoted(text: str) -> str:
    return unquote_plus(text, errors="strict")


def text_of(header: bytes, *, quoted: bool = False) -> str:
    """Return a header that may hold a name: UTF-8, raw or percent-encoded.

    Where it stays `quoted`, whoever takes it apart sees to its percent signs.
    """
    try:
        text = header.strip().decode("utf-8")
        return text if quoted else unquote(text, errors="strict")
    except UnicodeError as error:
        raise InvalidRequestError("A header is not UTF-8.") from error
