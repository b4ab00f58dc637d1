"""By which request a version came about, and what was answered.

https://hl7.org/fhir/R4/bundle.html#history
"""

import re
from typing import Final

from gateway.store.stored import Stored

ANSWERED: Final = (("POST", 201), ("PUT", 200), ("DELETE", 204))
"""By `Stored.op`."""
OURS: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[45][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
"""What ids look like that the gateway gives."""


def request_of(stored: Stored) -> tuple[str, str, int]:
    """Return method, address and status of the request that made a version.

    Whatever has an id that the gateway would not give came by PUT: to send a POST again would make
    another one.
    """
    method, status = ANSWERED[stored.op]
    if method == "POST" and OURS.fullmatch(stored.id):
        return method, stored.type, status
    return "PUT" if method == "POST" else method, f"{stored.type}/{stored.id}", status
