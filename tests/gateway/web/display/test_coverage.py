"""The coverage line: how many campuses, which silent since when."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gateway.web.display.coverage import coverage
from gateway.web.sources import Campus
from gateway.web.speech import CHINESE

NOW = datetime(2026, 11, 22, 6, 45, tzinfo=ZoneInfo("Asia/Shanghai"))


def campus(mark, heard=None, silent=None):
    return Campus(mark, mark, mark, heard, silent)


@pytest.mark.parametrize(
    ("campuses", "text", "state"),
    [
        ([campus("东镇"), campus("县医")], "含全部2家院区", "whole"),
        (
            [campus("东镇", NOW - timedelta(minutes=14)), campus("县医")],
            "含全部2家院区, 更新于 06:31",
            "whole",
        ),
        (
            [campus("东镇", NOW - timedelta(days=2)), campus("县医")],
            "含全部2家院区, 更新于 2026-11-20 06:45",
            "whole",
        ),
        (
            [campus("东镇"), campus("西岭", silent=datetime.fromisoformat("2026-11-20T14:14:00Z"))],
            "含1/2家院区, 西岭自 2026-11-20 22:14 无数据",
            "partial",
        ),
    ],
)
def test_coverage_names_what_is_missing(campuses, text, state):
    shown = coverage(CHINESE, campuses, NOW)
    assert (shown.text, shown.state) == (text, state)
