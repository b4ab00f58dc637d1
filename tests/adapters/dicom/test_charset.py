"""Text of an object, as labelled and as it is in the field."""

import pytest

from adapters.dicom import parse_instance
from adapters.dicom.charset import Charset
from tests.adapters.dicom.objects import element, file

ZHAO = "赵^孟頫"  # the last character's second byte in GBK is a backslash


def name_of(value, labels=b"", **options):
    label = [element(0x00080005, b"CS", labels)] if labels else []
    found = parse_instance(file(*label, element(0x00100010, b"PN", value)), **options)
    return found.patient_name, [one.code for one in found.findings]


@pytest.mark.parametrize(
    ("labels", "value", "expected"),
    [
        (b"ISO_IR 192", "王小东".encode(), "王小东"),
        (b"GB18030", "𠀀㛃".encode("gb18030"), "𠀀㛃"),
        (b"GBK", ZHAO.encode("gbk"), ZHAO),
        (b"GB2312", "张三".encode("gb2312"), "张三"),
        (b"ISO_IR 58", "张三".encode("gb2312"), "张三"),
        (b"\\ISO 2022 IR 58", b"\x1b$)A" + "张三".encode("gb2312"), "张三"),
        (b"ISO 2022 IR 6\\ISO 2022 IR 58", "张三".encode("gb2312"), "张三"),
        (b"\\GBK", "张三".encode("gbk"), "张三"),
        (b"ISO_IR 100", "Müller".encode("latin-1"), "Müller"),
        (b"ISO_IR 101", "Łódź".encode("iso8859-2"), "Łódź"),
        (b"ISO_IR 144", "Люк".encode("iso8859-5"), "Люк"),
        (b"ISO_IR 166", "ทดสอบ".encode("iso8859-11"), "ทดสอบ"),
        (b"\\ISO 2022 IR 149", b"\x1b$)C" + "洪".encode("euc_kr"), "洪"),
        (b"\\ISO 2022 IR 87", b"\x1b$B;3ED\x1b(B", "山田"),
    ],
)
def test_what_the_label_says_holds(labels, value, expected):
    name, findings = name_of(value, labels)
    assert name.alphabetic == expected
    assert not findings


@pytest.mark.parametrize("labels", [b"", b"ISO_IR 100", b"ISO_IR 6", b"ISO_IR 999"])
@pytest.mark.parametrize("codec", ["gbk", "utf-8"])
def test_chinese_under_a_label_that_cannot_be_right_is_repaired_and_noted(labels, codec):
    name, findings = name_of(ZHAO.encode(codec), labels)
    assert name.alphabetic == ZHAO
    assert findings == ["charset-repaired"]


def test_latin_letters_without_a_label_are_not_taken_for_chinese():
    name, findings = name_of("Müller^Jörg".encode("latin-1"))
    assert name.alphabetic == "Müller^Jörg"
    assert findings == ["charset-unreadable"]


def test_what_the_channel_says_goes_before_a_label_that_says_nothing():
    name, findings = name_of("張".encode("big5"), charset="big5")
    assert name.alphabetic == "張"
    assert findings == ["charset-repaired"]


def test_bytes_that_are_not_in_their_own_set_are_still_text():
    text = Charset(["ISO_IR 192"])
    assert text.text("张三".encode("gbk")) == "张三"
    assert text.repaired


def test_groups_of_a_name_are_split_after_decoding():
    name, _ = name_of("Zhao^Mengfu=赵^孟頫=zhao^mengfu".encode("gbk"), b"GB18030")
    assert (name.alphabetic, name.ideographic) == ("Zhao^Mengfu", ZHAO)
    assert name.phonetic == "zhao^mengfu"
