"""Reading FHIR elements out of plain dicts: absent, null and wrong kinds all read as nothing.

https://hl7.org/fhir/R4/datatypes.html
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

Resource = Mapping[str, Any]

EMPTY: Resource = {}


def part(element: Resource, key: str) -> Resource:
    """Return the object under the key."""
    found = element.get(key)
    return found if isinstance(found, Mapping) else EMPTY


def parts(element: Resource, key: str) -> Iterator[Resource]:
    """Return the objects of the list under the key."""
    found = element.get(key)
    return (
        (item for item in found if isinstance(item, Mapping))
        if isinstance(found, list)
        else iter(())
    )


def text(element: Resource, key: str) -> str:
    """Return the string under the key."""
    found = element.get(key)
    return found if isinstance(found, str) else ""


def digits(number: object) -> str:
    """Return a number as it is stored: a decimal arrives as the raw JSON that holds its digits."""
    if isinstance(number, msgspec.Raw):
        return bytes(number).decode("ascii")
    return "" if number is None or isinstance(number, bool) else str(number)


def codings(concept: Resource) -> tuple[tuple[str, str], ...]:
    """Return the (system, code) pairs of a CodeableConcept."""
    pairs = ((text(coding, "system"), text(coding, "code")) for coding in parts(concept, "coding"))
    return tuple(pair for pair in pairs if pair[1])


def words(concept: Resource) -> str:
    """Return what a CodeableConcept says: its text, else the first display, else the first code."""
    if said := text(concept, "text"):
        return said
    given = tuple(parts(concept, "coding"))
    displays = (text(coding, "display") for coding in given)
    codes = (text(coding, "code") for coding in given)
    return next((word for word in (*displays, *codes) if word), "")


def extension(element: Resource, url: str) -> Resource:
    """Return the first extension of that url."""
    return next((one for one in parts(element, "extension") if one.get("url") == url), EMPTY)


def target(reference: Resource) -> str:
    """Return the id that a literal reference ends in."""
    return text(reference, "reference").rpartition("/")[2]
