"""Elements of FHIR resources, as much of them as recognition looks at.

https://hl7.org/fhir/R4/datatypes.html. Whoever sends something of another kind is told the place.
"""

import re
from typing import Final, TypeVar

import msgspec

from gateway.errors import InvalidRequestError

T = TypeVar("T")
MISSING: Final = re.compile(r"Object missing required field `([^`]+)`")


class Coding(msgspec.Struct, frozen=True):
    """A code of a system."""

    system: str = ""
    code: str = ""
    display: str = ""


class Concept(msgspec.Struct, frozen=True):
    """Codes that mean one thing, and words for it."""

    coding: tuple[Coding, ...] = ()
    text: str = ""

    @property
    def words(self) -> str:
        """What stands there for people."""
        return self.text or next((one.display for one in self.coding if one.display), "")


class Identifier(msgspec.Struct, frozen=True):
    """A number, and whose."""

    system: str = ""
    value: str = ""
    use: str = ""


class Reference(msgspec.Struct, frozen=True):
    """What is meant: by address, or by a number."""

    reference: str = ""
    identifier: Identifier | None = None
    display: str = ""


class Period(msgspec.Struct, frozen=True):
    """From when to when."""

    start: str = ""
    end: str = ""


def read(body: bytes | msgspec.Raw, kind: type[T], place: str) -> T:
    """Return what JSON holds, as a kind of element; InvalidRequestError names what is not so."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        told, where = parted(error)
        raise InvalidRequestError(told, expression=f"{place}{where}".lstrip(".")) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidRequestError("This is not JSON.", expression=place) from error


def parted(error: msgspec.ValidationError) -> tuple[str, str]:
    """Return what is wrong, without the value, and where: `.code.coding[0].code`."""
    text, found, place = str(error).rpartition(" - at `$")
    if not found:
        text, place = str(error), ""
    place = place.rstrip("`")
    if missing := MISSING.match(text):
        return "This is missing.", f"{place}.{missing[1]}"
    # The library quotes a value that is none of a list; values may be a patient's.
    told = text if text.startswith(("Expected ", "Object ")) else "The value is not allowed here"
    return f"{told}.", place
