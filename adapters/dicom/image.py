"""What is needed to show an image: how its pixels are written, and where each frame lies.

PS3.3 §C.7.6.3, §C.7.6.16, §C.11.1, §C.11.2; PS3.5 §8 and annex A.
"""

import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from adapters.dicom.faults import NotDicomError, TruncatedError
from adapters.dicom.part10 import read_meta
from adapters.dicom.scan import (
    ITEM,
    MAX_FRAGMENTS,
    UNDEFINED,
    Header,
    Values,
    fragment,
    inflated,
    scan,
)
from adapters.dicom.syntax import DEFLATED, NATIVE
from adapters.dicom.window import Read, Window

BYTE: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """A lookup table of one colour (PS3.3 §C.7.6.3.1.5)."""

    first: int
    entries: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelDescription:
    """The Image Pixel Module, and what turns stored values into what is shown."""

    transfer_syntax_uid: str
    rows: int
    columns: int
    samples_per_pixel: int
    photometric_interpretation: str
    planar_configuration: int
    bits_allocated: int
    bits_stored: int
    is_signed: bool
    is_big: bool
    number_of_frames: int
    rescale_slope: float
    rescale_intercept: float
    window_center: float | None
    window_width: float | None
    palettes: tuple[Palette, ...]
    offset: int
    length: int
    pixel_spacing: tuple[float, float] | None = None
    """Millimetres from row to row and from column to column, in the patient or as calibrated."""
    imager_pixel_spacing: tuple[float, float] | None = None
    """The same at the detector."""
    is_lossy: bool = False
    """Whether it was ever compressed with loss (PS3.3 §C.7.6.1.1.5)."""
    lossy_ratio: float | None = None

    @property
    def is_native(self) -> bool:
        """Whether the pixels are not compressed."""
        return self.transfer_syntax_uid in NATIVE

    @property
    def frame_bits(self) -> int:
        """How many bits a native frame has."""
        samples: float = self.samples_per_pixel
        if self.photometric_interpretation == "YBR_FULL_422":
            samples = 2  # two pixels share their colour
        return int(self.rows * self.columns * samples) * self.bits_allocated


_NUMBERS = {
    "samples_per_pixel": 0x00280002,
    "planar_configuration": 0x00280006,
    "rows": 0x00280010,
    "columns": 0x00280011,
    "bits_allocated": 0x00280100,
    "bits_stored": 0x00280101,
    "pixel_representation": 0x00280103,
}
_DECIMALS = {
    "window_center": 0x00281050,
    "window_width": 0x00281051,
    "rescale_intercept": 0x00281052,
    "rescale_slope": 0x00281053,
}
_PALETTES = ((0x00281101, 0x00281201), (0x00281102, 0x00281202), (0x00281103, 0x00281203))
_SPACINGS = {"pixel_spacing": 0x00280030, "imager_pixel_spacing": 0x00181164}
PHOTOMETRIC, FRAMES = 0x00280004, 0x00280008
LOSSY, LOSSY_RATIO = 0x00282110, 0x00282112
_WANTED: Mapping[int, object] = dict.fromkeys(
    (
        *(*_NUMBERS.values(), *_DECIMALS.values(), *_SPACINGS.values()),
        *(PHOTOMETRIC, FRAMES, LOSSY, LOSSY_RATIO),
        *(tag for pair in _PALETTES for tag in pair),
    )
)


SHARED, PER_FRAME = 0x52009229, 0x52009230
FRAME_VOI_LUT, PIXEL_VALUE_TRANSFORMATION = 0x00289132, 0x00289145
_WINDOW = ("window_center", "window_width")
_RESCALE = ("rescale_intercept", "rescale_slope")


def read_pixels(read: Read, size: int, frame: int = 1) -> PixelDescription:
    """Return how the pixels of a file are written; NotDicomError where there are none.

    Where the frames differ in it, what turns stored values into what is shown is that of `frame`.
    """
    groups = dict.fromkeys((SHARED, PER_FRAME))
    header = scan(read, size, _WANTED, groups, (FRAME_VOI_LUT, PIXEL_VALUE_TRANSFORMATION))
    if not header.pixel_tag:
        raise NotDicomError("The object has no pixel data.")
    order = ">" if header.syntax.big else "<"
    numbers = {name: _number(header, tag, order) for name, tag in _NUMBERS.items()}
    levels = _levels(header, frame)
    decimals = {**_of_one(levels, _WINDOW), **_of_one(levels, _RESCALE)}
    frames = header.values.get(FRAMES, b"").strip(b"\0 ")
    slope = decimals["rescale_slope"]
    return PixelDescription(
        transfer_syntax_uid=header.meta.transfer_syntax_uid,
        rows=numbers["rows"],
        columns=numbers["columns"],
        samples_per_pixel=numbers["samples_per_pixel"] or 1,
        photometric_interpretation=header.values.get(PHOTOMETRIC, b"").decode("latin-1").strip(),
        planar_configuration=numbers["planar_configuration"],
        bits_allocated=numbers["bits_allocated"],
        bits_stored=numbers["bits_stored"] or numbers["bits_allocated"],
        is_signed=bool(numbers["pixel_representation"]),
        is_big=header.syntax.big,
        number_of_frames=int(frames) if frames.isdigit() and int(frames) else 1,
        rescale_slope=slope or 1.0,
        rescale_intercept=decimals["rescale_intercept"] or 0.0,
        window_center=decimals["window_center"],
        window_width=decimals["window_width"],
        palettes=_palettes(header, order),
        offset=header.pixel_offset,
        length=header.pixel_length,
        is_lossy=header.values.get(LOSSY, b"").strip(b"\0 ") == b"01",
        # Of several compressions each has its ratio; the first is that of the first.
        lossy_ratio=_decimal(header.values, LOSSY_RATIO),
        **{name: _spacing(header, tag) for name, tag in _SPACINGS.items()},
    )


