"""What the references in a bundle lead to: fullUrls, and criteria that name one resource.

https://hl7.org/fhir/R4/http.html#trules and https://hl7.org/fhir/R4/bundle.html#references
"""

import re
from collections import ChainMap
from collections.abc import Iterable, Mapping
from os.path import commonprefix
from typing import Final

from gateway.access.actor import Actor
from gateway.errors import InvalidRequestError, MultipleMatchesError, PreconditionError
from gateway.fhir.codec import Resource, decode_exact
from gateway.fhir.definitions import TYPE_IDS
from gateway.interactions.door import Door
from gateway.interactions.matching import Present, criteria, match
from gateway.interactions.references import CONDITIONAL, VERSION, conditional, rewritten, wanted

ESCAPE: Final = re.compile(rb"\\[/u]")
"""What JSON may write in place of a character of an address."""
MANY: Final = 64
"""Addresses above which a body is not searched for each of them."""
RESTFUL: Final = re.compile(r"(https?://.+)/([A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64})")
"""A fullUrl that says where the entry stood on another server."""

Name = tuple[str, str]


class Addresses:
    """Old addresses of a bundle's entries to new ones."""

    def __init__(self, door: Door, actor: Actor, present: Present | None = None) -> None:
        self._door = door
        self._actor = actor
        self._present = present or Present(door)
        self._found: dict[str, str] = {}
        self._begin: bytes | None = None
        self._beside: dict[str, dict[str, str]] = {}
        self._gone: set[Name] = set()
        self._by_criteria: dict[str, str] = {}
        self.leaned_on: list[tuple[str, str, int]] = []
        """What criteria found, with its version: another one may have lost what it was found by."""

    @staticmethod
    def conditional(bodies: Iterable[bytes | None]) -> bool:
        """Return whether one of the bodies may refer by criteria."""
        return any(body is not None and conditional(body) for body in bodies)

    def add(self, full_url: str, name: Name) -> None:
        """Let a fullUrl lead to a resource; a relative one beside it too (bundle.html)."""
        new = "/".join(name)
        if self._found.setdefault(full_url, new) != new:
            raise InvalidRequestError("Another entry has this fullUrl.")
        old = RESTFUL.fullmatch(full_url)
        if old and old[2] != new:
            self._beside.setdefault(old[1], {})[old[2]] = new

    def add_version(self, full_url: str, name: Name, version: int) -> None:
        """Let whatever version of a fullUrl lead to one of a resource, 0 to the resource itself.

        Which one it was elsewhere says nothing where it has another id (http.html#trules).
        """
        new = "/".join(name)
        told = f"{new}{VERSION}{version}" if version else new
        self._found[full_url + VERSION] = told
        old = RESTFUL.fullmatch(full_url)
        if old and old[2] != new:
            self._beside[old[1]][old[2] + VERSION] = told

    def drop(self, name: Name) -> None:
        """Let criteria not lead to what is deleted."""
        self._gone.add(name)

    async def resolved(self, body: bytes, full_url: str = "") -> Resource | None:
        """Return the resource with its references rewritten, None where there are none."""
        beside = self._relative(full_url)
        by_criteria = conditional(body)
        if not (by_criteria or self._may_name_one(body, beside)):
            return None
        resource = decode_exact(body)
        led: dict[str, str] = {}
        if by_criteria:
            for text, _ in wanted(resource, self._door.base):
                led[text] = await self._target(text)
        # Not merged: each entry of a bundle of thousands would copy all the others.
        found = ChainMap(led, beside, self._found) if led or beside else self._found
        new = rewritten(resource, found)
        return new if led or new != resource else None

    def _may_name_one(self, body: bytes, beside: Mapping[str, str]) -> bool:
        """Return whether a body may hold an address of the bundle: told in no time, or not sure."""
        if not (self._found or beside) or ESCAPE.search(body):
            return bool(self._found or beside)
        if len(self._found) + len(beside) > MANY:
            return bool(beside) or self._first() in body
        return (self._first() in body and any(one.encode() in body for one in self._found)) or any(
            one.encode() in body for one in beside
        )

    def _first(self) -> bytes:
        """Return what all the addresses begin with."""
        if self._begin is None:
            self._begin = commonprefix(list(self._found)).encode()  # noqa: RUF071 - no files
        return self._begin

    def _relative(self, full_url: str) -> dict[str, str]:
        if not self._beside:
            return {}
        own = RESTFUL.fullmatch(full_url)
        return self._beside.get(own[1], {}) if own else {}

    async def _target(self, text: str) -> str:
        """Return the one resource that the criteria find, stored or in the bundle."""
        known = self._by_criteria.get(text)
        if known is not None:
            return known
        parts = CONDITIONAL.fullmatch(text.removeprefix(f"{self._door.base}/"))
        type_, query = (parts[1], parts[2]) if parts else ("", "")
        if type_ not in TYPE_IDS:
            raise InvalidRequestError("A reference by criteria names no R4 type.")
        asked = criteria(f"?{query}", "reference", type_)
        matched = await match(self._door, self._actor, type_, asked, self._gone)
        names = {name for name in self._present.found(matched) if name[0] == type_}
        if matched.found is not None and not self._present.loses(matched):
            names.add((type_, matched.found.id))
            self.leaned_on.append((type_, matched.found.id, matched.found.version))
        names -= self._gone
        if len(names) > 1:
            raise MultipleMatchesError("The criteria of a reference find more than one resource.")
        if not names:
            raise PreconditionError("The criteria of a reference find no resource.")
        self._by_criteria[text] = new = "/".join(names.pop())
        return new
