from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.base import Receipt
from adapters.errors import EnvelopeError, FrameSizeError
from adapters.hl7v2 import parse
from adapters.hl7v2.ack import ERRORS, ack

AT = datetime(2026, 11, 22, 8, 30, 15, 123456, tzinfo=timezone(timedelta(hours=8)))
HEADER = "MSH|^~\\&|LIS|B|HUB|A|20261122083000||ORU^R01^ORU_R01|{}|P|2.4||||||{}\r"
REFUSED = Receipt("AR", "不支持的报文类型", "200", "MSH^1^9")


def body(control_id: str = "M1", charset: str = "") -> str:
    return HEADER.format(control_id, charset) + "PID|1||123||张^三\r"


def lines(answer: bytes, codec: str = "utf-8") -> list[str]:
    return answer.decode(codec).split("\r")


def test_an_acceptance_turns_sender_and_receiver_round():
    assert lines(ack(body().encode(), Receipt("AA"), AT)) == [
        "MSH|^~\\&|HUB|A|LIS|B|20261122083015+0800||ACK^R01^ACK|20261122083015123456|P|2.4",
        "MSA|AA|M1",
        "",
    ]


def test_a_refusal_says_where_and_what():
    header, msa, err, _ = lines(ack(body().encode(), REFUSED, AT))
    assert header.endswith("|P|2.4||||||UNICODE UTF-8")
    assert msa == "MSA|AR|M1|不支持的报文类型"
    assert err == ("ERR||MSH^1^9|200^Unsupported message type^HL70357|E||||不支持的报文类型")


def test_a_refusal_without_a_code_is_an_application_error():
    assert "ERR|||207^Application error^HL70357|E||||" in lines(
        ack(body().encode(), Receipt("AE"), AT)
    )


@pytest.mark.parametrize("charset", ["UNICODE UTF-8", "GB18030", "GBK", ""])
@pytest.mark.parametrize("codec", ["utf-8", "gb18030"])
def test_the_answer_is_in_the_charset_of_the_message(charset, codec):
    if charset and (charset == "UNICODE UTF-8") != (codec == "utf-8"):
        return
    answer = ack(body(charset=charset).encode(codec), REFUSED, AT)
    assert "不支持的报文类型" in lines(answer, codec)[1]
    assert parse(answer).charset == codec
    if charset:
        assert lines(answer, codec)[0].endswith(f"|{charset}")


@pytest.mark.parametrize(
    ("control_id", "codec"),
    [("", "utf-8"), ("A\\F\\1^2", "utf-8"), ("珅1", "gb18030"), ("é", "latin-1")],
)
def test_the_control_id_goes_back_byte_for_byte(control_id, codec):
    sent = body(control_id).replace("张^三", "x").encode(codec)
    answer = ack(sent, REFUSED, AT)
    assert b"\rMSA|AR|" + control_id.encode(codec) + b"|" in answer


def test_an_empty_control_id_leaves_msa_2_empty():
    assert lines(ack(body("").encode(), Receipt("AA"), AT))[1] == "MSA|AA|"


def test_what_cannot_be_decoded_is_answered_in_what_its_header_allows():
    sent = body("珅1").encode("gb18030") + b"\xff\xff"
    assert "MSA|AR|珅1|不支持的报文类型" in lines(ack(sent, REFUSED, AT), "gb18030")


@pytest.mark.parametrize(
    "sent", [b"", b"junk", b"PID|1", b"MSH", b"MSH|LIS|B", b"FHS|^~\\&|LIS|B||||||comment"]
)
def test_what_has_no_usable_header_is_answered_with_an_empty_msa_2(sent):
    header, msa, err, _ = lines(ack(sent, REFUSED, AT))
    assert header.startswith("MSH|^~\\&|||||20261122083015+0800||ACK|")
    assert header.endswith("|P|2.5.1||||||UNICODE UTF-8")
    assert msa == "MSA|AR||不支持的报文类型"
    assert err.startswith("ERR||MSH^1^9|200^")


def test_a_header_that_is_cut_short_is_answered():
    assert lines(ack(b"MSH|^~\\&|LIS|B", Receipt("AA"), AT))[:2] == [
        "MSH|^~\\&|||LIS|B|20261122083015+0800||ACK|20261122083015123456|P|2.5.1",
        "MSA|AA|",
    ]


def test_the_delimiters_of_the_message_hold_for_the_answer():
    sent = b"MSH#*~\\&#LIS#B#HUB#A###ORU*R01#M1#P#2.5\r"
    answer = ack(sent, Receipt("AE", "a#b*c\r\nd", "101", "PID^1^3"), AT)
    header, msa, err, _ = lines(answer)
    assert header.startswith("MSH#*~\\&#HUB#A#LIS#B#")
    assert "#ACK*R01*ACK#" in header
    assert msa == "MSA#AE#M1#a\\F\\b\\S\\c\\X0D\\\\.br\\d"
    assert "#PID*1*3#101*Required field missing*HL70357#E#" in err


def test_a_text_without_an_escape_character_loses_its_delimiters():
    assert "MSA|AE|M1|a b" in lines(ack(b"MSH|^|||||||ORU|M1", Receipt("AE", "a|b"), AT))


def test_a_commit_acceptance_has_no_error_segment():
    assert len(lines(ack(body().encode(), Receipt("CA"), AT))) == 3


def test_every_error_has_a_code_of_the_table():
    def kinds(kind):
        return [kind, *(below for each in kind.__subclasses__() for below in kinds(each))]

    assert {kind("x").receipt().error for kind in kinds(EnvelopeError)} <= set(ERRORS)
    assert FrameSizeError("x", error="199").receipt().error == "199"


@given(st.binary(max_size=120))
def test_anything_is_answered(sent):
    for start in (b"", b"MSH|^~\\&|"):
        answer = ack(start + sent, REFUSED, datetime(2026, 1, 1, tzinfo=UTC))
        assert answer.startswith(b"MSH")
        assert b"\rMSA" in answer
        assert b"\rERR" in answer
