import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.hl7v2 import split

ONE = b"MSH|^~\\&|LIS\rPID|1\r"
TWO = b"MSH|^~\\&|LIS\rPID|2\r"


@pytest.mark.parametrize("body", [b"", b"PID|1\r", ONE, b"\xef\xbb\xbf\r\n" + ONE, b"\x0bjunk\x1c"])
def test_a_lone_message_stays_as_it_came(body):
    assert split(body) == [body]


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_messages_in_a_row_are_told_apart(end):
    one, two = ONE.replace(b"\r", end), TWO.replace(b"\r", end)
    assert split(one + two) == [one, two]


def test_envelopes_of_a_batch_are_left_out():
    body = b"FHS|^~\\&|A\rBHS|^~\\&|A\r" + ONE + TWO + b"BTS|2\rFTS|1\r"
    assert split(body) == [ONE, TWO]


def test_an_envelope_round_one_message_is_left_out_too():
    assert split(b"BHS|^~\\&|A\r\n" + ONE + b"BTS|1") == [ONE]
    assert split(b"\xef\xbb\xbfFHS|^~\\&\r" + ONE + b"FTS") == [ONE]


def test_messages_of_the_next_batch_are_not_lost():
    body = b"FHS|^~\\&\rBHS|^~\\&\r" + ONE + b"BTS|1\rBHS|^~\\&\r" + TWO + b"BTS|1\rFTS|2\r"
    assert split(body) == [ONE, TWO]


def test_an_empty_batch_is_handed_on_to_be_refused():
    body = b"FHS|^~\\&\rFTS|0\r"
    assert split(body) == [body]


def test_blocks_kept_in_a_file_are_told_apart():
    assert split(b"\x0b" + ONE + b"\x1c\r\x0b" + TWO + b"\x1c\r") == [ONE, TWO]


def test_the_word_inside_a_line_begins_nothing():
    body = ONE + b"NTE|1||see MSH|x and FTS|y\rMSHX\r"
    assert split(body) == [body]


def test_a_block_written_to_a_file_without_its_last_line_end_is_cut():
    assert split(b"\x0b" + ONE[:-1] + b"\x1c\r") == [ONE[:-1]]


def test_what_is_neither_message_nor_envelope_is_not_lost():
    assert split(b"junk\r" + ONE + TWO) == [b"junk\r" + ONE, TWO]
    assert split(ONE + b"BTS|1\rOBX|1\r" + TWO) == [ONE + b"BTS|1\rOBX|1\r", TWO]


def test_blank_lines_between_messages_belong_to_the_one_before():
    assert split(ONE + b"\r\n" + TWO) == [ONE + b"\r\n", TWO]


def test_the_last_byte_of_a_character_is_no_byte_order_mark():
    body = ONE + "NTE|1||\u7e3fMSH|x\r".encode()
    assert "\u7e3f".encode().endswith(b"\xbf")
    assert split(body) == [body]


@given(st.lists(st.sampled_from([ONE, TWO, b"FHS|^\r", b"BTS|1\r", b"\r", b"junk\r"]), max_size=8))
def test_no_message_is_lost_and_nothing_is_made_up(pieces):
    body = b"".join(pieces)
    found = split(body)
    assert len(found) == max(1, pieces.count(ONE) + pieces.count(TWO))
    assert sum(part.count(b"junk") for part in found) == body.count(b"junk")
    assert sum(map(len, found)) <= len(body)
