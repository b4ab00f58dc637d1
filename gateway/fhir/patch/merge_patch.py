"""JSON Merge Patch: an object that says what members become; null takes one out.

RFC 7396. Arrays are replaced whole. Values are exact ones: decimals as `msgspec.Raw`.
"""

from typing import Any

from gateway.errors import InvalidRequestError
from gateway.fhir.codec import Resource


def read(patch: Any) -> Resource:
    """Return the patch; InvalidRequestError where it is none of a resource."""
    if not isinstance(patch, dict):
        raise InvalidRequestError("A JSON Merge Patch of a resource is an object.")
    return patch


def apply(document: Any, patch: Any) -> Any:
    """Return the document after the patch."""
    if not isinstance(patch, dict):
        return patch
    found = dict(document) if isinstance(document, dict) else {}
    for name, value in patch.items():
        if value is None:
            found.pop(name, None)
        else:
            found[name] = apply(found.get(name), value)
    return found
