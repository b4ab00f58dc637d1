"""Chinese names are found however their parts are set apart."""

import pytest

from tests.gateway.interactions.consortium import patient


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("张 三", "张三,zhangsan,zs,张 三,张·三,張三,zhang san"),
        ("張　偉", "张伟,zhangwei,zw,张 伟,張　偉"),
        ("吕 布", "lvbu,lübu,LÜBU,lyubu,LYU BU,lǜbù,lb,呂布"),
        ("王 英", "wáng yīng,wangying,wángyīng"),
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


HOSPITAL = "浙江大学医学院附属第一医院"
CALLED = {
    "Organization": "长兴,cx,cxxrmyy,changxingxian,浙大一院,zdyy,zhedayiyuan",
    "Location": "心血管,xxg,xinxueguanneike,xxgnkdyq,三楼,sl",
}


@pytest.mark.parametrize("type_", CALLED)
async def test_bodies_and_places_are_found_as_people_type_them(house, type_):
    name, alias = {
        "Organization": ("长兴县人民医院", "浙大一院长兴院区"),
        "Location": ("心血管内科（东院区）", "三楼"),
    }[type_]
    await house.put("A", {"resourceType": type_, "id": "x", "name": name, "alias": [alias]})
    await house.put("A", {"resourceType": type_, "id": "y", "name": HOSPITAL})
    asked = CALLED[type_].split(",")
    found = {one: await house.ids("A", f"{type_}?name={one}") for one in asked}
    assert found == {one: ["x"] for one in asked}
    for one in ("zjdxyxyfsdyyy", "zhejiangdaxueyixueyuanfushudiyiyiyuan"):
        assert await house.ids("A", f"{type_}?name={one}") == ["y"]
    assert await house.ids("A", f"{type_}?name:contains=xrmyy") == []


async def test_a_chain_takes_what_people_type(house):
    hospital = {"resourceType": "Organization", "id": "x", "name": "长兴县人民医院"}
    await house.put("A", hospital)
    await house.put("A", patient("p", managingOrganization={"reference": "Organization/x"}))
    assert await house.ids("A", "Patient?organization.name=cxx") == ["p"]


async def test_words_of_a_text_stay_words(house):
    div = "<div xmlns='http://www.w3.org/1999/xhtml'>升高 的 血糖</div>"
    await house.put("A", patient("p", text={"status": "generated", "div": div}))
    assert await house.ids("A", "Patient?_text=血糖 升高") == ["p"]
