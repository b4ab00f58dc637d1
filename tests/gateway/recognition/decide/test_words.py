"""Reasons and evidence have words in both languages, and stand in the documentation."""

import re

import pytest

from gateway.recognition.decide import words
from tests.tools import ROOT

PAGE = (ROOT / "docs" / "reference" / "recognition.md").read_text()
SOURCES = [path.read_text() for path in (ROOT / "gateway" / "recognition").rglob("*.py")]


@pytest.mark.parametrize("table", [words.REASONS, words.EVIDENCE], ids=["reasons", "evidence"])
def test_each_code_is_documented_in_both_languages(table):
    rows = {f"| `{code}` | {chinese} | {english} |" for code, (chinese, english) in table.items()}

    assert rows <= set(PAGE.splitlines())


def test_each_text_of_evidence_that_a_rule_gives_has_words():
    given = {code for text in SOURCES for code in re.findall(r'told\(\s*"([a-z-]+)"', text)}

    assert given <= words.EVIDENCE.keys()
    assert "unit-differs" in given


def test_evidence_is_said_in_a_language():
    assert words.say("unit: mg/dL", "zh") == "单位: mg/dL"
    assert words.say("unit: mg/dL", "en-GB") == "unit: mg/dL"
    assert words.say("no-mark", "zh") == "无互认标志"
    assert words.say("Observation/k1/_history/2", "zh") == "Observation/k1/_history/2"
    assert words.reason_words("expired", "en") == "Older than its validity"
    assert words.reason("expired").display == words.reason_words("expired", "zh")
