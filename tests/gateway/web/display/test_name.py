"""Names: whole, with the right separator, with help for rare characters."""

import pytest

from gateway.web.display.name import name
from gateway.web.speech import CHINESE, speech

LONG = "阿卜杜热合曼·买买提艾力·阿卜杜热西提·阿卜杜外力江"


def drawn(*names):
    return name(CHINESE, {"name": list(names)})


@pytest.mark.parametrize(
    ("human", "expected"),
    [
        ({"text": "张三"}, "张三"),
        ({"family": "欧阳", "given": ["锋"]}, "欧阳锋"),
        ({"family": "Smith", "given": ["Anna", "Maria"]}, "SMITH, Anna Maria"),
        ({"family": "Smith"}, "SMITH"),
        ({"text": LONG}, LONG),
        ({"text": "阿依\u2022古丽"}, "阿依·古丽"),
        ({"text": "阿依\u2027古丽"}, "阿依·古丽"),
        ({"text": "阿依\u30fb古丽"}, "阿依·古丽"),
        ({}, "姓名未提供"),
    ],
)
def test_a_name_is_written_whole(human, expected):
    assert drawn(human).text == expected


def test_a_look_alike_of_the_separator_keeps_the_original():
    assert drawn({"text": "阿依\u30fb古丽"}).original == "阿依\u30fb古丽"
    assert drawn({"text": "阿依·古丽"}).original == ""


@pytest.mark.parametrize(
    ("stored", "glosses"),
    [
        ("王\U00021334", ["", "zhi U+21334"]),
        ("\U00021334王明", ["zhi U+21334", ""]),
        ("王明", [""]),
        ("王\u3400", [""]),
    ],
)
def test_a_character_beyond_the_basic_plane_carries_sound_and_code(stored, glosses):
    shown = drawn({"text": stored})
    assert [piece.gloss for piece in shown.pieces] == glosses
    assert "".join(piece.text for piece in shown.pieces) == stored


@pytest.mark.parametrize(
    "stored", ["王\ue123", "王?", "王\uff1f明", "王□", "王lu", "王lǔ明", "\U000f0000王"]
)
def test_a_stand_in_is_warned_of(stored):
    assert drawn({"text": stored}).warning == "含造字或缺字, 请核对"


@pytest.mark.parametrize("stored", ["张三", "SMITH, Anna", "阿依·古丽", "王\U00021334", "O'Brien"])
def test_an_ordinary_name_is_not_warned_of(stored):
    assert drawn({"text": stored}).warning == ""


def test_the_official_name_speaks_before_an_old_one():
    assert drawn({"use": "old", "text": "旧名"}, {"use": "official", "text": "张三"}).text == "张三"


def test_markup_in_a_name_is_only_text():
    assert drawn({"text": "<b>张</b>"}).text == "<b>张</b>"


def test_a_missing_name_is_said_in_the_language_of_the_page():
    assert name(speech("en"), {}).text == "name not given"
