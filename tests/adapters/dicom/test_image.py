"""Where the frames of an image lie, and what stands for their colours."""

import struct
import zlib

import pytest

from adapters.dicom import ObjectError
from adapters.dicom.image import read_frame, read_pixels
from adapters.dicom.part10 import preamble
from adapters.dicom.syntax import DEFLATED
from tests.adapters.dicom.objects import (
    SOP,
    SOP_CLASS,
    UNDEFINED,
    data_set,
    element,
    file,
    item,
    sequence,
)

JPEG = "1.2.840.10008.1.2.4.50"


def short(tag, *values):
    return element(tag, b"US", struct.pack(f"<{len(values)}H", *values))


def shape(rows=2, columns=2, frames=1, bits=8):
    return (
        short(0x00280002, 1),
        element(0x00280004, b"CS", b"MONOCHROME2"),
        element(0x00280008, b"IS", str(frames).encode()),
        short(0x00280010, rows),
        short(0x00280011, columns),
        short(0x00280100, bits),
    )


def pixels(data):
    return element(0x7FE00010, b"OW", data)


def fragments(*parts):
    content = b"".join(item(part) for part in (b"", *parts)) + b"\xfe\xff\xdd\xe0\0\0\0\0"
    return element(0x7FE00010, b"OB", content, length=UNDEFINED)


def frame(data, number):
    def read(at, count):
        return data[at : at + count]

    image = read_pixels(read, len(data))
    return read_frame(read, len(data), image, number)


def test_native_frames_follow_each_other():
    data = file(*shape(frames=3), pixels(bytes(range(12))))
    assert [frame(data, number) for number in (1, 2, 3)] == [
        bytes(range(4)),
        bytes(range(4, 8)),
        bytes(range(8, 12)),
    ]


def test_frames_of_single_bits_share_bytes():
    data = file(*shape(rows=1, columns=4, frames=2, bits=1), pixels(b"\xa5\x00"))
    assert frame(data, 2) == b"\xa5"


def test_a_deflated_image_has_frames_too():
    stream = zlib.compressobj(wbits=-15)
    whole = data_set(*shape(frames=2), pixels(bytes(range(8))))
    packed = stream.compress(whole) + stream.flush()
    assert frame(preamble(SOP_CLASS, SOP, DEFLATED) + packed, 2) == bytes(range(4, 8))


def test_fragments_are_joined_for_one_frame_and_told_apart_for_several():
    one = file(*shape(), fragments(b"abcd", b"efgh"), syntax=JPEG)
    assert frame(one, 1) == b"abcdefgh"
    two = file(*shape(frames=2), fragments(b"abcd", b"efgh"), syntax=JPEG)
    assert frame(two, 2) == b"efgh"


@pytest.mark.parametrize(
    ("data", "number"),
    [
        (file(*shape(), pixels(bytes(4))), 0),
        (file(*shape(), pixels(bytes(4))), 2),
        (file(*shape(frames=2), pixels(bytes(4))), 2),
        (file(*shape(frames=2), fragments(b"abcd"), syntax=JPEG), 1),
        (file(*shape(rows=0), pixels(bytes(4))), 1),
        (file(), 1),
    ],
)
def test_a_frame_that_is_not_there_is_refused(data, number):
    with pytest.raises(ObjectError):
        frame(data, number)


@pytest.mark.parametrize(
    ("bits", "table", "expected"),
    [
        (16, struct.pack("<4H", 0, 256, 512, 65535), (0, 1, 2, 255)),
        (8, bytes([0, 1, 2, 255]), (0, 1, 2, 255)),
        (8, struct.pack("<4H", 0, 1, 2, 255), (0, 1, 2, 255)),
    ],
)
def test_a_palette_has_values_of_eight_bits_however_it_is_written(bits, table, expected):
    colours = [
        one
        for number in (1, 2, 3)
        for one in (
            short(0x00281100 + number, 4, 7, bits),
            element(0x00281200 + number, b"OW", table),
        )
    ]
    data = file(*shape(), *colours, pixels(bytes(4)))
    image = read_pixels(lambda at, count: data[at : at + count], len(data))
    assert [palette.entries for palette in image.palettes] == [expected] * 3
    assert {palette.first for palette in image.palettes} == {7}


