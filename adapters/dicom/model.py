"""The DICOM JSON model of an object without its bulk data (PS3.18 annex F).

Values longer than a kilobyte and the pixel data are told by address, so what is read is bounded by
the header.
"""

import base64
import math
import re
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec
from pydicom.datadict import dictionary_VR

from adapters.dicom.charset import Charset
from adapters.dicom.faults import ExcessError, TruncatedError
from adapters.dicom.part10 import read_meta
from adapters.dicom.records import PersonName
from adapters.dicom.scan import (
    CHARACTER_SET,
    ITEM,
    ITEM_END,
    MAX_DEPTH,
    MAX_ELEMENTS,
    PIXEL_DATA,
    SEQUENCE_END,
    UNDEFINED,
    inflated,
)
from adapters.dicom.syntax import DEFLATED, IMPLICIT, LONG, SHORT, Syntax, syntax_of
from adapters.dicom.window import Read, Window

Attribute = dict[str, Any]
Model = dict[str, Attribute]
BulkAddress = Callable[[str], str]
"""From a path of tags and item numbers, "00081140/0/00420011", to its address."""

INLINE: Final = 1024
MAX_TEXT: Final = 64 * 1024
NUMBERS: Final = {
    "FL": "f", "FD": "d", "SL": "l", "SS": "h", "UL": "L", "US": "H", "SV": "q", "UV": "Q",
}  # fmt: skip
BINARY: Final = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})
UNSPLIT: Final = frozenset({"LT", "ST", "UT", "UR"})
EXTENDED: Final = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UT"})
"""Value representations that (0008,0005) applies to."""
UTF8_LABEL: Final = "ISO_IR 192"
JSON_NUMBER: Final = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")


def model(read: Read, size: int, bulk: BulkAddress, *, charset: str = "") -> Model:
    """Return the model of a file; ObjectError."""
    found, _ = _walked(read, size, bulk, charset)
    return found


def bulk_data(read: Read, size: int, path: str) -> bytes:
    """Return a value that the model told by its path alone, b"" if there is none; ObjectError."""
    _, walk = _walked(read, size, str, "")
    offset, length = walk.places.get(path, (0, 0))
    return walk.window.at(offset, length) if length != UNDEFINED else b""


