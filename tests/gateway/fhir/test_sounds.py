"""How Chinese names sound to whoever types them."""

import pytest

from gateway.fhir.sounds import MOST, sounds, typed


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("王秀英", {"wangxiuying", "wxy"}),
        ("曾丽", {"zengli", "cengli", "zl", "cl"}),
        ("张 三", {"zhangsan", "zs"}),
        ("欧阳　修", {"ouyangxiu", "oyx"}),
        ("买买提•艾力", {"maimaitiaili", "mmtal"}),
        ("单县", {"danxian", "chanxian", "shanxian", "dx", "cx", "sx"}),
        ("长兴县人民医院（东院区）", {"changxingxianrenminyiyuandongyuanqu", "cxxrmyydyq"}),
        ("张三-李四", {"zhangsanlisi", "zsls"}),
    ],
)
def test_a_name_is_read_whole_and_by_its_initials(text, heard):
    assert heard <= set(sounds(text))


@pytest.mark.parametrize("text", ["", "Wang", "王a", "3楼", "，", "王" * 25, "（）"])
def test_what_is_no_chinese_name_has_no_sound(text):
    assert sounds(text) == ()


def test_a_name_of_many_readings_differs_from_the_first_in_each_place():
    found = sounds("单乐长重曾盖")
    assert len([one for one in found if len(one) > 6]) <= MOST
    first = next(iter(found))
    assert first.startswith("dan")
    assert any(one.startswith("shan") for one in found)
    assert any(one.endswith(("ge", "gai")) and one != first for one in found)


def test_what_is_typed_is_letters():
    asked = {
        "Wang Xiu'ying": "wangxiuying",
        "LÜ": "lv",
        "Lu\u0308": "lv",
        "Lyu": "lv",
        "王": "",
        "p1": "",
    }
    assert {one: typed(one) for one in asked} == asked
