"""Statuses of reports and results in words."""

import pytest

from gateway.web.display.status import status
from gateway.web.speech import CHINESE


@pytest.mark.parametrize(
    ("code", "word", "state"),
    [
        ("preliminary", "初步", "preliminary"),
        ("partial", "部分结果", "preliminary"),
        ("registered", "已登记, 结果待报", "preliminary"),
        ("corrected", "已更正", "corrected"),
        ("amended", "已更正", "corrected"),
        ("cancelled", "已取消", "cancelled"),
        ("entered-in-error", "作废", "cancelled"),
        ("", "状态不明", "abnormal"),
    ],
)
def test_a_status_has_a_word_and_a_state(code, word, state):
    shown = status(CHINESE, code)
    assert (shown.word, shown.state) == (word, state)


def test_final_goes_without_saying():
    assert status(CHINESE, "final") is None
