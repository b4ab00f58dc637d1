"""What resources refer to, wherever it stands in them, as far as it may be shown beside them.

Search parameters cover some references only; here an extension's and an attachment's count too.
Stored JSON is compact, so they are found without taking it apart.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from gateway.access.actor import Actor
from gateway.errors import Issue
from gateway.fhir.codec import decode_exact, encode
from gateway.fhir.compartments import compartments
from gateway.fhir.definitions import TYPE_IDS
from gateway.interactions.context import is_closed
from gateway.interactions.door import Door
from gateway.store.stored import Stored

Name = tuple[str, str]

MOST: Final = 10_000
"""How many resources are gathered around a record."""
LEADS_NOWHERE: Final = frozenset({"Group"})
"""Whom a group has besides is nobody's supporting information."""

_FOUND: Final = re.compile(rb'"(reference|url)":"([^"\\]{1,512})"')
_NAME: Final = re.compile(r"([A-Z][A-Za-z]+)/([A-Za-z0-9.-]{1,64})(?:/_history/[^/]+)?", re.ASCII)


def references(stored: Stored, base: str) -> Iterator[Name]:
    """Yield (type, id) of what a version refers to on this server; attachments lead to Binary."""
    body = stored.json()
    if b"\\/" in body:
        body = encode(decode_exact(body))
    root = f"{base}/"
    for kind, address in _FOUND.findall(body):
        found = _NAME.fullmatch(address.decode(errors="replace").removeprefix(root))
        if found and found[1] in TYPE_IDS and (kind == b"reference" or found[1] == "Binary"):
            yield found[1], found[2]


def visible(door: Door, actor: Actor, name: Name) -> Stored | None:
    """Return a resource as the caller may read it, None where there is none such."""
    if not actor.may(name[0], "r"):
        return None
    stored = door.store.current(*name)
    if (
        stored is None
        or stored.deleted
        or not door.store.may_read(stored, door.viewer(actor))
        or is_closed(door, actor, stored)
    ):
        return None
    return stored


class Gathering:
    """What stands around resources: all they refer to, at any depth, but nobody else's record.

    `own` are the ids of the Patients whom it is about; `wanted` says what of it is told.
    """

    def __init__(
        self, door: Door, actor: Actor, own: Iterable[str], wanted: Callable[[Stored], bool]
    ) -> None:
        self._door = door
        self._actor = actor
        self._wanted = wanted
        self._own = {
            key for id_ in own for (key,) in door.store.fetch("key_id", (TYPE_IDS["Patient"], id_))
        }
        self.added: set[Name] = set()
        self._seen: set[Name] = set()
        self.found: set[Name] = set()
        self.notes: list[Issue] = []

    def add(self, stored: Stored) -> None:
        """Gather what a resource leads to; itself it needs not be told again."""
        self.added.add((stored.type, stored.id))
        todo = [stored]
        while todo:
            one = todo.pop()
            if one.type in LEADS_NOWHERE:
                continue
            for name in references(one, self._door.base):
                if name in self._seen:
                    continue
                self._seen.add(name)
                target = visible(self._door, self._actor, name)
                if target is None or self._is_anothers(target):
                    continue
                if self._wanted(target) and not self._full():
                    self.found.add(name)
                todo.append(target)

    def take(self, other: "Gathering") -> None:
        """Take over what another gathered."""
        self.added |= other.added
        self.found |= other.found
        self.notes += other.notes

    def names(self) -> list[str]:
        """Return what was gathered, as references."""
        return [f"{type_}/{id_}" for type_, id_ in self.found - self.added]

    def _full(self) -> bool:
        if len(self.found) < MOST:
            return False
        if not self.notes:
            text = f"More than {MOST} resources stand around these; the rest is left out."
            self.notes.append(Issue("warning", "incomplete", text))
        return True

    def _is_anothers(self, stored: Stored) -> bool:
        """Return whether it is in the compartment of Patients, and of none of these."""
        if stored.type == "Patient":
            return stored.key not in self._own
        params = compartments()["Patient"].get(stored.type)
        if params is None:
            return False
        store = self._door.store
        keys = store.targets(stored, params)
        if not self._own.isdisjoint(keys):
            return False
        patient = TYPE_IDS["Patient"]
        return any(store.fetch("key_name", (key,))[0][0] == patient for key in keys)
