"""The header of an object, in one pass that ends at the pixel data and reads only what it keeps.

PS3.5 §7. Bounded in depth, elements and bytes; sequences of known length are passed over. Nothing
here recurses, so nothing nested can exhaust the stack.
"""

import struct
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from adapters.dicom.faults import ExcessError, TruncatedError
from adapters.dicom.part10 import Meta, read_meta
from adapters.dicom.syntax import DEFLATED, IMPLICIT, LONG, SHORT, Syntax, syntax_of
from adapters.dicom.window import Read, Window

MAX_DEPTH: Final = 32
MAX_ELEMENTS: Final = 500_000
MAX_VALUE: Final = 1024 * 1024
MAX_INFLATED: Final = 64 * 1024 * 1024
MAX_FRAGMENTS: Final = 1_000_000
UNDEFINED: Final = 0xFFFFFFFF

ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
PIXEL_DATA: Final = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
CHARACTER_SET: Final = 0x00080005
PADDING: Final = 0xFFFCFFFC

Values = dict[int, bytes]


@dataclass(slots=True)
class Header:
    """What was found before the pixel data. Values are bytes, numbers in the object's own order."""

    meta: Meta
    syntax: Syntax
    values: Values = field(default_factory=dict)
    items: dict[int, list[Values]] = field(default_factory=dict)
    """Items of the sequences that were asked for."""
    pixel_tag: int = 0
    pixel_offset: int = 0
    """Where the value of the pixel data begins: in the file, where deflated in the data set."""
    pixel_length: int = 0
    """UNDEFINED where it is in fragments."""
    unknown_vr: bool = False


@dataclass(slots=True)
class _Level:
    """A sequence or an item that is being walked. `end` is UNDEFINED where a delimiter ends it."""

    end: int
    syntax: Syntax
    is_item: bool
    tag: int = 0
    values: Values | None = None
    """Where the values of an item go; of a sequence, those of all its items."""


_IMPLICIT = {False: struct.Struct("<HHL"), True: struct.Struct(">HHL")}
_EXPLICIT = {False: struct.Struct("<HH2sH"), True: struct.Struct(">HH2sH")}
_LENGTH = {False: struct.Struct("<L"), True: struct.Struct(">L")}


def scan(
    read: Read,
    size: int,
    wanted: Mapping[int, object],
    nested: Mapping[int, object],
    inner: Collection[int] = (),
) -> Header:
    """Return the header of a file; ObjectError.

    `wanted` are tags of the data set and of items, `nested` the sequences whose items are kept;
    what stands in the sequences `inner` of such an item counts as the item's own.
    """
    window = Window(read, size)
    meta = read_meta(window)
    start = meta.offset
    if meta.transfer_syntax_uid == DEFLATED:
        data = inflated(read, size, start)
        window, start = Window(lambda at, count: data[at : at + count], len(data)), 0
    header = Header(meta, syntax_of(meta.transfer_syntax_uid))
    _Scan(window, header, (wanted, nested, inner)).run(start)
    if header.pixel_tag:
        _check_pixels(window, header)
    return header


def inflated(read: Read, size: int, start: int) -> bytes:
    """Return a deflated data set, as far as it may be held."""
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    data = bytearray()
    try:
        while start < size and not stream.eof:
            piece = read(start, 64 * 1024)
            start += len(piece)
            data += stream.decompress(piece, MAX_INFLATED - len(data) + 1)
            if len(data) > MAX_INFLATED:
                raise ExcessError("A deflated data set is too large.", reason="too-many-parts")
    except zlib.error as error:
        raise TruncatedError("The data set does not inflate.") from error
    if not stream.eof:
        raise TruncatedError("The deflated data set does not end.")
    return bytes(data)


