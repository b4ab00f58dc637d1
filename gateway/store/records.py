"""What crosses the store's border: prepared writes going in, stored versions coming out.

The records that travel to the store role are msgspec structs: a batch of 32 resources costs
tens of microseconds to encode and decode (DESIGN §3, "Group commit").
"""

import os
import time
from dataclasses import dataclass
from typing import Literal

import msgspec

from gateway.fhir.measures import Measure

SHARED, OWN, RESTRICTED = 0, 1, 2
"""Labels of a row: read by every active member; by owner and audience; the same, but sensitive."""

CONSORTIUM = 0
"""The campus id of what belongs to all: Person, the campus Organizations."""

OPS = {"create": 0, "update": 1, "delete": 2}
"""How each kind of write stands in `res.op`."""
DELETED = OPS["delete"]

UNDATED = -(2**62) - 1
"""The tick of a clinical row without a date: before every date, so it sorts last, newest first."""

LONG = 2 * 24 * 3600 * 10_000_000
"""The ticks from which on a range of time is found by its end: more than any day has."""

Op = Literal["create", "update", "delete"]
Statement = tuple[str, tuple[object, ...]]


class Write(msgspec.Struct, array_like=True, gc=False):
    """One new version of one resource, ready to be stored.

    `expect` is the version that must be current: 0 where the resource must never have existed,
    None where anything will do. `body` has a hole for versionId and lastUpdated at `hole`.
    References are (param, type, id), type "" for an address outside; tokens (param, system, code).
    """

    type: int
    id: str
    campus: int
    op: Op
    expect: int | None = None
    body: bytes = b""
    hole: int = 0
    codec: int = 0
    digest: bytes = b""
    label: int = SHARED
    audience: tuple[int, ...] = ()
    tokens: list[tuple[int, str, str]] = []
    references: list[tuple[int, int, str]] = []
    strings: list[tuple[int, str, str]] = []
    dates: list[tuple[int, int, int]] = []
    patients: list[tuple[int, str]] = []
    codes: list[tuple[str, str]] = []
    date: tuple[int, int] = (UNDATED, UNDATED)
    claims: list[tuple[str, str]] = []
    certain: list[tuple[int, str]] | None = None
    claims_for_all: bool = False
    """Whether no other campus may claim the same."""
    measures: list[Measure] = []
    uris: list[tuple[int, str]] = []
    texts: list[tuple[int, str]] = []
    """Passages, folded."""
    present: int = 0
    holds: list[int] = []
    """The custom parameters that it has a value for."""
    positions: list[tuple[int, float, float, float]] = []


class Reindex(msgspec.Struct, array_like=True, gc=False):
    """The index of a version that stands already, made anew; only what it is found by counts.

    `more`: its rows come to those that the version has.
    """

    row: int
    write: Write
    more: bool = False


class Strip(msgspec.Struct, array_like=True, gc=False):
    """The index rows of some parameters, taken from a version."""

    row: int
    params: tuple[int, ...]


class Require(msgspec.Struct, array_like=True, gc=False):
    """A business key that must lead to this resource, or to none (id "")."""

    type: int
    campus: int
    system: str
    value: str
    id: str


class Absent(msgspec.Struct, array_like=True, gc=False):
    """A search that no version newer than a row may match: `query` as `gateway.store.guard` packs.

    What stood there up to that row, whoever sent the batch has seen.
    """

    query: bytes
    mark: int


class Audited(msgspec.Struct, array_like=True, gc=False):
    """One audit record; the writer chains it."""

    at: int
    campus: int
    token: int
    body: bytes


class Batch(msgspec.Struct, array_like=True, gc=False):
    """All or nothing, in one transaction; a `ticket` that was committed answers as it did then."""

    ticket: bytes
    writes: list[Write] = []
    requires: list[Require] = []
    versions: list[tuple[int, str, int]] = []
    statements: list[Statement] = []
    audit: list[Audited] = []
    notices: list[tuple[str, str]] = []
    unchanged: list[tuple[str, tuple[object, ...], object]] = []
    """Named reads with the value that the first column of their first row must still have."""
    absent: list[Absent] = []
    reindex: list[Reindex] = []
    strip: list[Strip] = []


def new_ticket() -> bytes:
    """Return a ticket that nobody else has; those of one time stand together in their index."""
    return time.time_ns().to_bytes(8, "big") + os.urandom(8)


class Commit(msgspec.Struct, array_like=True, gc=False):
    """What a batch became: (version, row) for each write, the new row id for each statement."""

    written: list[tuple[int, int]] = []
    results: list[int] = []


class Stale(msgspec.Struct, array_like=True, gc=False):
    """Why a batch was handed back: `version`, `key`, `claim`, `read`, `match`, and what stands."""

    why: str
    type: int = 0
    id: str = ""
    index: int = 0


@dataclass(frozen=True, slots=True)
class Viewer:
    """For whom rows are read: a campus, and the campuses whose sharing has ended."""

    campus: int
    break_glass: bool = False
    inactive: tuple[int, ...] = ()


class StaleError(Exception):
    """What the batch was prepared on has changed; prepare it again.

    `place` names the part of a larger request that it concerns, if whoever sent the batch knows.
    """

    def __init__(self, stale: Stale, place: str = "") -> None:
        super().__init__(stale.why)
        self.stale = stale
        self.place = place
