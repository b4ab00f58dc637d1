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


@given(st.lists(st.sampled_from([ONE, TWO, b"FHS|^\r", b"BTS|1\r", b"\r", b"junk\r"]), max_size=8))
def test_as_many_messages_come_out_as_went_in(pieces):
    body = b"".join(pieces)
    found = split(body)
    assert b"".join(found) in body or len(found) > 1
    assert sum(part.startswith(b"MSH|") for part in found) == body.count(b"MSH|") or len(found) == 1
