import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.errors import EnvelopeError, ExcessError, HeaderError
from adapters.hl7v2 import (
    CQ,
    CWE,
    CX,
    EI,
    EVN,
    HD,
    MRG,
    MSH,
    NTE,
    NULL,
    OBR,
    OBX,
    ORC,
    PID,
    PV1,
    SPM,
    TQ1,
    XCN,
    XPN,
    encode,
    parse,
)
from adapters.hl7v2.datatypes import FN

RECORDS = (EVN, MRG, MSH, NTE, OBR, OBX, ORC, PID, PV1, SPM, TQ1)
HEADER = "MSH|^~\\&|LIS|B|HUB|A|20261122083000||ORU^R01^ORU_R01|M1|P|2.5.1\r"


def segment(line: str, header: str = HEADER):
    return parse((header + line).encode()).segments[1]


def obx(value: str, kind: str = "ST") -> OBX:
    return segment(f"OBX|1|{kind}|GLU||{value}").read(OBX)


def test_a_message_is_its_segments_in_order():
    message = parse((HEADER + "PID|1\rOBX|1\rOBX|2\rZZZ|x\r").encode())
    assert [(each.name, each.number) for each in message.segments] == [
        ("MSH", 1),
        ("PID", 1),
        ("OBX", 1),
        ("OBX", 2),
        ("ZZZ", 1),
    ]
    assert [each.fields[1] for each in message.all("OBX")] == ["1", "2"]
    found = message.first("OBX")
    assert found is not None
    assert found.fields == ("OBX", "1")
    assert message.first("ORC") is None


def test_the_header_is_counted_as_the_standard_counts_it():
    msh = parse(HEADER.encode()).msh
    assert (msh.field_separator, msh.encoding_characters) == ("|", "^~\\&")
    assert msh.sending_facility == HD("B")
    assert msh.message_type.trigger_event == "R01"
    assert (msh.message_control_id, msh.version_id.version_id) == ("M1", "2.5.1")


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\r\r", "\n\n"])
def test_any_line_end_ends_a_segment(end):
    body = f"{HEADER.strip()}{end}PID|1{end}OBX|1".encode()
    message = parse(body)
    assert [each.name for each in message.segments] == ["MSH", "PID", "OBX"]
    assert encode(message) == body


def test_a_line_feed_inside_a_text_does_not_end_a_segment():
    body = (HEADER + "OBX|1|ST|GLU||first\nsecond|||||F\rNTE|1\nOBX|2\r").encode()
    message = parse(body)
    assert [each.name for each in message.segments] == ["MSH", "OBX", "NTE", "OBX"]
    assert message.segments[1].read(OBX).observation_value.text == "first\nsecond"
    assert encode(message) == body


@pytest.mark.parametrize("lead", ["\ufeff", "\r\n", " \n", "\x0b", "\ufeff\r\n"])
def test_what_stands_before_the_header_is_passed_over_and_kept(lead):
    body = (lead + HEADER).encode()
    message = parse(body)
    assert message.msh.message_control_id == "M1"
    assert encode(message) == body


@pytest.mark.parametrize(
    ("body", "location", "error"),
    [
        ("", "MSH^1", "100"),
        ("PID|1", "MSH^1", "100"),
        ("FHS|^~\\&\rMSH|^~\\&", "MSH^1", "100"),
        ("MSH", "MSH^1^1", "102"),
        ("MSHA^~\\&A", "MSH^1^1", "102"),
        ("MSH ^~\\& ", "MSH^1^1", "102"),
        ("MSH\r^~\\&\r", "MSH^1^1", "102"),
        ("MSH|", "MSH^1^2", "101"),
        ("MSH||LIS", "MSH^1^2", "101"),
        ("MSH|LIS|B", "MSH^1^2", "102"),
        ("MSH|^^\\&|B", "MSH^1^2", "102"),
        ("MSH|^~\\&#$|B", "MSH^1^2", "102"),
    ],
)
def test_an_unusable_header_is_refused_with_its_place(body, location, error):
    with pytest.raises(HeaderError) as caught:
        parse(body.encode())
    receipt = caught.value.receipt()
    assert (receipt.code, receipt.location, receipt.error) == ("AE", location, error)
    assert receipt.text


def test_other_delimiters_work_as_well():
    line = "OBX#1#CE#GLU*glucose*L##a*b!c*d"
    message = parse(f"MSH#*!?%#LIS#B\r{line}\r".encode())
    record = message.segments[1].read(OBX)
    assert record.observation_identifier == CWE("GLU", "glucose", "L")
    assert record.observation_value.repetitions == (("a", "b"), ("c", "d"))


