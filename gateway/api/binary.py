"""Binary in its own content type, whole or in part.

https://hl7.org/fhir/R4/binary.html#rest and RFC 9110 §14
"""

import base64
import re
from collections.abc import Sequence
from typing import Final

from gateway.api.answer import PARTS, Answer, Header
from gateway.api.call import Call, text_of
from gateway.api.formats import FHIR_XML, JSON, media, takes_content, wants_xml
from gateway.errors import BeyondError, InvalidRequestError
from gateway.fhir.codec import Resource, encode
from gateway.store.stored import Stored

RANGE: Final = re.compile(r"bytes=(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))", re.ASCII)
CONTEXT: Final = b"x-security-context"

# Whoever wrote it said what it is: a browser must neither guess nor run it.
GUARDS: Final = (
    PARTS,
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; sandbox"),
)


def as_content(call: Call, stored: Stored, headers: Sequence[Header]) -> Answer | None:
    """Return what a Binary holds, as what it is; None where the caller wants the resource."""
    accept = call.headers.get(b"accept", b"*/*")
    if call.named or call.look.params:
        return None
    resource = stored.resource()
    kind = str(resource.get("contentType", ""))
    if not takes_content(accept, kind):
        call.xml = wants_xml(accept)
        return None
    try:
        data = base64.b64decode(resource.get("data", ""))
    except ValueError:
        data = b""
    safe = kind if kind.isascii() and kind.isprintable() else "application/octet-stream"
    return _part(call, data, [*headers, *GUARDS], safe.encode())


def _part(call: Call, data: bytes, headers: list[Header], kind: bytes) -> Answer:
    """Return the bytes that a Range header asks for, all where it asks for none that we know."""
    found = RANGE.fullmatch(call.header(b"range").strip())
    # A version's tag is weak, so If-Range never matches (RFC 9110 §13.1.5).
    if found is None or b"if-range" in call.headers or call.method == "HEAD":
        return Answer(data, headers=headers, kind=kind)
    first, last, suffix = found.groups()
    if suffix is not None:
        begin, end = max(len(data) - int(suffix), 0), len(data)
    else:
        begin, end = int(first), min(int(last) + 1, len(data)) if last else len(data)
    if begin >= end:
        if last and int(last) < int(first):
            return Answer(data, headers=headers, kind=kind)
        raise BeyondError(len(data))
    span = (b"content-range", b"bytes %d-%d/%d" % (begin, end - 1, len(data)))
    return Answer(data[begin:end], 206, [*headers, span], kind)


async def resource_of(call: Call) -> bytes:
    """Return the body as a resource; for a Binary the body may be what it holds."""
    kind = call.headers.get(b"content-type", b"")
    if call.type != "Binary" or not kind or media(kind) in JSON | {FHIR_XML}:
        return await call.resource()
    text = kind.decode("latin-1")
    if "/" not in text or not (text.isascii() and text.isprintable()):
        raise InvalidRequestError("This is no media type.", expression="Content-Type")
    found: Resource = {"resourceType": "Binary", "contentType": text}
    if call.id:
        found["id"] = call.id
    if CONTEXT in call.headers:
        found["securityContext"] = {"reference": text_of(call.headers[CONTEXT])}
    if data := await call.body():
        found["data"] = base64.b64encode(data).decode()
    return encode(found)
