"""What stands in the store under the keys of one message.

DESIGN §3, "Business keys decide, ids follow".
"""

from dataclasses import dataclass
from typing import Any, Final

import msgspec

from gateway.access.campus import Campus
from gateway.fhir.definitions import TYPE_IDS
from gateway.ingest.reasons import QuarantineError
from gateway.interactions.keys import claims, resource_id
from gateway.store.protocol import Store
from gateway.store.stored import Stored
from mappers.base import Draft, Key, Resource
from mappers.names import ECG, STUDY_UID

SHARED: Final = frozenset({ECG, STUDY_UID})
"""Identifier systems whose keys name one thing, whichever campus sends it."""


@dataclass(slots=True)
class Standing:
    """One key: the id it has or gets, what is stored there, and which version that is."""

    type: str
    id: str
    stored: Stored | None
    """None where there is nothing to merge with."""
    version: int
    """0 where there never was anything."""

    @property
    def reference(self) -> str:
        """The reference that leads there."""
        return f"{self.type}/{self.id}"


class Standings:
    """Looks keys up, each once."""

    def __init__(self, store: Store, campus: Campus) -> None:
        self._store = store
        self._campus = campus
        self._known: dict[Key, Standing] = {}
        self._resources: dict[str, Resource] = {}

    def of(self, key: Key) -> Standing:
        """Return what stands under a key of the message's campus."""
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._look_up(key)
        return known

    def of_draft(self, draft: Draft) -> Standing:
        """Return what stands under the keys of a draft; QuarantineError if that is several."""
        standing = self.of(draft.key)
        if len(draft.resource.get("identifier", ())) > 1:
            self._check_other_keys(draft, standing)
        return standing

    def at(self, type_: str, id_: str) -> Standing:
        """Return what stands under an id."""
        stored = self._store.current(type_, id_)
        return _standing(type_, id_, stored)

    def resource(self, standing: Standing) -> Resource:
        """Return the stored resource, decoded once; it must not be changed."""
        found = self._resources.get(standing.reference)
        if found is None:
            assert standing.stored is not None  # noqa: S101 - callers ask for what is there
            found = self._resources[standing.reference] = standing.stored.resource()
        return found

    def _look_up(self, key: Key) -> Standing:
        type_ = TYPE_IDS[key.type]
        code = "" if key.system in SHARED else self._campus.code
        id_ = resource_id(code, key.type, key.system, key.value)
        place = (key.value, key.system, type_, id_)
        if key.system == STUDY_UID:
            rows = self._store.fetch("standing_shared", (type_, *place))
        else:
            rows = self._store.fetch("standing", (type_, self._campus.id, *place))
        if not rows:
            return Standing(key.type, id_, None, 0)
        stored = Stored(*rows[0])
        return _standing(key.type, stored.id, stored)

    def _check_other_keys(self, draft: Draft, standing: Standing) -> None:
        for system, value in claims(draft.resource, self._campus.namespace):
            id_ = self._store.by_key(self._campus.id, draft.key.type, system, value)
            if id_ is not None and id_ != standing.id:
                raise QuarantineError("two-resources", f"{draft.key.type}.identifier")


def _standing(type_: str, id_: str, stored: Stored | None) -> Standing:
    if stored is None:
        return Standing(type_, id_, None, 0)
    return Standing(type_, id_, None if stored.deleted else stored, stored.version)


def subject_of(resource: Resource) -> str:
    """Return whom a resource is about, as a reference, "" if that is not said."""
    found: Any = resource.get("subject") or resource.get("for") or {}
    return str(found.get("reference", ""))


def escaped(text: str) -> bytes:
    """Return a text as it stands between the quotes of JSON."""
    return msgspec.json.encode(text)[1:-1]
