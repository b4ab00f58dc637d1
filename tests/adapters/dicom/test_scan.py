"""The header scan: what is found, what is refused, and that nothing hostile gets far."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.dicom import ObjectError, parse_instance
from adapters.dicom.part10 import preamble
from adapters.dicom.syntax import DEFLATED, EXPLICIT_BIG, IMPLICIT_LITTLE
from tests.adapters.dicom.objects import (
    SERIES,
    SOP,
    SOP_CLASS,
    STUDY,
    UNDEFINED,
    data_set,
    element,
    file,
    item,
    sequence,
)

MODALITY = element(0x00080060, b"CS", b"CT")
CODE = element(0x00080100, b"SH", b"XY") + element(0x00080102, b"SH", b"99LOCAL")
PIXELS = 0x7FE00010


def reason(data):
    with pytest.raises(ObjectError) as caught:
        parse_instance(data)
    return caught.value.reason


def test_the_uids_and_what_stands_beside_them_are_found():
    found = parse_instance(file(MODALITY))
    assert (found.sop_class_uid, found.sop_instance_uid) == (SOP_CLASS, SOP)
    assert (found.study_instance_uid, found.series_instance_uid) == (STUDY, SERIES)
    assert found.modality == "CT"
    assert not found.findings


def test_implicit_little_endian_is_read():
    pairs = [(0x00080016, SOP_CLASS), (0x00080018, SOP), (0x0020000D, STUDY), (0x0020000E, SERIES)]
    body = b"".join(
        struct.pack("<HHL", tag >> 16, tag & 0xFFFF, len(uid.encode())) + uid.encode()
        for tag, uid in pairs
    )
    found = parse_instance(preamble(SOP_CLASS, SOP, IMPLICIT_LITTLE) + body)
    assert found.study_instance_uid == STUDY


def test_explicit_big_endian_is_read():
    def big(tag, kind, value):
        value += b"\0" * (len(value) % 2)
        return struct.pack(">HH2sH", tag >> 16, tag & 0xFFFF, kind, len(value)) + value

    body = big(0x00080016, b"UI", SOP_CLASS.encode()) + big(0x00080018, b"UI", SOP.encode())
    body += big(0x0020000D, b"UI", STUDY.encode()) + big(0x0020000E, b"UI", SERIES.encode())
    body += big(0x00280010, b"US", struct.pack(">H", 512))
    found = parse_instance(preamble(SOP_CLASS, SOP, EXPLICIT_BIG) + body)
    assert (found.study_instance_uid, found.rows) == (STUDY, 512)


def test_a_deflated_data_set_is_read():
    stream = zlib.compressobj(wbits=-15)
    body = stream.compress(data_set(MODALITY)) + stream.flush()
    assert parse_instance(preamble(SOP_CLASS, SOP, DEFLATED) + body).modality == "CT"


def test_a_deflated_bomb_is_refused_and_a_cut_stream_too():
    stream = zlib.compressobj(9, wbits=-15)
    body = stream.compress(data_set(element(0x00420011, b"OB", bytes(65 << 20)))) + stream.flush()
    head = preamble(SOP_CLASS, SOP, DEFLATED)
    assert reason(head + body) == "too-many-parts"
    assert reason(head + body[:-9]) in {"truncated", "too-many-parts"}


@pytest.mark.parametrize("undefined", [False, True])
def test_a_code_is_found_in_its_sequence_however_that_ends(undefined):
    procedure = sequence(0x00081032, item(CODE, undefined=undefined), undefined=undefined)
    found = parse_instance(file(procedure, MODALITY))
    assert [code.code_value for code in found.procedure_code] == ["XY"]
    assert found.modality == "CT"


def test_what_stands_in_an_item_is_not_taken_for_the_objects_own():
    other = item(element(0x0020000D, b"UI", b"9.9.9"), undefined=True)
    found = parse_instance(file(sequence(0x00081110, other, undefined=True)))
    assert found.study_instance_uid == STUDY


def test_a_sequence_of_unknown_representation_is_implicit_inside():
    inner = item(struct.pack("<HHL", 0x0008, 0x0100, 2) + b"XY", undefined=True)
    unknown = element(0x00081032, b"UN", inner + b"\xfe\xff\xdd\xe0\0\0\0\0", length=UNDEFINED)
    assert parse_instance(file(unknown)).procedure_code[0].code_value == "XY"


def test_fragments_are_followed_to_their_end():
    fragments = item(b"") + item(b"abcd") + b"\xfe\xff\xdd\xe0\0\0\0\0"
    whole = file(element(PIXELS, b"OB", fragments, length=UNDEFINED))
    assert parse_instance(whole)
    assert reason(whole[:-10]) == "truncated"


@pytest.mark.parametrize("cut", [1, 2, 40])
def test_an_object_that_was_cut_off_is_refused(cut):
    assert reason(file(MODALITY, element(PIXELS, b"OW", bytes(64)))[:-cut]) == "truncated"


def test_zeros_after_the_last_element_are_let_pass():
    assert parse_instance(file(MODALITY) + bytes(5)).modality == "CT"


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        (0x00080016, "no-sop-uid"),
        (0x00080018, "no-sop-uid"),
        (0x0020000D, "no-study-uid"),
        (0x0020000E, "no-study-uid"),
    ],
)
def test_a_missing_uid_is_named(tag, expected):
    assert reason(file(without=(tag,))) == expected


@pytest.mark.parametrize("uid", [b"1.2.a", b"../../etc", b"1" * 65, b"1.2 3"])
def test_a_uid_of_other_characters_or_too_long_is_refused(uid):
    assert reason(file(element(0x0020000D, b"UI", uid))) == "bad-uid"


@pytest.mark.parametrize("uid", ["1..2", "1.02", "1.2."])
def test_a_uid_of_odd_form_is_kept_as_sent_and_noted(uid):
    found = parse_instance(file(element(0x0020000D, b"UI", uid.encode())))
    assert found.study_instance_uid == uid
    assert [one.code for one in found.findings] == ["uid-form"]


def test_a_data_set_without_group_0002_is_read_and_noted():
    found = parse_instance(data_set(MODALITY))
    assert found.meta_added
    assert (found.modality, found.data_set_offset) == ("CT", 0)


def test_group_0002_without_transfer_syntax_is_noted():
    found = parse_instance(file(syntax=""))
    assert [one.code for one in found.findings] == ["transfer-syntax-guessed"]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04" * 40, b"<html>" * 50, bytes(200)])
def test_what_is_no_dicom_is_refused(data):
    assert reason(data) in {"not-dicom", "no-sop-uid", "truncated"}


def test_sequences_nested_ten_thousand_deep_are_refused():
    open_item = b"\x08\x00\x40\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    assert reason(file() + open_item * 10_000) == "too-deep"


def test_a_million_elements_are_refused():
    assert reason(file() + element(0x00291000, b"LO", b"") * 1_000_000) == "too-many-parts"


def test_a_value_that_claims_four_gigabytes_is_refused_without_reading_it():
    assert reason(file(element(0x00420011, b"OB", b"abcd", length=0xFFFFFFFE))) == "truncated"


@given(st.binary(max_size=400), st.integers(0, 400))
def test_any_bytes_give_a_record_or_a_named_refusal(noise, place):
    whole = file(MODALITY, sequence(0x00081032, item(CODE)))
    for data in (noise, whole[:132] + noise, whole[: 132 + place] + noise + whole[132 + place :]):
        try:
            parse_instance(data)
        except ObjectError as error:
            assert error.reason  # noqa: PT017 - either way will do
