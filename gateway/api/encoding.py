"""Last steps of an answer: XML where it is asked for, gzip where it is worth it.

https://hl7.org/fhir/R4/http.html#mime-type, RFC 9110 §8.4. Large bodies are worked on beside the
event loop.
"""

import asyncio
import re
import zlib
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from gateway.api.answer import FHIR_JSON, FHIR_XML, PARTS, Answer
from gateway.api.call import LARGE, Call
from gateway.api.unpacking import WINDOW
from gateway.fhir import xml
from gateway.fhir.codec import decode_exact

SMALL: Final = 1_400
"""Bytes that fit one packet are sent as they are."""
LEVEL: Final = 5
KINDS: Final = re.compile(rb"(text/|application/([\w.+-]*(json|xml)|fhir))")

_GZIP: Final = re.compile(rb"(?:^|,)\s*(?:gzip|\*)\s*(?:;\s*q\s*=\s*([\d.]+))?\s*(?:,|$)")


async def finished(call: Call, answer: Answer) -> Answer:
    """Return the answer in the format and the encoding that the caller takes."""
    if call.xml and answer.kind == FHIR_JSON:
        make = _known if call.interaction == "capabilities" else _to_xml
        make = _to_pretty_xml if call.pretty else make
        answer = answer.with_body(await _worked(make, bytes(answer.body)), FHIR_XML)
    accept = call.headers.get(b"accept-encoding")
    if accept is None or len(answer.body) < SMALL or not takes_gzip(accept):
        return answer
    if answer.status_code not in {200, 201} or not KINDS.match(answer.kind):
        return answer
    if PARTS in answer.raw_headers:
        return answer  # a part is of the bytes as they are
    packed = answer.with_body(await _worked(_packed, bytes(answer.body)), answer.kind)
    packed.raw_headers += ((b"content-encoding", b"gzip"), (b"vary", b"accept-encoding"))
    return packed


async def _worked(make: Callable[[bytes], bytes], body: bytes) -> bytes:
    return await asyncio.to_thread(make, body) if len(body) > LARGE else make(body)


def _to_xml(body: bytes) -> bytes:
    return xml.encode(decode_exact(body))


def _to_pretty_xml(body: bytes) -> bytes:
    return xml.encode(decode_exact(body), indent=True)


_known = lru_cache(2)(_to_xml)  # the CapabilityStatement takes a while, and all may ask for it


@lru_cache(64)
def takes_gzip(accept: bytes) -> bool:
    """Return whether an Accept-Encoding header takes gzip."""
    found = _GZIP.search(accept.lower())
    return found is not None and (found[1] is None or found[1].strip(b"0.") != b"")


def _packed(body: bytes) -> bytes:
    stream = zlib.compressobj(LEVEL, zlib.DEFLATED, WINDOW)
    return stream.compress(body) + stream.flush()