def _number(header: Header, tag: int, order: str) -> int:
    value = header.values.get(tag, b"")
    return int(struct.unpack(f"{order}H", value[:2])[0]) if len(value) > 1 else 0


def _levels(header: Header, frame: int) -> list[Values]:
    """Return where the values for a frame may stand: its group, the shared one, the object."""
    of_frame = header.items.get(PER_FRAME, [])[frame - 1 : frame]
    return [*of_frame, *header.items.get(SHARED, [])[:1], header.values]


def _of_one(levels: Sequence[Values], names: Sequence[str]) -> dict[str, float | None]:
    """Return values that belong together, from the first level that has any of them."""
    for values in levels:
        found = {name: _decimal(values, _DECIMALS[name]) for name in names}
        if any(value is not None for value in found.values()):
            return found
    return dict.fromkeys(names)


def _decimal(values: Values, tag: int) -> float | None:
    text = values.get(tag, b"").partition(b"\\")[0].strip(b"\0 ")
    try:
        return float(text)
    except ValueError:
        return None


def _spacing(header: Header, tag: int) -> tuple[float, float] | None:
    """Return two lengths; None unless both are more than nothing."""
    try:
        rows, columns = (
            float(one) for one in header.values.get(tag, b"").strip(b"\0 ").split(b"\\")
        )
    except ValueError:
        return None
    sound = 0 < rows < math.inf and 0 < columns < math.inf
    return (rows, columns) if sound else None


def _palettes(header: Header, order: str) -> tuple[Palette, ...]:
    found = []
    for descriptor, table in _PALETTES:
        about, data = header.values.get(descriptor, b""), header.values.get(table, b"")
        if len(about) < 6 or not data:  # noqa: PLR2004 - three numbers of two bytes
            return ()
        count, first, bits = struct.unpack(f"{order}3H", about[:6])
        code = "B" if bits == BYTE and len(data) < 2 * (count or 65536) else "H"
        shift = 8 if code == "H" and bits > BYTE else 0
        size = len(data) // struct.calcsize(code)
        entries = struct.unpack_from(f"{order}{min(size, count or 65536)}{code}", data)
        found.append(Palette(first=first, entries=tuple(one >> shift for one in entries)))
    return tuple(found)


def read_frame(read: Read, size: int, image: PixelDescription, number: int) -> bytes:
    """Return the bytes of a frame, counted from 1; TruncatedError where it is not all there.

    What a frame must have is compared with what the object has before anything is read, so sizes
    that a header merely claims cost nothing.
    """
    if not 1 <= number <= image.number_of_frames:
        raise TruncatedError("The image has no such frame.")
    if image.length == UNDEFINED:
        return _encapsulated(read, size, image, number)
    bits = image.frame_bits
    start, end = (number - 1) * bits // BYTE, (number * bits + BYTE - 1) // BYTE
    if not bits or end > image.length:
        raise TruncatedError("The pixel data is shorter than the image.")
    if image.transfer_syntax_uid == DEFLATED:
        return _deflated(read, size, image, start, end)
    return read(image.offset + start, end - start)


def _deflated(read: Read, size: int, image: PixelDescription, start: int, end: int) -> bytes:
    """Return a range of the pixel data; its offset counts in the inflated data set."""
    data = inflated(read, size, read_meta(Window(read, size)).offset)
    return data[image.offset + start : image.offset + end]


def _encapsulated(read: Read, size: int, image: PixelDescription, number: int) -> bytes:
    """Return a frame's fragments: all of a single frame, else one a frame (PS3.5 §A.4)."""
    window = Window(read, size)
    _, skip = fragment(window, image.offset)
    offset = image.offset + 8 + skip
    places: list[tuple[int, int]] = []
    while len(places) < MAX_FRAGMENTS:
        tag, length = fragment(window, offset)
        if tag != ITEM:
            break
        places.append((offset + 8, length))
        offset += 8 + length
    if image.number_of_frames == 1:
        return b"".join(read(start, length) for start, length in places)
    if len(places) != image.number_of_frames:
        raise TruncatedError("The frames are in fragments that cannot be told apart.")
    return read(*places[number - 1])
