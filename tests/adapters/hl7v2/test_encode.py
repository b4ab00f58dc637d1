import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.hl7v2 import OBX, PID, Builder, Delimiters, encode, parse

HEADER = ("MSH", {3: "LIS", 4: "B", 9: ("ORU", "R01"), 10: "M1"})


def test_a_built_message_is_what_the_standard_writes():
    body = Builder().message(
        HEADER,
        ("PID", {3: [("1", "", "", ("B", "1.2", "ISO"), "MR"), ("2",)], 5: ("张", "三")}),
        ("OBX", {5: "10^9 | \\ a\nb"}),
        ("NTE", {}),
    )
    assert body.decode() == (
        "MSH|^~\\&|LIS|B|||||ORU^R01|M1\r"
        "PID|||1^^^B&1.2&ISO^MR~2||张^三\r"
        "OBX|||||10\\S\\9 \\F\\ \\E\\ a\\.br\\b\r"
        "NTE\r"
    )


def test_a_header_can_be_built_without_fields():
    assert Builder().segment("MSH", {}) == "MSH|^~\\&"


def test_other_delimiters_and_charsets_are_written_too():
    delimiters = Delimiters("#", "*", "!", "?", "%", "$")
    body = Builder(delimiters).message(HEADER, ("OBX", {3: ("a*b", "张")}), charset="gb18030")
    message = parse(body)
    assert message.delimiters == Delimiters("#", "*", "!", "?", "%", "$", "gb18030")
    assert message.segments[1].read(OBX).observation_identifier.identifier == "a*b"


@given(
    st.text(st.characters(exclude_categories=("Cs",))),
    st.text(alphabet="|^~\\&#FSXE.br\r\n\x0b\x1c"),
)
def test_any_text_comes_back_from_a_built_message(one, two):
    body = Builder().message(HEADER, ("PID", {3: [(one, two)], 5: ((two, one), one), 19: two}))
    assert not {0x0B, 0x1C} & {*body}
    read = parse(body).segments[1].read(PID)
    identifier, name = read.patient_identifier_list[0], read.patient_name[0]
    assert (identifier.id_number, identifier.check_digit) == (one, two)
    assert (name.family_name.surname, name.family_name.own_surname_prefix) == (two, one)
    assert read.ssn_number == two


@pytest.mark.parametrize(
    "text",
    [
        "MSH|^~\\&|LIS",
        "MSH|^~\\&|LIS\r\r\nPID|1|\n\n",
        "\ufeff\r\nMSH|^~\\&#|LIS||\rlonely\r\r",
        "MSH|^~\\&|张\\X0D\\珅\nPID\n",
    ],
)
@pytest.mark.parametrize("codec", ["utf-8", "gb18030"])
def test_a_message_is_written_as_it_was_read(text, codec):
    assert encode(parse(text.encode(codec), codec)) == text.encode(codec)
