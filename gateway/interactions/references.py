"""Rewrites the references in a resource: what a transaction's fullUrl became.

https://hl7.org/fhir/R4/http.html#trules
"""

from collections.abc import Mapping
from typing import Any

# Where a fullUrl may stand: Reference.reference, and every uri, url, canonical and oid.
NAMES = frozenset(
    {"reference", "uri", "url", "valueUri", "valueUrl", "valueCanonical", "valueUuid"}
)


def rewritten(value: Any, addresses: Mapping[str, str]) -> Any:
    """Return the value with each address replaced by what it became."""
    if isinstance(value, dict):
        return {
            name: addresses.get(one, one)
            if name in NAMES and isinstance(one, str)
            else rewritten(one, addresses)
            for name, one in value.items()
        }
    if isinstance(value, list):
        return [rewritten(one, addresses) for one in value]
    return value