def test_delimiters_left_out_separate_nothing():
    record = segment("OBX|1|ST|A&B^C~D||x", "MSH|^|LIS\r").read(OBX)
    assert record.observation_identifier == CWE("A&B", "C~D")


def test_a_header_may_end_after_its_delimiters():
    message = parse(b"MSH|^~\\\r|B")
    assert message.delimiters.escape == "\\"
    assert message.msh.sending_facility == HD()


def test_a_backslash_doubled_by_a_program_is_one():
    message = parse(b"MSH|^~\\\\&|LIS|B&1.2&ISO\r")
    assert message.msh.sending_facility == HD("B&1.2&ISO")
    assert message.delimiters.subcomponent == "&"
    assert encode(message) == b"MSH|^~\\\\&|LIS|B&1.2&ISO\r"


def test_the_truncation_character_is_known():
    message = parse(b"MSH|^~\\&#|LIS\rNTE|1||a\\P\\b#\r")
    assert message.segments[1].read(NTE).comment == ("a#b#",)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (r"\F\\S\\T\\R\\E\\P\ ", "|^&~\\# "),
        (r"a\.br\b\.sp2\c\.ce\d\.sp\e", "a\nb\n\nc\nd\ne"),
        (r"a\.sk3\b\.sk\c\.sp+1\d", "a   b c\nd"),
        (r"\.in+4\a\.ti-2\b\.fi\c\.nf\d", "abcd"),
        (r"\H\high\N\ ", "high "),
        (r"\X41\\X4142\ ", "AAB "),
        (r"\XE5BCA0\ ", "张 "),
        (r"\XFF\ \X4\ \XGG\ ", r"\XFF\ \X4\ \XGG\ "),
        (r"\Zlocal\ \C2842\ \M4142\ ", r"\Zlocal\ \C2842\ \M4142\ "),
        (r"C:\path\to\file", r"C:\path\to\file"),
        (r"\Z", r"\Z"),
        ("\\", "\\"),
        (r"\\", r"\\"),
        (r"10\S\9/L", "10^9/L"),
    ],
)
def test_escapes_are_resolved_and_unknown_ones_kept(raw, text):
    assert obx(raw).observation_value.text == text


def test_a_hexadecimal_escape_is_in_the_charset_of_the_message():
    body = (HEADER + "OBX|1|ST|GLU||\\XD5C5\\三").encode("gb18030")
    assert parse(body).segments[1].read(OBX).observation_value.text == "张三"


def test_values_are_cut_before_they_are_unescaped():
    value = obx(r"a\S\b^c\R\d~e\T\f").observation_value
    assert value.repetitions == (("a^b", "c~d"), ("e&f",))
    assert value.raw == r"a\S\b^c\R\d~e\T\f"


def test_a_value_is_there_in_every_reading():
    value = obx("10^9").observation_value
    assert (value.text, value.repetitions, bool(value)) == ("10^9", (("10", "9"),), True)
    assert obx("5.10").observation_value.repetitions == (("5.10",),)
    assert not obx("").observation_value
    assert obx("").observation_value.repetitions == ()


def test_a_text_keeps_the_delimiters_that_nobody_escaped():
    record = segment("OBX|1|NM|GLU|1^2|5|mmol/L|3.5~9.5").read(OBX)
    assert record.references_range == "3.5~9.5"
    assert record.observation_sub_id == "1^2"


def test_a_code_is_the_first_of_what_is_there():
    record = segment("PID|1|||||||F^Female^HL70001").read(PID)
    assert record.administrative_sex == "F"
    record = segment("OBX|1|ST~X&Y^Z|GLU||x||||||F~C|||20261122^D").read(OBX)
    assert record.value_type == "ST"
    assert record.observation_result_status == "F"
    assert record.date_time_of_the_observation == "20261122"


def test_a_field_that_should_not_repeat_gives_its_first_repetition():
    record = segment("OBX|1|ST|A^B~C^D||x").read(OBX)
    assert record.observation_identifier == CWE("A", "B")


def test_composites_reach_down_to_subcomponents():
    record = segment("PID|1||123^4^M11^B&1.2.3&ISO^MR~9^^^CHN^NI||张&von^三~^^||19700101|M").read(
        PID
    )
    assert record.patient_identifier_list == (
        CX("123", "4", "M11", HD("B", "1.2.3", "ISO"), "MR"),
        CX("9", assigning_authority=HD("CHN"), identifier_type_code="NI"),
    )
    first, second = record.patient_name
    assert first == XPN(FN("张", "von"), "三")
    assert not second
    assert record.patient_alias == ()


