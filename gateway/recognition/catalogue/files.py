"""Files that hold a catalogue: a workbook or FHIR JSON, told by what is in them."""

from collections.abc import Container
from typing import Final

from gateway.recognition.catalogue import fhir, sheets
from gateway.recognition.catalogue.model import Catalogue

ZIP: Final = b"PK\x03\x04"
"""How every workbook begins: it is a zip file."""
WRITERS: Final = {".xlsx": sheets.write, ".json": fhir.write}


def read(body: bytes, campuses: Container[str] | None = None) -> Catalogue:
    """Return the catalogue of a file; SheetError, InvalidResourceError."""
    if body.startswith(ZIP):
        return sheets.read(body, campuses)
    return fhir.read(body, campuses)
