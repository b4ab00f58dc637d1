import pytest

from adapters.errors import CharsetError
from adapters.hl7v2.charset import codec_of, declaration, decode, header


def message(charset: str, text: str) -> str:
    return f"MSH|^~\\&|LIS|B|||20261122||ORU^R01|1|P|2.5.1||||||{charset}\rPID|||||{text}\r"


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("UNICODE UTF-8", "utf-8"),
        ("UNICODE", "utf-8"),
        ("Unicode", "utf-8"),
        ("UTF8", "utf-8"),
        ("utf-8", "utf-8"),
        ("UTF-8~UNICODE", "utf-8"),
        ("GB 18030-2000", "gb18030"),
        ("GB18030", "gb18030"),
        ("GBK", "gb18030"),
        ("GB2312", "gb18030"),
        ("CP936", "gb18030"),
        ("BIG-5", "big5"),
    ],
)
def test_a_named_character_set_holds(name, codec):
    text = message(name, "張")
    assert decode(text.encode(codec)) == (text, codec)


@pytest.mark.parametrize("name", ["", "ASCII", "8859/1"])
@pytest.mark.parametrize("codec", ["utf-8", "gb18030"])
def test_names_that_senders_never_set_are_looked_into(name, codec):
    text = message(name, "张珅")
    assert decode(text.encode(codec)) == (text, codec)


def test_a_name_does_not_bend_to_the_bytes():
    with pytest.raises(CharsetError) as caught:
        decode(message("UNICODE UTF-8", "张三").encode("gb18030"))
    receipt = caught.value.receipt()
    assert (receipt.code, receipt.error, receipt.location) == ("AE", "102", "MSH^1^18")
    assert "张" not in receipt.text


@pytest.mark.parametrize(("name", "override"), [("GBK", None), ("UNICODE UTF-8", "GB18030")])
def test_utf8_under_the_name_of_gb18030_is_refused_rather_than_garbled(name, override):
    body = message(name, "张珅玥镕").encode()
    assert body.decode("gb18030")  # it could be read, as something else
    with pytest.raises(CharsetError) as caught:
        decode(body, override)
    assert caught.value.receipt().code == "AE"
    assert caught.value.location == "MSH^1^18"


def test_gb18030_that_happens_to_be_utf8_without_hanzi_is_what_its_name_says():
    text = message("GBK", "微")  # CE A2, which UTF-8 reads as a Greek letter
    assert decode(text.encode("gb18030")) == (text, "gb18030")


def test_bytes_of_no_character_set_are_refused():
    with pytest.raises(CharsetError) as caught:
        decode(message("", "x").encode() + b"\xff\xff")
    assert caught.value.location == "MSH^1^18"


def test_an_unknown_name_is_refused_with_its_own_code():
    with pytest.raises(CharsetError) as caught:
        decode(message("KLINGON", "张").encode())
    assert caught.value.receipt().error == "103"


def test_an_unknown_name_does_no_harm_to_plain_ascii():
    text = message("KLINGON", "Zhang")
    assert decode(text.encode()) == (text, "utf-8")


def test_the_channel_goes_before_the_message():
    text = message("UNICODE UTF-8", "张三")
    assert decode(text.encode("gb18030"), "GBK") == (text, "gb18030")


def test_a_channel_may_say_that_nothing_is_known():
    text = message("UNICODE UTF-8", "张三")
    assert decode(text.encode("utf-8"), "ASCII") == (text, "utf-8")


def test_a_byte_order_mark_goes_before_the_name():
    text = "\ufeff" + message("GBK", "张三")
    assert decode(text.encode("utf-8")) == (text, "utf-8")


def test_a_bar_inside_a_character_does_not_move_the_name():
    # The second bytes of these are the delimiters of MSH, and would shift MSH-18.
    text = message("GBK", "x").replace("LIS", "珅葇")
    assert {0x7C, 0x5E} & {*"珅葇".encode("gb18030")}
    assert decode(text.encode("gb18030")) == (text, "gb18030")


def test_a_name_in_another_writing_stands_for_the_same():
    assert codec_of("gb_18030 2000") == "gb18030"


@pytest.mark.parametrize(
    "body", [b"", b"MSH", b"\x0b\r\n", b"\xff|\xff", b"MSH|\xd5\xc5\xff|x\rPID"]
)
def test_a_first_line_gives_its_bytes_back(body):
    line, codec = header(body)
    again = line.encode(codec, "surrogateescape")
    assert again == body.lstrip(b"\x0b\r\n").split(b"\r")[0]


def test_an_answer_names_its_character_set_only_where_it_must():
    assert declaration("", "gb18030", "ok") == ""
    assert declaration("8859/1", "utf-8", "ok") == "8859/1"
    assert declaration("GBK~ASCII", "gb18030", "好") == "GBK~ASCII"
    assert declaration("", "gb18030", "好") == "GB 18030-2000"
    assert declaration("8859/1", "utf-8", "好") == "UNICODE UTF-8"


def test_every_two_byte_character_of_gbk_comes_back_as_the_same_bytes():
    changed = []
    for first in range(0x81, 0xFF):
        for second in (*range(0x40, 0x7F), *range(0x80, 0xFF)):
            pair = bytes([first, second])
            try:
                text = pair.decode("gb18030")
            except UnicodeDecodeError:
                continue
            if text.encode("gb18030") != pair:
                changed.append(pair)
    assert not changed
