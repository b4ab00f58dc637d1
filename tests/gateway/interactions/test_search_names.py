"""Chinese names are found however their parts are set apart."""

import pytest

from tests.gateway.interactions.consortium import patient


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("张 三", "张三,zhangsan,zs,张 三,张·三,張三,zhang san"),
        ("張　偉", "张伟,zhangwei,zw,张 伟,張　偉"),
        ("欧阳 修", "欧阳修,ouyangxiu,oyx,欧阳 修,欧阳・修"),
        ("买买提·艾力", "买买提艾力,买买提·艾力,买买提•艾力,买买提‧艾力,买买提 艾力,mmtal"),
        ("买买提艾力", "买买提艾力,买买提·艾力,买买提·,买买提 艾力"),
    ],
)
async def test_spaces_and_dots_in_a_chinese_name_do_not_count(house, text, asked):
    await house.put("A", patient("p", name=[{"text": text}]))
    spellings = asked.split(",")
    found = {one: await house.ids("A", f"Patient?name={one}") for one in spellings}
    assert [one for one in spellings if found[one] != ["p"]] == []
    for one in (text, text[1:], text.replace("·", " ")):
        assert await house.ids("A", f"Patient?name:contains={one}") == ["p"]
    assert await house.ids("A", f"Patient?name:exact={text}") == ["p"]
    assert await house.ids("A", f"Patient?name:exact={text[:-1]} {text[-1]}") == []


async def test_words_of_a_text_stay_words(house):
    div = "<div xmlns='http://www.w3.org/1999/xhtml'>升高 的 血糖</div>"
    await house.put("A", patient("p", text={"status": "generated", "div": div}))
    assert await house.ids("A", "Patient?_text=血糖 升高") == ["p"]
