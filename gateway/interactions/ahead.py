"""What is decided about resources before they come, so that neither side misses the other.

A hidden result hides the tube that it names, a merge joins its survivor, whether or not those are
there. Whoever decides so about something that is not there yet renews a setting of that thing's
type; whoever brings one of a type rests on its setting as it knew it before it looked. So of two in
the same instant the writer hands the later one back (DESIGN §3, "Group commit").
"""

from collections.abc import Iterable, Mapping
from typing import Final

from gateway.interactions.parameters import Settings
from gateway.store.records import Statement

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


def resting(known: Mapping[str, str], types: Iterable[str]) -> list[Read]:
    """Return the reads that must still give what was known of these types."""
    return [("setting", (PREFIX + type_,), known.get(type_)) for type_ in sorted(set(types))]


def renewed(types: Iterable[str], value: str) -> list[Statement]:
    """Return what tells whoever brings one of these types to look again; `value` is a new one."""
    return [("setting_put", (PREFIX + type_, value)) for type_ in sorted(set(types))]
