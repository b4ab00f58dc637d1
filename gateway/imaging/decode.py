"""Compressed frames as native pixels, where that can be done without doubt: RLE, JPEG baseline.

PS3.5 §8.2 and annexes A and G. What is not decoded here is refused, never guessed.
"""

import io
from dataclasses import replace
from typing import Final

from PIL import Image, JpegImagePlugin

from adapters.dicom.image import BYTE, PixelDescription
from adapters.dicom.rle import unpacked
from adapters.dicom.syntax import EXPLICIT_LITTLE
from gateway.errors import NotAcceptableError, UnprocessableError
from gateway.imaging.render import MAX_PIXELS

RLE: Final = "1.2.840.10008.1.2.5"
JPEG: Final = "1.2.840.10008.1.2.4.50"
DECODED: Final = frozenset({RLE, JPEG})
COLOURS: Final = frozenset({"RGB", "YBR_FULL", "YBR_FULL_422"})
MODES: Final = {1: "L", 3: "RGB"}


def refuse_unknown(image: PixelDescription) -> None:
    """Pass only what can be shown; NotAcceptableError."""
    if not image.is_native and image.transfer_syntax_uid not in DECODED:
        raise NotAcceptableError(
            "Of compressed images, RLE and JPEG baseline are rendered here; fetch it as stored."
        )


def decoded(image: PixelDescription, frame: bytes) -> tuple[PixelDescription, bytes]:
    """Return image and frame without compression; NotAcceptableError, UnprocessableError."""
    refuse_unknown(image)
    if image.rows * image.columns > MAX_PIXELS:
        raise UnprocessableError("The image is too large to be rendered.")
    if image.transfer_syntax_uid == RLE:
        native = replace(image, transfer_syntax_uid=EXPLICIT_LITTLE, planar_configuration=1)
        return native, unpacked(image, frame)
    if image.transfer_syntax_uid == JPEG:
        return _jpeg(image, frame)
    return image, frame


def _jpeg(image: PixelDescription, frame: bytes) -> tuple[PixelDescription, bytes]:
    mode = MODES.get(image.samples_per_pixel)
    kind = image.photometric_interpretation
    if mode == "RGB" and kind not in COLOURS:
        raise NotAcceptableError("Images of this kind are not rendered here.")
    if mode is None or image.bits_allocated != BYTE or image.is_signed:
        raise NotAcceptableError("A JPEG image of this depth is not rendered here.")
    try:
        opened = JpegImagePlugin.JpegImageFile(io.BytesIO(frame))
        if opened.size != (image.columns, image.rows) or opened.mode != mode:
            raise UnprocessableError("The frame is another image than its header describes.")
        if (kind == "RGB") != (opened.info.get("adobe_transform") == 0) and mode == "RGB":
            # Header and frame disagree on whether it is RGB or YCbCr, or the frame does not say.
            raise NotAcceptableError("A JPEG image of doubtful colours is not rendered here.")
        pixels = opened.tobytes()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UnprocessableError("The frame is no JPEG image that can be read.") from error
    if image.samples_per_pixel == 1:
        return replace(image, transfer_syntax_uid=EXPLICIT_LITTLE), pixels
    native = replace(
        image,
        transfer_syntax_uid=EXPLICIT_LITTLE,
        photometric_interpretation="RGB",
        planar_configuration=0,
    )
    return native, pixels
