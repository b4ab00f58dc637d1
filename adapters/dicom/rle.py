"""RLE Lossless: a frame as native pixels (PS3.5 annex G)."""

import struct
from typing import Final

from adapters.dicom.faults import TruncatedError
from adapters.dicom.image import BYTE, PixelDescription

HEADER: Final = struct.Struct("<16L")
NOTHING: Final = 0x80


def unpacked(image: PixelDescription, frame: bytes) -> bytes:
    """Return the pixels, little endian, sample plane after sample plane; TruncatedError."""
    if len(frame) < HEADER.size:
        raise TruncatedError("The frame ends within its header.")
    count, *offsets = HEADER.unpack_from(frame)
    width = image.bits_allocated // BYTE
    if not width or count != image.samples_per_pixel * width or count > len(offsets):
        raise TruncatedError("The frame has other segments than its samples have bytes.")
    size = image.rows * image.columns
    ends = [*offsets[1:count], len(frame)]
    segments = [_segment(frame[start:end], size) for start, end in zip(offsets, ends, strict=False)]
    whole = bytearray(size * count)
    for index, segment in enumerate(segments):
        # The first segment of a sample holds its highest bytes.
        sample, byte = divmod(index, width)
        start = sample * size * width + width - 1 - byte
        whole[start : (sample + 1) * size * width : width] = segment
    return bytes(whole)


def _segment(packed: bytes, size: int) -> bytes:
    """Return what PackBits packed; TruncatedError where it is not so much."""
    out, at = bytearray(), 0
    while len(out) < size and at + 1 < len(packed):
        head = packed[at]
        if head < NOTHING:
            out += packed[at + 1 : at + 2 + head]
            at += 2 + head
        elif head > NOTHING:
            out += packed[at + 1 : at + 2] * (257 - head)
            at += 2
        else:
            at += 1
    if len(out) < size:
        raise TruncatedError("A segment of the frame is shorter than the image.")
    return bytes(out[:size])
