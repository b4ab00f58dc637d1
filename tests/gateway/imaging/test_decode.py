"""Compressed frames: the same picture as of what DCMTK decompresses, or a refusal."""

import io
import struct
import subprocess
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from adapters.dicom import ObjectError
from adapters.dicom.image import read_frame, read_pixels
from adapters.dicom.rle import unpacked
from gateway.errors import NotAcceptableError, UnprocessableError
from gateway.imaging.decode import JPEG, RLE, decoded
from gateway.imaging.render import View, render
from tests.gateway.imaging.test_render import described

PNG = View("image/png")


def frame_of(data, number):
    def read(at, count):
        return data[at : at + count]

    image = read_pixels(read, len(data), number)
    return image, read_frame(read, len(data), image, number)


def packed(*segments):
    offsets, at = [], 64
    for one in segments:
        offsets.append(at)
        at += len(one)
    header = struct.pack("<16L", len(segments), *offsets, *[0] * (15 - len(segments)))
    return header + b"".join(segments)


RUN = b"\xff\x01" + b"\x80" + b"\x01\x02\x03"
"""Twice 1, nothing, then 2 and 3."""


def test_runs_and_literals_are_unpacked():
    image = described(columns=4, transfer_syntax_uid=RLE)
    assert unpacked(image, packed(RUN)) == bytes([1, 1, 2, 3])


def test_the_first_segment_holds_the_high_bytes():
    image = described(columns=4, bits=16, transfer_syntax_uid=RLE)
    low = b"\x03\x0a\x0b\x0c\x0d"
    assert struct.unpack("<4H", unpacked(image, packed(RUN, low))) == (0x10A, 0x10B, 0x20C, 0x30D)


@pytest.mark.parametrize(
    "frame", [b"", packed(), packed(RUN, RUN), packed(b"\x00\x01"), packed(b"\xfe")]
)
def test_what_is_not_all_there_is_refused(frame):
    with pytest.raises(ObjectError):
        unpacked(described(columns=4, transfer_syntax_uid=RLE), frame)


def jpeg(mode="L", size=(2, 1), **options):
    out = io.BytesIO()
    Image.new(mode, size, 200 if mode == "L" else (200, 10, 10)).save(out, "JPEG", **options)
    return out.getvalue()


def test_a_grey_and_a_coloured_frame_of_jpeg_are_shown():
    grey = described(transfer_syntax_uid=JPEG)
    assert decoded(grey, jpeg())[1] == bytes([200, 200])
    colour = described("YBR_FULL_422", samples=3, transfer_syntax_uid=JPEG)
    native, frame = decoded(colour, jpeg("RGB"))
    picture = Image.open(io.BytesIO(render(native, frame, PNG)))
    assert max(abs(a - b) for a, b in zip(picture.getpixel((0, 0)), (200, 10, 10), strict=True)) < 9


@pytest.mark.parametrize(
    ("changes", "frame", "error"),
    [
        ({"kind": "RGB", "samples": 3}, jpeg("RGB"), NotAcceptableError),
        ({"kind": "YBR_PARTIAL_420", "samples": 3}, jpeg("RGB"), NotAcceptableError),
        ({"bits": 16}, jpeg(), NotAcceptableError),
        ({"columns": 3}, jpeg(), UnprocessableError),
        ({}, jpeg("RGB"), UnprocessableError),
        ({}, jpeg()[:40], UnprocessableError),
        ({}, b"no jpeg", UnprocessableError),
        ({"columns": 65535, "rows": 65535}, jpeg(), UnprocessableError),
        ({"transfer_syntax_uid": "1.2.840.10008.1.2.4.90"}, b"", NotAcceptableError),
    ],
)
def test_a_frame_of_which_there_is_doubt_is_refused(changes, frame, error):
    with pytest.raises(error):
        decoded(described(**{"transfer_syntax_uid": JPEG, **changes}), frame)


@pytest.mark.needs("shared data", "dcmtk")
@pytest.mark.parametrize(
    "case",
    [
        ("ts_rle_2frame", "dcmdrle", 2, 0),
        ("ts_rle_fragments_ct", "dcmdrle", 1, 0),
        ("xa_multiframe_96", "dcmdjpeg", 50, 1),
        ("us_multiframe_jpeg30", "dcmdjpeg", 30, 2),
    ],
)
def test_the_picture_is_that_of_what_dcmtk_decompresses(shared, tmp_path, case):
    name, tool, number, most = case
    path = shared / "data" / "dicom" / f"{name}.dcm"
    subprocess.run([tool, path, tmp_path / "native.dcm"], check=True, capture_output=True)
    ours = decoded(*frame_of(path.read_bytes(), number))
    theirs = frame_of((tmp_path / "native.dcm").read_bytes(), number)
    pictures = [Image.open(io.BytesIO(render(*one, PNG))).convert("RGB") for one in (ours, theirs)]
    assert pictures[0].size == pictures[1].size
    assert len(pictures[0].getcolors(1 << 24)) > 10
    assert max(ImageStat.Stat(ImageChops.difference(*pictures)).mean) <= most


@pytest.mark.needs("shared data")
def test_every_public_image_is_shown_or_refused(shared):
    outcomes = {}
    for path in sorted((shared / "data" / "dicom").glob("*.dcm")):
        outcomes[path.stem] = outcome(path)
    assert outcomes["xa_multiframe_96"] == outcomes["ts_rle_2frame"] == "shown"
    for name in ("us_j2k", "ts_jpeg_ext12", "us_palette_jpegls_10f", "us_jpegxl_27f"):
        assert outcomes.get(name, "NotAcceptableError") == "NotAcceptableError"


def outcome(path: Path) -> str:
    try:
        image, frame = frame_of(path.read_bytes(), 1)
        render(*decoded(image, frame), View())
    except (ObjectError, NotAcceptableError, UnprocessableError) as error:
        return type(error).__name__
    return "shown"
