"""A frame of an uncompressed image as JPEG or PNG, with window and level.

PS3.18 §8.3.5 and §10.4; PS3.3 §C.11.2.1.2, the linear function.
"""

import io
from dataclasses import dataclass
from typing import Final

from PIL import Image

from adapters.dicom.image import BYTE, PixelDescription
from gateway.errors import NotAcceptableError, UnprocessableError

GREY: Final = frozenset({"MONOCHROME1", "MONOCHROME2"})
COLOURS: Final = 3
MAX_PIXELS: Final = 64 * 1024 * 1024
RAW: Final = {
    (8, False, False): "I;8",
    (8, True, False): "I;8S",
    (16, False, False): "I;16",
    (16, True, False): "I;16S",
    (16, False, True): "I;16B",
    (16, True, True): "I;16BS",
    (32, False, False): "I;32",
    (32, True, False): "I;32S",
}
"""(bits, signed, big endian) -> how Pillow names it."""
FORMATS: Final = {"image/jpeg": "JPEG", "image/png": "PNG"}


@dataclass(frozen=True, slots=True)
class View:
    """How a frame is to be shown."""

    kind: str = "image/jpeg"
    center: float | None = None
    width: float | None = None
    columns: int = 0
    """Largest width in pixels, 0 for the image's own."""
    rows: int = 0


def render(image: PixelDescription, frame: bytes, view: View) -> bytes:
    """Return the picture; NotAcceptableError, UnprocessableError."""
    if not image.is_native:
        raise NotAcceptableError("A compressed image is not rendered here; fetch it as stored.")
    if image.rows * image.columns > MAX_PIXELS:
        raise UnprocessableError("The image is too large to be rendered.")
    shown = _shown(image, frame, view)
    if view.columns and view.rows:
        shown.thumbnail((view.columns, view.rows), Image.Resampling.BILINEAR)
    out = io.BytesIO()
    shown.save(out, FORMATS[view.kind], **({"quality": 90} if view.kind == "image/jpeg" else {}))
    return out.getvalue()


def stored_window(image: PixelDescription, frame: bytes) -> tuple[float, float] | None:
    """Return width and centre in which a frame is shown unless others are asked for.

    None where there is no window: in colour, and in black and white.
    """
    mode = _mode(image)
    if mode is None or image.photometric_interpretation not in GREY or image.samples_per_pixel != 1:
        return None
    center, width = image.window_center, image.window_width
    if center is not None and width is not None and width >= 1:
        return width, center
    stored = Image.frombytes("I", (image.columns, image.rows), frame, "raw", mode)
    low, high = _window(image, stored, View())
    return high - low + 1, (low + high) / 2 + 0.5


def _mode(image: PixelDescription) -> str | None:
    big = image.is_big and image.bits_allocated > BYTE
    return RAW.get((image.bits_allocated, image.is_signed, big))


def _shown(image: PixelDescription, frame: bytes, view: View) -> Image.Image:
    kind = image.photometric_interpretation
    if image.samples_per_pixel == COLOURS:
        return _colour(image, frame)
    if kind == "PALETTE COLOR" and image.palettes and image.bits_allocated == BYTE:
        return _palette(image, frame)
    if kind in GREY or image.samples_per_pixel == 1:
        return _grey(image, frame, view)
    raise NotAcceptableError("Images of this kind are not rendered here.")


def _grey(image: PixelDescription, frame: bytes, view: View) -> Image.Image:
    size = image.columns, image.rows
    if image.bits_allocated == 1:
        # The first pixel is the lowest bit (PS3.5 §8.1.1).
        return Image.frombytes("1", size, _rows_of_bits(image, frame)).convert("L")
    mode = _mode(image)
    if mode is None:
        raise NotAcceptableError("Images of this depth are not rendered here.")
    stored = Image.frombytes("I", size, frame, "raw", mode)
    low, high = _window(image, stored, view)
    # From stored value to grey in one straight line: rescale, then window, then 0 to 255.
    scale = 255.0 / (high - low) if high > low else 255.0
    slope = image.rescale_slope * scale
    offset = (image.rescale_intercept - low) * scale
    shown = stored.convert("F").point(lambda value: value * slope + offset).convert("L")
    if image.photometric_interpretation == "MONOCHROME1":
        shown = shown.point([255 - value for value in range(256)])
    return shown


def _window(image: PixelDescription, stored: Image.Image, view: View) -> tuple[float, float]:
    """Return the values that become black and white."""
    center, width = view.center, view.width
    if center is None or width is None:
        center, width = image.window_center, image.window_width
    if center is None or width is None or width < 1:
        low, high = stored.getextrema()
        assert isinstance(low, (int, float))  # noqa: S101 - of one band
        assert isinstance(high, (int, float))  # noqa: S101 - same
        ends = [value * image.rescale_slope + image.rescale_intercept for value in (low, high)]
        return min(ends), max(ends)
    return center - 0.5 - (width - 1) / 2, center - 0.5 + (width - 1) / 2


def _rows_of_bits(image: PixelDescription, frame: bytes) -> bytes:
    """Return rows that begin with a byte of their own, the first pixel in the highest bit."""
    turned = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
    bits = frame.translate(turned)
    if image.columns % BYTE == 0:
        return bits
    text = "".join(f"{byte:08b}" for byte in bits)
    rows = (text[at : at + image.columns] for at in range(0, len(text), image.columns))
    width = -(-image.columns // BYTE)
    padded = (int(row.ljust(width * BYTE, "0"), 2).to_bytes(width, "big") for row in rows if row)
    return b"".join(list(padded)[: image.rows])


def _colour(image: PixelDescription, frame: bytes) -> Image.Image:
    size, kind = (image.columns, image.rows), image.photometric_interpretation
    if image.bits_allocated == 2 * BYTE:
        # The higher byte of each sample is what a screen can show.
        frame = frame[0::2] if image.is_big else frame[1::2]
    if kind == "YBR_FULL_422":
        frame = _doubled(frame)
    mode = "YCbCr" if kind.startswith("YBR_FULL") else "RGB"
    if image.planar_configuration and kind != "YBR_FULL_422":
        plane = image.rows * image.columns
        bands = [
            Image.frombytes("L", size, frame[plane * at : plane * (at + 1)])
            for at in range(COLOURS)
        ]
        return Image.merge(mode, bands).convert("RGB")
    return Image.frombytes(mode, size, frame).convert("RGB")


def _doubled(frame: bytes) -> bytes:
    """Return Y Cb Cr for each pixel of Y Y Cb Cr for each pair."""
    pixels = len(frame) // 4 * 2
    whole = bytearray(pixels * COLOURS)
    for at in (0, 1):
        whole[at * 3 :: 6] = frame[at : pixels * 2 : 4]
        whole[at * 3 + 1 :: 6] = frame[2 : pixels * 2 : 4]
        whole[at * 3 + 2 :: 6] = frame[3 : pixels * 2 : 4]
    return bytes(whole)


def _palette(image: PixelDescription, frame: bytes) -> Image.Image:
    shown = Image.frombytes("P", (image.columns, image.rows), frame)
    colours = bytearray()
    for value in range(256):
        for one in image.palettes:
            place = min(max(value - one.first, 0), len(one.entries) - 1)
            colours.append(min(one.entries[place], 255))
    shown.putpalette(bytes(colours))
    return shown.convert("RGB")
