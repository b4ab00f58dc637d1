"""Flags: every one that was sent, in word, sign and state; computed only where none was sent."""

import msgspec
import pytest

from gateway.web.display.flag import FLAGS, SEVERITY, Flag, flags
from gateway.web.speech import CHINESE


def flagged(*codes, **more):
    return {"interpretation": [{"coding": [{"code": code}]} for code in codes], **more}


def measured(written, low="3.5", high="5.3", **more):
    sides = {"low": low, "high": high}
    limits = {side: {"value": msgspec.Raw(of.encode())} for side, of in sides.items() if of}
    number = {"value": msgspec.Raw(written.encode()), "unit": "mmol/L"}
    return {"valueQuantity": number | more, "referenceRange": [limits]}


@pytest.mark.parametrize(
    ("code", "word", "sign", "state"),
    [
        ("HH", "危急高", "↑↑", "critical"),
        ("LL", "危急低", "↓↓", "critical"),
        ("H", "高", "↑", "high"),
        ("L", "低", "↓", "low"),
        ("A", "异常", "◆", "abnormal"),
        ("POS", "阳性", "◆", "abnormal"),
        ("NEG", "阴性", "", "plain"),
        ("S", "敏感", "", "plain"),
    ],
)
def test_a_flag_has_word_sign_and_state(code, word, sign, state):
    assert flags(CHINESE, flagged(code)) == (Flag(word, sign, state),)


def test_all_flags_are_shown_the_worst_first():
    assert [flag.word for flag in flags(CHINESE, flagged("U", "H", "HH"))] == [
        "危急高",
        "高",
        "较前升高",
    ]


def test_an_unknown_flag_is_shown_as_sent():
    sent = {"interpretation": [{"coding": [{"code": "QCF", "display": "质控失败"}]}]}
    assert flags(CHINESE, sent) == (Flag("质控失败", "◆", "abnormal"),)


def test_normal_is_said_by_no_flag():
    assert flags(CHINESE, flagged("N")) == ()


def test_a_sent_normal_is_not_overruled_by_comparing():
    assert flags(CHINESE, measured("9.9") | flagged("N")) == ()


@pytest.mark.parametrize(
    ("observation", "words"),
    [
        (measured("5.31"), ["高"]),
        (measured("5.30"), []),
        (measured("3.49"), ["低"]),
        (measured("3.50"), []),
        (measured("9", high=""), []),
        (measured("0.1", comparator="<"), []),
        ({"valueString": "9.9"}, []),
    ],
)
def test_without_a_flag_the_one_interval_is_compared(observation, words):
    shown = flags(CHINESE, observation)
    assert [flag.word for flag in shown] == words
    assert all(flag.origin == "computed" for flag in shown)


def test_a_void_result_bears_no_flag():
    assert flags(CHINESE, flagged("HH", status="cancelled")) == ()


def test_every_flag_of_the_table_has_a_known_state():
    assert {flag.state for flag in FLAGS.values()} <= set(SEVERITY)
