"""Calls from the pages of other servers: those whose origin is listed, and no others.

https://fetch.spec.whatwg.org/#http-cors-protocol; HUTONG_CORS_ORIGINS
"""

from typing import Final

from gateway.api.answer import Answer, Header
from gateway.api.call import Call

EXPOSED: Final = (
    b"content-location, content-range, etag, last-modified, location, retry-after,"
    b" www-authenticate, x-progress"
)
ALLOWED: Final = (
    b"accept, authorization, content-encoding, content-type, idempotency-key, if-match,"
    b" if-modified-since, if-none-exist, if-none-match, if-range, prefer, range, x-hutong-actor,"
    b" x-hutong-campus, x-security-context"
)


def preflight(call: Call, allow: bytes) -> Answer:
    """Return which methods an address has, to a listed origin also what it may send."""
    headers: list[Header] = [(b"allow", allow)]
    if is_listed(call) and b"access-control-request-method" in call.headers:
        headers += [
            (b"access-control-allow-methods", allow),
            (b"access-control-allow-headers", ALLOWED),
            (b"access-control-max-age", b"86400"),
        ]
    return Answer(status=204, headers=headers)


def is_listed(call: Call) -> bool:
    """Return whether the call comes from a page whose origin is listed."""
    return call.headers.get(b"origin") in call.service.origins


def headers(call: Call) -> list[Header]:
    """Return what lets a page read an answer, or keeps caches from mixing answers up."""
    if not is_listed(call):
        return [(b"vary", b"origin")]
    return [
        (b"access-control-allow-origin", call.headers[b"origin"]),
        (b"access-control-expose-headers", EXPOSED),
        (b"vary", b"origin"),
    ]
