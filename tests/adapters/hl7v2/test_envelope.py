"""The envelope: who sends, what kind, and by what a repeat is known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.errors import CharsetError, EnvelopeError, HeaderError, UnsupportedError
from adapters.hl7v2.envelope import Sender, digest, location, open_envelope, sender_of

MESSAGE = b"MSH|^~\\&|LIS^x|B^1.2^ISO|||20261122080000||ORU^R01|17|P|2.5\rPID|1||1\r"


def anything(_message):
    return "ORU^R01"


def test_the_sender_is_named_by_the_first_component_that_is_there():
    assert sender_of(MESSAGE) == Sender("LIS", "B")
    assert sender_of(b"MSH|^~\\&|^LIS|^1.2~x|") == Sender("LIS", "1.2")
    assert sender_of(b"MSH|^~\\&") == Sender("", "")


def test_the_sender_is_known_whatever_the_body_is_written_in():
    assert sender_of("MSH|^~\\&|检验|人民医院|".encode("gbk")) == Sender("检验", "人民医院")
    assert sender_of(MESSAGE + b"\xff\xff").facility == "B"


@pytest.mark.parametrize("body", [b"", b"PID|1", b"MSH", b"MSH|", b"MSH|ab"])
def test_what_has_no_header_has_no_sender(body):
    with pytest.raises(HeaderError):
        sender_of(body)


def test_an_envelope_tells_event_and_control_id():
    envelope = open_envelope(MESSAGE, "", anything)
    assert (envelope.event, envelope.control_id) == ("ORU^R01", "17")


def test_what_nobody_maps_is_refused_by_type_or_by_event():
    for kind, error in ((b"ORU^R99", "201"), (b"XYZ", "200")):
        with pytest.raises(UnsupportedError) as refused:
            open_envelope(MESSAGE.replace(b"ORU^R01", kind), "", lambda _: "")
        receipt = refused.value.receipt()
        assert (receipt.code, receipt.error, receipt.location) == ("AR", error, "MSH^1^9")


def test_the_character_set_of_the_channel_holds():
    body = MESSAGE + "NTE|1||肝".encode("gbk")
    with pytest.raises(CharsetError):
        open_envelope(body, "utf-8", anything)
    open_envelope(body, "gb18030", anything)


def test_time_and_control_id_do_not_make_another_message():
    later = MESSAGE.replace(b"20261122080000", b"20261122090000").replace(b"|17|", b"|18|")
    assert digest(later) == digest(MESSAGE)
    assert digest(b"\xef\xbb\xbf" + MESSAGE) == digest(MESSAGE)


@pytest.mark.parametrize("change", [(b"|1||1", b"|1||2"), (b"LIS", b"HIS"), (b"ORU", b"ORM")])
def test_anything_else_does(change):
    assert digest(MESSAGE.replace(*change)) != digest(MESSAGE)


@pytest.mark.parametrize(
    ("place", "written"),
    [("PID-3", "PID^1^3"), ("OBX[3]-5", "OBX^3^5"), ("OBR[2]", "OBR^2"), ("Patient.link", "")],
)
def test_a_place_is_written_as_err_2_has_it(place, written):
    assert location(place) == written


@given(st.binary(max_size=80))
def test_any_bytes_are_opened_or_refused(body):
    for start in (b"", b"MSH|^~\\&|"):
        try:
            sender_of(start + body)
            open_envelope(start + body, "", anything)
        except EnvelopeError:
            pass
