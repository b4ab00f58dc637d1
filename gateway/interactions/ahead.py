"""What is decided about resources before they come, so that neither side misses the other.

A hidden result hides the tube that it names, a merge joins its survivor, whether or not those are
there. Whoever decides so about something that is not there yet renews a setting of that thing's
type; whoever brings one of a type rests on its setting as it knew it before it looked. So of two in
the same instant the writer hands the later one back (DESIGN §3, "Group commit").
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from gateway.interactions.parameters import Settings
from gateway.store.records import Statement
from gateway.store.standing import Name

TOPIC: Final = "ahead"
PREFIX: Final = f"{TOPIC}:"

Read = tuple[str, tuple[object, ...], object]


class Ahead:
    """The settings as this process knows them: what it does not know yet makes a write stale."""

    def __init__(self, store: Settings) -> None:
        self._store = store
        self._known: Mapping[str, str] | None = None
        store.subscribe(TOPIC, lambda *_: self.forget())

    @property
    def known(self) -> Mapping[str, str]:
        """What stands now, by type; to be taken before anything is looked up."""
        if self._known is None:
            rows = self._store.fetch("settings_ahead")
            self._known = {name.removeprefix(PREFIX): value for name, value in rows}
        return self._known

    def forget(self) -> None:
        """Read anew what is asked next."""
        self._known = None


_CLOSELY: Final = ContextVar("closely", default=False)


@contextmanager
def closely(*, when: bool = True) -> Iterator[None]:
    """Let what is prepared in the block rest on what is told of itself, not of others of its type.

    For what was handed back once: where others go on to hide or join what is still to come, it
    would be handed back each time.
    """
    token = _CLOSELY.set(when)
    try:
        yield
    finally:
        _CLOSELY.reset(token)


def is_closely() -> bool:
    """Return whether each is to be looked at by itself (`group.undecided`)."""
    return _CLOSELY.get()


def resting(known: Mapping[str, str], coming: Iterable[Name]) -> list[Read]:
    """Return the reads that must still give what was known of the types of these."""
    types = {type_ for type_, _ in coming}
    return [("setting", (PREFIX + type_,), known.get(type_)) for type_ in sorted(types)]


def renewed(types: Iterable[str], value: str) -> list[Statement]:
    """Return what tells whoever brings one of these types to look again; `value` is a new one."""
    return [("setting_put", (PREFIX + type_, value)) for type_ in sorted(set(types))]
