"""A message as its segments; fields stay raw text until a record is read (chapter 2.5)."""

from typing import TypeVar

import msgspec

from adapters.hl7v2.delimiters import Delimiters
from adapters.hl7v2.reader import Reader
from adapters.hl7v2.records import MSH, Record

R = TypeVar("R", bound=Record)


class Segment(msgspec.Struct, frozen=True, gc=False):
    """One segment; fields count as in the standard, so `fields[5]` of OBX is OBX-5."""

    name: str
    number: int
    """Which of its name in the message, from 1."""
    fields: tuple[str, ...]
    reader: Reader

    def read(self, kind: type[R]) -> R:
        """Return the segment as its record."""
        return self.reader.read(kind, self.fields)

    def raw(self, field: int, repetition: int = 0, component: int = 0) -> str:
        """Return a part as sent, "" if absent; 0 stands for all of them, the first is 1."""
        text = self.fields[field] if field < len(self.fields) else ""
        delimiters = self.reader.delimiters
        if repetition:
            text = _nth(text, delimiters.repetition, repetition)
        return _nth(text, delimiters.component, component) if component else text

    def value(self, field: int, repetition: int = 0, component: int = 0) -> str:
        """Return a part with its escapes resolved: the way into segments without a record."""
        return self.reader.text(self.raw(field, repetition, component))

    def place(self, field: int) -> str:
        """Return the name of a field for people, "OBX[3]-5"."""
        return f"{self.name}[{self.number}]-{field}"

    def location(self, field: int) -> str:
        """Return the name of a field for ERR-2, "OBX^3^5"."""
        return f"{self.name}^{self.number}^{field}"


class Message(msgspec.Struct, frozen=True, gc=False):
    """One message, segments in order; `encode` gives back the bytes it was parsed from."""

    segments: tuple[Segment, ...]
    msh: MSH
    charset: str
    """Python's name of the codec that its bytes are in."""
    delimiters: Delimiters
    ends: tuple[str, ...] = ()
    """What ended each segment, "" after an unterminated last one."""
    lead: str = ""
    """What stood before MSH: a byte order mark, blank lines."""

    def all(self, name: str) -> list[Segment]:
        """Return the segments of a name."""
        return [segment for segment in self.segments if segment.name == name]

    def first(self, name: str) -> Segment | None:
        """Return the first segment of a name."""
        return next((segment for segment in self.segments if segment.name == name), None)


def _nth(text: str, separator: str, number: int) -> str:
    parts = text.split(separator, number)
    return parts[number - 1] if number <= len(parts) else ""
