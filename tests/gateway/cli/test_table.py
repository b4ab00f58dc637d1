"""Tables whose cells hold Chinese."""

from zoneinfo import ZoneInfo

from gateway.cli.table import moment, table


def test_a_chinese_character_is_two_columns_wide():
    lines = table(("A", "B"), [("城关", 1), ("x", 22)]).splitlines()
    assert lines == ["A     B", "城关  1", "x     22"]


def test_nothing_is_a_dash_and_controls_are_not_printed():
    assert table(("A",), [("",), (None,), ("a\x1b[31m",)]).splitlines()[1:] == ["-", "-", "a�[31m"]


def test_a_moment_is_shown_in_the_zone():
    assert moment(1_700_000_000_000_000, ZoneInfo("Asia/Shanghai")) == "2023-11-15 06:13:20"
    assert moment(None, ZoneInfo("UTC")) == ""
