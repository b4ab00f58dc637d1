"""A store whose database is away for a moment: for those statements that a test names."""

from collections.abc import Sequence
from typing import Any

from gateway.errors import UnavailableError


class Faltering:
    """All else the store itself does."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.away: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def fetch(self, name: str, values: Sequence[object] = ()) -> list[Any]:
        if name in self.away:
            raise UnavailableError("The database is not there.")
        found: list[Any] = self._store.fetch(name, values)
        return found
