"""Messages back to bytes, and new ones from values."""

from collections.abc import Mapping, Sequence

from adapters.hl7v2.delimiters import UNDECLARED, Delimiters, escaper
from adapters.hl7v2.message import Message
from adapters.hl7v2.parse import HEADERS

Value = str | Sequence["Value"]
"""A field: text; a tuple of components, each text or a tuple of subcomponents; a list of such."""


def encode(message: Message) -> bytes:
    """Return the bytes that the message was parsed from."""
    separator = message.delimiters.field
    pieces = [message.lead]
    for segment, end in zip(message.segments, message.ends, strict=True):
        fields = segment.fields
        if segment.name in HEADERS:
            pieces.append(fields[0] + separator + separator.join(fields[2:]))
        else:
            pieces.append(separator.join(fields))
        pieces.append(end)
    return "".join(pieces).encode(message.charset)


class Builder:
    """Writes segments with one set of delimiters."""

    def __init__(self, delimiters: Delimiters | None = None) -> None:
        self._delimiters = delimiters or Delimiters()
        self._escape = escaper(self._delimiters)

    def segment(self, name: str, fields: Mapping[int, Value]) -> str:
        """Return a segment from its fields by number; MSH-1 and MSH-2 are set by themselves.

        A str is text and gets escaped, a tuple holds components (or subcomponents, inside one),
        a list repetitions.
        """
        own = self._delimiters
        values = [self._field(fields.get(n, "")) for n in range(1, max(fields, default=0) + 1)]
        if name in HEADERS:
            characters = own.component + own.repetition + own.escape + own.subcomponent
            characters += own.truncation
            return own.field.join([name, characters.rstrip(UNDECLARED), *values[2:]])
        return own.field.join([name, *values])

    def message(self, *segments: tuple[str, Mapping[int, Value]], charset: str = "utf-8") -> bytes:
        """Return a message from (name, fields) pairs, each segment ended by CR."""
        return "".join(self.segment(*each) + "\r" for each in segments).encode(charset)

    def _field(self, value: Value) -> str:
        if isinstance(value, list):
            return self._delimiters.repetition.join(map(self._repetition, value))
        return self._repetition(value)

    def _repetition(self, value: Value) -> str:
        return self._joined(value, (self._delimiters.component, self._delimiters.subcomponent))

    def _joined(self, value: Value, separators: tuple[str, ...]) -> str:
        if isinstance(value, str):
            return self._escape(value)
        separator, *inner = separators
        return separator.join(self._joined(part, tuple(inner)) for part in value)
