"""Messages in quarantine only because something else has to come first: they wait for it."""

from collections.abc import Iterable
from typing import Final

import msgspec

from gateway.interactions.door import Door

LIMIT: Final = 10_000


class Waiting:
    """Which resource each of them waits for; read from the inbox when first asked."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._by_reference: dict[str, set[int]] | None = None

    def add(self, reference: str, message: int) -> None:
        """Remember a message that was just put into quarantine."""
        if reference:
            self._known().setdefault(reference, set()).add(message)

    def released(self, made: Iterable[str]) -> list[int]:
        """Return the messages that may be taken again, now that these resources are made."""
        known = self._known()
        if not known:
            return []
        return sorted({id_ for one in made for id_ in known.get(one, ())})

    def drop(self, made: Iterable[str]) -> None:
        """Forget those that were taken again."""
        for one in made:
            self._known().pop(one, None)

    def _known(self) -> dict[str, set[int]]:
        if self._by_reference is None:
            self._by_reference = {}
            for id_, account in self._door.store.fetch("inbox_held_waiting", (LIMIT,)):
                held = msgspec.json.decode(account).get("quarantine", {})
                if reference := held.get("waitsFor", ""):
                    self._by_reference.setdefault(reference, set()).add(id_)
        return self._by_reference
