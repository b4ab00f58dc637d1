"""Drafts in the form in which they are stored: clock in, keys out, ids in their place."""

import re
from collections.abc import Mapping
from typing import Any, Final

from gateway.fhir.codec import encode
from gateway.ingest.facts import stamped
from gateway.ingest.standing import escaped
from mappers.base import Key, Resource

# A string inside a value has its quotes escaped, so this never matches there.
CONDITIONAL: Final = re.compile(rb'"(reference|url)":"([A-Za-z]+\?identifier=(?:[^"\\]|\\.)*)"')


class References:
    """Where the keys of one message lead."""

    def __init__(self) -> None:
        self._targets: dict[bytes, bytes] = {}
        self.by_key: dict[str, str] = {}

    def add(self, key: Key, reference: str) -> None:
        """Say what a key leads to."""
        self.by_key[str(key)] = reference
        self._targets[escaped(str(key))] = reference.encode()

    def put(self, body: bytes) -> bytes:
        """Return the body with every key replaced by the reference it stands for."""
        return CONDITIONAL.sub(self._target, body)

    def _target(self, found: re.Match[bytes]) -> bytes:
        return b'"%s":"%s"' % (found[1], self._targets[found[2]])

    def of(self, element: Mapping[str, Any] | None) -> str:
        """Return what a Reference element of a draft leads to, "" for none."""
        return self.by_key.get((element or {}).get("reference", ""), "")


def stored_form(resource: Resource, clock: str, references: References) -> bytes:
    """Return the bytes that a draft is stored as."""
    return references.put(encode(stamped(resource, clock)))
