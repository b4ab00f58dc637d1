"""What was examined, in words and by body fluid."""

import pytest

from gateway.web.display.specimen import fluid, specimen_word
from gateway.web.speech import CHINESE


def coded(*codes, said=""):
    found = {"coding": [{"code": code} for code in codes]}
    return {"type": found | ({"text": said} if said else {})}


@pytest.mark.parametrize(
    ("specimen", "word"),
    [
        (coded("SER"), "血清"),
        (coded("SER", said="静脉血清"), "静脉血清"),
        (coded("x", "UR"), "尿"),
        (coded("ODD"), "ODD"),
        ({}, ""),
    ],
)
def test_a_specimen_has_a_word(specimen, word):
    assert specimen_word(CHINESE, specimen) == word


@pytest.mark.parametrize(
    ("specimen", "expected"),
    [
        (coded("SER"), "blood"),
        (coded(said="EDTA抗凝全血"), "blood"),
        (coded(said="清洁中段尿"), "urine"),
        (coded(said="血性腹水"), "effusion"),
        (coded("UR"), "urine"),
        (coded(said="脑脊液"), "csf"),
        (coded(said="大便"), "stool"),
        (coded(said="组织"), ""),
        ({}, ""),
    ],
)
def test_a_specimen_is_of_a_fluid(specimen, expected):
    assert fluid(specimen) == expected
