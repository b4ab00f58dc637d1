"""A mark is taken out of a name, and what only looks like one stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappers.marks import split


@pytest.mark.parametrize(
    ("text", "name", "mark"),
    [
        ("【全国HR】梅毒螺旋体抗体", "梅毒螺旋体抗体", "全国HR"),
        ("[全国HR] 钾", "钾", "全国HR"),
        ("(京津冀HR)钠", "钠", "京津冀HR"),
        ("钾【HR】", "钾", "HR"),
        ("钾(本省HR)", "钾", "本省HR"),
        ("HR*钾", "钾", "HR"),
        ("HR★钾", "钾", "HR"),
        ("HR 钾", "钾", "HR"),
        ("全国HR，本省HR，昆明HR 钾", "钾", "全国HR，本省HR，昆明HR"),
        ("【全国HR，本省HR，昆明HR】钾", "钾", "全国HR，本省HR，昆明HR"),
        ("【全国HR】【北京市西城区HR】钾", "钾", "全国HR，北京市西城区HR"),
        ("北京市西城区HR:钾", "钾", "北京市西城区HR"),
        ("【全国HR】HR*钾(本省HR)", "钾", "全国HR，HR，本省HR"),
    ],
)
def test_marks_are_split_off(text, name, mark):
    assert split(text) == (name, mark)


@pytest.mark.parametrize(
    "text",
    [
        *("", "钾", "HR", "HR-HPV", "HR HPV", "HR-HPV16/18分型", "高危型HPV(HR-HPV)", "心率HR"),
        *("全国HR", "【全国HR】", "CHR", "Heart rate", "HRV分析", "动态心率HR平均值", "HR (bpm)"),
        *("THR抗体", "乳腺癌HR状态", "激素受体(HR)", "心率（HR）"),
    ],
)
def test_what_is_no_mark_stays(text):
    assert split(text) == (text, "")


@given(st.text("HR全国本省钾【】()*，, ", max_size=20))
def test_what_is_left_has_no_more_to_split_off_and_is_not_empty(text):
    name, mark = split(text)
    assert split(name) == (name, "")
    assert bool(name.strip()) == bool(text.strip())
    assert (name == text) == (not mark)
