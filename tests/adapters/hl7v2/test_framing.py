import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.errors import FrameSizeError, FramingError
from adapters.hl7v2.framing import HEAD, MAX_JUNK, Frame, FrameReader, frame

BODY = "MSH|^~\\&|检验\rPID|1\r".encode()


def read(*packets: bytes, max_bytes: int = 1000) -> list[Frame]:
    reader = FrameReader(max_bytes=max_bytes)
    return [block for packet in packets for block in reader.feed(packet)]


def test_a_block_gives_its_message():
    assert read(frame(BODY)) == [Frame(BODY)]


def test_several_blocks_in_one_packet_come_in_order():
    assert read(frame(b"1") + frame(b"2") + frame(b"3")) == [Frame(b"1"), Frame(b"2"), Frame(b"3")]


def test_a_block_may_come_byte_by_byte():
    assert read(*(bytes([byte]) for byte in frame(BODY))) == [Frame(BODY)]


def test_the_carriage_return_after_the_end_may_be_missing():
    assert read(b"\x0b1\x1c\x0b2\x1c") == [Frame(b"1"), Frame(b"2")]


def test_bytes_between_blocks_are_passed_over():
    assert read(b"\r\n noise" + frame(b"1") + b"\x00\r\n" + frame(b"2")) == [
        Frame(b"1"),
        Frame(b"2"),
    ]


def test_a_stream_without_blocks_is_broken_at_the_limit():
    reader = FrameReader(max_bytes=1000)
    assert reader.feed(b"x" * MAX_JUNK) == []
    assert not reader.broken
    assert reader.feed(b"x") == []
    assert reader.broken
    assert reader.feed(frame(BODY)) == []


def test_noise_counts_from_the_last_block():
    reader = FrameReader(max_bytes=1000)
    reader.feed(b"x" * MAX_JUNK + frame(b"1"))
    reader.feed(b"x" * (MAX_JUNK - 1))  # one was the CR after the block
    assert not reader.broken


def test_a_block_of_the_greatest_size_is_a_message():
    assert read(frame(b"x" * 1000)) == [Frame(b"x" * 1000)]


@pytest.mark.parametrize("packets", [(frame(b"x" * 1001),), (b"\x0b" + b"x" * 999, b"x" * 2)])
def test_a_larger_block_is_an_error_with_its_head_and_ends_the_reading(packets):
    reader = FrameReader(max_bytes=1000)
    (block,) = [block for packet in packets for block in reader.feed(packet)]
    assert isinstance(block.error, FrameSizeError)
    assert block.error.receipt().error == "104"
    assert block.body.startswith(b"xxx")
    assert reader.broken
    assert reader.feed(frame(BODY)) == []
    assert reader.close() == []


def test_only_the_head_of_a_large_block_is_kept():
    (block,) = read(b"\x0b" + b"x" * 100_000, max_bytes=50_000)
    assert len(block.body) == HEAD


def test_blocks_before_the_one_that_is_too_large_are_not_lost():
    blocks = read(frame(b"1") + frame(b"x" * 2000) + frame(b"3"))
    assert [block.error is None for block in blocks] == [True, False]


def test_a_message_begun_anew_is_an_error_and_then_a_message():
    cut_off, whole = read(b"\x0bMSH|half\x0bMSH|whole\x1c\r")
    assert cut_off.body == b"MSH|half"
    assert isinstance(cut_off.error, FramingError)
    assert cut_off.error.receipt().code == "AE"
    assert whole == Frame(b"MSH|whole")


def test_a_vertical_tab_in_a_text_is_no_start():
    assert read(frame(b"MSH|a\x0bb")) == [Frame(b"MSH|a\x0bb")]


def test_an_open_block_is_an_error_at_the_end_of_the_stream():
    reader = FrameReader(max_bytes=1000)
    reader.feed(frame(b"1") + b"\x0bMSH|1\x0bMSH|2")
    blocks = reader.close()
    assert [block.body for block in blocks] == [b"MSH|1", b"MSH|2"]
    assert all(isinstance(block.error, FramingError) for block in blocks)


def test_nothing_is_open_after_a_whole_block():
    reader = FrameReader(max_bytes=1000)
    reader.feed(frame(b"1"))
    assert reader.close() == []


@given(
    st.lists(st.binary(max_size=40).filter(lambda body: not {0x0B, 0x1C} & {*body}), max_size=5),
    st.integers(1, 30),
)
def test_packets_do_not_matter(bodies, size):
    stream = b"".join(map(frame, bodies))
    packets = [stream[at : at + size] for at in range(0, len(stream), size)]
    assert read(*packets) == [Frame(body) for body in bodies]


@given(st.lists(st.binary(max_size=60), max_size=8))
def test_no_bytes_break_the_reader(packets):
    reader = FrameReader(max_bytes=50)
    blocks = [block for packet in packets for block in reader.feed(packet)] + reader.close()
    assert all(len(block.body) <= 50 for block in blocks if not block.error)
    assert len(blocks) <= sum(packet.count(b"\x0b") for packet in packets)
