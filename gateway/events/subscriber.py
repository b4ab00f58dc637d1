"""One subscriber: what it wants, how far it was told, and what it may be told."""

from dataclasses import dataclass, field, replace
from typing import Final

from gateway.access.actor import Actor
from gateway.access.scopes import Scopes
from gateway.errors import GatewayError
from gateway.events.criteria import Criterion
from gateway.events.follow import STATES
from gateway.events.wanted import Wanted
from gateway.interactions.context import is_closed
from gateway.interactions.door import Door
from gateway.store.records import Viewer
from gateway.store.stored import Stored

BREAK_GLASS: Final = "break-glass"
NO_RIGHT: Final = "The token of this subscription, or its campus, is no longer valid."


@dataclass(slots=True, eq=False)
class Row:
    """A row of the table `subscription`; times are in µs since 1970."""

    id: str
    campus: int
    token: int
    version: int
    state: int
    start: int
    number: int
    delivered: int
    failures: int
    failing: int | None
    due: int | None
    sent: int
    error: str

    @property
    def status(self) -> str:
        """The code of its state."""
        return STATES[self.state]


@dataclass(slots=True, eq=False)
class Subscriber(Row):
    """A row with what its Subscription asks for. `criteria` are of this gateway's memory.

    `fault` is why it cannot be told of anything, "" while it can; `is_slow` says of its receiver
    how it answered last.
    """

    wanted: Wanted
    criteria: list[Criterion] = field(default_factory=list)
    fault: str = ""
    is_slow: bool = False

    @property
    def pending(self) -> int:
        """How many events it was not told of."""
        return self.number - self.delivered


@dataclass(frozen=True, slots=True)
class Rights:
    """What a subscriber may be told: what the token that it was written with may read now.

    Glass is broken by somebody who says why, never by a machine that is told of everything.
    """

    actor: Actor
    viewer: Viewer

    def may_read(self, door: Door, stored: Stored) -> bool:
        """Return whether a version may be shown, as it was and as it stands now."""
        store = door.store
        if not self.actor.may(stored.type, "r") or not store.may_read(stored, self.viewer):
            return False
        current = store.by_integer(stored.key)
        if current is not None and not store.may_read(current, self.viewer):
            return False
        return not is_closed(door, self.actor, stored)


def rights(door: Door, row: Row) -> Rights | None:
    """Return what a subscriber may be told, None where its token or campus is no longer good."""
    campus = door.directory.campus_by_id(row.campus)
    if campus is None or not campus.active:
        return None
    try:
        actor = door.directory.actor_of_token(row.token, campus=campus.code)
    except GatewayError:
        return None
    if actor.has(BREAK_GLASS):
        kept = " ".join(one for one in actor.scopes.text.split() if one != BREAK_GLASS)
        actor = replace(actor, scopes=Scopes.parse(kept))
    return Rights(actor, door.viewer(actor))
