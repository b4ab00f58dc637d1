"""multipart/related: taken apart however it is cut, refused where it is broken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.dicom.multipart import (
    MultipartError,
    MultipartReader,
    PartBegin,
    PartData,
    PartEnd,
    closing,
    content_type,
    part_head,
)

BODIES = [b"first\r\n--no boundary", b"", b"\r\n\r\n--ab\r\n--", bytes(range(256)) * 40]


def body(bodies=BODIES, boundary="abc"):
    parts = (part_head(boundary, "application/dicom") + one for one in bodies)
    return b"".join(parts) + closing(boundary)


def parts_of(pieces, boundary="abc"):
    reader = MultipartReader(boundary)
    found = []
    for piece in pieces:
        for event in reader.feed(piece):
            if isinstance(event, PartBegin):
                found.append([event.headers, b"", False])
            elif isinstance(event, PartData):
                found[-1][1] += event.data
            elif isinstance(event, PartEnd):
                found[-1][2] = True
    reader.close()
    return found


def test_parts_come_out_as_they_were_put_in():
    found = parts_of([body()])
    assert [one[1] for one in found] == BODIES
    assert all(one[2] for one in found)
    assert found[0][0] == {"content-type": "application/dicom"}


@given(st.lists(st.integers(1, 60), min_size=1, max_size=200))
def test_it_does_not_matter_where_the_body_is_cut(sizes):
    rest, pieces = body(), []
    for size in sizes:
        pieces.append(rest[:size])
        rest = rest[size:]
    assert [one[1] for one in parts_of([*pieces, rest])] == BODIES


def test_a_preamble_an_epilogue_and_bare_line_feeds_are_let_pass():
    text = b"ignored\n--abc\nContent-Type: application/dicom\n\nDATA\n--abc--\nignored"
    assert [one[1] for one in parts_of([text])] == [b"DATA"]


@pytest.mark.parametrize(
    "text",
    [b"", b"--abc\r\n\r\nDATA", b"--abc\r\n\r\nDATA\r\n--ab", b"no boundary at all"],
)
def test_a_body_that_is_cut_off_is_refused(text):
    with pytest.raises(MultipartError):
        parts_of([text])


def test_endless_headers_are_refused():
    with pytest.raises(MultipartError):
        parts_of([b"--abc\r\n" + b"x: y\r\n" * 10_000])


@pytest.mark.parametrize("boundary", ["", "x" * 201, "ä"])
def test_a_boundary_that_is_none_is_refused(boundary):
    with pytest.raises(MultipartError):
        MultipartReader(boundary)


@pytest.mark.parametrize(
    "text",
    [
        'multipart/related; type="application/dicom"; boundary=abc',
        "Multipart/Related;type=application/dicom;boundary=abc",
        'multipart/related; transfer-syntax=*; boundary="abc"; type=application/dicom',
    ],
)
def test_a_content_type_is_read_quoted_or_not(text):
    found = content_type(text)
    assert found.type == "multipart/related"
    assert (found.parameters["boundary"], found.parameters["type"]) == ("abc", "application/dicom")
