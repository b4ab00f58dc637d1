"""The one handler of errors: each becomes an OperationOutcome.

https://hl7.org/fhir/R4/http.html#Status-Codes
"""

import logging
import math
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from gateway.api.answer import Answer, Header
from gateway.errors import BeyondError, GatewayError, InvalidRequestError, Issue, ThrottledError
from gateway.fhir.codec import encode
from gateway.fhir.outcome import operation_outcome

log = logging.getLogger(__name__)

HEADERS: Final[dict[int, list[Header]]] = {
    401: [(b"www-authenticate", b'Bearer realm="hutong"')],
    # What is left of the body is not worth reading.
    413: [(b"connection", b"close")],
    # Of those that are throttled otherwise the time is known.
    429: [(b"retry-after", b"10")],
    503: [(b"retry-after", b"1")],
}


def as_outcome(error: Exception, headers: Sequence[Header] = ()) -> Answer:
    """Return the answer that tells of an error; a defect is logged by its place."""
    told = known(error)
    body = encode(operation_outcome(told.issues))
    return Answer(body, told.status, (*headers_of(told), *headers))


def headers_of(error: GatewayError) -> list[Header]:
    """Return the headers that go with an error, whatever form its body has."""
    if isinstance(error, ThrottledError):
        return [(b"retry-after", b"%d" % max(math.ceil(error.seconds), 1))]
    if isinstance(error, BeyondError):
        return [(b"content-range", b"bytes */%d" % error.size)]
    return HEADERS.get(error.status, [])


def known(error: Exception) -> GatewayError:
    """Return an error as one of our own."""
    return error if isinstance(error, GatewayError) else _defect(error)


def _defect(error: Exception) -> GatewayError:
    if isinstance(error, RecursionError):
        text = "The request nests too deep."
        return InvalidRequestError(text, issues=(Issue("error", "too-long", text),))
    # Places only: the message of a foreign error may hold a patient's data.
    places = [
        f"{Path(one.filename).name}:{one.lineno}"
        for one in traceback.extract_tb(error.__traceback__)
    ]
    log.error("a request failed: %s at %s", type(error).__name__, " ".join(places[-8:]))
    return GatewayError("The gateway failed; nothing of the request was stored.")
