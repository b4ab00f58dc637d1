"""Each kind of uncompressed pixels, by a pixel whose colour is known."""

import io
import struct

import pytest
from PIL import Image

from adapters.dicom.image import Palette, PixelDescription, read_frame, read_pixels
from adapters.dicom.syntax import EXPLICIT_LITTLE
from gateway.errors import NotAcceptableError, UnprocessableError
from gateway.imaging.render import View, render, stored_window

PNG = View("image/png")


def described(kind="MONOCHROME2", bits=8, samples=1, columns=2, rows=1, **changes):
    told = {
        "transfer_syntax_uid": EXPLICIT_LITTLE,
        "rows": rows,
        "columns": columns,
        "samples_per_pixel": samples,
        "photometric_interpretation": kind,
        "planar_configuration": 0,
        "bits_allocated": bits,
        "bits_stored": bits,
        "is_signed": False,
        "is_big": False,
        "number_of_frames": 1,
        "rescale_slope": 1.0,
        "rescale_intercept": 0.0,
        "window_center": None,
        "window_width": None,
        "palettes": (),
        "offset": 0,
        "length": 0,
        **changes,
    }
    return PixelDescription(**told)


def shown(image, frame, view=PNG):
    picture = Image.open(io.BytesIO(render(image, frame, view)))
    return [picture.getpixel((at, row)) for row in range(image.rows) for at in range(image.columns)]


@pytest.mark.parametrize(
    ("changes", "frame", "expected"),
    [
        ({}, bytes([0, 255]), [0, 255]),
        ({"kind": "MONOCHROME1"}, bytes([0, 255]), [255, 0]),
        ({"bits": 16}, struct.pack("<2H", 0, 65535), [0, 255]),
        ({"bits": 16, "is_signed": True}, struct.pack("<2h", -1000, 1000), [0, 255]),
        ({"bits": 16, "is_big": True}, struct.pack(">2H", 1, 2), [0, 255]),
        ({"bits": 32}, struct.pack("<2L", 7, 9), [0, 255]),
        ({"bits": 1, "columns": 8}, b"\x05", [255, 0, 255, 0, 0, 0, 0, 0]),
        ({"bits": 1, "columns": 3, "rows": 2}, b"\x15", [255, 0, 255, 0, 255, 0]),
        ({"rescale_slope": -1.0}, bytes([0, 255]), [255, 0]),
        ({"window_center": 10.5, "window_width": 2.0}, bytes([9, 12]), [0, 255]),
    ],
)
def test_greyscale(changes, frame, expected):
    assert shown(described(**changes), frame) == expected


RED, BLUE = (255, 0, 0), (0, 0, 255)


@pytest.mark.parametrize(
    ("changes", "frame"),
    [
        ({"kind": "RGB", "samples": 3}, bytes([*RED, *BLUE])),
        (
            {"kind": "RGB", "samples": 3, "planar_configuration": 1},
            bytes([255, 0, 0, 0, 0, 255]),
        ),
        (
            {"kind": "RGB", "samples": 3, "bits": 16},
            struct.pack("<6H", *(one * 257 for one in (*RED, *BLUE))),
        ),
        (
            {
                "kind": "PALETTE COLOR",
                "palettes": tuple(
                    Palette(first=3, entries=entries) for entries in ((255, 0), (0, 0), (0, 255))
                ),
            },
            bytes([3, 4]),
        ),
    ],
)
def test_colour(changes, frame):
    assert shown(described(**changes), frame) == [RED, BLUE]


def test_luminance_and_colour_apart():
    grey = described("YBR_FULL_422", samples=3)
    assert shown(grey, bytes([10, 200, 128, 128])) == [(10, 10, 10), (200, 200, 200)]
    full = described("YBR_FULL", samples=3)
    assert shown(full, bytes([10, 128, 128, 200, 128, 128])) == [(10, 10, 10), (200, 200, 200)]


def test_a_constant_image_is_one_colour():
    assert len(set(shown(described(), bytes([7, 7])))) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"transfer_syntax_uid": "1.2.840.10008.1.2.4.50"},
        {"bits": 12},
        {"kind": "XYZ", "samples": 4},
    ],
)
def test_what_cannot_be_rendered_says_so(changes):
    with pytest.raises(NotAcceptableError):
        render(described(**changes), bytes(8), PNG)


def test_an_image_of_four_thousand_million_pixels_is_refused():
    with pytest.raises(UnprocessableError):
        render(described(columns=65535, rows=65535), b"", PNG)


@pytest.mark.needs("shared data")
@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("ct_series_01", (512, 512)),
        ("cr_mono1_chest", (440, 440)),
        ("us_ybr422_raw", (800, 555)),
        ("ts_bigendian_us", (80, 60)),
        ("ts_deflated", (512, 512)),
        ("mr_enhanced", (64, 64)),
        ("sm_tiled", (10, 10)),
        ("bad_vr", (10, 10)),
    ],
)
def test_public_files_are_rendered(shared, name, size):
    data = (shared / "data" / "dicom" / f"{name}.dcm").read_bytes()

    def read(at, count):
        return data[at : at + count]

    image = read_pixels(read, len(data))
    frame = read_frame(read, len(data), image, image.number_of_frames)
    assert Image.open(io.BytesIO(render(image, frame, View()))).size == size


@pytest.mark.parametrize(
    ("changes", "frame", "window"),
    [
        ({"window_center": 40.0, "window_width": 400.0}, bytes([9, 12]), (400, 40)),
        ({"window_center": 40.0, "window_width": 0.0}, bytes([9, 12]), (4, 11)),
        ({"window_center": 40.0}, bytes([9, 12]), (4, 11)),
        ({"rescale_intercept": -1024.0, "bits": 16}, struct.pack("<2H", 24, 2024), (2001, 0.5)),
        ({"samples": 3, "kind": "RGB"}, bytes(6), None),
        ({"kind": "PALETTE COLOR"}, bytes(2), None),
        ({"bits": 1, "columns": 8}, b"\x05", None),
    ],
)
def test_the_stored_window_is_what_a_frame_is_shown_in(changes, frame, window):
    image = described(**changes)
    assert stored_window(image, frame) == window
    if window:
        width, center = window
        assert shown(image, frame) == shown(
            image, frame, View("image/png", center=center, width=width)
        )


@pytest.mark.needs("shared data")
def test_an_enhanced_ct_is_shown_in_hounsfield_units_and_its_frames_window(shared):
    data = (shared / "data" / "dicom" / "ct_enhanced.dcm").read_bytes()

    def read(at, count):
        return data[at : at + count]

    image = read_pixels(read, len(data), 2)
    assert (image.window_center, image.window_width) == (49, 102)
    assert (image.rescale_intercept, image.rescale_slope) == (-1024, 1)
    frame = read_frame(read, len(data), image, 2)
    grey = Image.open(io.BytesIO(render(image, frame, PNG)))
    stored = struct.unpack(f"<{image.rows * image.columns}H", frame)
    for at in range(0, len(stored), 4001):
        expected = min(max((stored[at] - 1024 - 48.5 + 50.5) / 101 * 255, 0), 255)
        assert abs(grey.getpixel((at % image.columns, at // image.columns)) - expected) <= 1
