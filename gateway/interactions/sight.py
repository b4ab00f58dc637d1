"""What is stored around what is written, each as it was seen first: one look decides for all.

What is decided on a version rests on that version. Looked at twice it might be another by then, and
the decision would rest on what nobody had judged.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from gateway.interactions.door import Door
from gateway.store.standing import Name, standing
from gateway.store.stored import Stored


class Sight:
    """The newest versions, tombstones included.

    `seen` are those that were looked at before, `gone` what is about to be deleted.
    """

    def __init__(
        self, door: Door, seen: Mapping[Name, Stored | None], gone: AbstractSet[Name]
    ) -> None:
        self._door = door
        self._seen = dict(seen)
        self._gone = gone
        self._newest = -1

    def look(self, names: Iterable[Name]) -> None:
        """Look at many together."""
        fresh = [name for name in dict.fromkeys(names) if name not in self._seen]
        if fresh:
            there = standing(self._door.store, fresh)
            self._seen.update((name, there.get(name)) for name in fresh)

    def stored(self, name: Name) -> Stored | None:
        """Return what stands there, None if there never was anything."""
        if name not in self._seen:
            self.look((name,))
        return self._seen[name]

    def alive(self, name: Name) -> Stored | None:
        """Return what stands there and stays, None where nothing does."""
        stored = self.stored(name)
        return None if stored is None or stored.deleted or name in self._gone else stored

    def version(self, name: Name) -> int:
        """Return the version that stands there, 0 if there never was any."""
        stored = self.stored(name)
        return stored.version if stored else 0

    def newest(self) -> int:
        """Return the newest row when this was first asked: what came later may not be seen."""
        if self._newest < 0:
            ((self._newest,),) = self._door.store.fetch("last_row")
        return self._newest
