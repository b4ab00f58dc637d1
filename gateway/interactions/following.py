"""What follows from a write, in the same transaction: critical values, recalls.

The door asks each of its followers what else must change because resources change. What they ask
for is written with the change that caused it or not at all, and is itself not followed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import msgspec

from gateway.fhir.codec import Resource
from gateway.store.records import Statement
from gateway.store.stored import Stored

if TYPE_CHECKING:
    from gateway.interactions.door import Door
    from gateway.interactions.prepare import Change


class Event(msgspec.Struct, frozen=True, gc=False):
    """One resource that is about to get a new version.

    `before` is what stands there, a tombstone included, `after` what will, None if it is deleted.
    `body` are the bytes of that, digit for digit; `trusted` is a change of the gateway's own,
    `token` what the caller came with.
    """

    type: str
    id: str
    campus: int
    code: str
    version: int
    before: Stored | None
    after: Resource | None
    body: bytes = b""
    trusted: bool = False
    token: int = 0

    @property
    def name(self) -> str:
        """Return what a reference to it says."""
        return f"{self.type}/{self.id}"

    @property
    def is_new(self) -> bool:
        """Return whether nothing stood there."""
        return self.before is None or self.before.deleted


@dataclass(slots=True)
class Followed:
    """What is written besides, and what that was decided on.

    `versions` are (type, id, version), `unchanged` named reads with the value that they gave.
    """

    changes: "list[Change]" = field(default_factory=list)
    versions: list[tuple[str, str, int]] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    notices: list[tuple[str, str]] = field(default_factory=list)
    unchanged: list[tuple[str, tuple[object, ...], object]] = field(default_factory=list)


class Follower(Protocol):
    """Asked of every commit that changes something: quick, and silent about what it is not for."""

    def __call__(self, door: "Door", events: Sequence[Event]) -> Followed:
        """Return what follows; the same events on the same store give the same."""
        ...