def test_pairs_and_nested_names_are_read():
    pair = segment("SPM|1|P1&A^F1&B").read(SPM).specimen_id
    assert pair.filler_assigned_identifier == EI("F1", "B")
    record = segment("OBR|1|O1^A" + "|" * 30 + "7&王&五^20261122").read(OBR)
    assert record.placer_order_number == EI("O1", "A")
    assert record.principal_result_interpreter.name == XCN("7", FN("王"), "五")
    assert record.principal_result_interpreter.start_date_time == "20261122"
    assert segment("TQ1|1|5^mg&毫克").read(TQ1).quantity == CQ("5", CWE("mg", "毫克"))


def test_components_in_a_flat_type_keep_their_subcomponents_as_text():
    assert segment(r"OBX|1|ST|A&B^x\T\y").read(OBX).observation_identifier == CWE("A&B", "x&y")


def test_null_is_not_absent():
    record = segment('PID|1||""||""|""|""|""').read(PID)
    assert record.administrative_sex == NULL
    assert record.date_time_of_birth == NULL
    assert record.patient_name[0].family_name.surname == NULL
    assert record.patient_identifier_list[0].id_number == NULL
    assert PID().administrative_sex == ""


def test_what_is_beyond_the_record_stays_readable():
    line = segment("OBX" + "|" * 40 + "a^b~c^d")
    assert line.read(OBX) == OBX()
    assert line.raw(40) == "a^b~c^d"
    assert line.raw(40, 2) == "c^d"
    assert line.raw(40, 2, 1) == "c"
    assert line.raw(40, 3) == line.raw(40, 1, 3) == line.raw(41) == ""


def test_components_beyond_the_type_do_no_harm():
    assert segment("PV1|1||" + "^" * 30 + "x").read(PV1).assigned_patient_location is not None
    assert segment("OBX|1|ST|a^b^c^d^e^f^g^h^i^j^k").read(OBX).observation_identifier == CWE(
        "a", "b", "c", "d", "e", "f", "g", "h", "i"
    )


def test_segments_without_a_record_are_read_by_number():
    line = segment(r"ZPI|1|a\T\b^c~d")
    assert line.value(2, 1, 1) == "a&b"
    assert line.value(2, 2) == "d"


def test_places_are_named_for_people_and_for_err():
    message = parse((HEADER + "OBX|1\rOBX|2").encode())
    assert message.segments[2].place(5) == "OBX[2]-5"
    assert message.segments[2].location(5) == "OBX^2^5"


def test_a_record_can_be_compared_and_does_not_change():
    record = obx("x")
    assert record == obx("x")
    with pytest.raises(AttributeError):
        record.set_id = "2"


@pytest.mark.parametrize("rest", ["a\r" * 100_001, "|" * 2_000_001, "\n\r" + "\na" * 300_000])
def test_a_message_of_too_many_parts_is_refused_at_once(rest):
    body = (HEADER + rest).encode()
    if "|" in rest or "a\r" in rest:
        with pytest.raises(ExcessError) as caught:
            parse(body)
        assert caught.value.receipt().error == "104"
    else:
        assert encode(parse(body)) == body


def test_a_second_header_inside_a_message_counts_like_the_first():
    message = parse((HEADER + HEADER).encode())
    assert message.segments[1].fields[2:4] == ("^~\\&", "LIS")
    assert encode(message) == (HEADER + HEADER).encode()


def read_all(body: bytes) -> None:
    try:
        message = parse(body)
    except EnvelopeError:
        return
    assert encode(message) == body
    for each in message.segments:
        for kind in RECORDS:
            each.read(kind)
            each.value(3, 1, 1)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_parser(body):
    read_all(body)
    read_all(b"MSH|^~\\&|" + body)


@given(st.text(alphabet='MSHPIDOBX|^~\\&#\r\n.XFZ0a张珅\ufeff"', max_size=120))
def test_no_text_of_delimiters_breaks_the_parser(text):
    read_all(text.encode("gb18030"))
    read_all(("MSH|^~\\&|" + text).encode())


MESSAGE = (
    HEADER + "PID|1||123^^^B&1.2&ISO^MR||张^三||19700101|M\rOBR|1|O1^A|F1^B|CBC^血常规^L\r"
    "OBX|1|NM|WBC^白细胞^L||5\\S\\1~6|10*9/L|3.5-9.5|H|||F\r"
).encode()


@given(
    st.lists(
        st.tuples(st.integers(0, len(MESSAGE) - 1), st.integers(0, 3), st.binary(max_size=4)),
        max_size=6,
    )
)
def test_no_damage_to_a_message_breaks_the_parser(damages):
    body = bytearray(MESSAGE)
    for at, length, other in damages:
        body[at : at + length] = other
    read_all(bytes(body))
