"""What the ledger asks of the catalogue."""

from gateway.recognition.books import Book


def analytes(book: Book | None, code: str) -> set[str]:
    """Return the analyte groups of an item and of a panel's parts."""
    item = book.item(code) if book else None
    if book is None or item is None:
        return set()
    found = {item.analyte, *(part.analyte for one in item.parts if (part := book.item(one)))}
    return found - {""}
