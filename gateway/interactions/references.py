"""Rewrites the references in a resource: what a transaction's fullUrl became.

https://hl7.org/fhir/R4/http.html#trules
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

CONDITIONAL = re.compile(r"([A-Z][A-Za-z]+)\?(.+)")
"""A reference that names its target by criteria."""
_HINT = re.compile(rb'"reference"\s*:\s*"[^"]*\?')

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


def conditional(body: bytes) -> bool:
    """Return whether a body may hold a reference that names its target by criteria."""
    return _HINT.search(body) is not None


def wanted(value: Any, base: str) -> Iterator[str]:
    """Yield the references by criteria, as they stand; `base` may come before the type."""
    if isinstance(value, dict):
        for name, one in value.items():
            if name == "reference" and isinstance(one, str):
                if CONDITIONAL.fullmatch(one.removeprefix(f"{base}/")):
                    yield one
            else:
                yield from wanted(one, base)
    elif isinstance(value, list):
        for one in value:
            yield from wanted(one, base)