def _walked(read: Read, size: int, bulk: BulkAddress, charset: str) -> tuple[Model, "_Walk"]:
    window = Window(read, size)
    meta = read_meta(window)
    start = meta.offset
    if meta.transfer_syntax_uid == DEFLATED:
        data = inflated(read, size, start)
        window, start = Window(lambda at, count: data[at : at + count], len(data)), 0
    walk = _Walk(window, bulk, charset)
    found, _ = walk.items(start, window.size, _Place(syntax_of(meta.transfer_syntax_uid)))
    found["00083002"] = {"vr": "UI", "Value": [meta.transfer_syntax_uid]}
    return dict(sorted(found.items())), walk


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a walk is: how its elements are written, and the way down to them."""

    syntax: Syntax
    path: str = ""
    depth: int = 0


class _Walk:
    """One walk over a whole data set."""

    def __init__(self, window: Window, bulk: BulkAddress, charset: str) -> None:
        self.window = window
        self.places: dict[str, tuple[int, int]] = {}
        self._bulk = bulk
        self._override = charset
        self._charset = Charset([""], charset)
        self._count = 0
        self._signed = False

    def items(self, offset: int, end: int, here: _Place) -> tuple[Model, int]:
        """Return the elements from an offset on, and where they ended."""
        if here.depth > MAX_DEPTH:
            raise ExcessError("Sequences are nested too deep.", reason="too-deep")
        found: Model = {}
        while offset + 8 <= end:
            self._counted()
            tag, kind, length, offset = self._element(offset, here.syntax)
            if tag in {ITEM_END, SEQUENCE_END}:
                return found, offset
            name = f"{tag:08X}"
            place = f"{here.path}{name}"
            if tag in PIXEL_DATA and not here.path:
                self.places[place] = offset, length
                found[name] = {"vr": kind, "BulkDataURI": self._bulk(place)}
                return found, end
            if kind == "SQ" or length == UNDEFINED:
                inner = IMPLICIT if kind == "UN" else here.syntax
                below = _Place(inner, place, here.depth + 1)
                values, offset = self._sequence(offset, length, below)
                found[name] = {"vr": "SQ", **({"Value": values} if values else {})}
                continue
            if offset + length > self.window.size:
                raise TruncatedError("An element is longer than the object.")
            if tag & 0xFFFF:
                found[name] = self._told(tag, kind, self._value(place, kind, offset, length), here)
            offset += length
        return found, offset

    def _counted(self) -> None:
        self._count += 1
        if self._count > MAX_ELEMENTS:
            raise ExcessError("The object has too many elements.")

    def _element(self, offset: int, syntax: Syntax) -> tuple[int, str, int, int]:
        """Return tag, value representation, length, and where the value begins."""
        order = ">" if syntax.big else "<"
        head = self.window.at(offset, 8)
        group, element = struct.unpack(f"{order}HH", head[:4])
        tag = group << 16 | element
        code = head[4:6]
        if not syntax.explicit or group == ITEM >> 16 or not code.isalpha():
            (length,) = struct.unpack(f"{order}L", head[4:8])
            return tag, self._looked_up(tag), length, offset + 8
        if code in SHORT:
            (length,) = struct.unpack(f"{order}H", head[6:8])
            return tag, code.decode(), length, offset + 8
        (length,) = struct.unpack(f"{order}L", self.window.at(offset + 8, 4))
        return tag, code.decode() if code in LONG else "UN", length, offset + 12

    def _looked_up(self, tag: int) -> str:
        """Return the value representation of the dictionary (PS3.6)."""
        if tag >> 16 & 1:
            return "LO" if 0x10 <= tag & 0xFFFF <= 0xFF else "UN"  # noqa: PLR2004 - PS3.5 §7.8.1
        try:
            kind = dictionary_VR(tag)
        except KeyError:
            return "UN"
        if kind == "US or SS":
            return "SS" if self._signed else "US"
        return kind if len(kind) == 2 else "OW"  # noqa: PLR2004 - "OB or OW" and the like

    def _sequence(self, offset: int, length: int, here: _Place) -> tuple[list[Model], int]:
        end = self.window.size if length == UNDEFINED else offset + length
        found: list[Model] = []
        before = self._charset
        while offset + 8 <= end:
            tag, _, size, offset = self._element(offset, here.syntax)
            if tag != ITEM:
                break
            stop = self.window.size if size == UNDEFINED else offset + size
            inner = replace(here, path=f"{here.path}/{len(found)}/")
            values, reached = self.items(offset, stop, inner)
            offset = reached if size == UNDEFINED else stop
            found.append(values)
            self._charset = before  # what an item says of its text holds for it alone
        return found, offset if length == UNDEFINED else end

    def _value(self, place: str, kind: str, offset: int, length: int) -> bytes | Attribute:
        """Return a value's bytes; of one that is not read, the attribute that tells where it is."""
        if length > (INLINE if kind in BINARY else MAX_TEXT):
            self.places[place] = offset, length
            return {"vr": kind, "BulkDataURI": self._bulk(place)}
        return self.window.at(offset, length)

    def _told(self, tag: int, kind: str, value: bytes | Attribute, here: _Place) -> Attribute:
        if isinstance(value, dict):
            return value
        attribute: Attribute = {"vr": kind}
        if value and kind in BINARY:
            attribute["InlineBinary"] = base64.b64encode(value).decode()
        elif value:
            self._note(tag, value)
            values = self._values(tag, kind, value, here.syntax)
            if any(one is not None for one in values):
                attribute["Value"] = values
        return attribute

    def _note(self, tag: int, value: bytes) -> None:
        """Remember what later values are read by."""
        if tag == CHARACTER_SET:
            self._charset = Charset(value.decode("latin-1").split("\\"), self._override)
        elif tag == 0x00280103:  # noqa: PLR2004 - PixelRepresentation
            self._signed = bool(value[0] or value[-1])

    def _values(self, tag: int, kind: str, value: bytes, syntax: Syntax) -> list[Any]:
        if kind in NUMBERS:
            return _numbers(kind, value, big=syntax.big)
        if kind == "AT":
            return _tags(value, big=syntax.big)
        if tag == CHARACTER_SET:
            return [UTF8_LABEL]
        text = self._charset.text(value) if kind in EXTENDED else value.decode("latin-1")
        text = text.rstrip("\0 ")
        take = TAKE.get(kind, _plain)
        return [take(part) for part in ([text] if kind in UNSPLIT else text.split("\\"))]


def _tags(value: bytes, *, big: bool) -> list[Any]:
    parts = struct.unpack(f"{'>' if big else '<'}{len(value) // 2}H", value[: len(value) // 2 * 2])
    return [f"{a:04X}{b:04X}" for a, b in zip(parts[::2], parts[1::2], strict=False)]


def _numbers(kind: str, value: bytes, *, big: bool) -> list[Any]:
    code = NUMBERS[kind]
    count = len(value) // struct.calcsize(f"={code}")
    found = struct.unpack_from(f"{'>' if big else '<'}{count}{code}", value)
    # JSON has no word for what is no number (PS3.18 §F.2.2: as text).
    return [one if math.isfinite(one) else str(one) for one in found]


def _plain(text: str) -> Any:
    return text.strip() or None


def _decimal(text: str) -> Any:
    """Return a decimal digit for digit, as text where JSON has no such number."""
    text = text.strip()
    if not text:
        return None
    return msgspec.Raw(text.encode()) if JSON_NUMBER.fullmatch(text) else text


def _name(text: str) -> Mapping[str, str] | None:
    """Return a name's groups; one in Chinese characters alone is ideographic by its looks only."""
    name = PersonName(*[part.strip() for part in text.split("=")][:3])
    groups = {
        "Alphabetic": name.alphabetic,
        "Ideographic": name.ideographic,
        "Phonetic": name.phonetic,
    }
    return {key: value for key, value in groups.items() if value} or None


TAKE: Final[Mapping[str, Callable[[str], Any]]] = {"DS": _decimal, "IS": _decimal, "PN": _name}
