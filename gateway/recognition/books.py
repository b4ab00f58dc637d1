"""What the engine asks of a catalogue: structural, the registry has these methods."""

from collections.abc import Mapping
from typing import Any, Protocol

from gateway.recognition.catalogue.model import Catalogue, Code, Item
from gateway.recognition.model import Asked


class Book(Protocol):
    """One version of the catalogue, ready to be asked."""

    @property
    def catalogue(self) -> Catalogue:
        """The version itself."""
        ...

    def item(self, code: str) -> Item | None:
        """Return an item by its code."""
        ...

    def of_order(self, asked: Asked) -> Item | None:
        """Return what was ordered, None if the catalogue does not have it."""
        ...

    def parts(self, item: Item) -> tuple[Item, ...]:
        """Return the analytes of a panel."""
        ...

    def of_result(self, resource: Mapping[str, Any]) -> Item | None:
        """Return the one item that a result is of."""
        ...

    def codes_of(self, item: Item) -> tuple[Code, ...]:
        """Return every code under which results of an item are stored."""
        ...

    def of_code(self, system: str, code: str) -> tuple[Item, ...]:
        """Return the items whose results a code may mean."""
        ...


class Books(Protocol):
    """All versions of the catalogue."""

    def at(self, us: int) -> Book | None:
        """Return the version in force at a moment, None where there is none or more than one."""
        ...

    def version(self, number: int, us: int | None = None) -> Book | None:
        """Return one version, as it was at a moment or else with all of its items."""
        ...
