"""What the ledger asks of the catalogue: `gateway.recognition.catalogue.registry` gives it."""

from typing import Protocol

from gateway.recognition.catalogue.model import Item


class Book(Protocol):
    """One version of the catalogue."""

    def item(self, code: str) -> Item | None:
        """Return an item by its code."""
        ...


class Books(Protocol):
    """All versions."""

    def at(self, us: int) -> Book | None:
        """Return the version in force at a moment, microseconds since 1970."""
        ...


def analytes(book: Book | None, code: str) -> set[str]:
    """Return the analyte groups of an item and of a panel's parts."""
    item = book.item(code) if book else None
    if book is None or item is None:
        return set()
    found = {item.analyte, *(part.analyte for one in item.parts if (part := book.item(one)))}
    return found - {""}