class _Scan:
    """One walk over one data set."""

    def __init__(
        self,
        window: Window,
        header: Header,
        tags: tuple[Mapping[int, object], Mapping[int, object], Collection[int]],
    ) -> None:
        self._window = window
        self._header = header
        self._wanted, self._nested, self._flat = tags
        self._levels: list[_Level] = []
        self._count = 0

    def run(self, offset: int) -> None:
        """Walk until the pixel data or the end."""
        window, header = self._window, self._header
        root = header.syntax
        while True:
            level = self._levels[-1] if self._levels else None
            if level and level.end != UNDEFINED and offset >= level.end:
                self._levels.pop()
                continue
            if level is None and offset >= window.size - 7:
                self._check_tail(offset)
                return
            self._count += 1
            if self._count > MAX_ELEMENTS:
                raise ExcessError("The object has too many elements.")
            tag, length, is_sequence, offset = self._element(
                offset, level.syntax if level else root
            )
            if level is None and tag in PIXEL_DATA:
                header.pixel_tag, header.pixel_offset = tag, offset
                header.pixel_length = length
                return
            offset = self._take(tag, length, offset, is_sequence=is_sequence)

    def _check_tail(self, offset: int) -> None:
        rest = self._window.size - offset
        if rest > 0 and self._window.at(offset, rest).strip(b"\0"):
            raise TruncatedError("The object ends within an element.")

    def _element(self, offset: int, syntax: Syntax) -> tuple[int, int, bool, int]:
        """Return tag, length, whether it is a sequence, and where its value begins."""
        head = self._window.at(offset, 8)
        if syntax.explicit:
            group, element, kind, length = _EXPLICIT[syntax.big].unpack(head)
            if group != 0xFFFE:  # noqa: PLR2004 - items have no value representation
                return self._explicit(offset, syntax, group << 16 | element, kind, length)
        group, element, length = _IMPLICIT[syntax.big].unpack(head)
        tag = group << 16 | element
        is_sequence = length == UNDEFINED or self._is_entered(tag)
        return tag, length, is_sequence, offset + 8

    def _is_entered(self, tag: int) -> bool:
        return tag in self._nested or tag in self._flat

    def _explicit(
        self, offset: int, syntax: Syntax, tag: int, kind: bytes, length: int
    ) -> tuple[int, int, bool, int]:
        if kind in SHORT:
            return tag, length, False, offset + 8
        if kind in LONG or kind.isalpha():
            # PS3.5 §7.1.2: a value representation of the future has a length of 32 bits.
            self._header.unknown_vr |= kind not in LONG
            (length,) = _LENGTH[syntax.big].unpack(self._window.at(offset + 8, 4))
            return tag, length, kind == b"SQ" or length == UNDEFINED, offset + 12
        self._header.unknown_vr = True
        (length,) = _LENGTH[syntax.big].unpack(self._window.at(offset + 4, 4))
        return tag, length, length == UNDEFINED, offset + 8

    def _take(self, tag: int, length: int, offset: int, *, is_sequence: bool) -> int:
        """Keep, enter or pass over an element; return where the next one begins."""
        level = self._levels[-1] if self._levels else None
        if tag >= ITEM and tag >> 16 == ITEM >> 16:
            return self._delimit(tag, length, offset)
        if is_sequence and (self._is_entered(tag) or length == UNDEFINED):
            self._enter(tag, length, offset)
            return offset
        end = offset + length
        limit = level.end if level and level.end != UNDEFINED else self._window.size
        if end > limit or end > self._window.size:
            raise TruncatedError("An element is longer than what holds it.", place=_place(tag))
        values = self._header.values if level is None else level.values
        if values is not None and tag in self._wanted and length <= MAX_VALUE:
            values.setdefault(tag, self._window.at(offset, length))
        return end

    def _enter(self, tag: int, length: int, offset: int) -> None:
        if len(self._levels) >= MAX_DEPTH * 2:
            raise ExcessError("Sequences are nested too deep.", reason="too-deep")
        level = self._levels[-1] if self._levels else None
        syntax = level.syntax if level else self._header.syntax
        end = UNDEFINED if length == UNDEFINED else offset + length
        if end != UNDEFINED and end > self._window.size:
            raise TruncatedError("A sequence is longer than the object.", place=_place(tag))
        inner = self._inner(syntax, offset) if length == UNDEFINED else syntax
        kept = tag if level is None and tag in self._nested else 0
        values = level.values if level and tag in self._flat else None
        self._levels.append(_Level(end, inner, is_item=False, tag=kept, values=values))

    def _inner(self, syntax: Syntax, offset: int) -> Syntax:
        """Return how the items of a sequence of undefined length are written.

        One of unknown representation is implicit little endian (PS3.5 §6.2.2, note 2).
        """
        if not syntax.explicit or offset < 12:  # noqa: PLR2004
            return syntax
        kind = self._window.at(offset - 8, 2)
        return IMPLICIT if kind == b"UN" else syntax

    def _delimit(self, tag: int, length: int, offset: int) -> int:
        """Begin an item, or end what a delimiter ends."""
        level = self._levels[-1] if self._levels else None
        if tag == ITEM:
            if level is None:
                raise TruncatedError("An item stands outside of a sequence.")
            values: Values | None = {} if level.tag else level.values
            if level.tag and values is not None:
                self._header.items.setdefault(level.tag, []).append(values)
            end = UNDEFINED if length == UNDEFINED else offset + length
            if end != UNDEFINED and end > self._window.size:
                raise TruncatedError("An item is longer than the object.")
            if len(self._levels) >= MAX_DEPTH * 2:
                raise ExcessError("Sequences are nested too deep.", reason="too-deep")
            self._levels.append(_Level(end, level.syntax, is_item=True, values=values))
        elif level is not None and level.end == UNDEFINED and level.is_item == (tag == ITEM_END):
            self._levels.pop()
        return offset


def _check_pixels(window: Window, header: Header) -> None:
    """Raise TruncatedError where the pixel data does not end within the object."""
    offset, length = header.pixel_offset, header.pixel_length
    if length != UNDEFINED:
        if offset + length > window.size:
            raise TruncatedError("The pixel data is cut off.", place=_place(header.pixel_tag))
        return
    for _ in range(MAX_FRAGMENTS):
        tag, size = fragment(window, offset)
        if tag == SEQUENCE_END:
            return
        if tag != ITEM or offset + 8 + size > window.size:
            raise TruncatedError("The pixel data is cut off.", place=_place(header.pixel_tag))
        offset += 8 + size
    raise ExcessError("The pixel data has too many fragments.")


def fragment(window: Window, offset: int) -> tuple[int, int]:
    """Return tag and length of a fragment's header; always little endian (PS3.5 §A.4)."""
    group, element, length = _IMPLICIT[False].unpack(window.at(offset, 8))
    return group << 16 | element, length


def _place(tag: int) -> str:
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"