def test_a_window_that_is_no_number_is_none():
    data = file(*shape(), element(0x00281050, b"DS", b"a lot"), pixels(bytes(4)))
    image = read_pixels(lambda at, count: data[at : at + count], len(data))
    assert image.window_center is None


@pytest.mark.parametrize(
    ("written", "spacing"),
    [
        (b"0.7\\0.5 ", (0.7, 0.5)),
        (b"0.7", None),
        (b"0\\0.5", None),
        (b"-1\\1", None),
        (b"nan\\1", None),
        (b"inf\\1", None),
        (b"a\\b", None),
        (b"1\\1\\1", None),
    ],
)
def test_a_spacing_is_two_lengths_or_none(written, spacing):
    data = file(*shape(), element(0x00280030, b"DS", written), pixels(bytes(4)))
    image = read_pixels(lambda at, count: data[at : at + count], len(data))
    assert image.pixel_spacing == spacing
    assert image.imager_pixel_spacing is None


@pytest.mark.parametrize(
    ("written", "is_lossy", "ratio"), [(b"01", True, 12.5), (b"00", False, 12.5)]
)
def test_an_image_says_whether_it_lost_something(written, is_lossy, ratio):
    told = element(0x00282110, b"CS", written), element(0x00282112, b"DS", b"12.5\\3 ")
    data = file(*shape(), *told, pixels(bytes(4)))
    image = read_pixels(lambda at, count: data[at : at + count], len(data))
    assert (image.is_lossy, image.lossy_ratio) == (is_lossy, ratio)


def groups(tag, *frames, undefined=False):
    """Functional groups: for each frame, or for all, a window and a rescaling if any."""
    items = []
    for window, rescale in frames:
        content = b""
        if window:
            one = element(0x00281050, b"DS", window[0]) + element(0x00281051, b"DS", window[1])
            content += sequence(0x00289132, item(one, undefined=undefined), undefined=undefined)
        if rescale:
            one = element(0x00281052, b"DS", rescale[0]) + element(0x00281053, b"DS", rescale[1])
            content += sequence(0x00289145, item(one, undefined=undefined), undefined=undefined)
        items.append(item(content, undefined=undefined))
    return sequence(tag, *items, undefined=undefined)


def told(data, frame):
    image = read_pixels(lambda at, count: data[at : at + count], len(data), frame)
    window = image.window_center, image.window_width
    return window, (image.rescale_intercept, image.rescale_slope)


@pytest.mark.parametrize("undefined", [False, True])
def test_a_frame_has_its_own_window_else_the_shared_one_else_the_objects(undefined):
    shared = groups(0x52009229, ((b"40", b"400"), (b"-1024", b"1")), undefined=undefined)
    own = groups(
        0x52009230, ((b"1", b"2"), None), (None, (b"-5", b"2")), (None, None), undefined=undefined
    )
    outer = element(0x00281050, b"DS", b"7"), element(0x00281051, b"DS", b"8")
    data = file(*shape(frames=3), *outer, shared, own, pixels(bytes(12)))
    assert told(data, 1) == ((1, 2), (-1024, 1))
    assert told(data, 2) == ((40, 400), (-5, 2))
    assert told(data, 3) == ((40, 400), (-1024, 1))
    bare = file(*shape(frames=3), *outer, pixels(bytes(12)))
    assert told(bare, 2) == ((7, 8), (0, 1))


def test_a_window_of_another_macro_of_the_groups_is_none_of_the_image():
    inner = sequence(0x00289999, item(element(0x00281050, b"DS", b"9")))
    data = file(*shape(), sequence(0x52009229, item(inner)), pixels(bytes(4)))
    assert told(data, 1) == ((None, None), (0, 1))
