"""When a stored resource was so, and how firm it is: what decides between two messages.

The clock is kept in `meta.extension` (`urn:hutong:ext:clock`). A resource without it was written
through FHIR, and was so at that moment.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.store.body import instant
from gateway.store.stored import Stored
from mappers.base import Draft, Resource
from mappers.names import EXT_CAMPUS, EXT_CLOCK, TAG

TESTS: Final = frozenset({"training", "debugging"})
INFERRED: Final = "inferred"
"""Tag of an order that nobody sent: it was made from the result that answers it."""

RANKS: Final[Mapping[str, Mapping[str, int]]] = {
    "ServiceRequest": {"on-hold": 2, "completed": 3, "revoked": 4, "entered-in-error": 5},
    "": {
        "registered": 0,
        "unknown": 0,
        "preliminary": 1,
        "partial": 2,
        "final": 3,
        "amended": 4,
        "corrected": 4,
        "cancelled": 5,
        "entered-in-error": 5,
    },
}
WITHDRAWN: Final = 5
"""Rank of what is cancelled or in error: it says nothing about a value."""
OWN_META: Final = frozenset({"versionId", "lastUpdated", "security"})
"""What the door writes, or keeps, whatever a message says."""
OWN_EXTENSIONS: Final = frozenset({EXT_CAMPUS, EXT_CLOCK})


@dataclass(frozen=True, slots=True)
class Fact:
    """One telling of a resource."""

    clock: str
    rank: int
    test: bool = False
    inferred: bool = False
    direct: bool = False
    """Written through FHIR, not told by a message."""
    moved: bool = False
    """A report whose results are others than those of the stored one."""

    def outdoes(self, other: "Fact") -> bool:
        """Return whether it holds against another: the later one, else the firmer one."""
        return (self.clock, self.rank) >= (other.clock, other.rank)


def tags(resource: Resource) -> set[str]:
    """Return the codes of our own tags."""
    found = resource.get("meta", {}).get("tag", ())
    return {one.get("code", "") for one in found if one.get("system") == TAG}


def rank(resource: Resource) -> int:
    """Return how firm a resource is by its status."""
    ranks = RANKS.get(resource["resourceType"], RANKS[""])
    default = 1 if resource["resourceType"] == "ServiceRequest" else 0
    return ranks.get(resource.get("status", ""), default)


def stored_fact(stored: Stored, resource: Resource) -> Fact:
    """Return the fact that is stored."""
    codes = tags(resource)
    clock = next(
        (
            one["valueInstant"]
            for one in resource.get("meta", {}).get("extension", ())
            if one.get("url") == EXT_CLOCK
        ),
        "",
    )
    return Fact(
        clock or instant(stored.row),
        rank(resource),
        test=not TESTS.isdisjoint(codes),
        inferred=INFERRED in codes,
        direct=not clock,
    )


def draft_fact(draft: Draft, received: str) -> Fact:
    """Return the fact that a draft tells; one without a clock was so when it was received."""
    codes = tags(draft.resource)
    return Fact(
        draft.clock or received,
        draft.rank,
        test=not TESTS.isdisjoint(codes),
        inferred=INFERRED in codes,
    )


def stamped(resource: Resource, clock: str) -> Resource:
    """Return the resource with its clock."""
    meta = dict(resource.get("meta", {}))
    extensions = [one for one in meta.get("extension", ()) if one.get("url") != EXT_CLOCK]
    meta["extension"] = [*extensions, {"url": EXT_CLOCK, "valueInstant": clock}]
    return {**resource, "meta": meta}


def tagged(resource: Resource, code: str) -> Resource:
    """Return the resource with one more of our tags."""
    meta = dict(resource.get("meta", {}))
    meta["tag"] = [*meta.get("tag", ()), {"system": TAG, "code": code}]
    return {**resource, "meta": meta}


def untagged(resource: Resource, code: str) -> Resource:
    """Return the resource without one of our tags."""
    meta = dict(resource.get("meta", {}))
    left = [one for one in meta.pop("tag", ()) if one != {"system": TAG, "code": code}]
    if left:
        meta["tag"] = left
    return {**resource, "meta": meta}


def bare(resource: Resource, *without: str) -> dict[str, Any]:
    """Return what a resource says, without what the gateway adds to it."""
    said = {
        name: value
        for name, value in resource.items()
        if name not in {"id", "meta"} and name not in without
    }
    meta = {k: v for k, v in resource.get("meta", {}).items() if k not in OWN_META}
    extensions = [one for one in meta.pop("extension", ()) if one.get("url") not in OWN_EXTENSIONS]
    if extensions:
        meta["extension"] = extensions
    if meta:
        said["meta"] = meta
    return said
