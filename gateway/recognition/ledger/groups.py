"""What the ledger asks of the catalogue."""

from gateway.recognition.books import Book
from gateway.recognition.catalogue.model import Item


def items_of(book: Book | None, code: str) -> list[Item]:
    """Return an item and a panel's parts; none where the catalogue has it no more."""
    item = book.item(code) if book else None
    if book is None or item is None:
        return []
    return [item, *(part for one in item.parts if (part := book.item(one)))]
