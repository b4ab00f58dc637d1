"""FHIR read: GET [base]/[type]/[id], also conditional.

https://hl7.org/fhir/R4/http.html#read
"""

import base64

from gateway.api.answer import Answer, Header, version_headers
from gateway.api.call import Call
from gateway.api.formats import refuse_accept, takes, takes_json
from gateway.interactions import read as interaction
from gateway.store.stored import Stored


async def read(call: Call) -> Answer:
    """Return the current version, or 304 where the client has it already."""
    call.refuse_params()
    return shown(call, await interaction.read(call.door, call.actor, call.type, call.id))


def shown(call: Call, stored: Stored) -> Answer:
    """Return a version as it is given out."""
    headers = version_headers(stored)
    if _is_known(call, stored):
        return Answer(status=304, headers=headers)
    accept = call.headers.get(b"accept")
    if accept is not None and stored.type == "Binary" and not takes_json(accept):
        return _content(stored, accept, headers)
    return Answer(stored.json(), headers=headers)


def _content(stored: Stored, accept: bytes, headers: list[Header]) -> Answer:
    """Return what a Binary holds, as what it is (https://hl7.org/fhir/R4/binary.html#rest)."""
    resource = stored.resource()
    kind = str(resource.get("contentType", ""))
    if not takes(accept, kind):
        refuse_accept(accept)
    try:
        data = base64.b64decode(resource.get("data", ""))
    except ValueError:
        data = b""
    # Whoever wrote it said what it is: a browser must neither guess nor run it.
    guards = [
        (b"x-content-type-options", b"nosniff"),
        (b"content-security-policy", b"default-src 'none'; sandbox"),
    ]
    safe = kind if kind.isascii() and kind.isprintable() else "application/octet-stream"
    return Answer(data, headers=[*headers, *guards], kind=safe.encode())


def _is_known(call: Call, stored: Stored) -> bool:
    if b"if-none-match" not in call.headers and b"if-modified-since" not in call.headers:
        return False
    return interaction.is_known(
        stored, call.header(b"if-none-match"), call.header(b"if-modified-since")
    )
