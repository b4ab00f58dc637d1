"""The one door: what every interaction needs to judge, store, record and tell."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

from gateway.access.actor import Actor
from gateway.access.audit import Recorder
from gateway.access.directory import Directory
from gateway.errors import ForbiddenError
from gateway.interactions.ahead import Ahead
from gateway.interactions.following import Follower
from gateway.interactions.guarding import Guard
from gateway.interactions.parameters import Parameters
from gateway.store.protocol import Store
from gateway.store.records import Viewer


@dataclass(frozen=True, slots=True)
class Door:
    """Dependencies of the interactions. `clock` gives microseconds since 1970.

    `base` is this server's own address up to and with /fhir, "" if each request tells its own.
    `guards` may refuse a caller's write to a type; `followers` say what else must be written
    because of one.
    """

    store: Store
    directory: Directory
    recorder: Recorder
    zone: ZoneInfo
    clock: Callable[[], int]
    page_key: bytes
    base: str = ""
    followers: tuple[Follower, ...] = ()
    guards: tuple[tuple[str, Guard], ...] = ()
    known: Parameters | None = None
    told: Ahead | None = None

    def __post_init__(self) -> None:
        """Know the search parameters and what is told ahead: the same at every address."""
        object.__setattr__(self, "known", self.known or Parameters(self.store))
        object.__setattr__(self, "told", self.told or Ahead(self.store))

    @property
    def params(self) -> Parameters:
        """What is searched by."""
        assert self.known is not None  # noqa: S101 - made with the door
        return self.known

    @property
    def ahead(self) -> Ahead:
        """What is decided about resources before they come."""
        assert self.told is not None  # noqa: S101 - made with the door
        return self.told

    def viewer(self, actor: Actor) -> Viewer:
        """Return for whom rows are read."""
        return _viewer(actor.campus, actor.has("break-glass"), self.directory.inactive)


@lru_cache
def _viewer(campus: int, break_glass: bool, inactive: tuple[int, ...]) -> Viewer:  # noqa: FBT001 - of a cache
    return Viewer(campus, break_glass, inactive)


def require(actor: Actor, type_: str, letter: str) -> None:
    """Pass only a caller whose scopes allow this on the type."""
    if not actor.may(type_, letter):
        raise ForbiddenError(f"The token's scopes do not allow {LETTERS[letter]} on {type_}.")


LETTERS = {"c": "create", "r": "read", "u": "update", "d": "delete", "s": "search"}
